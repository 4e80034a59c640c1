"""A small CRM to fold: it is built record by record, and says itself what each note has to hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from etl.config import Config
from etl.model import Chunk
from etl.note import Labels, fold
from etl.note.contents import Contents, Values

KEYS = {"accounts": "id", "contacts": "id"}
LINKS = {"activities": {"accounts": "account_id", "contacts": "contact_id"}, "orders": {"accounts": "account_id"}}
TYPES = {"accounts": "company", "contacts": "person"}


def config(**note: object) -> Config:
    """Accounts and contacts with activities (in the order of happened_at) and orders."""
    return Config.model_validate(
        {
            "path": Path("crm.yaml"),
            "raw": {},
            "name": "crm",
            "source": {
                "url": "files:crm",
                "records": {name: {"key": key, "type": TYPES[name]} for name, key in KEYS.items()},
                "related": {
                    "activities": {"key": "id", "of": LINKS["activities"], "order_by": "happened_at"},
                    "orders": {"of": LINKS["orders"]},
                },
            },
            "classify": [{"as": "lead", "name": "no evidence of a purchase"}],
            "leads": {"fields": {"name": "{name}"}, "note": note},
            "target": {"url": "sqlite:///pipeline.db"},
        }
    )


@dataclass
class Crm:
    """Records, history and the notes they stand in.

    columns: dataset -> its columns. omit: columns that stand in no note. note: the config's note options.
    """

    columns: dict[str, list[str]]
    note: dict[str, object] = field(default_factory=dict)
    omit: tuple[str, ...] = ()
    records: dict[str, dict[str, Values]] = field(default_factory=dict)
    related: dict[str, list[tuple[str, Values]]] = field(default_factory=dict)
    sections: list[tuple[str, str, str | None, str | None]] = field(default_factory=list)

    def record(self, entry: str, key: str, lead: str | None = None, title: str | None = None, **values: str) -> str:
        """Add a record; its values stand in the note of `lead`, or of its own lead. Gives its source key."""
        source_key = f"{entry}:{key}"
        self.records.setdefault(entry, {})[source_key] = {KEYS[entry]: key, **values}
        self.sections.append((lead or source_key, source_key, title, None))
        return source_key

    def history(self, table: str, source_key: str, **values: str) -> None:
        """Add a history row to a record; the link to the record is filled in."""
        entry, _, key = source_key.partition(":")
        self.related.setdefault(table, []).append((source_key, {**values, LINKS[table][entry]: key}))

    def see(self, lead: str, source_key: str, where: str, title: str | None = None) -> None:
        """Let a lead's note name a record whose values stand in another note."""
        self.sections.append((lead, source_key, title, where))

    @property
    def labels(self) -> Labels:
        """The labels of all columns."""
        omit = dict.fromkeys(self.omit, "GDPR: not needed for sales")
        return Labels.of(config(**{"omit": omit, **self.note}), self.columns)

    @property
    def chunk(self) -> Chunk:
        """The rows as frames."""
        records = {entry: self._frame(entry, list(rows), list(rows.values())) for entry, rows in self.records.items()}
        related = {
            name: self._frame(name, [key for key, _ in rows], [row for _, row in rows])
            for name, rows in self.related.items()
        }
        return Chunk(records, related)

    def _frame(self, dataset: str, index: list[str], rows: list[Values]) -> pd.DataFrame:
        data = {column: [row.get(column) or None for row in rows] for column in self.columns[dataset]}
        return pd.DataFrame(data, index=pd.Index(index, dtype="str"), dtype="str")

    @property
    def layout(self) -> pd.DataFrame:
        """Which section stands in which note."""
        leads = list(dict.fromkeys(lead for lead, *_ in self.sections))
        rows = [
            (lead, key, key.partition(":")[0], TYPES[key.partition(":")[0]], title, where)
            for lead, key, title, where in sorted(self.sections, key=lambda section: leads.index(section[0]))
        ]
        return pd.DataFrame(rows, columns=["lead", "source_key", "entry", "type", "title", "see"], dtype="str")

    @property
    def notes(self) -> pd.Series[str]:
        """The notes, folded."""
        return fold(self.layout, self.chunk, self.labels)

    @property
    def contents(self) -> dict[str, Contents]:
        """Lead -> what its note has to hold, taken from what was put in."""
        found: dict[str, Contents] = {}
        for lead, key, _, where in self.sections:
            contents = found.setdefault(lead, Contents({}, {}, {}))
            if where is not None:
                contents.references[key] = where
                continue
            contents.records[key] = self._kept(self.records[key.partition(":")[0]][key])
            for name, rows in self.related.items():
                own = [self._kept(row) for owner, row in rows if owner == key]
                if own:
                    contents.related.setdefault(name, {})[key] = own
        return found

    def _kept(self, values: Values) -> Values:
        return {column: value for column, value in values.items() if value and column not in self.omit}
