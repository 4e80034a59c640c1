"""The addresses of rows that say of themselves that somebody opted out, however they are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Join, Test, TypeColumn, renamed
from etl.config.leads import ROLES
from etl.matching.addresses import READ, Addresses, Keys, address_keys
from etl.rows import Answer, ask
from etl.rows.keys import texts

Mask: TypeAlias = npt.NDArray[np.bool_]


def kind_asked(test: Test) -> str | None:
    """The kind of records that alone are asked; None for all."""
    role, _, column = test.column.partition(".")
    return ROLES.get(role) if column else None


def other_kind(kind: str) -> str:
    """The kind of records that are surely not asked where one kind alone is."""
    return "person" if kind == "company" else "company"


def own_test(test: Test, columns: Collection[str]) -> Test | None:
    """A test of consent by a column of a dataset; None where the dataset does not have it."""
    own = renamed(test, test.column.partition(".")[2]) if kind_asked(test) else test
    return own if own.column in columns else None


def address_columns(entry: str, columns: Collection[str], config: Config) -> list[tuple[str, str]]:
    """Field and column of all addresses that rows of an entry have.

    They are those that `identity` names as such, and those that the lead's fields are taken from.
    """
    identity = config.source.records[entry].identity
    named = [(field, column) for field in READ for column in (*identity.get(field, ()), *config.leads.columns(field))]
    return [(field, column) for field, column in dict.fromkeys(named) if column in columns]


def consent_columns(entry: str, columns: Collection[str], config: Config) -> list[str]:
    """The columns by which it is told of rows of an entry that they opted out, and with which addresses."""
    tests = [own_test(test, columns) for test in config.leads.consent]
    asked = [test.column for test in tests if test is not None]
    kind = config.source.records[entry].type
    types = [kind.column] if isinstance(kind, TypeColumn) and kind.column in columns else []
    addresses = [column for _, column in address_columns(entry, columns, config)]
    return list(dict.fromkeys([*asked, *types, *addresses])) if asked else []


class SayingSo:
    """Gathers the addresses of the rows that say of themselves that they opted out.

    left_rows: how many of them a `where` leaves out.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._keys: list[Keys] = []
        self.left_rows = 0

    def add(self, entry: str, rows: pa.Table) -> None:
        """Ask rows of an entry, by those columns that they have; what is neither yes nor no counts as a yes."""
        for said in self._said(entry, rows):
            self._gather(entry, rows, said.possible)

    def left_out(self, dataset: str, rows: pa.Table) -> None:
        """Ask rows that a `where` leaves out, and count them."""
        for said in self._said(dataset, rows) if dataset in self._config.source.records else ():
            self.left_rows += int(said.possible.sum())
            self._gather(dataset, rows, said.possible)

    def joined(self, name: str, join: Join, rows: pa.Table, left: Mask) -> None:
        """Ask all rows of a table that is joined under a name, whoever has them. left: that its `where` leaves out."""
        full = rows.rename_columns([f"{name}.{column}" for column in rows.column_names])
        entries = [entry for entry, part in self._config.source.records.items() if part.join.get(name) == join]
        for entry in entries:
            self.add(entry, full)
        for entry in entries[:1]:
            self.left_out(entry, full.filter(pa.array(left)))

    @property
    def addresses(self) -> Addresses:
        """The addresses of all those rows."""
        self._keys = [Addresses.of(self._keys).keys]
        return Addresses(self._keys[0])

    def _gather(self, entry: str, rows: pa.Table, chosen: Mask) -> None:
        if chosen.any():
            for field, column in address_columns(entry, rows.column_names, self._config):
                self._keys.append(address_keys(texts(rows, column).filter(pa.array(chosen)), field)[1])

    def _said(self, entry: str, rows: pa.Table) -> list[Answer]:
        """What rows say to any of the tests, where they have a column that is asked."""
        answers = list(self._answers(entry, rows))
        return [Answer.some(answers)] if answers else []

    def _answers(self, entry: str, data: pa.Table) -> Iterator[Answer]:
        for test in self._config.leads.consent:
            own = own_test(test, data.column_names)
            if own is not None:
                said, asked = ask(own, texts(data, own.column)), self._asked(entry, kind_asked(test), data)
                yield Answer(said.holds & asked, said.open & asked)

    def _asked(self, entry: str, kind: str | None, data: pa.Table) -> Mask:
        """The rows that may be of a kind: a row that does not say of which it is may be of any; all for None."""
        every, of = np.ones(len(data), dtype=np.bool_), self._config.source.records[entry].type
        if kind is None:
            return every
        if isinstance(of, str):
            return every & (of != other_kind(kind))
        if of.column not in data.column_names:
            return every
        others = of.person if kind == "company" else of.company
        return ~np.asarray(pc.is_in(texts(data, of.column), value_set=pa.array(others, pa.large_string())))
