"""Profiles of small sources for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb

from etl.config import CsvFormat
from etl.connect import open_source
from etl.connect.registry import formats_of
from etl.connect.source import Place
from etl.model import no_progress
from etl.profile.profile import Profile, profile_of


def files_in(folder: Path, tables: Mapping[str, str]) -> Path:
    """Write CSV files: name -> text."""
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def profiled(url: str, folder: Path) -> Iterator[Profile]:
    """The profile of a source, as long as its copies are there."""
    folder.mkdir()
    place: Any = SimpleNamespace(url=url, csv=CsvFormat(), formats=formats_of(url))
    with duckdb.connect() as connection, open_source(cast(Place, place)) as source:
        yield profile_of(source, connection, folder, no_progress)
