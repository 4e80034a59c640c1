"""A small made-up CRM for the tests of transform: a chunk, its members and a config, built by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from etl.config import Config
from etl.model import Chunk
from etl.transform import Transformed, transform
from etl.transform.arrow_text import texts
from etl.transform.fields import lead_fields
from etl.transform.identity import identities, titles
from etl.transform.layout import layout
from etl.transform.quality.cells import Judged

COLUMNS = {
    "accounts": [
        "id",
        "parent",
        "name",
        "branch",
        "owner",
        "street",
        "zip",
        "city",
        "land",
        "mail",
        "tel",
        "web",
        "vat",
    ],
    "contacts": ["id", "account", "first", "last", "role", "mail", "tel", "born", "optout"],
    "calls": ["contact", "account", "text"],
}
RECORDS = {
    "accounts": {
        "key": "id",
        "type": "company",
        "parent": {"column": "parent", "of": "accounts"},
        "identity": {
            "company": "name",
            "street": "street",
            "postcode": "zip",
            "city": "city",
            "country": "land",
            "email": "mail",
            "phone": "tel",
            "website": "web",
            "vat": "vat",
        },
    },
    "contacts": {
        "key": "id",
        "type": "person",
        "parent": {"column": "account", "of": "accounts"},
        "identity": {"first_name": "first", "last_name": "last", "email": "mail", "phone": "tel"},
    },
}


def make_config(one_per: str = "company", note: Mapping[str, Any] | None = None, **fields: Any) -> Config:
    """A config whose leads have these fields; a name if none is given."""
    related = {"calls": {"of": {"contacts": "contact", "accounts": "account"}}}
    return Config.model_validate(
        {
            "path": Path("demo.yaml"),
            "raw": {},
            "name": "demo",
            "as_of": "2026-11-01",
            "source": {"url": "files:data", "records": RECORDS, "related": related},
            "classify": [{"as": "lead", "name": "all"}],
            "leads": {"one_per": one_per, "fields": {"name": "{name}", **fields}, "note": note or {}},
            "target": {"url": "sqlite://"},
        }
    )


@dataclass
class Crm:
    """Legacy records as a test names them; keys become source keys."""

    one_per: str = "company"
    rows: dict[str, list[dict[str, str | None]]] = field(
        default_factory=lambda: {"accounts": [], "contacts": [], "calls": []}
    )
    decisions: dict[str, str] = field(default_factory=dict)

    def company(self, key: str, parent: str | None = None, decision: str = "lead", **values: str | None) -> Crm:
        """Add a company."""
        self.rows["accounts"].append({"id": key, "parent": parent, **values})
        self.decisions[f"accounts:{key}"] = decision
        return self

    def contact(self, key: str, account: str | None = None, decision: str = "lead", **values: str | None) -> Crm:
        """Add a contact, of a company or of none."""
        self.rows["contacts"].append({"id": key, "account": account, **values})
        self.decisions[f"contacts:{key}"] = decision
        return self

    def call(self, contact: str, text: str) -> Crm:
        """Add a row of history to a contact."""
        self.rows["calls"].append({"contact": contact, "text": text})
        return self

    def chunk(self) -> Chunk:
        """The records and related rows as frames."""
        records = {name: self._frame(name, f"{name}:", "id") for name in ("accounts", "contacts")}
        return Chunk(records, {"calls": self._frame("calls", "contacts:", "contact")})

    def _frame(self, name: str, prefix: str, key: str) -> pd.DataFrame:
        frame = pd.DataFrame(self.rows[name], columns=COLUMNS[name], dtype="str")
        return frame.set_axis(pd.Index(prefix + frame[key], dtype="str", name="source_key"))

    def members(self) -> pd.DataFrame:
        """What classify says of the records."""
        parents = {f"accounts:{row['id']}": row["parent"] for row in self.rows["accounts"]}
        rows = [self._member("accounts", row, "parent", parents) for row in self.rows["accounts"]]
        rows += [self._member("contacts", row, "account", parents) for row in self.rows["contacts"]]
        frame = pd.DataFrame(rows, dtype="str").set_index("source_key").sort_index()
        if self.one_per == "contact":
            persons = frame[(frame["type"] == "person") & frame["lead"].notna()]
            first = persons.reset_index().dropna(subset=["company"]).drop_duplicates("company").set_index("company")
            frame["lead"] = [first["source_key"].get(key, lead) for key, lead in frame["lead"].items()]
            frame = frame.astype("str")
        return frame

    def _member(self, entry: str, row: dict[str, Any], up: str, parents: dict[str, Any]) -> dict[str, Any]:
        key = f"{entry}:{row['id']}"
        above = f"accounts:{row[up]}" if row[up] else None
        root = above or key
        while parents.get(root):
            root = f"accounts:{parents[root]}"
        company = key if entry == "accounts" else above
        lead = (company or key) if self.one_per == "company" else key
        return {
            "source_key": key,
            "entry": entry,
            "key": row["id"],
            "type": "company" if entry == "accounts" else "person",
            "decision": self.decisions[key],
            "family": root,
            "company": company,
            "lead": lead if self.decisions[key] == "lead" else None,
        }

    def titles(self) -> pd.Series[Any]:
        """The display names of all records."""
        names = identities(self.chunk(), make_config().source.records, ("company", "first_name", "last_name"))
        return titles(names, self.members()["type"])

    def layout(self) -> pd.DataFrame:
        """Who stands in which note."""
        return layout(self.members(), self.one_per, self.titles())  # type: ignore[arg-type]

    def fields(self, **fields: Any) -> pd.DataFrame:
        """The lead fields alone, without notes."""
        config = make_config(self.one_per, **fields)
        return lead_fields(self.chunk(), self.members(), self.layout(), config, COLUMNS).leads

    def transform(self, limits: Mapping[str, Any] | None = None, note: Any = None, **fields: Any) -> Transformed:
        """Make the leads, with these lead fields."""
        config = make_config(self.one_per, note, **fields)
        return transform(self.chunk(), self.members(), config, COLUMNS, limits or {})

    def codes(self, **fields: Any) -> set[tuple[str, str]]:
        """The findings as pairs of source key and code."""
        found = self.transform(**fields).findings
        return set(zip(found["source_key"], found["code"], strict=True))


def make_cells(values: list[str | None], region: str | None = None, first_name: str | None = None) -> Judged:
    """Values that are judged on their own, in a country if one is given."""
    count = len(values)
    beside = {"region": texts([region] * count), "first_name": texts([first_name] * count)}
    return Judged(values=texts(values), **beside)
