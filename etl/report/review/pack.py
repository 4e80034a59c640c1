"""The open cases as text that stands in a page: compressed a hundred at a time, so that a screen needs one part."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from etl.report.review.cases import Case

PART = 100
"""So many cases are compressed together."""
MOST_CHARACTERS = 40_000_000
"""The size of all parts from which no further case is taken in: a browser opens such a page, and mail does not carry
it."""


class Pack:
    """What one page holds of the cases; full: whether it takes no more. left: how many it did not take."""

    def __init__(self, most: int, characters: int = MOST_CHARACTERS) -> None:
        self._most, self._characters = most, characters
        self.rows: list[Mapping[str, Any]] = []
        self.parts: list[str] = []
        self.left = 0
        self._waiting: list[Mapping[str, Any]] = []
        self._size = 0

    def add(self, case: Case) -> None:
        """Take one more case in, where there is room."""
        self.add_row(case.row, case.detail)

    def add_row(self, row: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        """Take in a line of the list, and what a screen shows of it, where there is room."""
        if len(self.rows) >= self._most or self._size >= self._characters:
            self.left += 1
            return
        self.rows.append(row)
        self._waiting.append(detail)
        if len(self._waiting) == PART:
            self._compress()

    def end(self) -> None:
        """Compress what is left."""
        if self._waiting:
            self._compress()

    def _compress(self) -> None:
        self.parts.append(packed(self._waiting))
        self._size += len(self.parts[-1])
        self._waiting = []


def packed(data: object) -> str:
    """Data as JSON, compressed, in letters that mean nothing in HTML."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(compressor.compress(text) + compressor.flush()).decode("ascii")
