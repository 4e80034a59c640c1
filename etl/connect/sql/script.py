"""Retiring as SQL that somebody reviews and runs: a family is archived whole, and only if it is what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from etl import config
from etl.connect.archive import Guarded, Retiring, ScriptTerms
from etl.connect.sql.columns import MYSQL
from etl.connect.sql.engine import driver_message, open_engine, quoted, shown
from etl.connect.sql.former_values import RETIRED, retired_table
from etl.connect.sql.places import Place, place_of
from etl.connect.sql.source import QUERY
from etl.connect.sql.tables import split_name
from etl.errors import SourceError

RUN = {"sqlite": "sqlite3 DATABASE < {file}", "postgresql": "psql -v ON_ERROR_STOP=1 -f {file} URL"}
"""How a script is run; MariaDB and MySQL: `mariadb DATABASE < FILE`."""


class SqlScript:
    """Writes the statements for one database.

    Each family is one transaction. Before anything is set, the rows of the family, its history and its evidence are
    hashed on the server and held against the hashes of now, when they were found to be as they were planned. SQLite has
    no hash function: there the rows themselves are compared. Of columns that move with those that are set, the former
    values are kept as well. Of a forgotten record no row counts, and no value stands in the script but the key, by
    which its rows are left out.
    """

    def __init__(self, clean_up: config.Config, terms: ScriptTerms) -> None:
        self._tables, self._forgotten, self._stamps = terms.tables, terms.forgotten, terms.stamps
        self._source, self._retire, self._system = clean_up.source, clean_up.retire, clean_up.system
        self._plan, self._at = terms.plan, terms.at
        self._engine = open_engine(self._source.url)
        self._dialect = self._engine.dialect
        self._places: dict[str, Place] = {}
        self._kind = "mysql" if self._dialect.name in MYSQL else self._dialect.name

    @property
    def command(self) -> str:
        """How the script is run, `{file}` in the place of its name."""
        return RUN.get(self._kind, "mariadb DATABASE < {file}")

    def head(self, name: str) -> str:
        """What comes first: what this is, and the table of former values.

        Raises ConfigError for an entry whose table is not known.
        """
        self._find_places()
        table = CreateTable(retired_table(self._dialect), if_not_exists=True)
        create = str(table.compile(dialect=self._dialect)).strip().expandtabs(4)
        settings = {
            "postgresql": "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n",
            "mysql": "SET NAMES utf8mb4;\nSET group_concat_max_len = 1073741824;\n",
        }  # whatever the terminal of the one who runs it says
        digest = self._plan[:16]
        lines = [
            f"-- crm-cleanup: archives the moved records of plan {_plain(name)}, digest {digest},",
            f"-- in {_plain(shown(self._source.url))}.",
            f"-- Written {self._at}. Each family is a transaction; one that has changed since stays as it is.",
            "-- Nothing is deleted. crm-cleanup undo takes it back.",
        ]
        return "\n".join(lines) + f"\n{settings.get(self._kind, '')}{create};\n"

    def families(self, families: Sequence[Sequence[Retiring]]) -> str:
        """The statements for some families; their hashes are taken from the server now. Raises SourceError."""
        try:
            with self._engine.connect() as connection:
                if self._kind == "mysql":
                    connection.exec_driver_sql("SET SESSION group_concat_max_len = 1073741824")
                return "".join(self._family(connection, family) for family in families)
        except sa.exc.DBAPIError as error:
            raise self._failed(error) from None

    def _find_places(self) -> None:
        try:
            with self._engine.connect() as connection:
                inspector, where = sa.inspect(connection), shown(self._source.url)
                for entry, retire in self._retire.items():
                    self._places[entry] = place_of(inspector, self._source, entry, retire, where)
        except sa.exc.DBAPIError as error:
            raise self._failed(error) from None

    def _failed(self, error: sa.exc.DBAPIError) -> SourceError:
        return SourceError(
            f"The source cannot be read: {driver_message(error, self._source.url)}.", where=shown(self._source.url)
        )

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _family(self, connection: sa.Connection, family: Sequence[Retiring]) -> str:
        keys: dict[str, list[str]] = {}
        for record in family:
            keys.setdefault(record.entry, []).append(record.key)
        hidden = self._hidden(connection, keys) if self._forgotten else {}
        hashes = [expression for table in self._tables if (expression := self._hash(table, keys, hidden))]
        row = connection.exec_driver_sql("SELECT " + ", ".join(hashes).replace("%", self._percent)).one()
        guards = [f"{expression} = {self._text(str(value))}" for expression, value in zip(hashes, row, strict=True)]
        lines = [f"\n-- {_plain(family[0].family)}, lead {_plain(family[0].lead_id)}", "BEGIN;"]
        lines += [statement for record in family for statement in self._former(record, guards)]
        lines += [statement for record in family for statement in self._set(record)]
        return "\n".join([*lines, "COMMIT;", ""])

    @property
    def _percent(self) -> str:
        return "%%" if self._dialect.paramstyle in ("format", "pyformat") else "%"

    def _hidden(self, connection: sa.Connection, keys: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """The forgotten records that rows of a family name: entry -> their keys."""
        hidden: dict[str, set[str]] = {}
        for table in self._tables:
            where = self._belongs(table, keys)
            for entry, column in dict.fromkeys((*table.links, *table.left_out)) if where else ():
                query = f"SELECT DISTINCT {self._as_key(column)} FROM {self._from(table)} WHERE {where}"
                for (key,) in connection.exec_driver_sql(query.replace("%", self._percent)):
                    text = key.decode() if isinstance(key, bytes) else key
                    if text is not None and f"{entry}:{text}" in self._forgotten:
                        hidden.setdefault(entry, set()).add(text)
        return {entry: sorted(some) for entry, some in hidden.items()}

    def _belongs(self, table: Guarded, keys: Mapping[str, Sequence[str]]) -> str:
        """The condition for rows of a table that belong to records; empty where none can."""
        return " OR ".join(self._names(column, keys[entry]) for entry, column in table.links if entry in keys)

    def _names(self, column: str, keys: Sequence[str]) -> str:
        return f"{self._as_key(column)} IN ({', '.join(map(self._exact, keys))})"

    def _from(self, table: Guarded) -> str:
        return f"(\n{table.table}\n) t" if QUERY.match(table.table) else f"{self._named(table.table)} t"

    def _cell(self, table: Guarded, column: str, hidden: Mapping[str, Sequence[str]]) -> str:
        """A cell as it is hashed; one that names a forgotten record is none."""
        cell, none = (self._whole(column), "'NULL'") if self._kind == "sqlite" else (self._as_text(column), "NULL")
        keys = [key for entry, link in table.links if link == column for key in hidden.get(entry, ())]
        return f"CASE WHEN {self._names(column, keys)} THEN {none} ELSE {cell} END" if keys else cell

    def _hash(
        self, table: Guarded, keys: Mapping[str, Sequence[str]], hidden: Mapping[str, Sequence[str]]
    ) -> str | None:
        """The expression that hashes the rows of a table that belong to records; None where none can.

        hidden: keys of forgotten records, of which no row counts.
        """
        belongs, source = self._belongs(table, keys), self._from(table)
        if not belongs:
            return None
        cells = [self._cell(table, column, hidden) for column in table.columns]
        others = [
            f"({self._column(column)} IS NULL OR NOT {self._names(column, hidden[entry])})"
            for entry, column in table.left_out
            if entry in hidden
        ]
        where = " AND ".join([f"({belongs})", *others])
        if self._kind == "postgresql":
            row = "md5(ROW(" + ", ".join(cells) + ")::text)"
            return f"(SELECT md5(coalesce(string_agg({row}, ',' ORDER BY {row}), '')) FROM {source} WHERE {where})"
        if self._kind == "mysql":
            row = "SHA2(CONCAT_WS(',', " + ", ".join(f"IFNULL(HEX({cell}), '-')" for cell in cells) + "), 256)"
            return f"(SELECT SHA2(IFNULL(GROUP_CONCAT({row} ORDER BY {row}), ''), 256) FROM {source} WHERE {where})"
        row = " || ',' || ".join(cells)
        inner = f"SELECT {row} AS r FROM {source} WHERE {where} ORDER BY 1"
        return f"(SELECT coalesce(group_concat(r, ';'), '') FROM ({inner}))"

    def _whole(self, column: str) -> str:
        """All of a cell of SQLite's as text; its `quote` ends at a NUL."""
        name = self._column(column)
        everything = f"typeof({name}) || hex(CAST({name} AS BLOB))"
        return f"CASE WHEN instr(CAST({name} AS TEXT), char(0)) THEN {everything} ELSE quote({name}) END"

    def _former(self, record: Retiring, guards: Sequence[str]) -> list[str]:
        """Keep what the columns of a record hold, if its family is as it was and it is not archived yet."""
        system, key = self._text(self._system), self._text(record.source_key)
        own = f"SELECT 1 FROM {RETIRED} WHERE source_system = {system} AND source_key = {key}"
        names = "source_system, source_key, column_name, entry, record_key, former, written, lead_id, plan, retired_at"
        statements = []
        for column in self._moving(record):
            current = self._column(column) if self._kind == "sqlite" else self._as_text(column)
            values = [self._system, record.source_key, column, record.entry, record.key]
            more = [record.lead_id, self._plan, self._at]
            listed = ", ".join([*map(self._text, values), current, current, *map(self._text, more)])
            mine = f"{own} AND column_name = {self._text(column)}"
            where = " AND ".join([self._is(record), *guards, f"NOT EXISTS ({mine})"])
            table = self._table(record)
            statements.append(f"INSERT INTO {RETIRED} ({names}) SELECT {listed} FROM {table} t WHERE {where};")
        return statements

    def _set(self, record: Retiring) -> list[str]:
        """Set the columns of a record whose former values this transaction has kept, and write down what they hold."""
        table = self._table(record)
        mine = " AND ".join(
            f"{name} = {self._text(value)}"
            for name, value in (
                ("source_system", self._system),
                ("source_key", record.source_key),
                ("plan", self._plan),
                ("retired_at", self._at),
            )
        )
        values = ", ".join(
            f"{self._column(name)} = {self._value(value)}" for name, value in sorted(record.values.items())
        )
        kept = f"EXISTS (SELECT 1 FROM {RETIRED} WHERE {mine})"
        statements = [f"UPDATE {table} SET {values} WHERE {self._is(record)} AND {kept};"]
        for column in self._moving(record):
            current = self._column(column) if self._kind == "sqlite" else self._as_text(column)
            now = f"(SELECT {current} FROM {table} WHERE {self._is(record)})"
            statements.append(
                f"UPDATE {RETIRED} SET written = {now} WHERE {mine} AND column_name = {self._text(column)};"
            )
        return statements

    def _moving(self, record: Retiring) -> list[str]:
        """The columns of a record that are set, and its stamps."""
        return sorted({*record.values, *self._stamps.get(record.entry, ())})

    def _is(self, record: Retiring) -> str:
        place = self._places[record.entry]
        parts = zip(place.key, place.parts(record.key), strict=True)
        return " AND ".join(
            f"{self._as_text(column.name)} = {self._exact(column.plain(part))}" for column, part in parts
        )

    def _as_key(self, column: str) -> str:
        """A column that names records as text, with the blanks that PostgreSQL pads it with: so the source reads it."""
        return f"format('%s', {self._column(column)})" if self._kind == "postgresql" else self._as_text(column)

    def _as_text(self, column: str) -> str:
        """A column as text that compares character by character."""
        name = self._column(column)
        if self._kind == "mysql":
            return f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)"
        return f"CAST({name} AS TEXT)"

    def _exact(self, value: str) -> str:
        return f"X'{value.encode().hex()}'" if self._kind == "mysql" else self._text(value)

    def _text(self, value: str) -> str:
        """A literal in which everything can be seen: clients drop a carriage return at a line's end, and end at a NUL.

        MariaDB's is in hexadecimal digits, as there a backslash means what the session's mode says.
        """
        if self._kind == "mysql":
            return f"CONVERT(X'{value.encode().hex()}' USING utf8mb4)" if value else "''"
        hidden = sorted({c for c in value if c != "\n" and not c.isprintable()})
        if hidden and self._kind == "postgresql":
            return "E'" + "".join(map(_escaped, value)) + "'"
        return _replaced("'" + value.replace("'", "''") + "'", hidden)

    def _value(self, value: str | None) -> str:
        if value is None:
            return "NULL"
        return (
            value
            if value.isascii() and value.removeprefix("-").isdecimal() and self._kind == "sqlite"
            else self._text(value)
        )

    def _column(self, name: str) -> str:
        return quoted(self._dialect, name)

    def _table(self, record: Retiring) -> str:
        place = self._places[record.entry]
        return quoted(self._dialect, *((place.schema, place.table) if place.schema else (place.table,)))

    def _named(self, table: str) -> str:
        schema, name = split_name(table)
        return quoted(self._dialect, *((schema, name) if schema else (name,)))


def _escaped(character: str) -> str:
    """A character within PostgreSQL's E''."""
    if character in "\\'":
        return character * 2
    return character if character == "\n" or character.isprintable() else f"\\U{ord(character):08x}"


def _replaced(literal: str, hidden: Sequence[str]) -> str:
    """A literal of SQLite's with a mark in the place of each hidden character, and the calls that put it back."""
    for character in hidden:
        mark = f"{{{ord(character)}}}"
        while mark in literal:  # a value may hold it
            mark = f"{{{mark}}}"
        literal = f"replace({literal.replace(character, mark)}, '{mark}', char({ord(character)}))"
    return literal


def _plain(text: str) -> str:
    """A text for a comment: nothing in it ends the line."""
    return "".join(c if c.isprintable() else "?" for c in text)
