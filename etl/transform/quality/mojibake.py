"""Mojibake: text that was written in one encoding and read in another, as `MÃ¼ller` for `Müller`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.model import Chunk, Severity
from etl.texts import stored
from etl.transform.arrow_text import arrow
from etl.transform.quality.cells import Judged, Sections
from etl.transform.quality.findings import Finding

LONGEST_REPAIR = 20_000
"""Longer texts are flagged without a proposal: ftfy's repair takes seconds on megabytes."""


def garbled(cells: Judged) -> dict[int, str | None]:
    """Values that ftfy can repair, with the repaired spelling; and those with a replacement character, without one."""
    [rows] = suspicious([cells.values])
    repairs = zip(rows.to_pylist(), map(repaired, cells.values.take(rows).to_pylist()), strict=True)
    return {row: repair or None for row, repair in repairs if repair is not None}


def history(chunk: Chunk, sections: Sections, config: Config) -> Iterator[Finding]:
    """Count the garbled values in the related rows of each record; the first of them stands for the rest."""
    for name, rows in chunk.related.items():
        garbled: dict[str, list[tuple[int, str, str]]] = {}
        named = [column for column in rows.columns if config.omitted(name, str(column)) is None]
        arrays = [arrow(rows[column]) for column in named]
        for array, suspects in zip(arrays, suspicious(arrays), strict=True):
            for row in suspects.to_pylist():
                if (repair := repaired(text := array[row].as_py())) is not None:
                    garbled.setdefault(str(rows.index[row]), []).append((row, text, repair))
        for key, hits in garbled.items():
            if key in sections.frame.index:
                yield _counted(name, key, hits, sections.frame)


def _counted(name: str, key: str, hits: list[tuple[int, str, str]], records: pd.DataFrame) -> Finding:
    first = min(hits, key=lambda hit: hit[0])
    message = (
        stored("1 value of this history look garbled by a wrong encoding, such as this one")
        if len(hits) == 1
        else stored("{n} values of this history look garbled by a wrong encoding, such as this one", n=len(hits))
    )
    lead = str(records.at[key, "lead"])
    return Finding(lead, key, "mojibake-history", Severity.INFO, name, first[1], first[2] or None, message)


def suspicious(columns: Sequence[pa.Array]) -> list[pa.Array]:
    """The rows of each column that ftfy would look at more closely: the same expression as ftfy's, over the few that
    are not ASCII.

    All are asked at once: the expression takes long to compile.
    """
    others = [pc.indices_nonzero(pc.invert(pc.string_is_ascii(values))) for values in columns]
    texts = [values.take(rows) for values, rows in zip(columns, others, strict=True)]
    if not any(map(len, texts)):
        return others
    bad = pc.match_substring_regex(pa.concat_arrays(texts), badness())
    starts = accumulate(map(len, texts), initial=0)
    return [rows.filter(bad.slice(start, len(rows))) for rows, start in zip(others, starts, strict=False)]


@cache
def badness() -> str:
    """ftfy's own expression for mojibake, in the words of RE2: without comments, and with letters beyond ASCII."""
    from ftfy.badness import BADNESS_RE

    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in BADNESS_RE.pattern.splitlines())
    squeezed = re.sub(r"\[[^\]]*\]|\s+", lambda match: match[0] if match[0].startswith("[") else "", "".join(lines))
    return squeezed.replace(r"\w", r"[\pL\pN_]").replace(r"\s", r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]")


@lru_cache(maxsize=50_000)
def repaired(text: str) -> str | None:
    """The text as it was probably meant; "" where that cannot be told, None where nothing is wrong with it."""
    import ftfy

    if len(text) > LONGEST_REPAIR:
        return ""
    repair = str(ftfy.fix_encoding(text))
    if repair != text:
        return repair
    return "" if "\ufffd" in text else None
