"""Links by another column than a key: a ledger that names customers by their code, a list that names them by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from etl.profile.amounts import is_amount
from etl.profile.keys import has_spaces
from etl.profile.link_chance import spread_of
from etl.profile.link_counts import counted, of_addresses
from etl.profile.link_names import speaks_above, speaks_of
from etl.profile.link_samples import LOOSE, may_be_link, met_by, sampled
from etl.profile.links import MEETS, Graph
from etl.profile.model import RECORDS, Column, KeyOf, LinkTo, Role, Table
from etl.profile.names import is_leads
from etl.profile.parts import Part, links_to_records
from etl.profile.sql import quoted, rows_in

TELLING = ("code", "company_number", "vat", "iban", "email", "company", "text")
"""What columns hold by which rows may name records, the surest first."""
UNIQUE = 0.9
"""So large a share of a column's values must differ for it to tell records apart."""
FEWEST = 3
"""Fewer different values meet by chance."""
MAILS = 5
SOME = 0.02
"""So many addresses, and so large a share of them, name records: the others are those of strangers."""
LONGEST = 100


def links_by_others(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    keys: Mapping[str, KeyOf],
    graph: Graph,
    parts: Mapping[str, Part],
) -> Iterator[LinkTo]:
    """Of each table whose rows name no record by its key, the link by another column of theirs, if there is one."""
    asking = {table.name: columns for table in tables if (columns := _asking(table, graph, parts))}
    named = [(part.table, column) for part in parts.values() if part.role in RECORDS for column in _telling(part, keys)]
    if not asking or not named:
        return
    by_name = {table.name: table for table in tables}
    sizes = sampled(connection, ((by_name[name], column) for name, columns in asking.items() for column in columns))
    likely: dict[str, list[LinkTo]] = {}
    for to, by in named:
        values = f"(SELECT v, {LOOSE} AS loose FROM (SELECT {quoted(by.name)} AS v FROM {rows_in(to.path)}))"
        for (name, column), met in met_by(connection, values).items():
            share = met / sizes[name, column]
            are_mails = _are_mails(parts[name], column, parts[to.name], by)
            fewest, least = (MAILS, SOME) if are_mails else (FEWEST, MEETS)
            if met < fewest or share < least or not _may_name(parts[name], column, parts[to.name]):
                continue
            if not speaks_of(column, to.name, (by.name,)) and spread_of(by).is_chance(by_name[name][column], share):
                continue
            link = LinkTo(name, (column,), to.name, 0, 0, by=by.name)
            link = counted(connection, by_name, {to.name: KeyOf((by.name,))}, link)
            if are_mails:
                link = of_addresses(connection, by_name[name], to, by.name, link)
            if link.met >= least * link.filled:
                likely.setdefault(name, []).append(link)
    for links in likely.values():
        best = min(links, key=lambda link: _order(link, parts))
        yield best
        if _by_mail(best, parts):
            also = {link.to: link for link in links if link.columns == best.columns and _by_mail(link, parts)}
            yield from (link for to, link in also.items() if to != best.to)


def _are_mails(part: Part, column: str, to: Part, by: Column) -> bool:
    """Whether a column and that of records hold mail addresses."""
    return kind_name(part, part.table[column]) == kind_name(to, by) == "email"


def _by_mail(link: LinkTo, parts: Mapping[str, Part]) -> bool:
    to = parts[link.to]
    return _are_mails(parts[link.table], link.columns[0], to, to.table[link.by or ""])


def _asking(table: Table, graph: Graph, parts: Mapping[str, Part]) -> list[Column]:
    """The columns of a table that may name records where none does by their key; of companies, those above them."""
    part = parts[table.name]
    if not table.rows or part.role in (Role.CUSTOMERS, Role.USERS, Role.LINKS, Role.LINES) or is_leads(table.name):
        return []
    links = [*links_to_records(table.name, parts, graph)]
    if part.role in RECORDS:
        links = [link for link in links if parts[link.to].role is not Role.PERSON]
    columns = [column for column in table.columns if may_be_link(column)]
    if part.role in (Role.COMPANY, Role.BOTH):
        columns = [column for column in columns if speaks_above(column.name)]
    return [] if links else columns


def _telling(part: Part, keys: Mapping[str, KeyOf]) -> Iterator[Column]:
    """The columns beside the key that tell the records of a table apart."""
    for column in part.table.columns:
        is_key = keys[part.table.name].columns == (column.name,)
        if not is_key and kind_name(part, column) in TELLING and tells_apart(column):
            yield column


def tells_apart(column: Column) -> bool:
    """Whether nearly all of a column's values differ, and are neither dates nor amounts nor long texts."""
    is_text = not (column.dates or column.flag or is_amount(column)) and column.longest <= LONGEST
    return is_text and column.filled >= FEWEST and column.distinct >= UNIQUE * column.filled


def kind_name(part: Part, column: Column) -> str:
    """Of what kind a column of a table is; of one that says nothing about who somebody is, whether it holds codes."""
    kind = part.kinds.get(column.name)
    return kind.name if kind else "text" if has_spaces(column) else "code"


def _may_name(part: Part, column: str, to: Part) -> bool:
    """Whether a column may name records of a table: persons name companies, and companies those above them."""
    if part.role is Role.PERSON:
        kind = part.kinds.get(column)
        return to.role is not Role.PERSON and (kind is None or kind.name not in ("email", "iban"))
    return part.role not in RECORDS or (to.table.name == part.table.name and speaks_above(column))


def _order(link: LinkTo, parts: Mapping[str, Part]) -> tuple[bool, bool, int, int, str, str]:
    part = parts[link.to]
    kind = kind_name(part, part.table[link.by or ""])
    return link.met < MEETS * link.filled, not link.sure, TELLING.index(kind), -link.met, link.to, link.columns[0]
