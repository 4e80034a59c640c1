"""The ledger in an Odoo: external ids (`ir.model.data`) of one module name, as a module's own records have them.

A lead's external id is written with the lead, in one transaction, by Odoo's `load`. What the ledger knows beyond that
stands in the names of further external ids, one a lead or a few, which are written before the lead, as what is about to
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

from etl.connect.odoo.client import Odoo
from etl.connect.odoo.fields import LEAD
from etl.connect.target import DELETED, FORGOTTEN

MODULE = "crm_cleanup"
"""The module name of all external ids of this tool."""

DATA = "ir.model.data"
COLUMNS = ("source_key", "lead_key", "lead_id", "plan", "contents", "state")
"""A record whose lead somebody has deleted has the lead id DELETED; where that was accepted, DELETED stands in the
place of its contents, and of one that was taken out of its lead FORGOTTEN stands there."""

STATES = (DELETED, FORGOTTEN)

LONGEST_NAME = 1_500
"""How long a name may be, where several records could stand in it: an index over names takes about 2,700 bytes."""

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
    """One row of the ledger, a legacy record. id: of the external id that it stands in, with others of its lead.

    done: its lead was written.
    """

    id: int
    source_key: str
    lead_key: str
    plan: str
    contents: str
    done: bool


MovedRecord = tuple[str, str, str, str]
"""A legacy record that moves: source key, lead key, plan and contents."""


def row_names(system: str, moved: Sequence[MovedRecord]) -> list[str]:
    """The names of the external ids in which the records of one lead stand, some in each."""
    [(lead_key, plan)] = {(row[1], row[2]) for row in moved}
    head = named("row", system, lead_key, plan)
    names = [head]
    for source_key, _, _, contents in sorted(moved):
        more = named("", source_key, contents)
        if len(names[-1]) > len(head) and len(names[-1]) + len(more) > LONGEST_NAME:
            names.append(head)
        names[-1] += more
    return names


def renamed(name: str, plan: str | None, contents: str | None) -> str:
    """The name of rows with another plan, or with other contents of all their records; None: as they are."""
    kind, system, lead_key, now, *moved = parts_of(name)
    pairs = zip(moved[::2], moved[1::2], strict=True)
    new = [named("", key, content if contents is None else contents) for key, content in pairs]
    return "".join([named(kind, system, lead_key, now if plan is None else plan), *new])


def amended(name: str, key: str, contents: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The name of rows without one record, and the name of a row that says that it is forgotten; None for no row.

    contents: source key -> what other records add up to from now on.
    """
    kind, system, lead_key, plan, *moved = parts_of(name)
    pairs = list(zip(moved[::2], moved[1::2], strict=True))
    left = [
        named("", other, old if old in ("", *STATES) else contents.get(other, old))
        for other, old in pairs
        if other != key
    ]
    gone = named(kind, system, lead_key, FORGOTTEN) + named("", key, FORGOTTEN)
    head = named(kind, system, lead_key, plan)
    return "".join([head, *left]) if left else None, gone if len(left) < len(pairs) else None


def lead_name(system: str, lead_key: str) -> str:
    """The name of a lead's own external id."""
    return named("lead", system, lead_key)


def worked_name(system: str, lead_key: str) -> str:
    """The name of the mark of a lead that people had worked with before this tool wrote it once more."""
    return named("worked", system, lead_key)


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
        lead_id = self._leads.get((system, row.lead_key))
        return DELETED if lead_id is None else str(lead_id)

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
            "contents": [row.contents if row.contents not in ("", *STATES) else None for row in rows],
            "state": [row.contents if row.contents in STATES else None for row in rows],
        }
        columns = {name: pa.array(some, pa.large_string()) for name, some in values.items()}
        frame: pd.DataFrame = pa.table(columns).to_pandas()
        return frame.set_index("source_key")

    def _counts(self, system: str, row: Row) -> bool:
        return row.done or (system, row.lead_key) in self._leads

    def _all(self) -> dict[str, dict[str, Row]]:
        if self._systems is None:
            self._systems, self._leads = {}, {}
            for external_id in self._read([["name", "=like", "lead/%"], ["model", "=", LEAD]]):
                _, system, lead_key = parts_of(external_id["name"])
                self._leads[system, lead_key] = external_id["res_id"]
            for external_id in self._read([["name", "=like", "row/%"]]):
                self._keep(external_id)
        return self._systems

    def _keep(self, external_id: Mapping[str, Any]) -> None:
        _, system, lead_key, plan, *moved = parts_of(external_id["name"])
        rows = self._all().setdefault(system, {})
        for source_key, contents in zip(moved[::2], moved[1::2], strict=True):
            row = Row(external_id["id"], source_key, lead_key, plan, contents, bool(external_id["noupdate"]))
            before = rows.get(source_key)
            if before is None or (self._counts(system, row), row.done) >= (self._counts(system, before), before.done):
                rows[source_key] = row

    def _read(self, domain: Sequence[Any]) -> Iterator[dict[str, Any]]:
        return self._odoo.rows(DATA, [["module", "=", MODULE], *domain], ["name", "res_id", "noupdate"])

    # what the only runner does with it

    def ids_of_leads(self, system: str, leads: Iterable[str], *, fresh: bool = False) -> dict[str, int]:
        """Lead key -> id of those leads that are there, asked anew, but for the first try of the only runner."""
        if fresh:
            self._all()
            return {lead: self._leads[system, lead] for lead in leads if (system, lead) in self._leads}
        names = {lead_name(system, lead): lead for lead in leads}
        rows = list(self._read([["name", "in", list(names)]]))
        ids = {names[row["name"]]: int(row["res_id"]) for row in rows}
        for lead in names.values():
            self._leads.pop((system, lead), None)
        self._leads |= {(system, lead): own for lead, own in ids.items()}
        return ids

    def announce(self, moved: Sequence[MovedRecord], system: str, *, fresh: bool) -> None:
        """Write what is about to be done. fresh: it was not tried before, so nothing of it can be there."""
        self._all()
        leads: dict[str, list[MovedRecord]] = {}
        for row in moved:
            leads.setdefault(row[1], []).append(row)
        names = [name for some in leads.values() for name in row_names(system, some)]
        announced = {} if fresh else {row["name"]: row["id"] for row in self._read([["name", "in", names]])}
        announced |= {name: own for name, own in self._left(system, moved).items() if name in set(names)}
        missing = [name for name in names if name not in announced]
        if missing:
            own = {"module": MODULE, "model": "res.company", "res_id": self._odoo.companies[0], "noupdate": False}
            made = self._odoo.call(DATA, "create", {"vals_list": [{**own, "name": name} for name in missing]})
            announced |= dict(zip(missing, made, strict=True))
        for name, own_id in announced.items():
            self._keep({"name": name, "id": own_id, "noupdate": False})

    def _left(self, system: str, moved: Sequence[MovedRecord]) -> dict[str, int]:
        """Names, with their ids, of what a run that was killed has announced."""
        rows = self._all().get(system, {})
        mine = [rows[row[0]] for row in moved if row[0] in rows]
        if not mine:
            return {}
        ids = sorted({row.id for row in mine})
        return {row["name"]: row["id"] for row in self._read([["id", "in", ids]])}

    def done(self, system: str, keys: Sequence[str], leads: Mapping[str, int]) -> None:
        """Mark rows as done: their leads are there."""
        rows = [self._all()[system][key] for key in keys]
        ids = sorted({row.id for row in rows})
        self._odoo.call(DATA, "write", {"vals": {"noupdate": True}}, ids=ids, again=True)
        self._leads |= {(system, lead): own for lead, own in leads.items()}
        for row in rows:
            row.done = True

    def done_at(self, rows: Sequence[Row]) -> dict[str, str]:
        """Lead key -> when its rows were marked as done, of some rows that are."""
        leads = {row.id: row.lead_key for row in rows if row.done}
        domain = [["id", "in", sorted(leads)], ["module", "=", MODULE]]
        return {
            leads[external_id["id"]]: external_id["write_date"]
            for external_id in self._odoo.rows(DATA, domain, ["write_date"])
        }

    def rename(
        self, system: str, keys: Collection[str], *, plan: str | None = None, contents: str | None = None
    ) -> None:
        """Give the rows of records another plan, or other contents; with them those of their leads."""
        known = self._all().get(system, {})
        ids = sorted({known[key].id for key in keys if key in known})
        for external_id in list(self._read([["id", "in", ids]])) if ids else []:
            name = renamed(external_id["name"], plan, contents)
            if name != external_id["name"]:
                self._odoo.call(DATA, "write", {"vals": {"name": name}}, ids=[external_id["id"]], again=True)
        self.forget()

    def amend(self, system: str, key: str, contents: Mapping[str, str]) -> None:
        """Say that a record is forgotten, and what others of its leads add up to without it. It may be called again.

        All of these rows are written, so that what this tool did to their leads before is no edit after they were done.
        """
        known = self._all().get(system, {})
        ids = sorted({known[record].id for record in (key, *contents) if record in known})
        for external_id in list(self._read([["id", "in", ids]])) if ids else []:
            left, gone = amended(external_id["name"], key, contents)
            if left is not None and gone is not None:
                self._mark(gone)
            name = gone if left is None else left
            self._odoo.call(DATA, "write", {"vals": {"name": name}}, ids=[external_id["id"]], again=True)
        self.forget()

    def _mark(self, name: str) -> None:
        """Make an external id that is done, unless it is there."""
        if not list(self._read([["name", "=", name]])):
            own = {"module": MODULE, "model": "res.company", "res_id": self._odoo.companies[0], "noupdate": True}
            self._odoo.call(DATA, "create", {"vals_list": [{**own, "name": name}]})

    def mark_worked(self, system: str, leads: Iterable[str]) -> None:
        """Keep of leads that people have worked with them, which their own stamps will not tell any more."""
        for lead in leads:
            self._mark(worked_name(system, lead))

    def worked(self, system: str, leads: Iterable[str]) -> dict[str, int]:
        """Those of some leads of which that was kept: lead key -> id of the external id."""
        names = {worked_name(system, lead): lead for lead in leads}
        return {names[row["name"]]: row["id"] for row in self._read([["name", "in", list(names)]])}

    def unmark(self, marks: Mapping[str, int]) -> None:
        """Delete such marks, as `worked` has them."""
        if marks:
            self._odoo.call(DATA, "unlink", {}, ids=sorted(marks.values()))

    def remove(self, system: str, keys: Sequence[str]) -> None:
        """Take records out of the ledger: all of their leads'."""
        known = self._all().get(system, {})
        rows = [known[key] for key in keys if key in known]
        if rows:
            ids = [row["id"] for row in self._read([["id", "in", sorted({row.id for row in rows})]])]
            if ids:
                self._odoo.call(DATA, "unlink", {}, ids=ids)
            for row in rows:
                known.pop(row.source_key, None)
                self._leads.pop((system, row.lead_key), None)
