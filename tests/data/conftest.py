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
        self.debtors = self._rows("erp/debtors")
        self.truth = self._rows("truth/records")

    def _rows(self, name: str) -> Rows:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def records(self) -> dict[str, dict[str, str]]:
        """Source key -> row; of those that share a key, the last."""
        named = (("accounts", self.accounts), ("contacts", self.contacts))
        return {f"{entry}:{row['id']}": row for entry, rows in named for row in rows}


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The sample CRM that is shipped."""
    return Sample(DATA)
