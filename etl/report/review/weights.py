"""What agrees of two records, and what speaks against it, taken out of the words in which a plan keeps it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etl.texts import told
from etl.texts.told import REPR

PART = re.compile(
    rf"(?P<words>(?:{REPR}|[^'\"])+?)(?: (?P<bits>[+−]\d+\.\d)|(?P<ceiling>: at most <?[\d.]+%))(?:, |$)", re.DOTALL
)
"""One field with its weight in bits, or what keeps a pair below certainty whatever else agrees."""


def weights(words: str | None) -> list[tuple[str, float | None]]:
    """Each part of `same name 'x' +10.2, …: at most 30%` in the language that is spoken, with its bits; None for a
    ceiling. A text that is no such list is one part without weight."""
    parts = list(_parts(words or ""))
    return parts or ([(told(words), None)] if words else [])


def _parts(words: str) -> Iterator[tuple[str, float | None]]:
    end = 0
    for part in PART.finditer(words):
        if part.start() != end:
            return
        end = part.end()
        bits = part["bits"]
        if bits is None:
            yield told(part["words"] + part["ceiling"]), None
        else:
            yield told(part["words"]), float(bits.replace("−", "-"))
