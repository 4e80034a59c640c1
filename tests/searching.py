"""Search the bytes of files for values, however they are packed: Parquet, workbooks, databases, pages, text."""

from __future__ import annotations

import base64
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq


def places_of(values: Iterable[str], *where: Path) -> list[tuple[str, str]]:
    """Each file below some places, and in it each of the values that it has in its name or in anything it holds."""
    wanted = [(value, value.casefold()) for value in values]
    found = []
    for place in where:
        for path in sorted(path for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file()):
            texts = [text.casefold() for text in (path.name, *_texts(path))]
            found += [(str(path.name), value) for value, small in wanted if any(small in text for text in texts)]
    return found


def _texts(path: Path) -> Iterator[str]:
    yield path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".parquet":
        yield str(pq.read_schema(path).metadata)
        for row in pq.read_table(path).to_pylist():
            yield repr(row)
            yield from (value for value in row.values() if isinstance(value, str))
    elif path.name.startswith("review") and path.suffix == ".html":
        for part in re.findall(r'<script type="text/plain"[^>]*>([^<]*)</script>', path.read_text(encoding="utf-8")):
            yield zlib.decompress(base64.b64decode(part), wbits=-15).decode("utf-8")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                yield name
                yield packed.read(name).decode("utf-8", "replace")
