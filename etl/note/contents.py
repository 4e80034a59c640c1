"""What is folded into a note, and what is read back from it."""

from __future__ import annotations

from typing import NamedTuple

Values = dict[str, str]
"""column -> value, of one record or one history row; a column without a value is not there."""


class Contents(NamedTuple):
    """The legacy values of one note.

    records: source key -> values. related: table -> source key -> rows in order. references: source key -> lead key.
    """

    records: dict[str, Values]
    related: dict[str, dict[str, list[Values]]]
    references: dict[str, str]

    @property
    def values(self) -> int:
        """How many values that is."""
        rows = [row for table in self.related.values() for rows in table.values() for row in rows]
        return sum(map(len, self.records.values())) + sum(map(len, rows))
