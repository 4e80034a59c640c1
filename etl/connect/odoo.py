"""Reading from an Odoo: its models as tables, page by page by id, with what changed meanwhile read again."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.connect.base import BATCH_BYTES, TEXT, Among, Batch, Keep, near
from etl.connect.odoo_client import TESTED, Domain, Odoo, OdooError, explained
from etl.connect.odoo_tables import KNOWN, LINK, PARTNER, Asked, asked, references, stored
from etl.connect.render import Rendered, canonical, column, datetimes, strings
from etl.errors import SourceError, excerpt

PAGE, BINARY_PAGE = 2_000, 20
"""How many rows are asked for at once; fewer of those that hold files."""

NAMED = ".name"
"""What the column of a related record's display name ends with; the column without it holds the id."""

RELATIONS = ("many2one", "many2many")


class OdooSource:
    """An Odoo database as a source.

    A table is a model, with all of its stored fields, or one of those that `odoo_tables` knows by name. A related
    record is two columns, its id and its display name. There is no snapshot over the API: a table is read by id, and
    what was written meanwhile is read again at the end.
    """

    def __init__(self, url: str) -> None:
        self._odoo = Odoo(url)
        self._columns: dict[str, dict[str, _Column]] = {}

    @property
    def where(self) -> str:
        """Who and where, without the password."""
        return self._odoo.where

    def fingerprint(self) -> dict[str, str]:
        """That it is an Odoo, of which version, and who and where."""
        with self._translated():
            return {"kind": "odoo", "where": self.where, "version": self._odoo.version}

    def __enter__(self) -> Self:
        with self._translated():
            _ = self._odoo.uid
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._odoo.close()

    def tables(self) -> list[str]:
        """Name the tables that are known by name; any other model can be named, too."""
        return sorted([PARTNER, *(f"odoo.{name}" for name in KNOWN)])

    def columns(self, table: str) -> list[str]:
        """Name a table's columns. Raises SourceError for a model that this Odoo has not."""
        return list(self._described(table))

    def finds(self, table: str, columns: Sequence[str]) -> bool:
        """Yes, for what is an id: Odoo is asked for rows by their ids."""
        described = self._described(table)
        return all(described[name].is_id for name in columns)

    def read(
        self,
        table: str,
        dataset: str,  # noqa: ARG002 (rows of Odoo have no faults)
        columns: Sequence[str] | None,
        rows: int,
        keep: Keep,
        among: Among | None = None,
    ) -> Iterator[Batch]:
        """Read rows by id; the whole of a table in a second round, too, if rows were written meanwhile."""
        described = self._described(table)
        for name in columns or ():
            if name not in described:
                raise SourceError(
                    f"There is no column {excerpt(name)!r}; {near(name, list(described))}.",
                    where=f"{self.where}, {excerpt(table, 80)}",
                )
        wanted = {name: one for name, one in described.items() if columns is None or name in columns}
        what = asked(table, self.where)
        if not self._odoo.fields(what.model) or not wanted:
            return
        with self._translated(table):
            reading = _Reading(self._odoo, what, wanted, keep, min(rows, PAGE))
            if what.grouped:
                yield from reading.grouped(None if among is None else _ids(among))
            elif among is not None:
                yield from reading.among(_ids(among))
            else:
                yield from reading.everything()

    def suggest(self, table: str, /) -> list[str]:
        """Say which module a table needs and has not, and of the partners what else names them."""
        what = asked(table, self.where)
        with self._translated(table):
            if not self._odoo.fields(what.model):
                return [f"{table}: Odoo's module {what.module or what.model} is not installed, so it has no rows."]
            return self._hints() if what.model == PARTNER and not table.startswith("odoo.") else []

    def _hints(self) -> list[str]:
        """What to know of this Odoo before its partners are moved."""
        hints = []
        if self._odoo.major not in TESTED:
            hints.append(f"Odoo {self._odoo.version} is untested; this version was tested with 14 and 19.")
        everything = self._odoo.call("res.company", "search_count", {"domain": []})
        if everything > len(self._odoo.companies):
            hints.append(
                f"The user sees {len(self._odoo.companies)} of {everything} companies; "
                "records of the others are hidden from it."
            )
        others = sorted(self._others().items(), key=lambda item: (-item[1], item[0]))
        if others:
            listed = ", ".join(f"{model}.{field} ({count:,})" for (model, field), count in others)
            hints.append(
                f"These name partners, too, and are not read: {listed}. Where one matters, add it under related, as "
                "evidence or as a reason to keep."
            )
        return hints

    def _others(self) -> dict[tuple[str, str], int]:
        """What else points to partners in this instance, with how many rows it does so."""
        domain = [["relation", "=", PARTNER], ["store", "=", True], ["ttype", "in", list(RELATIONS)]]
        fields = self._odoo.call("ir.model.fields", "search_read", {"domain": domain, "fields": ["model", "name"]})
        counts = {}
        for model, field in references(fields):
            try:
                count = self._odoo.call(model, "search_count", {"domain": [[field, "!=", False]]})
            except OdooError:
                continue  # wizards, and what the user must not see
            if count:
                counts[model, field] = count
        return counts

    def _described(self, table: str) -> dict[str, _Column]:
        if table not in self._columns:
            what = asked(table, self.where)
            with self._translated(table):
                fields = self._odoo.fields(what.model)
            if not fields and table.startswith("odoo."):
                self._columns[table] = _without_module(what)
            elif not fields:
                raise SourceError(
                    f"This Odoo has no model {excerpt(what.model)!r}.",
                    where=self.where,
                    next="install its module, correct the name, or use one of "
                    + ", ".join(f"odoo.{name}" for name in KNOWN),
                )
            else:
                self._columns[table] = _columns_of(what, fields)
        return self._columns[table]

    @contextmanager
    def _translated(self, table: str | None = None) -> Iterator[None]:
        try:
            yield
        except OdooError as error:
            raise explained(
                error, self._odoo, SourceError, "read" if table is None else f"read ({excerpt(table, 80)})"
            ) from None


class _Column:
    """One column of a table. field: where it comes from; type: Odoo's; name: whether it is the display name."""

    def __init__(self, field: str, kind: str, *, named: bool = False, link: bool = False) -> None:
        self.field, self.kind, self.named, self.link = field, kind, named, link

    @property
    def is_id(self) -> bool:
        """Whether its values are ids that Odoo can be asked for."""
        return not self.named and (self.link or self.field == "id" or self.kind == "many2one")


def _columns_of(what: Asked, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, _Column]:
    """The columns of a table, in their order: the key, the partner, the fields, and the ids of related records."""
    if what.grouped:
        return {LINK: _Column(what.links[0], "many2one", link=True), "count": _Column("count", "integer")}
    names = stored(fields) if what.fields is None else ["id", *(name for name in what.fields if name in fields)]
    found: dict[str, _Column] = {}
    for name in names:
        kind = fields[name]["type"]
        if kind in RELATIONS:
            found[name + NAMED] = _Column(name, kind, named=True)
        else:
            found[name] = _Column(name, kind)
        if name == "id" and what.links:
            found[LINK] = _Column(LINK, "many2one", link=True)
    ids = {name: _Column(name, fields[name]["type"]) for name in names if fields[name]["type"] in RELATIONS}
    return {**found, **ids}


def _without_module(what: Asked) -> dict[str, _Column]:
    """The columns of a known table whose module is not there: it has no rows."""
    names = ["count"] if what.grouped else ["id", *(what.fields or ())]
    return {**{name: _Column(name, "char") for name in names}, LINK: _Column(LINK, "many2one", link=True)}


def _ids(among: Among) -> dict[str, list[int]]:
    """The rows that are asked for; what is no id names none."""
    return {name: [int(value) for value in values if value.isdecimal()] for name, values in among.items()}


class _Reading:
    """One table on its way into batches."""

    def __init__(self, odoo: Odoo, what: Asked, wanted: Mapping[str, _Column], keep: Keep, page: int) -> None:
        self._odoo, self._what, self._wanted, self._keep = odoo, what, wanted, keep
        self._fields = odoo.fields(what.model)
        self._links = [name for name in what.links if name in self._fields]
        linked = any(one.link for one in wanted.values())
        names = [one.field for one in wanted.values() if not one.link]
        self._names = list(dict.fromkeys(["id", *names, *(self._links if linked else ())]))
        self._linked = linked
        self._known: dict[str, dict[int, str]] = {}
        binary = any(one.kind == "binary" for one in wanted.values())
        self._page = min(page, BINARY_PAGE) if binary and what.model != PARTNER else page
        self._schema = pa.schema([(name, TEXT) for name in wanted])

    def everything(self) -> Iterator[Batch]:
        """All rows by id; first put aside, so that those that were written meanwhile can be put in their place."""
        changes = "write_date" in self._fields
        since = self._last_written() if changes else None
        with tempfile.TemporaryFile(prefix="crm-cleanup-") as file:
            pages: list[list[int]] = []
            with pa.ipc.new_stream(file, self._schema.append(pa.field("_id", pa.int64()))) as writer:
                for rows in self._pages([*self._what.domain]):
                    pages.append([row["id"] for row in rows])
                    writer.write_table(self._table(rows))
            fresh = self._table(self._written_since(since) if since else [])
            file.seek(0)
            with pa.ipc.open_stream(file) as reader:
                seen: set[int] = set()
                for found in reader:
                    seen.update(found["_id"].to_pylist())
                    yield from self._batches(self._renewed(pa.table(found), fresh))
                late = pc.invert(pc.is_in(fresh["_id"], value_set=pa.array(sorted(seen), pa.int64())))
                yield from self._batches(fresh.filter(late))

    def among(self, ids: Mapping[str, Sequence[int]]) -> Iterator[Batch]:
        """The rows that name one of these ids."""
        conditions: list[Any] = []
        for name, values in ids.items():
            column_of = self._wanted.get(name)
            if column_of is None or not values:
                continue
            if column_of.link:
                conditions += [[link, "in", list(values)] for link in self._links]
            else:
                conditions.append([column_of.field, "in", list(values)])
        if not conditions:
            return
        domain = [*self._what.domain, *["|"] * (len(conditions) - 1), *conditions]
        for rows in self._pages(domain):
            yield from self._batches(self._table(rows))

    def grouped(self, ids: Mapping[str, Sequence[int]] | None) -> Iterator[Batch]:
        """How many rows there are of each partner."""
        [link] = self._links
        domain = [*self._what.domain, [link, "!=", False]]
        if ids is not None:
            domain.append([link, "in", sorted({one for some in ids.values() for one in some})])
        arguments = {"domain": domain, "fields": [link], "groupby": [link], "lazy": False}
        rows = self._odoo.call(self._what.model, "read_group", arguments)
        rows = sorted((row[link][0], row["__count"]) for row in rows)
        values = {LINK: [str(key) for key, _ in rows], "count": [str(count) for _, count in rows]}
        yield from self._batches(pa.table({name: pa.array(values[name], TEXT) for name in self._wanted}))

    def _pages(self, domain: Domain) -> Iterator[list[dict[str, Any]]]:
        """Rows by id, a page at a time; the next one is on its way while one is worked on."""
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self._page_after, domain, 0)
            while rows := coming.result():
                last = len(rows) < self._page
                if not last:
                    coming = ahead.submit(self._page_after, domain, rows[-1]["id"])
                yield rows
                if last:
                    return

    def _page_after(self, domain: Domain, after: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._odoo.call(
            self._what.model,
            "search_read",
            {
                "domain": [["id", ">", after], *domain],
                "fields": self._names,
                "order": "id",
                "limit": self._page,
            },
        )
        return found

    def _last_written(self) -> str | None:
        rows = self._odoo.call(
            self._what.model,
            "search_read",
            {"domain": [*self._what.domain], "fields": ["write_date"], "order": "write_date desc", "limit": 1},
        )
        return str(rows[0]["write_date"]) if rows and rows[0]["write_date"] else None

    def _written_since(self, since: str) -> list[dict[str, Any]]:
        """The rows that were written after a moment, as they are now."""
        domain = [*self._what.domain, ["write_date", ">", since]]
        return [row for rows in self._pages(domain) for row in rows]

    def _renewed(self, table: pa.Table, fresh: pa.Table) -> pa.Table:
        """A page with the rows that were written meanwhile as they are now, in the order of their ids."""
        stale = pc.is_in(table["_id"], value_set=fresh["_id"].combine_chunks())
        if not pc.any(stale).as_py():
            return table
        mine = fresh.filter(pc.is_in(fresh["_id"], value_set=table["_id"].combine_chunks()))
        both = pa.concat_tables([table.filter(pc.invert(stale)), mine])
        return both.take(pa.array(np.argsort(both["_id"].to_numpy(), kind="stable")))

    def _table(self, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
        """Rows as text; a row for each partner where the table names partners."""
        if self._linked:
            rows = [{**row, LINK: partner} for row in rows for partner in self._partners(row)]
        columns = {name: self._rendered(one, rows).texts for name, one in self._wanted.items()}
        return pa.table({**columns, "_id": pa.array([row["id"] for row in rows], pa.int64())})

    def _partners(self, row: Mapping[str, Any]) -> list[int]:
        found: dict[int, None] = {}
        for link in self._links:
            value = row[link]
            if not value:
                continue
            kind = self._fields[link]["type"]
            found |= dict.fromkeys([value[0]] if kind == "many2one" else value if kind == "many2many" else [value])
        return list(found)

    def _batches(self, table: pa.Table) -> Iterator[Batch]:
        table = table.select(self._schema.names).cast(self._schema)
        if table.num_rows > 1 and table.nbytes > BATCH_BYTES:
            half = table.num_rows // 2
            yield from self._batches(table.slice(0, half))
            yield from self._batches(table.slice(half))
        elif table.num_rows:
            yield Batch(table)

    def _rendered(self, one: _Column, rows: Sequence[Mapping[str, Any]]) -> Rendered:
        """One column as text: what Odoo says `false` for is missing, but a boolean's `false` is a value."""
        if one.link:
            return strings([str(row[LINK]) for row in rows])
        values = [row[one.field] for row in rows]
        if one.kind == "boolean":
            return strings(["true" if value else "false" for value in values])
        missing = [None if value is False or value is None else value for value in values]
        match one.kind:
            case "many2one":
                return strings([None if value is None else str(value[one.named]) for value in missing])
            case "many2many":
                names = self._names_of(one, missing) if one.named else None
                return strings([_listed(value, names) for value in missing])
            case "binary":
                return strings([None if value is None else self._put_away(value) for value in missing])
            case "datetime":
                return Rendered(datetimes(pa.array(missing, TEXT)))
            case "many2one_reference":
                return strings([str(value) if value else None for value in missing])
            case "json" | "properties" | "serialized":
                return strings([None if value in (None, [], {}) else canonical(value, self._keep) for value in missing])
        return column(missing, self._keep)

    def _names_of(self, one: _Column, values: Sequence[Sequence[int] | None]) -> Mapping[int, str]:
        """The display names of related records, each asked for once."""
        known = self._known.setdefault(one.field, {})
        ids = sorted({key for value in values for key in value or ()} - known.keys())
        if ids:
            model = self._fields[one.field]["relation"]
            rows = self._odoo.call(model, "read", {"fields": ["display_name"]}, ids=ids)
            known |= {row["id"]: str(row["display_name"]) for row in rows}
        return known

    def _put_away(self, value: str) -> str:
        try:
            return self._keep(base64.b64decode(value))
        except binascii.Error:
            return value


def _listed(ids: Sequence[int] | None, names: Mapping[int, str] | None) -> str | None:
    if not ids:
        return None
    return ", ".join(str(one) if names is None else names.get(one, str(one)) for one in sorted(ids))
