"""A legacy CRM in a few words, for tests of decisions: companies, contacts, invoices, and what becomes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from etl.classify import DECISIONS, Classification, Decisions, Override, classify
from etl.classify.linkage import DUPLICATE_SCHEMA, EXISTING_SCHEMA, NO_LINKAGE, Linkage
from etl.config import Config
from etl.model import Dataset, Decision, Fault
from etl.plan.tables import database

Row = dict[str, str | None]

RULES = """
- {as: keep, name: own company, when: {column: own, equals: "1"}}
- as: customer
  name: invoiced
  when: {exists: invoices, key: no, of: {accounts: account, contacts: contact}, where: {state: posted},
         within: {column: date, last: 3 years}}
- {as: lead, name: nothing held}
"""


class Crm:
    """Builds the datasets that `extract` would have copied, and classifies them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rules = RULES
        self.one_per: Literal["company", "contact"] = "company"
        self.rows: dict[str, list[Row]] = {"accounts": [], "contacts": [], "calls": [], "invoices": []}
        self.faults: dict[str, list[Fault]] = {}
        self.pairs: list[dict[str, Any]] = []
        self.existing: list[dict[str, Any]] = []
        self._last: str | None = None

    def company(self, key: str | None, parent: str | None = None, **columns: str | None) -> Crm:
        """Add a company; contacts that follow are its own."""
        self.rows["accounts"].append({"id": key, "parent": parent, "own": None, "kind": None, **columns})
        self._last = key
        return self

    def contact(
        self, key: str, company: str | None = "", invoiced: str | None = None, parent: str | None = None
    ) -> Crm:
        """Add a contact of the last company, or of the one named; `invoiced` gives it a posted invoice of that day."""
        of = self._last if company == "" else company
        self.rows["contacts"].append({"id": key, "account": of, "boss": parent})
        return self.invoice(f"R-{key}", contact=key, date=invoiced) if invoiced else self

    def invoice(self, no: str, **columns: str | None) -> Crm:
        """Add an invoice: account=, contact=, state=, date=."""
        row = {"no": no, "account": None, "contact": None, "state": "posted", "date": "2026-01-15"}
        self.rows["invoices"].append({**row, **columns})
        return self

    def call(self, no: str, account: str | None = None, contact: str | None = None) -> Crm:
        """Add a call, which is history."""
        self.rows["calls"].append({"no": no, "account": account, "contact": contact})
        return self

    def alike(self, left: str, right: str, probability: float = 0.9) -> Crm:
        """Say that matching takes two records, by their source keys, for one with this probability."""
        self.pairs.append({"left": left, "right": right, "probability": probability, "words": "same name"})
        return self

    def damaged(self, dataset: str, row: int | None) -> Crm:
        """Say that extract could not read a row as it stands."""
        fault = Fault(dataset, row, f"{dataset}.csv:9", None, "ragged-line", "it has too few fields", "mend it")
        self.faults.setdefault(dataset, []).append(fault)
        return self

    @property
    def config(self) -> Config:
        """The config of this CRM."""
        link = {"accounts": "account", "contacts": "contact"}
        asked = self.pairs or self.existing
        looked = {"duplicates": {"merge_at": 0.98, "review_at": 0.8}} if asked else {}
        identity = {"identity": {"company": "kind"}} if asked else {}
        raw: dict[str, Any] = {
            "name": "test",
            "as_of": dt.date(2026, 11, 1),
            "source": {
                "url": "files:none",
                "records": {
                    "accounts": {
                        "key": "id",
                        "type": "company",
                        "parent": {"column": "parent", "of": "accounts"},
                        **identity,
                    },
                    "contacts": {"key": "id", "type": "person", "parent": {"column": "account", "of": "accounts"}},
                },
                "related": {"calls": {"key": "no", "of": link}},
            },
            "classify": YAML(typ="safe", pure=True).load(self.rules),
            "leads": {"one_per": self.one_per, "fields": {"name": "{id}"}, **looked},
            "target": {"url": "sqlite://"},
        }
        return Config.model_validate({**raw, "path": self.folder / "test.yaml", "raw": raw})

    def datasets(self) -> list[Dataset]:
        """Write the datasets as extract does."""
        kinds: dict[str, Literal["entry", "related", "evidence"]] = {
            "accounts": "entry", "contacts": "entry", "calls": "related", "invoices": "evidence",
        }  # fmt: skip
        columns = {
            "accounts": ["id", "parent", "own", "kind"], "contacts": ["id", "account", "boss"],
            "calls": ["no", "account", "contact"], "invoices": ["no", "account", "contact", "state", "date"],
        }  # fmt: skip
        datasets = []
        for name, rows in self.rows.items():
            path = self.folder / f"{name}.parquet"
            texts = pa.schema([(column, pa.large_string()) for column in columns[name]])
            pq.write_table(pa.Table.from_pylist(rows, texts), path)
            faults = tuple(self.faults.get(name, ()))
            datasets.append(
                Dataset(name, kinds[name], name, path, tuple(columns[name]), len(rows), 100 * len(rows), faults)
            )
        return datasets

    def decide(self, overrides: Sequence[Override] = (), moved: dict[str, str] | None = None) -> Decisions:
        """What becomes of everything, and why."""
        return self.classify(overrides, moved).decisions

    def classify(self, overrides: Sequence[Override] = (), moved: dict[str, str] | None = None) -> Classification:
        """Decide on everything."""
        ledger = pa.table({"source_key": list(moved), "lead_id": list(moved.values())}) if moved else None
        found = Linkage(
            NO_LINKAGE.matches,
            pa.Table.from_pylist(self.pairs, DUPLICATE_SCHEMA),
            pa.Table.from_pylist(self.existing, EXISTING_SCHEMA),
        )
        with database(self.folder, threads=1) as connection:
            return classify(connection, self.datasets(), self.config, overrides, ledger, found)

    def decisions(self, overrides: Sequence[Override] = (), moved: dict[str, str] | None = None) -> dict[str, str]:
        """Key -> decision; keys of both entries must differ."""
        decided = self.decide(overrides, moved)
        names = decided.records.key.to_pylist()
        return {name: DECISIONS[code].value for name, code in zip(names, decided.outcome.decision, strict=True)}

    def why(self, key: str) -> tuple[str, str | None]:
        """The rule and the evidence that decided the family of a record."""
        decided = self.decide()
        number = decided.records.key.to_pylist().index(key)
        [rule], [words] = decided.why(decided.families.root[number : number + 1])
        return rule, words


def override(source_key: str, decision: str, hash: str = "") -> Override:
    """One line of decisions.csv."""
    return Override(source_key, Decision(decision), "Maria", "2026-10-01", "she knows them", hash)
