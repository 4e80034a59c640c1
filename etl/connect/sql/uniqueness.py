"""Which fields of leads must be unique, by a table's constraints and indexes, and what does not count in comparing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import sqlalchemy as sa

from etl.connect.sql.columns import MYSQL
from etl.connect.sql.ledger import ROWS_AT_ONCE
from etl.connect.sql.rows import texts_of
from etl.connect.sql.tables import LeadTable
from etl.connect.target import Unique

LOWERED = re.compile(r"lower\(+\"?(\w+)\"?(?:\)?::[\w ]+)?\)+", re.IGNORECASE)
"""An index on the small letters of a column, as PostgreSQL and SQLite spell it."""


@dataclass(frozen=True)
class Index:
    """A unique index: its columns, those of them that are compared without case, and which rows it is over."""

    columns: tuple[str, ...]
    lowered: frozenset[str] = frozenset()
    where: str | None = None


def unique_fields(inspector: sa.Inspector, table: LeadTable) -> list[tuple[Unique, Index]]:
    """The fields that must be unique, each with its index: one of columns that leads fill, or that get a constant."""
    field_of = {column: field for field, column in table.columns.items()}
    folds = _folds(inspector, table)
    unique: dict[tuple[str, ...], tuple[Unique, Index]] = {}
    for index in _indexes(inspector, table):
        filled = tuple(column for column in index.columns if column not in table.values)
        if not filled or not all(column in field_of and field_of[column] != "note" for column in filled):
            continue
        fields = tuple(field_of[column] for column in filled)
        folded = tuple(
            folds.get(column, frozenset()) | ({"case"} if column in index.lowered else frozenset()) for column in filled
        )
        never = frozenset(field for field in fields if field in table.never_null)
        unique.setdefault(fields, (Unique(fields, folded, never), index))
    return list(unique.values())


def taken_values(connection: sa.Connection, table: LeadTable, unique: Unique, index: Index) -> Iterator[pa.Table]:
    """Stream the values of fields that the leads have that are there already: a column a field, text."""
    source = table.table()
    query = sa.select(*(sa.cast(source.c[table.columns[field]], sa.Text) for field in unique.fields))
    if connection.dialect.name in MYSQL:
        query = sa.select(*(source.c[table.columns[field]] for field in unique.fields))
    for column in index.columns:
        if column in table.values:
            query = query.where(source.c[column] == table.values[column])
    if index.where is not None:
        query = query.where(sa.text(index.where.replace(":", r"\:")))
    for rows in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query).partitions():
        columns = list(zip(*rows, strict=True))
        yield pa.table([texts_of(values) for values in columns], names=list(unique.fields))


def _indexes(inspector: sa.Inspector, table: LeadTable) -> Iterator[Index]:
    name, schema = table.name, table.schema
    if inspector.dialect.name == "sqlite":
        yield from _of_sqlite(inspector, name)
        return
    yield Index(tuple(inspector.get_pk_constraint(name, schema)["constrained_columns"]))
    for constraint in inspector.get_unique_constraints(name, schema):
        yield Index(tuple(constraint["column_names"]))
    for index in inspector.get_indexes(name, schema):
        if index["unique"]:
            columns, lowered = _columns(index.get("expressions") or [str(c) for c in index["column_names"]])
            options = index.get("dialect_options", {})
            where = options.get(f"{inspector.dialect.name}_where")
            if columns:
                yield Index(columns, lowered, None if where is None else str(where))


def _of_sqlite(inspector: sa.Inspector, name: str) -> Iterator[Index]:
    """SQLite's own account of its indexes, which knows their collations; of expressions it has the statement alone."""
    quote = inspector.dialect.identifier_preparer.quote_identifier
    with inspector.engine.connect() as connection:
        for own in connection.exec_driver_sql(f"PRAGMA index_list({quote(name)})").mappings().all():
            if not own["unique"]:
                continue
            rows = connection.exec_driver_sql(f"PRAGMA index_xinfo({quote(own['name'])})").mappings().all()
            keys = [row for row in rows if row["key"]]
            query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = :name")
            statement = str(connection.execute(query, {"name": own["name"]}).scalar() or "")
            head, _, where = re.sub(r"\s+", " ", statement).partition(" WHERE ")
            columns, lowered = tuple(str(row["name"]) for row in keys), frozenset[str]()
            if any(row["name"] is None for row in keys):
                listed = head[head.index("(") + 1 : head.rindex(")")]
                columns, lowered = _columns([part.strip().strip('"') for part in listed.split(",")])
            folded = {str(row["name"]) for row in keys if row["coll"] == "NOCASE"}
            if columns:
                yield Index(columns, lowered | folded, where or None)


def _columns(expressions: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The columns of an index, and those of which it has the small letters; none where it has another expression."""
    columns, lowered = [], set()
    for expression in expressions:
        match = LOWERED.fullmatch(expression.strip())
        if match:
            lowered.add(match[1])
        elif not re.fullmatch(r"\w+", expression):
            return (), frozenset()
        columns.append(match[1] if match else expression)
    return tuple(columns), frozenset(lowered)


def _folds(inspector: sa.Inspector, table: LeadTable) -> Mapping[str, frozenset[str]]:
    """What does not count when values of a column are compared; SQLite's indexes say it themselves."""
    if inspector.dialect.name in MYSQL:
        query = sa.text(
            "SELECT column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = coalesce(:schema, database()) AND table_name = :name"
        )
        with inspector.engine.connect() as connection:
            rows = connection.execute(query, {"schema": table.schema, "name": table.name}).all()
        return {str(column): _of_collation(collation) for column, collation in rows if collation}
    if inspector.dialect.name == "postgresql":
        types = {column["name"]: str(column["type"]) for column in inspector.get_columns(table.name, table.schema)}
        kinds = {"CITEXT": frozenset({"case"}), "CHAR": frozenset({"blanks"})}
        return {column: kinds.get(kind.partition("(")[0], frozenset()) for column, kind in types.items()}
    return {}


def _of_collation(collation: str) -> frozenset[str]:
    """What a collation of MariaDB's or MySQL's leaves out of account, by its name."""
    folds = set() if "nopad" in collation or "_0900_" in collation else {"blanks"}
    if collation.endswith("_bin"):
        return frozenset(folds)
    if not collation.endswith("_cs") and "_as_cs" not in collation:
        folds.add("case")
    return frozenset(folds if "_as_" in collation else {*folds, "accents"})
