"""The words of a note in each language, and the lines that are made of words and numbers alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

RULE = "═══"
BULLET = "•"
ARROW = "→"
ROW, DEEPER = "\n  ", "    "
"""What stands before a record's `label: value`, and before each further line of its value."""
HISTORY_ROW, HISTORY_LINE, HISTORY_DEEPER = f"\n  {BULLET} ", "\n    ", "      "
"""What stands before a history row's first `label: value`, before its others, and before a value's further lines."""
BREAK = "\r"
"""Stands for a line break inside a value while a block is taken apart; no block holds one, as it is escaped."""
SHOWN = 16
"""How many hexadecimal digits of the SHA-256 stand in the last line: 64 bits."""


@dataclass(frozen=True)
class Words:
    """One language's words.

    record, value: singular and plural. types: what layouts call a record's type -> what people call it.
    """

    title: str
    end: str
    record: tuple[str, str]
    value: tuple[str, str]
    checksum: str
    see: str
    types: Mapping[str, str] = field(hash=False)

    @property
    def first(self) -> str:
        """The first line of every block."""
        return f"{RULE} {self.title} {RULE}"

    @property
    def last(self) -> str:
        """How the last line begins; the counts and the checksum follow."""
        return f"{RULE} {self.end} · "

    @property
    def mark(self) -> str:
        """What stands between all that the checksum covers and the checksum."""
        return f" · {self.checksum} "

    def seal(self, covered: bytes | memoryview) -> str:
        """End a block: the mark, the checksum of the UTF-8 bytes before it in groups of four digits, the rule."""
        digits = hashlib.sha256(covered).hexdigest()
        return f"{self.mark}{digits[:4]} {digits[4:8]} {digits[8:12]} {digits[12:SHOWN]} {RULE}"


WORDS: Mapping[str, Words] = {
    "de": Words(
        title="Aus dem bisherigen CRM",
        end="Ende",
        record=("Datensatz", "Datensätze"),
        value=("Wert", "Werte"),
        checksum="Prüfsumme",
        see="steht beim Interessenten",
        types={"company": "Firma", "person": "Kontakt"},
    ),
    "en": Words(
        title="From the former CRM",
        end="End",
        record=("record", "records"),
        value=("value", "values"),
        checksum="checksum",
        see="stands with the lead",
        types={"company": "Company", "person": "Contact"},
    ),
}
