"""The generator's own modules, and the sample as it is shipped."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"
sys.path.insert(0, str(DATA))

Rows = Sequence[dict[str, str]]


class Sample:
    """A folder that the generator wrote, table by table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.accounts = self._rows("legacy/accounts")
        self.contacts = self._rows("legacy/contacts")
        self.activities = self._rows("legacy/activities")
        self.orders = self._rows("legacy/orders")
        self.invoices = self._rows("legacy/invoices")
        self.links = self._rows("legacy/accounts_contacts")
        self.notes = self._rows("legacy/notes.tsv", delimiter="\t")
        self.prospects = self._rows("legacy/prospects", "cp1252", ";")
        self.visits = self._rows("legacy/visits", "cp1252", ";")
        self.debtors = self._rows("erp/debtors")
        self.truth = self._rows("truth/records")

    def _rows(self, name: str, encoding: str = "utf-8", delimiter: str = ",") -> Rows:
        path = self.folder / (name if name.endswith(".tsv") else f"{name}.csv")
        with path.open(encoding=encoding, newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter))

    def records(self) -> dict[str, dict[str, str]]:
        """Source key -> row; of those that share a key, the last. Without those that somebody deleted."""
        named = (("accounts", self.accounts), ("contacts", self.contacts))
        found = {f"{entry}:{row['id']}": row for entry, rows in named for row in rows}
        found |= {f"prospects:{row['office']}/{row['number']}": row for row in self.prospects}
        return {key: row for key, row in found.items() if row["deleted"] in ("", "0")}

    def second_jobs(self) -> list[tuple[str, str]]:
        """The contacts that work for another company, too, and that company, by source keys."""
        rows = (row for row in self.links if row["main"] == "0" and not row["deleted"])
        return [(f"contacts:{row['contact_id']}", f"accounts:{row['account_id']}") for row in rows]


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The sample CRM that is shipped."""
    return Sample(DATA)
