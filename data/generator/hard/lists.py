"""Writes hard lists: a legacy CRM, the debtors of an ERP, names alone, and the truth about all three."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..chance import Chance
from .affiliations import affiliations
from .entities import Maker
from .kinds import Case, cases
from .words import Half, words
from .written import Record

COLUMNS = {
    "legacy": ("key", "entry", *Record._fields),
    "debtors": ("key", "entry", *Record._fields),
    "affiliations": ("key", "company"),
    "truth": ("list", "key", "group", "case", "kind"),
}
"""File -> columns. entry: company or person. group: records that share it are one company or person. case: records that
share it are easily confused, in the way of its kind."""
NAMES_ALONE = 10
"""So many records have one name alone beside them."""
IN_DEBTORS = 0.3
"""How many records the debtors' list has, which names nobody twice."""


class Lists:
    """The files, and the keys that were given."""

    def __init__(self, writers: dict[str, Any], chance: Chance) -> None:
        self._writers = writers
        self._chance = chance
        self.counts: Counter[str] = Counter()

    def case(self, kind: str, case: Case) -> None:
        """Write the records of a case, each into one of the two lists."""
        self.counts["cases"] += 1
        for records in case:
            self.counts["groups"] += 1
            known = kind == "crowd"
            for record in records:
                debtor = not known and self._chance.holds(IN_DEBTORS)
                known |= debtor
                entry = "person" if record.first_name or record.last_name else "company"
                self._write("debtors" if debtor else "legacy", kind, (entry, *record))

    def names(self, kind: str, names: list[str]) -> None:
        """Write the spellings of one body."""
        self.counts["cases"] += 1
        self.counts["groups"] += 1
        for name in names:
            self._write("affiliations", kind, (name,))

    def _write(self, name: str, kind: str, values: tuple[str, ...]) -> None:
        self.counts[name] += 1
        key = f"{name[0].upper()}{(self.counts[name] * 7919 + 104_729) % 9_999_991:07d}"
        self._writers[name].writerow((key, *values))
        self._writers["truth"].writerow((name, key, self.counts["groups"], self.counts["cases"], kind))


def write(folder: Path, records: int, seed: int, half: Half) -> dict[str, int]:
    """Write the lists into a folder, and count the rows of each.

    records: of the legacy CRM and the debtors together, give or take a few that complete a case; one name alone stands
    beside ten of them. The same records, seed and half give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = Chance(f"hard {half} {seed}")
    maker = Maker(chance, words(half))
    with ExitStack() as stack:
        writers = {}
        for name, columns in COLUMNS.items():
            file = stack.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
            writers[name] = csv.writer(file, lineterminator="\n")
            writers[name].writerow(columns)
        lists = Lists(writers, chance)
        for kind, case in cases(maker, records):
            lists.case(kind, case)
        for kind, names in affiliations(maker, records // NAMES_ALONE):
            lists.names(kind, names)
    return {name: lists.counts[name] for name in ("legacy", "debtors", "affiliations")}
