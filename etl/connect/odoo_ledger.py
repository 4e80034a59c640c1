"""The ledger in an Odoo: external ids (`ir.model.data`) of one module name, as a module's own records have them.

A lead's external id is written with the lead, in one transaction, by Odoo's `load`. What the ledger knows beyond that
stands in the names of further external ids, one a legacy record, which are written before the lead, as what is about to
be done, and marked as done after it: without its lead such a row says nothing, and a done one that its lead was
deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd
import pyarrow as pa

from etl.connect.odoo_client import Odoo
from etl.connect.odoo_fields import LEAD

MODULE = "crm_cleanup"
"""The module name of all external ids of this tool."""

DATA = "ir.model.data"
ROWS = 10_000
COLUMNS = ("source_key", "lead_key", "lead_id", "plan", "contents", "state")
DELETED = "deleted"
"""The lead id of a record whose lead somebody has deleted."""

LONGEST_KEY = 200
"""The longest source key, in bytes, for which the index over names has room."""


def named(kind: str, *parts: str) -> str:
    """The name of an external id: it holds no blank and no point, whatever the parts are."""
    return "/".join((kind, *(quote(part, safe=":").replace(".", "%2E").replace("~", "%7E") for part in parts)))


def parts_of(name: str) -> list[str]:
    """The parts of a name, the kind first."""
    return [unquote(part) for part in name.split("/")]


@dataclass
class Row:
    """One row of the ledger. id: of its external id; done: its lead was written."""

    id: int
    source_key: str
    lead_key: str
    plan: str
    contents: str
    done: bool


def row_name(system: str, source_key: str, lead_key: str, plan: str, contents: str) -> str:
    """The name of a ledger row."""
    return named("row", system, source_key, lead_key, plan, contents)


def lead_name(system: str, lead_key: str) -> str:
    """The name of a lead's own external id."""
    return named("lead", system, lead_key)


class OdooLedger:
    """The ledger as it is when it is first asked for; the only runner keeps it up to date itself."""

    def __init__(self, odoo: Odoo) -> None:
        self._odoo = odoo
        self._systems: dict[str, dict[str, Row]] | None = None
        self._leads: dict[tuple[str, str], int] = {}

    def forget(self) -> None:
        """Read it again the next time it is asked for."""
        self._systems = None

    def of(self, system: str) -> dict[str, Row]:
        """The rows of one source system that stand for a lead, by source key."""
        return {key: row for key, row in self._all().get(system, {}).items() if self._counts(system, row)}

    def lead_id(self, system: str, row: Row) -> str:
        """The id of a row's lead."""
        self._all()
        found = self._leads.get((system, row.lead_key))
        return DELETED if found is None else str(found)

    def systems(self) -> dict[str, int]:
        """The source systems, and how many legacy records of each were moved."""
        counts = {system: len(self.of(system)) for system in sorted(self._all())}
        return {system: count for system, count in counts.items() if count}

    def frame(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The rows of some source keys; index = source_key."""
        rows = self.of(system)
        return self._frame(system, [rows[key] for key in keys if key in rows])

    def by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The rows of some lead ids; index = source_key."""
        wanted = set(ids)
        return self._frame(system, [row for row in self.of(system).values() if self.lead_id(system, row) in wanted])

    def tables(self, system: str) -> Iterator[pa.Table]:
        """The rows of one source system, by source key."""
        rows = sorted(self.of(system).values(), key=lambda row: row.source_key)
        frame = self._frame(system, rows).reset_index()
        yield pa.Table.from_pandas(
            frame, pa.schema([(name, pa.large_string()) for name in COLUMNS]), preserve_index=False
        )

    def _frame(self, system: str, rows: Sequence[Row]) -> pd.DataFrame:
        values = {
            "source_key": [row.source_key for row in rows],
            "lead_key": [row.lead_key for row in rows],
            "lead_id": [self.lead_id(system, row) for row in rows],
            "plan": [row.plan for row in rows],
            "contents": [row.contents or None for row in rows],
            "state": [None] * len(rows),
        }
        columns = {name: pa.array(some, pa.large_string()) for name, some in values.items()}
        found: pd.DataFrame = pa.table(columns).to_pandas()
        return found.set_index("source_key")

    def _counts(self, system: str, row: Row) -> bool:
        return row.done or (system, row.lead_key) in self._leads

    def _all(self) -> dict[str, dict[str, Row]]:
        if self._systems is None:
            self._systems, self._leads = {}, {}
            for found in self._read([["name", "=like", "lead/%"], ["model", "=", LEAD]]):
                _, system, lead_key = parts_of(found["name"])
                self._leads[system, lead_key] = found["res_id"]
            for found in self._read([["name", "=like", "row/%"]]):
                self._keep(found)
        return self._systems

    def _keep(self, found: Mapping[str, Any]) -> None:
        _, system, source_key, lead_key, plan, contents = parts_of(found["name"])
        row = Row(found["id"], source_key, lead_key, plan, contents, bool(found["noupdate"]))
        rows = self._all().setdefault(system, {})
        before = rows.get(source_key)
        if before is None or (self._counts(system, row), row.done) >= (self._counts(system, before), before.done):
            rows[source_key] = row

    def _read(self, domain: Sequence[Any]) -> Iterator[dict[str, Any]]:
        last = 0
        while True:
            arguments = {
                "domain": [["module", "=", MODULE], ["id", ">", last], *domain],
                "fields": ["name", "res_id", "noupdate"],
                "order": "id",
                "limit": ROWS,
            }
            rows = self._odoo.call(DATA, "search_read", arguments)
            yield from rows
            if len(rows) < ROWS:
                return
            last = rows[-1]["id"]

    # what the only runner does with it

    def ids_of_leads(self, system: str, leads: Iterable[str]) -> dict[str, int]:
        """Lead key -> id of those leads that are there, asked anew."""
        names = {lead_name(system, lead): lead for lead in leads}
        rows = list(self._read([["name", "in", list(names)]]))
        found = {names[row["name"]]: int(row["res_id"]) for row in rows}
        for lead in names.values():
            self._leads.pop((system, lead), None)
        self._leads |= {(system, lead): own for lead, own in found.items()}
        return found

    def announce(self, rows: Sequence[tuple[str, str, str, str]], system: str) -> list[int]:
        """Write what is about to be done: source key, lead key, plan, contents. Gives the ids of the rows."""
        self._all()
        names = [row_name(system, *row) for row in rows]
        there = {row["name"]: row["id"] for row in self._read([["name", "in", names]])}
        missing = [name for name in names if name not in there]
        if missing:
            own = {"module": MODULE, "model": "res.company", "res_id": self._odoo.companies[0], "noupdate": False}
            made = self._odoo.call(DATA, "create", {"vals_list": [{**own, "name": name} for name in missing]})
            there |= dict(zip(missing, made, strict=True))
        for name, own_id in there.items():
            self._keep({"name": name, "id": own_id, "noupdate": False})
        return [there[name] for name in names]

    def done(self, system: str, keys: Sequence[str], ids: Sequence[int], leads: Mapping[str, int]) -> None:
        """Mark rows as done: their leads are there."""
        self._odoo.call(DATA, "write", {"vals": {"noupdate": True}}, ids=ids)
        self._leads |= {(system, lead): own for lead, own in leads.items()}
        for key in keys:
            self._all()[system][key].done = True

    def remove(self, system: str, rows: Sequence[Row]) -> None:
        """Take rows out of the ledger."""
        if rows:
            ids = [row["id"] for row in self._read([["id", "in", [row.id for row in rows]]])]
            if ids:
                self._odoo.call(DATA, "unlink", {}, ids=ids)
            for row in rows:
                self._all()[system].pop(row.source_key, None)
                self._leads.pop((system, row.lead_key), None)
