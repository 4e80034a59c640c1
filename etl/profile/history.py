"""The tables of history and evidence, as a config says how their rows name records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from etl.errors import plural
from etl.profile.draft import Draft, alone_or_all, as_list
from etl.profile.lists import all_labels_of
from etl.profile.model import LinkTo, Role, Table
from etl.profile.naming import Names
from etl.profile.parts import Part, above_of, links_to_records
from etl.profile.profile import Profile
from etl.profile.sales import speaks_of_offers
from etl.profile.table_parts import deleted_where, doubt_others, meets, none_of, say_date, through_of

SURE = 0.9
"""Where fewer of a column's values name records, they may name something else."""


def draft_related(
    draft: Draft, profile: Profile, names: Names, part: Part, at: tuple[str, ...], words: tuple[str, ...]
) -> dict[str, Any] | None:
    """What a config says of a table of history; None of one whose rows name no record of an entry."""
    table = part.table
    related: dict[str, Any] = {"from": table.name} if at[-1] != table.name else {}
    key = profile.keys.get(table.name)
    if key is not None and len(key.columns) == 1:
        related["key"] = key.columns[0]
    where = deleted_where(table)
    if where is not None:
        related["where"] = where[0]
    above = row_above(profile, table)
    links = {} if part.role is Role.LINES else links_to_entries(profile, names, table.name)
    if above is None and not links:
        return None
    named = list(links_to_records(table.name, profile.parts, profile.graph)) if links else []
    told = [f"{', '.join(link.columns)}: {meets(link)}" for link in named]
    if links:
        related["of"] = links
    if above is not None:
        related["under"] = {names.related[above.to]: _column(above)}
        told.append(meets(above))
    draft.say(at, "; ".join([plural(table.rows, "row"), *told]) + ".")
    doubt_others(draft, named, at)
    _doubt_unmet(draft, named, at)
    if speaks_of_offers(table.name):
        draft.say(at, "An offer is no purchase: they stand in notes.")
    say_date(draft, related, "order_by", table, ("happened", "created", "changed"), (*at, "order_by"))
    labels = all_labels_of(profile, table)
    if labels:
        related["labels_of"] = labels
    none = none_of(table, words, named)
    if none:
        related["none"] = none
    return related


def _doubt_unmet(draft: Draft, links: Sequence[LinkTo], at: tuple[str, ...]) -> None:
    """Mark the columns of which many values name no record of any entry."""
    for columns in dict.fromkeys(link.columns for link in links if not link.where):
        same = [link for link in links if link.columns == columns]
        if sum(link.met for link in same) < SURE * same[0].filled:
            rest = f"{same[0].filled - sum(link.met for link in same):,} of {same[0].filled:,}"
            draft.doubt(at, f"{', '.join(columns)}: {rest} name no record. Do they name rows of another table?")


def links_to_entries(profile: Profile, names: Names, table: str) -> dict[str, Any]:
    """How the rows of a table name records, as a config says it: entry -> its column, or how else."""
    links: dict[str, list[Any]] = {}
    for link in links_to_records(table, profile.parts, profile.graph):
        if link.to in names.entries:
            links.setdefault(names.entries[link.to], []).append(_link(profile, link))
    return {entry: _alone_or_all(several) for entry, several in links.items()}


def row_above(profile: Profile, table: Table) -> LinkTo | None:
    """The link to the rows that those of a table stand under: of lines, and of what does not name records itself in
    each row."""
    above = above_of(table.name, profile.parts, profile.graph)
    if above is None or profile.parts[table.name].role is Role.LINES:
        return above
    met: dict[tuple[str, ...], int] = {}
    for link in links_to_records(table.name, profile.parts, profile.graph):
        if link.through:
            return None
        met[link.columns] = met.get(link.columns, 0) + link.met
    is_needed = profile.parts[table.name].role is Role.EVIDENCE and max(met.values(), default=0) < SURE * table.rows
    return above if is_needed else None


def named_by(profile: Profile, names: Names, table: Table) -> dict[str, Any]:
    """How the rows of a table of evidence name records: themselves, and by the rows that they stand under."""
    links = links_to_entries(profile, names, table.name)
    above = row_above(profile, table)
    if above is None:
        return links
    between = profile.parts[above.to].table
    for link in links_to_records(between.name, profile.parts, profile.graph):
        if link.to in names.entries and not (link.through or link.by):
            entry = names.entries[link.to]
            links[entry] = _alone_or_all([*as_list(links.get(entry, [])), _by_way_of(profile, above, link)])
    return links


def _by_way_of(profile: Profile, above: LinkTo, link: LinkTo) -> dict[str, Any]:
    """The link of a row to the record that another row names, to which the first one is linked."""
    key = profile.keys[above.to].columns[0]
    through: dict[str, Any] = {"table": above.to, "from": key, "to": alone_or_all(link.columns)}
    if above.steps:
        through["normalize"] = list(above.steps)
    if link.where:
        through["where"] = {link.where[0]: link.where[1]}
    said: dict[str, Any] = {"column": above.columns[0], "through": through}
    if link.steps:
        said["normalize"] = list(link.steps)
    if link.none:
        said["none"] = list(link.none)
    return said


def _column(link: LinkTo) -> Any:
    return {"column": link.columns[0], "normalize": list(link.steps)} if link.steps else link.columns[0]


def _alone_or_all(links: list[Any]) -> Any:
    """Several links of one entry: each says its column, as columns alone would be one key together."""
    if len(links) == 1:
        return links[0]
    return [link if isinstance(link, dict) else {"column": link} for link in links]


def _link(profile: Profile, link: LinkTo) -> Any:
    """One link: a column's name where there is no more to say."""
    if link.through:
        between = profile.parts[link.table].table
        where = deleted_where(between)
        named = {"table": between.name, "from": link.through, "to": link.columns[0]}
        led = {"through": {**named, **({"where": where[0]} if where else {})}}
        return {**led, **({"normalize": list(link.steps)} if link.steps else {})}
    said: dict[str, Any] = {"column": alone_or_all(link.columns)}
    if link.leads:
        said["through"] = through_of(profile, link)
    elif link.steps:
        said["normalize"] = list(link.steps)
    if link.where:
        said["where"] = {link.where[0]: link.where[1]}
    if link.none and not link.leads:
        said["none"] = list(link.none)
    return link.columns[0] if said.keys() == {"column"} and len(link.columns) == 1 else said
