"""One table of an Odoo on its way into batches: page by page by id, and what changed meanwhile read again."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.connect.odoo.client import Domain, Odoo
from etl.connect.odoo.tables import LINK, TableQuery
from etl.connect.render import Rendered, canonical, column, datetimes, strings
from etl.connect.source import BATCH_BYTES, TEXT, Batch, Keep

PAGE = 2_000
"""How many rows are asked for at once."""

FILES, FILES_BYTES = 20, 8_000_000
"""How many files are asked for at once, and about how many bytes of them; one file alone may have more."""

UNITS = "bkmgt"
"""What the units begin with in which Odoo gives sizes."""


class Column:
    """One column of a table. field: where it comes from; type: Odoo's; name: whether it is the display name."""

    def __init__(self, field: str, kind: str, *, named: bool = False, link: bool = False) -> None:
        self.field, self.kind, self.named, self.link = field, kind, named, link

    @property
    def is_id(self) -> bool:
        """Whether its values are ids that Odoo can be asked for."""
        return not self.named and (self.link or self.field == "id" or self.kind == "many2one")


class TableReader:
    """One table on its way into batches."""

    def __init__(self, odoo: Odoo, what: TableQuery, wanted: Mapping[str, Column], keep: Keep, page: int) -> None:
        self._odoo, self._what, self._wanted, self._keep = odoo, what, wanted, keep
        self._fields = odoo.fields(what.model)
        self._links = [name for name in what.links if name in self._fields]
        linked = any(column_of.link for column_of in wanted.values())
        names = [column_of.field for column_of in wanted.values() if not column_of.link]
        self._names = list(dict.fromkeys(["id", *names, *(self._links if linked else ())]))
        self._linked = linked
        self._known: dict[str, dict[int, str]] = {}
        self._page = page
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
                known_ids: set[int] = set()
                for page in reader:
                    known_ids.update(page["_id"].to_pylist())
                    yield from self._batches(self._renewed(pa.table(page), fresh))
                late = pc.invert(pc.is_in(fresh["_id"], value_set=pa.array(sorted(known_ids), pa.int64())))
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
            domain.append([link, "in", sorted({partner for some in ids.values() for partner in some})])
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
        rows: list[dict[str, Any]] = self._odoo.call(
            self._what.model,
            "search_read",
            {
                "domain": [["id", ">", after], *domain],
                "fields": self._names,
                "order": "id",
                "limit": self._page,
            },
            context={"bin_size": True},  # of files their sizes; what they hold is asked for where there is something
        )
        return rows

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
        columns = {name: self._rendered(column_of, rows).texts for name, column_of in self._wanted.items()}
        return pa.table({**columns, "_id": pa.array([row["id"] for row in rows], pa.int64())})

    def _partners(self, row: Mapping[str, Any]) -> list[int]:
        partners: dict[int, None] = {}
        for link in self._links:
            value = row[link]
            if not value:
                continue
            kind = self._fields[link]["type"]
            partners |= dict.fromkeys([value[0]] if kind == "many2one" else value if kind == "many2many" else [value])
        return list(partners)

    def _batches(self, table: pa.Table) -> Iterator[Batch]:
        table = table.select(self._schema.names).cast(self._schema)
        if table.num_rows > 1 and table.nbytes > BATCH_BYTES:
            half = table.num_rows // 2
            yield from self._batches(table.slice(0, half))
            yield from self._batches(table.slice(half))
        elif table.num_rows:
            yield Batch(table)

    def _rendered(self, column_of: Column, rows: Sequence[Mapping[str, Any]]) -> Rendered:
        """One column as text: what Odoo says `false` for is missing, but a boolean's `false` is a value."""
        if column_of.link:
            return strings([str(row[LINK]) for row in rows])
        values = [row[column_of.field] for row in rows]
        if column_of.kind == "boolean":
            return strings(["true" if value else "false" for value in values])
        missing = [None if value is False or value is None else value for value in values]
        match column_of.kind:
            case "many2one":
                return strings([None if value is None else str(value[column_of.named]) for value in missing])
            case "many2many":
                names = self._names_of(column_of, missing) if column_of.named else None
                return strings([_listed(value, names) for value in missing])
            case "binary":
                return strings(self._files(column_of.field, rows))
            case "datetime":
                return Rendered(datetimes(pa.array(missing, TEXT)))
            case "many2one_reference":
                return strings([str(value) if value else None for value in missing])
            case "json" | "properties" | "serialized":
                return strings([None if value in (None, [], {}) else canonical(value, self._keep) for value in missing])
        return column(missing, self._keep)

    def _names_of(self, column_of: Column, values: Sequence[Sequence[int] | None]) -> Mapping[int, str]:
        """The display names of related records, each asked for once."""
        known = self._known.setdefault(column_of.field, {})
        ids = sorted({key for value in values for key in value or ()} - known.keys())
        if ids:
            model = self._fields[column_of.field]["relation"]
            rows = self._odoo.call(model, "read", {"fields": ["display_name"]}, ids=ids)
            known |= {row["id"]: str(row["display_name"]) for row in rows}
        return known

    def _files(self, field: str, rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """What stands in the plan for the files in one field of some rows: they are read a few at a time."""
        stand: dict[int, str] = {}
        for ids in _few({row["id"]: size_of(row[field]) for row in rows if row[field]}):
            for row in self._odoo.call(self._what.model, "read", {"fields": [field]}, ids=ids):
                if row[field]:
                    stand[row["id"]] = self._put_away(row[field])
        return [stand.get(row["id"]) for row in rows]

    def _put_away(self, value: str) -> str:
        try:
            return self._keep(base64.b64decode(value))
        except binascii.Error:
            return value


def _listed(ids: Sequence[int] | None, names: Mapping[int, str] | None) -> str | None:
    if not ids:
        return None
    return ", ".join(str(key) if names is None else names.get(key, str(key)) for key in sorted(ids))


def size_of(text: str) -> int:
    """About how many bytes a file has, as Odoo says it, such as `12.50 Kb`; none where it says something else."""
    number, _, unit = str(text).partition(" ")
    try:
        return int(float(number) * 1024 ** UNITS.index(unit[:1].lower()))
    except ValueError:
        return 0


def _few(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Some ids at a time, of files that are not too large together."""
    ids: list[int] = []
    for own, size in sizes.items():
        if ids and (len(ids) >= FILES or sum(sizes[other] for other in ids) + size > FILES_BYTES):
            yield ids
            ids = []
        ids.append(own)
    if ids:
        yield ids
