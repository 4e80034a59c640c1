"""Data files: a line each entry, columns between tabs, lines with # are comments; each says where it is from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@cache
def lines(name: str, package: str = __name__) -> tuple[tuple[str, ...], ...]:
    """The lines of a data file, split at tabs. package: the folder that it stands in."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def given_names() -> pa.Array:
    """Common given names of Europe, in small letters."""
    import pyarrow as pa

    names = (name for (line,) in lines("given_names.txt") for name in line.split())
    return pa.array(sorted(set(names)), pa.large_string())
