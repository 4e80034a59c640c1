"""What names the record above, as a config says it."""

from __future__ import annotations

from typing import Any

from etl.profile.draft import Draft, alone_or_all
from etl.profile.link_names import speaks_above
from etl.profile.model import LinkTo, Role, Table
from etl.profile.names import words_of
from etl.profile.naming import Names
from etl.profile.parts import Part
from etl.profile.profile import Profile
from etl.profile.table_parts import deleted_where, meets, say_rivals, through_of


def parent_of(draft: Draft, profile: Profile, names: Names, part: Part, at: tuple[str, ...]) -> dict[str, Any] | None:
    """How the records of an entry name the one above them; None where they do not."""
    links = [link for link in profile.graph.of(part.table.name) if link.to in names.entries and not link.where]
    own = [link for link in links if link.to == part.table.name]
    above = [link for link in links if profile.parts[link.to].role is not Role.PERSON and link.to != part.table.name]
    if part.role is Role.PERSON:
        through = _through(profile, part.table.name)
        direct = max(above, key=lambda link: link.met, default=None)
        if through is not None and (direct is None or through[1].met > direct.met):
            return _parent_through(draft, names, *through, at)
        link = direct or (own[0] if own else None)
    else:
        link = own[0] if own else max(above, key=lambda link: link.met, default=None)
    if link is None:
        return None
    if link.leads and len(profile.keys[part.table.name].columns) > 1:
        draft.doubt(at[:-1], f"{link.columns[0]}: {meets(link)}. A key of one column would let it name the company.")
        return None
    parent: dict[str, Any] = {"column": alone_or_all(link.columns), "of": names.entries[link.to]}
    if link.leads:
        parent["through"] = through_of(profile, link)
    elif link.steps:
        parent["normalize"] = list(link.steps)
    none = [*link.none, *(["self"] if link.to == part.table.name else [])]
    if none:
        parent["none"] = none
    parent["missing"] = "ignore"
    if link.to == part.table.name:
        parent["circle"] = "cut"
    _link_comment(draft, link, at)
    say_rivals(draft, [link], at)
    for other in links:
        if other.columns != link.columns:
            draft.doubt(at, f"{other.columns[0]}: {meets(other)}. A record has one above it; is it this one?")
    return parent


def _through(profile: Profile, table: str) -> tuple[Table, LinkTo, LinkTo] | None:
    """A table of links between persons and companies: it, its link to the company, and that to the person."""
    for name, part in profile.parts.items():
        if part.role is not Role.LINKS:
            continue
        links = profile.graph.of(name)
        person = next((link for link in links if link.to == table), None)
        company = next(
            (link for link in links if profile.parts[link.to].role in (Role.COMPANY, Role.BOTH) and link.to != table),
            None,
        )
        if person and company and len(person.columns) == len(company.columns) == 1:
            return part.table, company, person
    return None


def _parent_through(
    draft: Draft, names: Names, table: Table, company: LinkTo, person: LinkTo, at: tuple[str, ...]
) -> dict[str, Any]:
    through: dict[str, Any] = {"table": table.name, "from": person.columns[0], "to": company.columns[0]}
    where = deleted_where(table)
    if where is not None:
        through["where"] = where[0]
    first = next(
        (c for c in table.columns if c.flag and {"main", "primary", "haupt", "default"} & set(words_of(c.name))), None
    )
    if first is not None:
        through |= {"order_by": first.name, "descending": True}
    draft.say(at, f"A person may belong to several companies; {meets(company)}.")
    return {"of": names.entries[company.to], "through": through, "missing": "ignore"}


def _link_comment(draft: Draft, link: LinkTo, at: tuple[str, ...]) -> None:
    said = f"{', '.join(link.columns)}: {meets(link)}." + (" The database declares it." if link.declared else "")
    is_guess = link.by or (link.to == link.table and not speaks_above(link.columns[0]))
    if (link.sure and not is_guess) or link.declared:
        draft.say(at, said)
    else:
        draft.doubt(at, f"{said} Is it this link?")
