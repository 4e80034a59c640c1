"""The tables of history and evidence, as a config says how their rows name records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from etl.errors import plural
from etl.profile.draft import Draft, alone_or_all
from etl.profile.model import LinkTo, Role
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.roles import Part, links_to_records
from etl.profile.table_parts import deleted_where, doubt_others, labels_of, meets, none_of, say_date, through_of

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
    if part.role is Role.LINES:
        above = next((link for link in profile.graph.of(table.name) if link.to in names.related and link.sure), None)
        if above is None or profile.parts[above.to].role is Role.LINES:
            return None
        related["under"] = {names.related[above.to]: above.columns[0]}
        draft.say(at, f"{plural(table.rows, 'row')}; {meets(above)}.")
    else:
        links = links_to_entries(profile, names, table.name)
        if not links:
            return None
        related["of"] = links
        named = list(links_to_records(table.name, profile.parts, profile.graph))
        told = (f"{', '.join(link.columns)}: {meets(link)}" for link in named)
        draft.say(at, "; ".join([plural(table.rows, "row"), *told]) + ".")
        doubt_others(draft, named, at)
        _doubt_unmet(draft, named, at)
    say_date(draft, related, "order_by", table, ("happened", "created", "changed"), (*at, "order_by"))
    labels = labels_of(profile, table)
    if labels:
        related["labels_of"] = labels
    none = none_of(table, words)
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
        return {"through": {**named, **({"where": where[0]} if where else {})}}
    said: dict[str, Any] = {"column": alone_or_all(link.columns)}
    if link.by:
        return {**said, "through": through_of(profile, link)}
    if link.steps:
        said["normalize"] = list(link.steps)
    if link.where:
        said["where"] = {link.where[0]: link.where[1]}
    if link.none:
        said["none"] = list(link.none)
    return link.columns[0] if said.keys() == {"column"} and len(link.columns) == 1 else said
