"""An Odoo as a source: its models as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from etl.connect.odoo.client import RIGHTS, Odoo, OdooError, explained
from etl.connect.odoo.hints import personal, source_hints
from etl.connect.odoo.table_reader import PAGE, Column, TableReader
from etl.connect.odoo.tables import KNOWN, LINK, PARTNER, TableQuery, stored, table_query
from etl.connect.source import Among, Batch, Keep, Reference, near
from etl.errors import SourceError, excerpt
from etl.model import Remark

NAMED = ".name"
"""What the column of a related record's display name ends with; the column without it holds the id."""

RELATIONS = ("many2one", "many2many")


class OdooSource:
    """An Odoo database as a source.

    A table is a model, with all of its stored fields, or one of those that `tables.py` knows by name. A related
    record is two columns, its id and its display name. There is no snapshot over the API: a table is read by id, and
    what was written meanwhile is read again at the end.
    """

    def __init__(self, url: str) -> None:
        self._odoo = Odoo(url)
        self._columns: dict[str, dict[str, Column]] = {}

    @property
    def where(self) -> str:
        """Who and where, without the password."""
        return self._odoo.where

    @property
    def refuses_changes(self) -> bool:
        """Rows are read page by page, as they are then."""
        return False

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

    def listed(self, table: str, /) -> str:
        """Models have one name."""
        return table

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
                    f"There is no column {excerpt(name)!r}; {near(name, list(described))}",
                    where=f"{self.where}, {excerpt(table, 80)}",
                )
        wanted = {name: column_of for name, column_of in described.items() if columns is None or name in columns}
        what = table_query(table, self.where)
        if not self._odoo.fields(what.model) or not wanted:
            return
        with self._translated(table):
            reading = TableReader(self._odoo, what, wanted, keep, min(rows, PAGE))
            if what.grouped:
                yield from reading.grouped(None if among is None else _ids(among))
            elif among is not None:
                yield from reading.among(_ids(among))
            else:
                yield from reading.everything()

    def remarks(self, _table: str, /) -> list[Remark]:
        """Nothing; archived records are read like others."""
        return []

    def passed_over(self) -> list[tuple[str, str]]:
        """Nothing."""
        return []

    def references(self, _table: str, /) -> list[Reference]:
        """None: what names partners is told by `suggest`."""
        return []

    def keys(self, _table: str, /) -> tuple[str, ...]:
        """The id, which each model has."""
        return ("id",)

    def suggest(self, table: str, /) -> list[str]:
        """Say what hides rows of a table from the user, which module it needs, and what else names partners."""
        with self._translated(table):
            return source_hints(self._odoo, table, table_query(table, self.where))

    def _described(self, table: str) -> dict[str, Column]:
        if table not in self._columns:
            what = table_query(table, self.where)
            with self._translated(table):
                fields = self._odoo.fields(what.model)
                self._refuse_hidden(table, what.model)
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

    def _refuse_hidden(self, table: str, model: str) -> None:
        """Raise SourceError where the user sees its own rows only of what says who is a customer or is kept."""
        if not table.startswith("odoo.") or model == PARTNER:
            return
        if rules := personal(self._odoo, model):
            raise SourceError(
                f"Record rules hide rows of {model} from this user ({excerpt(', '.join(rules), 200)}): customers "
                "would be taken for leads.",
                where=f"{self.where}, {table}",
                next=f"give the user {RIGHTS}, or a right that shows all of these rows",
            )

    @contextmanager
    def _translated(self, table: str | None = None) -> Iterator[None]:
        try:
            yield
        except OdooError as error:
            raise explained(
                error, self._odoo, SourceError, "read" if table is None else f"read ({excerpt(table, 80)})"
            ) from None


def _columns_of(what: TableQuery, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Column]:
    """The columns of a table, in their order: the key, the partner, the fields, and the ids of related records."""
    if what.grouped:
        return {LINK: Column(what.links[0], "many2one", link=True), "count": Column("count", "integer")}
    names = stored(fields) if what.fields is None else ["id", *(name for name in what.fields if name in fields)]
    columns: dict[str, Column] = {}
    for name in names:
        kind = fields[name]["type"]
        if kind in RELATIONS:
            columns[name + NAMED] = Column(name, kind, named=True)
        else:
            columns[name] = Column(name, kind)
        if name == "id" and what.links:
            columns[LINK] = Column(LINK, "many2one", link=True)
    ids = {name: Column(name, fields[name]["type"]) for name in names if fields[name]["type"] in RELATIONS}
    return {**columns, **ids}


def _without_module(what: TableQuery) -> dict[str, Column]:
    """The columns of a known table whose module is not there: it has no rows."""
    names = ["count"] if what.grouped else ["id", *(what.fields or ())]
    return {**{name: Column(name, "char") for name in names}, LINK: Column(LINK, "many2one", link=True)}


def _ids(among: Among) -> dict[str, list[int]]:
    """The rows that are asked for; what is no id names none."""
    return {name: [int(value) for value in values if value.isdecimal()] for name, values in among.items()}
