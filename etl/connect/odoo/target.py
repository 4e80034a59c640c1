"""An Odoo's lead pipeline: leads with their external ids in one transaction by `load`, and everything read back."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa

from etl import config
from etl.connect.leads import added, divide, texts
from etl.connect.odoo.amend import OdooAmending
from etl.connect.odoo.attachments import attach
from etl.connect.odoo.blacklist import blacklist, not_blacklisted, opted_out
from etl.connect.odoo.client import SILENT, Odoo, OdooError, again, explained
from etl.connect.odoo.edited_leads import CHANGED, edited_leads
from etl.connect.odoo.fields import LEAD, LeadFields
from etl.connect.odoo.ledger import LONGEST_KEY, MODULE, MovedRecord, OdooLedger, Row, lead_name
from etl.connect.odoo.lock import OdooLock
from etl.connect.odoo.stored_leads import StoredLeads
from etl.connect.target import (
    DELETED,
    Amended,
    Amending,
    Amendment,
    Batch,
    BatchRefused,
    Customers,
    FieldLimit,
    Html,
    Judge,
    ReadItself,
    Stored,
    TakenBack,
    Unique,
    Written,
)
from etl.errors import TargetError

T = TypeVar("T")
CONNECTIONS = 2
"""How many calls are on their way at once: as many as a small Odoo has workers."""

FIRST, LEAST, MOST, SECONDS, BYTES = 200, 50, 500, 6.0, 4_000_000
"""Leads in the first call, the fewest and most in one, how long one should take, and the most bytes of notes."""

BY_EMAIL_ALONE = 18
"""The version from which the wizard finds customers by e-mail alone; read in the code of 14 and of 19."""


class OdooTarget(ReadItself):
    """An Odoo as the lead pipeline. `Target` says what its methods promise."""

    takes_files = True
    tells_edits = True

    def __init__(self, target: config.Target, html: Html) -> None:
        self._html = html
        self._odoo = Odoo(target.url)
        self._values = target.values
        self._ledger = OdooLedger(self._odoo)
        self._lock: OdooLock | None = None
        self._size = FIRST
        self._unlisted: set[str] = set()

    @property
    def where(self) -> str:
        """Who and where, without the password."""
        return self._odoo.where

    def fields(self) -> dict[str, FieldLimit]:
        """The lead fields that this Odoo has, `note` among them."""
        with self._translated("read"):
            self._leads.refuse_unfilled()
            return self._leads.limits()

    def key(self) -> FieldLimit:
        """What the name of an external id has room for."""
        return FieldLimit(LONGEST_KEY, "bytes", required=True, without="\x00")

    def part(self) -> FieldLimit | None:
        """No longest part: a note stands in one piece."""
        return FieldLimit(None)

    def next_id(self) -> str | None:
        """An id such as the next lead may get: one more than the largest."""
        arguments = {"domain": [], "fields": ["id"], "order": "id desc", "limit": 1}
        with self._translated("read"):
            rows = self._odoo.call(LEAD, "search_read", arguments, context={"active_test": False})
        return str(rows[0]["id"] + 1 if rows else 1)

    def unique(self) -> list[Unique]:
        """None: Odoo lets leads share what they have."""
        return []

    def taken(self, _unique: Unique, /) -> Iterator[pa.Table]:
        """Nothing: no field has to be unique."""
        return iter(())

    def values(self) -> dict[str, FieldLimit]:
        """None: `schema` looks at what every lead gets in addition."""
        return {}

    def is_prepared(self) -> bool:
        """Always: the ledger is made of Odoo's own external ids."""
        return True

    def schema(self) -> str:
        """The fields that leads are written into, as text."""
        with self._translated("read"):
            return "\n".join([f"Odoo {self._odoo.version}", *self._leads.schema()])

    def prepare(self) -> None:
        """Nothing: the ledger is made of Odoo's own external ids."""

    def hints(self) -> list[str]:
        """What to mend in Odoo before leads are written into it, each a sentence."""
        from etl.connect.odoo.hints import hints

        with self._translated("read"):
            return hints(self._odoo)

    def customers(self) -> Customers:
        """Whom and what the wizard of this Odoo looks at: active partners, leads, and opportunities, lost ones, too."""
        with self._translated("read"):
            partners = list(self._odoo.rows("res.partner", [["active", "=", True]], ["name", "email"]))
            domain = [["email_from", "!=", False], "|", ["type", "=", "opportunity"], ["active", "=", True]]
            if "won_status" in self._leads.fields:
                domain.append(["won_status", "!=", "won"])
            leads = {row["email_from"]: str(row["id"]) for row in self._odoo.rows(LEAD, domain, ["email_from"])}
            columns = {
                "id": [str(row["id"]) for row in partners],
                "name": [row["name"] or None for row in partners],
                "email": [row["email"] or None for row in partners],
            }
            arrays = {name: pa.array(values, pa.large_string()) for name, values in columns.items()}
            return Customers(pa.table(arrays).to_pandas(), leads, self._odoo.major < BY_EMAIL_ALONE)

    @contextmanager
    def lock(self, holder: str) -> Iterator[Callable[[], None]]:
        """Be the only runner, by a parameter of this Odoo that its holder signs anew."""
        with self._translated("locked"):
            lock = OdooLock(self._odoo, holder)
            lock.take()
        self._lock = lock
        self._ledger.forget()
        try:
            yield self._confirm_lock
        finally:
            self._lock = None
            lock.release()

    def _confirm_lock(self) -> None:
        if self._lock is not None:
            with self._translated("locked"):
                self._lock.confirm()

    def write(self, batch: Batch, *, system: str, plan: str) -> Written:
        """Write those leads of a batch that the ledger has not, some in a call, each call one transaction."""
        with self._translated("written"):
            rows = self._ledger.of(system)
            known = {key: rows[key].lead_key for key in texts(batch.members.index) if key in rows}
            new, before, conflicts = divide(batch, known)
            into, fresh = added(new)
            conflicts |= dict.fromkeys(
                texts(into.leads.index), "Odoo leads cannot be extended. Decide `lead`, or `same` as another record."
            )
            self._leads.columns(fresh.leads)  # what they need of Odoo is read before the threads begin
            self._finish_before(batch, before, system)
            done = self._all_written(fresh, system, plan)
        refused = {lead: reason for reasons in done for lead, reason in reasons.items()}
        if refused and len(batch.leads) == 1:
            raise BatchRefused(next(iter(refused.values())))
        written = tuple(key for key in texts(fresh.leads.index) if key not in refused)
        return Written(written, before, conflicts | refused, self._taken_unlisted(batch))

    def _taken_unlisted(self, batch: Batch) -> tuple[str, ...]:
        """The leads of a batch with addresses that could not be put on the blacklist."""
        unlisted = tuple(lead for lead in texts(batch.leads.index) if lead in self._unlisted)
        self._unlisted.difference_update(unlisted)
        return unlisted

    def _all_written(self, batch: Batch, system: str, plan: str) -> list[dict[str, str]]:
        """Write some leads at a time, by several calls at once, each slice as large as the last ones have taught."""
        done: list[dict[str, str]] = []
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            running: set[Future[dict[str, str]]] = set()
            for some in self._slices(batch):
                running.add(pool.submit(self._written, some, system, plan))
                while len(running) >= CONNECTIONS:
                    finished, running = wait(running, return_when=FIRST_COMPLETED)
                    done += [finished_call.result() for finished_call in finished]
            done += [call.result() for call in running]
        return done

    def _slices(self, batch: Batch) -> Iterator[Batch]:
        """Some leads at a time, as many as one call does in a few seconds."""
        keys = texts(batch.leads.index)
        lengths = batch.leads["note"].str.len().fillna(0).astype(int).tolist() if keys else []
        first = size = 0
        for place, length in enumerate(lengths):
            if place > first and (place - first >= self._size or size + length > BYTES):
                yield batch.only(keys[first:place])
                first, size = place, 0
            size += length
        if keys:
            yield batch.only(keys[first:])

    def _written(self, batch: Batch, system: str, plan: str) -> dict[str, str]:
        """Write some leads, however often the connection is lost; gives lead key -> reason of those refused."""
        leads, moved = texts(batch.leads.index), self._rows(batch, plan)
        first, loaded = itertools.count(), itertools.count()
        self._again(lambda: self._announce(moved, system, fresh=next(first) == 0))
        begun = time.monotonic()
        lead_ids, refused = self._again(lambda: self._load(batch, system, fresh=next(loaded) == 0))
        self._measure(len(leads), time.monotonic() - begun)
        refused = {lead: reason for lead, reason in refused.items() if lead not in lead_ids}
        gone = [row[0] for row in moved if row[1] in refused]
        self._again(lambda: self._ledger.remove(system, gone))
        kept = [row[0] for row in moved if row[1] not in refused]
        if kept:
            self._finish(batch, kept, lead_ids, system)
        return refused

    def _finish(self, batch: Batch, keys: Sequence[str], lead_ids: Mapping[str, int], system: str) -> None:
        """Do what comes after leads are there, and then mark them as done: files, the blacklist."""
        self._again(lambda: attach(self._odoo, batch.files, lead_ids))
        self._again(lambda: self._blacklist(batch, lead_ids))
        self._again(lambda: self._ledger.done(system, keys, lead_ids))

    def _finish_before(self, batch: Batch, before: Collection[str], system: str) -> None:
        """Finish leads that a run has written which was killed before it came to their files."""
        rows = self._ledger.of(system)
        keys = [key for key in texts(batch.members.index) if key in rows and not rows[key].done]
        leads = list(dict.fromkeys(rows[key].lead_key for key in keys if rows[key].lead_key in set(before)))
        if leads:
            mine = batch.only(leads)
            lead_ids = self._ledger.ids_of_leads(system, leads)
            self._finish(mine, [key for key in texts(mine.members.index) if key in rows], lead_ids, system)

    def _announce(self, moved: Sequence[MovedRecord], system: str, *, fresh: bool) -> None:
        """Announce what is about to be done; a call of a killed runner may have done so a moment ago."""
        try:
            self._ledger.announce(moved, system, fresh=fresh)
        except OdooError as error:
            if error.kind != "refused":
                raise
            self._ledger.announce(moved, system, fresh=False)

    def _rows(self, batch: Batch, plan: str) -> list[MovedRecord]:
        members = batch.members
        contents = members["contents"].fillna("").tolist() if "contents" in members else [""] * len(members)
        return [
            (key, lead, plan, content)
            for key, lead, content in zip(texts(members.index), texts(members["lead"]), contents, strict=True)
        ]

    def _load(self, batch: Batch, system: str, *, fresh: bool) -> tuple[dict[str, int], dict[str, str]]:
        """Load those leads of a batch that are not there; what a lost call has done is asked first.

        Gives lead key -> id of all that are there now, and lead key -> reason of those that Odoo refuses.
        """
        existing = self._ledger.ids_of_leads(system, texts(batch.leads.index), fresh=fresh)
        keys = [key for key in texts(batch.leads.index) if key not in existing]
        refused: dict[str, str] = {}
        if keys:
            made, refused = self._load_some(batch.only(keys), system)
            existing |= made
        return existing, refused

    def _load_some(self, batch: Batch, system: str) -> tuple[dict[str, int], dict[str, str]]:
        """One call of `load`; leads that Odoo refuses are halved until they stand alone."""
        self._confirm_lock()
        leads, keys = batch.leads, texts(batch.leads.index)
        notes = leads["note"].fillna("").tolist()
        rows = self._leads.rows(
            leads,
            [f"{MODULE}.{lead_name(system, key)}" for key in keys],
            map(self._html.draw, notes) if self._leads.html else notes,
        )
        try:
            answer = self._odoo.call(
                LEAD, "load", {"fields": self._leads.columns(leads), "data": rows}, context=self._silent
            )
        except OdooError as error:
            if error.kind != "refused":
                raise
            answer = {"ids": False, "messages": [{"type": "error", "message": error.message}]}
        if answer["ids"]:
            return dict(zip(keys, answer["ids"], strict=True)), {}
        errors = [message for message in answer["messages"] if message.get("type") == "error"]
        if len(keys) == 1:
            reason = " ".join(str(errors[0]["message"] if errors else "Odoo gave no reason").split())
            field = f"{errors[0]['field']}: " if errors and errors[0].get("field") else ""
            return {}, {keys[0]: field + reason}
        made: dict[str, int] = {}
        refused: dict[str, str] = {}
        for some in _divided(keys, errors):
            ids, reasons = self._load_some(batch.only(some), system)
            made |= ids
            refused |= reasons
        return made, refused

    @property
    def _silent(self) -> dict[str, Any]:
        """No messages, followers or mails; and what a lead has by default is none of the user's."""
        return {**SILENT, "active_test": True, "default_type": "lead"}

    def _blacklist(self, batch: Batch, lead_ids: Mapping[str, int]) -> None:
        """Put the addresses of those who opted out on Odoo's mail blacklist, and keep which leads have others."""
        leads = opted_out(batch.leads[batch.leads.index.isin(list(lead_ids))])
        self._unlisted.update(blacklist(self._odoo, leads))

    def not_blacklisted(self, leads: pd.DataFrame, /) -> list[str]:
        """The leads of which an address that opted out is not on Odoo's mail blacklist."""
        with self._translated("read"):
            return not_blacklisted(self._odoo, opted_out(leads))

    def _measure(self, leads: int, seconds: float) -> None:
        """Take as many leads into the next calls as one does in a few seconds."""
        if leads >= min(self._size, LEAST):
            self._size = int(min(MOST, max(LEAST, leads / max(seconds, 0.01) * SECONDS)))

    def _again(self, work: Callable[[], T]) -> T:
        """Do some work, and again where bad luck ended it; the work itself asks what was done before."""
        return again(work, self._confirm_lock)

    def take_back(
        self, batch: Batch, judge: Judge, *, system: str, plan: str, forced: Collection[str] = (), dry: bool = False
    ) -> TakenBack:
        """Take the leads of a batch back that nobody has touched since, with their rows in the ledger."""
        with self._translated("written"):
            self._confirm_lock()
            keys = texts(batch.members.index)
            rows = [row for key in keys if (row := self._ledger.of(system).get(key)) and row.plan == plan]
            if not rows:
                return TakenBack((), (), {})
            leads = list(dict.fromkeys(row.lead_key for row in rows))
            ids = self._ledger.ids_of_leads(system, leads)
            marks = self._ledger.worked(system, leads)
            existing, edits = self._edits(ids, rows, judge, marks)
            kept = {lead: reason for lead, reason in edits.items() if lead in existing and lead not in forced}
            taken = tuple(lead for lead in leads if lead in existing and lead not in kept)
            gone = tuple(lead for lead in leads if lead not in existing)
            if not dry:
                self._remove([ids[lead] for lead in taken])
                away = {*taken, *gone}
                old = [row for row in rows if row.lead_key in away]
                keys = [row.source_key for row in old if row.contents != DELETED]
                aside = [row.source_key for row in old if row.contents == DELETED]
                self._again(lambda: self._ledger.remove(system, keys))
                if aside:
                    self._again(lambda: self._ledger.rename(system, aside, plan=DELETED))
                self._again(lambda: self._ledger.unmark({lead: mark for lead, mark in marks.items() if lead in away}))
            return TakenBack(taken, gone, kept)

    def _edits(
        self, ids: Mapping[str, int], rows: Sequence[Row], judge: Judge, marks: Collection[str]
    ) -> tuple[set[str], dict[str, str]]:
        """The leads that are there, and lead key -> how somebody has worked with it.

        rows: of the ledger. marks: the leads of which it keeps that somebody had, as their own stamps do not tell it.
        """
        stored = self.read([str(lead_id) for lead_id in ids.values()])
        existing = {lead: str(own) for lead, own in ids.items() if str(own) in stored.leads.index}
        by_lead = Stored(stored.leads.loc[list(existing.values())].set_axis(list(existing)), stored.parts)
        mine = {lead: ids[lead] for lead in existing}
        now = edited_leads(self._odoo, mine, self._ledger.done_at(rows))
        return set(existing), {**dict.fromkeys(marks, CHANGED), **now, **judge(by_lead)}

    def amend(self, amendments: Sequence[Amendment], how: Amending, /) -> Amended:
        """Take one record out of leads that a plan wrote: each lead in one call, the ledger last."""
        with self._translated("written"):
            if not how.dry:
                self._confirm_lock()
            leads = {amendment.lead for amendment in amendments}
            known = self._ledger.of(how.system).values()
            rows = [row for row in known if row.plan == how.plan and row.lead_key in leads]
            ids = self._ledger.ids_of_leads(how.system, sorted({row.lead_key for row in rows}))
            _, edits = self._edits(ids, rows, how.judge, self._ledger.worked(how.system, ids))
            amending = OdooAmending(self._odoo, self._leads, self._html, how)
            amended = amending.judged(amendments, ids, edits)
            if not how.dry and not amended.edited:
                worked = [lead for lead in amending.written if lead in edits]
                self._again(lambda: self._ledger.mark_worked(how.system, worked))
                amending.write(self._again)
                self._remove(amending.removals)
                contents = {key: total for amendment in amendments for key, total in amendment.contents.items()}
                self._again(lambda: self._ledger.amend(how.system, how.forgotten, contents))
            return amended

    def accept_deleted(self, leads: Collection[str], *, system: str, plan: str) -> None:
        """Mark in the ledger that leads of a plan were deleted on purpose."""
        with self._translated("written"):
            self._confirm_lock()
            rows = [row for row in self._ledger.of(system).values() if row.plan == plan and row.lead_key in set(leads)]
            keys = [row.source_key for row in rows]
            self._again(lambda: self._ledger.rename(system, keys, contents=DELETED))

    def _remove(self, ids: Sequence[int]) -> None:
        def work() -> None:
            rows = self._odoo.call(LEAD, "search_read", {"domain": [["id", "in", list(ids)]], "fields": ["id"]})
            if rows:
                self._odoo.call(LEAD, "unlink", {}, ids=[row["id"] for row in rows], context=SILENT)

        if ids:
            self._again(work)

    def existing(self) -> Iterator[pa.Table]:
        """Stream all leads that are there: `id`, and the lead fields but the note."""
        with self._translated("read"):
            yield from self._stored_leads.existing()

    def ledger(self, system: str) -> Iterator[pa.Table]:
        """Stream the ledger of one source system, by source key."""
        with self._translated("read"):
            yield from self._ledger.tables(system)

    def systems(self) -> dict[str, int]:
        """The source systems that the ledger knows, and how many legacy records of each were moved."""
        with self._translated("read"):
            return self._ledger.systems()

    def counts(self, system: str, plan: str) -> tuple[int, int]:
        """How many leads a plan wrote that are in the ledger, and how many legacy records with them."""
        with self._translated("read"):
            rows = [row for row in self._ledger.of(system).values() if row.plan == plan]
            return len({row.lead_key for row in rows}), len(rows)

    def entries(self, system: str) -> set[str]:
        """The entries of which the ledger has records of one source system."""
        with self._translated("read"):
            return {key.partition(":")[0] for key in self._ledger.of(system)}

    def ledger_of(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some source keys; index = source_key."""
        with self._translated("read"):
            return self._ledger.frame(system, keys)

    def ledger_by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some lead ids; index = source_key."""
        with self._translated("read"):
            return self._ledger.by_id(system, ids)

    def read(self, ids: Collection[str], fields: Collection[str] | None = None) -> Stored:
        """Read leads back by id, those that exist."""
        with self._translated("read"):
            return self._stored_leads.read([int(lead_id) for lead_id in ids if lead_id.isdecimal()], fields)

    def close(self) -> None:
        """Give the connections back."""
        self._odoo.close()

    @cached_property
    def _leads(self) -> LeadFields:
        return LeadFields(self._odoo, self._values)

    @cached_property
    def _stored_leads(self) -> StoredLeads:
        return StoredLeads(self._odoo, self._leads, self._html)

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OdooError as error:
            raise explained(error, self._odoo, TargetError, doing) from None


def _divided(keys: Sequence[str], errors: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The leads that Odoo named, each alone, and the others together; halves where it named none of them."""
    named: set[int] = set()
    for error in errors:
        rows = error.get("rows") or {}
        if isinstance(rows.get("from"), int):
            named.add(rows["from"])
    if named and len(named) < len(keys):
        return [
            [key for place, key in enumerate(keys) if place not in named],
            *([keys[place]] for place in sorted(named)),
        ]
    half = len(keys) // 2
    return [list(keys[:half]), list(keys[half:])]
