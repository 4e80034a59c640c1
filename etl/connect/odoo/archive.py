"""Archiving partners in Odoo, and bringing them back: `active`, and an external id for each that was archived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from etl import config
from etl.connect.archive import RetireRefused, Retiring
from etl.connect.odoo.client import SILENT, Odoo, OdooError, again, explained
from etl.connect.odoo.ledger import DATA, MODULE, named, parts_of
from etl.connect.odoo.tables import table_query
from etl.errors import SourceError

AT_ONCE = 200


class OdooArchive:
    """The partners of an Odoo. What the methods promise, `Archive` says.

    Before partners are archived, each gets an external id that says so, of the plan that does it; it is marked when
    they are. One that is marked, or whose partner is archived, is what `undo` brings back.
    """

    def __init__(self, source: config.Source, confirm_lock: Callable[[], None]) -> None:
        self._source, self._confirm_lock = source, confirm_lock
        self._odoo = Odoo(source.url)
        self._known: dict[str, dict[str, dict[str, Any]]] = {}

    @property
    def where(self) -> str:
        """Who and where, without the password."""
        return self._odoo.where

    def prepare(self) -> None:
        """Nothing: external ids are Odoo's own."""

    def rehearse(self, _entry: str, _records: Sequence[Retiring], /) -> tuple[str, ...]:
        """Nothing: Odoo says when partners are archived which of them it refuses."""
        return ()

    def moved_columns(self, _system: str, /) -> dict[str, tuple[str, ...]]:
        """None: `active` alone is set, which is no column of a record."""
        return {}

    def retire(self, records: Sequence[Retiring], *, system: str, plan: str) -> int:
        """Archive partners, in one call for each model; gives how many were not archived before."""
        with self._translated():
            self._confirm_lock()
            rows = self._rows(system)
            left = [
                record for record in records if record.source_key not in rows or not rows[record.source_key]["noupdate"]
            ]
            for model, some in self._by_model(left).items():
                self._archive(model, some, system, plan)
            return len(left)

    def _archive(self, model: str, records: Sequence[Retiring], system: str, plan: str) -> None:
        ids = [int(record.key) for record in records]
        rows = self._rows(system)
        active_by_id = self._active(model, ids)
        if len(active_by_id) < len(set(ids)):
            raise RetireRefused("it no longer exists")
        missing = [record for record in records if record.source_key not in rows and active_by_id[int(record.key)]]
        if missing:
            again(lambda: self._announce(model, missing, system, plan), self._confirm_lock)
        active = [own for own in ids if active_by_id[own]]
        if active:
            values: Mapping[str, Any] = {"active": False}
            try:
                self._odoo.call(model, "write", {"vals": values}, ids=active, context=SILENT, again=True)
            except OdooError as error:
                if error.kind != "refused":
                    raise
                self._forget(system, [record.source_key for record in missing])
                raise RetireRefused(_why(error)) from None
        own_ids = [rows[record.source_key]["id"] for record in records if record.source_key in rows]
        if own_ids:
            self._odoo.call(DATA, "write", {"vals": {"noupdate": True}}, ids=own_ids, again=True)
        for record in records:
            if record.source_key in rows:
                rows[record.source_key]["noupdate"] = True

    def _announce(self, model: str, records: Sequence[Retiring], system: str, plan: str) -> None:
        """Give partners the external ids that say who archives them; those that are there already, stay."""
        keys = {named("retired", system, record.source_key, plan): record for record in records}
        existing = {row["name"]: row["id"] for row in self._external_ids(["name", "in", list(keys)])}
        new = [
            {"module": MODULE, "name": name, "model": model, "res_id": int(record.key), "noupdate": False}
            for name, record in keys.items()
            if name not in existing
        ]
        if new:
            made = self._odoo.call(DATA, "create", {"vals_list": new})
            existing |= {row["name"]: own for row, own in zip(new, made, strict=True)}
        rows = self._rows(system)
        for name, record in keys.items():
            rows[record.source_key] = {"id": existing[name], "plan": plan, "res_id": int(record.key), "noupdate": False}

    def finish(self, *, system: str, plan: str) -> None:
        """Nothing: all is written."""

    def restore(self, keys: Sequence[str], *, system: str, plan: str) -> tuple[int, dict[str, str]]:
        """Bring back those partners that this plan has archived; one that is active stays as it is."""
        with self._translated():
            self._confirm_lock()
            rows = self._rows(system)
            mine = {key: rows[key] for key in keys if key in rows and rows[key]["plan"] == plan}
            brought, stay = 0, dict[str, str]()
            by_model: dict[str, dict[int, str]] = {}
            for key, row in mine.items():
                by_model.setdefault(self._model_of(key), {})[row["res_id"]] = key
            for model, ids in by_model.items():
                active_by_id = self._active(model, list(ids))
                stay |= {key: "it no longer exists" for own, key in ids.items() if own not in active_by_id}
                archived = [own for own in ids if own in active_by_id and not active_by_id[own]]
                if archived:
                    self._odoo.call(
                        model, "write", {"vals": {"active": True}}, ids=archived, context=SILENT, again=True
                    )
                brought += len(archived)
            self._forget(system, [key for key in mine if key not in stay])
            return brought, stay

    def unfinish(self, *, system: str, plan: str) -> None:
        """Nothing: all is written."""

    def known(self, system: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of some source keys that are archived."""
        with self._translated():
            rows = self._rows(system)
            return frozenset(key for key in keys if key in rows and rows[key]["noupdate"])

    def retired(self, system: str, plan: str | None = None) -> Iterator[pa.Table]:
        """Stream the source keys of the records that this tool has archived."""
        with self._translated():
            rows = self._rows(system)
        keys = sorted(key for key, row in rows.items() if row["noupdate"] and plan in (None, row["plan"]))
        entries = [key.partition(":")[0] for key in keys]
        yield pa.table({"source_key": pa.array(keys, pa.large_string()), "entry": pa.array(entries, pa.large_string())})

    def close(self) -> None:
        """Give the connections back."""
        self._odoo.close()

    def _rows(self, system: str) -> dict[str, dict[str, Any]]:
        """The external ids of what was archived: source key -> id, plan, res_id, noupdate."""
        if system not in self._known:
            rows: dict[str, dict[str, Any]] = {}
            pattern = named("retired", system, "").replace("_", r"\_") + "%"
            for row in self._external_ids(["name", "=like", pattern]):
                _, own, key, plan = parts_of(row["name"])
                if own == system:
                    rows[key] = {**row, "plan": plan}
            self._known[system] = rows
        return self._known[system]

    def _external_ids(self, *conditions: object) -> Iterator[dict[str, Any]]:
        return self._odoo.rows(DATA, [["module", "=", MODULE], *conditions], ["name", "res_id", "noupdate"])

    def _forget(self, system: str, keys: Sequence[str]) -> None:
        rows = self._rows(system)
        ids = [rows[key]["id"] for key in keys if key in rows]
        if ids:
            self._odoo.call(DATA, "unlink", {}, ids=ids)
        for key in keys:
            rows.pop(key, None)

    def _active(self, model: str, ids: Sequence[int]) -> dict[int, bool]:
        arguments = {"domain": [["id", "in", list(ids)]], "fields": ["active"]}
        return {row["id"]: row["active"] for row in self._odoo.call(model, "search_read", arguments)}

    def _by_model(self, records: Sequence[Retiring]) -> dict[str, list[Retiring]]:
        by_model: dict[str, list[Retiring]] = {}
        for record in records:
            by_model.setdefault(self._model_of(record.source_key), []).append(record)
        return by_model

    def _model_of(self, source_key: str) -> str:
        entry = source_key.partition(":")[0]
        return table_query(self._source.records[entry].from_ or entry, self.where).model

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OdooError as error:
            raise explained(error, self._odoo, SourceError, "written") from None


def _why(error: OdooError) -> str:
    """Odoo's reason in its first sentence; what it lists below it are names."""
    return " ".join(error.message.split("\n")[0].split()) or "Odoo refuses to archive it"
