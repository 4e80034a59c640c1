"""Data files: a line each entry, columns between tabs, lines with # are comments; each says where it is from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def lines(name: str, package: str = __name__) -> tuple[tuple[str, ...], ...]:
    """The lines of a data file, split at tabs. package: the folder that it stands in."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))
