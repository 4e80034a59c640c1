"""What each table is to a clean-up: by what its columns hold, by what it is called, and by how it is linked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow.compute as pc

from etl.profile.kinds import Kind, given_share, kind_of, legal_share, of_persons, share_of
from etl.profile.links import Graph
from etl.profile.model import RECORDS, Column, KeyOf, LinkTo, Role, Table
from etl.profile.names import is_leads, kinds_of, roles_of, words_of
from etl.profile.parts import Kinds, Part, above_of, links_to_records
from etl.profile.sales import is_day, looks_like_sales, speaks_of_offers

SAME = 0.9
"""So large a share of a sample's keys is that of another table where one is a copy of the other."""
ENOUGH = 4
"""So many points make a table one of companies or persons."""
PERHAPS = 2
"""So many make it one if there is no better one."""
LEGAL = 0.5
"""Where so large a share of values has a legal form, they name companies, whatever their column is called."""
COMPANY_WORDS = frozenset(
    "company organization organisation organisme firma unternehmen business account kunde household verein association "
    "societe entreprise empresa azienda firm corporate b2b legal institution true 1 yes ja c o f".split()
)
PERSON_WORDS = frozenset(
    "person individual contact kontakt privat private privatperson individu particulier persona persone natural people "
    "b2c mensch ansprechpartner false 0 no nein p i".split()
)


def parts_of(tables: Sequence[Table], keys: Mapping[str, KeyOf], graph: Graph) -> dict[str, Part]:
    """Say of each table what it is."""
    kinds = {table.name: _kinds(table) for table in tables}
    scored = {table.name: _as_records(table, kinds[table.name], keys) for table in tables}
    records = _without_copies({name: part for name, part in scored.items() if part.role in RECORDS}, keys)
    records = records or _likeliest(scored.values())
    debtors = _debtors(records)
    records = {name: part for name, part in records.items() if name not in debtors}
    parts = {**records, **debtors}
    others = sorted(
        (table for table in tables if table.name not in parts), key=lambda table: -len(graph.of(table.name))
    )
    for table in others:
        links = [link for link in graph.of(table.name) if link.to in records and link.by is None]
        if table.rows and _links_two(table, links, graph):
            parts[table.name] = Part(table, Role.LINKS, kinds[table.name], "each row links two others")
    for table in others:
        if table.name not in parts:
            parts[table.name] = _as_other(table, kinds[table.name], keys, graph, parts)
    below = {table.name: _as_evidence_below(parts, parts[table.name], graph) for table in tables}
    parts |= below
    for table in tables:
        parts[table.name] = _as_lines(parts, parts[table.name], graph)
    return parts


def _kinds(table: Table) -> dict[str, Kind]:
    kinds = {column.name: kind for column in table.columns if (kind := kind_of(column)) is not None}
    for column in table.columns:
        if column.name in kinds or not column.filled or column.dates or column.flag:
            continue
        spoken = kinds_of(column.name)
        if spoken.get("label", 0) >= 60 and words_of(column.name)[0] not in ("user", "login", "code"):
            legal = legal_share(column.values)
            if legal >= 0.15:
                kinds[column.name] = Kind("company", True, f"{legal:.0%} of its values have a legal form", 90)
        elif not spoken and not any(kind.name == "company" for kind in kinds.values()):
            legal = legal_share(column.values)
            if legal >= LEGAL:
                kinds[column.name] = Kind("company", False, f"{legal:.0%} of its values have a legal form", 60)
    return of_persons(table.columns, kinds)


def _as_records(table: Table, kinds: Kinds, keys: Mapping[str, KeyOf]) -> Part:
    """A table as one of companies or persons, if it is one."""
    nothing = Part(table, Role.OTHER, kinds, "")
    spoken = roles_of(table.name)
    if not table.rows or table.name not in keys or spoken.get("user", 0) >= 60 or "alias" in spoken:
        return nothing
    if is_leads(table.name):
        return Part(table, Role.OTHER, kinds, "its rows are leads already")
    if max((spoken.get(role, 0) for role in ("strong", "line", "history")), default=0) >= 60 and not _names_people(
        kinds
    ):
        return nothing
    by_kind: dict[str, int] = {}
    for column, kind in kinds.items():
        if table[column].fill >= 0.02:
            by_kind[kind.name] = max(by_kind.get(kind.name, 0), kind.points)
    reach = sum(kind in by_kind for kind in ("email", "phone", "website", "vat"))
    place = min(sum(kind in by_kind for kind in ("street", "postcode", "city", "country")), 3)
    company = 2.0 * (by_kind.get("company", 0) >= 40) + 2.5 * (spoken.get("company", 0) >= 50)
    person = 3.0 * ("last_name" in by_kind) + 2.0 * (spoken.get("person", 0) >= 50) + ("first_name" in by_kind)
    name = _label(table, kinds)
    if name is not None and "company" not in by_kind and "last_name" not in by_kind:
        company += 2.0 * (spoken.get("company", 0) >= 50) + 2.0 * (legal_share(name.values) > 0.1)
        person += 2.0 * (spoken.get("person", 0) >= 50) + 2.0 * (given_share(name.values) > 0.4)
    company += 0.8 * place + 0.6 * reach + 0.5 * ("website" in by_kind) + 0.5 * ("vat" in by_kind)
    person += 0.3 * place + 0.8 * reach
    typed = _type_column(table)
    both = company >= ENOUGH and person >= ENOUGH and ("last_name" in by_kind or typed)
    if typed and (both or company + person >= ENOUGH + 2):
        column, companies, persons = typed
        why = f"{column} says which rows are companies and which are persons"
        return Part(table, Role.BOTH, kinds, why, company + person, column, companies, persons)
    if max(company, person) < ENOUGH:
        guess = Role.COMPANY if company >= person else Role.PERSON
        return replace(nothing, points=max(company, person), guess=guess)
    is_company = company >= person if not both else spoken.get("company", 0) >= spoken.get("person", 0)
    listed = ", ".join(sorted({kind.name.replace("_", " ") for kind in kinds.values()}))
    role = Role.COMPANY if is_company else Role.PERSON
    return Part(table, role, kinds, f"its columns hold {listed}", max(company, person))


def _debtors(records: Mapping[str, Part]) -> dict[str, Part]:
    """The tables that list who is a customer already, beside others that hold companies."""
    called = {name: part for name, part in records.items() if roles_of(name).get("debtor", 0) >= 60}
    if all(part.role is Role.PERSON or name in called for name, part in records.items()):
        return {}
    return {name: replace(part, role=Role.CUSTOMERS) for name, part in called.items()}


def _likeliest(parts: Iterable[Part]) -> dict[str, Part]:
    """Where no table surely holds companies or persons, the one for which the most speaks, if it is anything."""
    best = max(parts, key=lambda part: (part.points, part.table.rows, part.table.name), default=None)
    if best is None or best.points < PERHAPS:
        return {}
    listed = ", ".join(sorted({kind.name.replace("_", " ") for kind in best.kinds.values()}))
    why = f"no other table is more like one, and its columns hold {listed or 'names'}"
    return {best.table.name: replace(best, role=best.guess, sure=False, why=why)}


def _names_people(kinds: Kinds) -> bool:
    return any(kind.name in ("last_name", "company") for kind in kinds.values())


def _label(table: Table, kinds: Kinds) -> Column | None:
    """The column that names a row for people."""
    called = [c for c in table.columns if kinds_of(c.name).get("label", 0) >= 60 and c.name not in kinds and c.filled]
    return max(called, key=lambda column: kinds_of(column.name)["label"], default=None)


def _type_column(table: Table) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """A column whose words say of each row whether it is a company or a person."""
    for column in table.columns:
        words = [word for word, _ in column.top]
        if not words or column.distinct > 6 or column.fill < 0.98 or not kinds_of(column.name).get("type"):
            continue
        is_flag = column.flag is not None
        if (
            is_flag
            and not {"company", "person"} & set(words_of(column.name))
            and "iscompany" not in words_of(column.name)
        ):
            continue
        companies = tuple(word for word in words if _says(word, COMPANY_WORDS))
        persons = tuple(word for word in words if _says(word, PERSON_WORDS))
        if is_flag and "person" in words_of(column.name):
            companies, persons = persons, companies
        if companies and persons and not set(companies) & set(persons) and len(companies) + len(persons) == len(words):
            return column.name, companies, persons
    return None


def _says(word: str, known: frozenset[str]) -> bool:
    return any(part in known for part in (word.strip().lower(), *words_of(word)))


def _without_copies(records: Mapping[str, Part], keys: Mapping[str, KeyOf]) -> dict[str, Part]:
    """Leave out a table that says what another one says: a view of it, or a copy."""
    kept: dict[str, Part] = {}
    for part in sorted(records.values(), key=lambda p: (not p.table.declared, -p.table.rows, p.table.name)):
        if not any(is_copy(part.table, other.table, keys) for other in kept.values()):
            kept[part.table.name] = part
    return {name: part for name, part in records.items() if name in kept}


def is_copy(table: Table, other: Table, keys: Mapping[str, KeyOf]) -> bool:
    """Whether a table has the key and nearly all columns of another one."""
    key = keys[table.name].columns
    shared = {column.name for column in table.columns} & {column.name for column in other.columns}
    if table.declared or key != keys[other.name].columns or len(shared) < 0.8 * len(table.columns):
        return False
    values, others = table[key[0]].values, other[key[0]].values
    return share_of(pc.is_in(values, value_set=others)) >= SAME


def _as_other(table: Table, kinds: Kinds, keys: Mapping[str, KeyOf], graph: Graph, parts: Mapping[str, Part]) -> Part:
    """A table that is none of records: what it is by its name and its links."""
    spoken = roles_of(table.name)
    links = [*links_to_records(table.name, parts, graph)]
    if not table.rows:
        return Part(table, Role.OTHER, kinds, "it has no rows")
    if is_leads(table.name):
        return Part(table, Role.OTHER, kinds, "its rows are leads already")
    if links and speaks_of_offers(table.name):
        return Part(table, Role.HISTORY, kinds, f"its rows are offers by its name, and it names rows of {links[0].to}")
    if links and spoken.get("strong", 0) >= 30 and spoken.get("line", 0) < 60:
        return Part(table, Role.EVIDENCE, kinds, f"by its name, and it names rows of {links[0].to}")
    if spoken.get("user", 0) >= 50 or _looks_like_users(table, graph):
        return Part(
            table, Role.USERS, kinds, "by its name" if "user" in spoken else "owners of records are named by it"
        )
    if links and _is_details(table, links, keys, spoken):
        return Part(table, Role.DETAILS, kinds, f"hardly any row of {links[0].to} has more than one of it")
    if links and spoken.get("evidence", 0) >= 30 and (_has(table, "amount") or _has(table, "status")):
        return Part(table, Role.EVIDENCE, kinds, f"by its name, and it names rows of {links[0].to}")
    if links and (sale := looks_like_sales(table)):
        return Part(table, Role.EVIDENCE, kinds, f"{sale}, and it names rows of {links[0].to}")
    if links:
        return Part(table, Role.HISTORY, kinds, f"it names rows of {links[0].to}")
    if table.name in keys and table.rows <= 5_000 and len(table.columns) <= 12 and graph.to(table.name):
        return Part(table, Role.LIST, kinds, "other tables name its rows")
    if spoken.get("none", 0) >= 50:
        return Part(table, Role.OTHER, kinds, "by its name it is of the program, not of the business")
    return Part(table, Role.OTHER, kinds, "nothing in it names a company or a person")


def _as_evidence_below(parts: Mapping[str, Part], part: Part, graph: Graph) -> Part:
    """A table of sales whose rows name no record, and rows of another table that do: invoices that name an order."""
    table, spoken = part.table, roles_of(part.table.name)
    is_sale = spoken.get("strong", 0) >= 30 and not {"line", "offer"} & spoken.keys()
    if part.role not in (Role.OTHER, Role.LIST) or not table.rows or not is_sale:
        return part
    above = above_of(table.name, parts, graph)
    if above is None or not (_has(table, "amount") or _has(table, "status") or any(map(is_day, table.columns))):
        return part
    return replace(part, role=Role.EVIDENCE, why=f"by its name, and it names rows of {above.to}, which name records")


def _links_two(table: Table, links: Sequence[LinkTo], graph: Graph) -> bool:
    """A table of hardly more than two links; one that is called orders is one of orders."""
    if roles_of(table.name).get("strong", 0) >= 50:
        return False
    named = {link.columns for link in graph.of(table.name)}
    told = [column for column in table.columns if column.filled and not column.flag and not column.dates]
    return len(links) >= 1 and len(named) >= 2 and len(told) <= len(named) + 1 and len(table.columns) <= len(named) + 5


def _is_details(table: Table, links: Sequence[LinkTo], keys: Mapping[str, KeyOf], spoken: Mapping[str, int]) -> bool:
    link = links[0]
    if link.through or max((spoken.get(role, 0) for role in ("history", "evidence", "strong")), default=0) >= 60:
        return False
    own = keys.get(table.name)
    if own is not None and own.columns == link.columns:
        return True
    return (
        len(link.columns) == 1
        and link.filled > 3
        and table[link.columns[0]].distinct >= 0.9 * link.filled
        and not any(column.dates for column in table.columns)
    )


def _looks_like_users(table: Table, graph: Graph) -> bool:
    named = graph.to(table.name)
    return len(named) > 0 and all("owner" in kinds_of(link.columns[0]) for link in named) and table.rows <= 5_000


def _has(table: Table, kind: str) -> bool:
    return any(kinds_of(column.name).get(kind, 0) >= 40 for column in table.columns)


def _as_lines(parts: Mapping[str, Part], part: Part, graph: Graph) -> Part:
    """A table whose rows belong to those of a table of evidence or history."""
    if part.role not in (Role.OTHER, Role.LIST, Role.HISTORY):
        return part
    spoken = roles_of(part.table.name)
    above = [
        link for link in graph.of(part.table.name)
        if link.sure and link.to != part.table.name and parts[link.to].role in (Role.EVIDENCE, Role.HISTORY)
    ]  # fmt: skip
    if above and part.table.rows and (spoken.get("line", 0) >= 30 or part.role in (Role.OTHER, Role.LIST)):
        return Part(part.table, Role.LINES, part.kinds, f"its rows belong to those of {above[0].to}")
    return part
