"""The tables of a source that a first config leaves out, each with why."""

from __future__ import annotations

from etl.errors import plural
from etl.profile.draft import Draft
from etl.profile.model import RECORDS, Role
from etl.profile.names import is_leads, roles_of
from etl.profile.parts import Part, links_to_records
from etl.profile.profile import Profile
from etl.profile.roles import is_copy
from etl.profile.sales import looks_like_sales
from etl.profile.searched import tables_in

WHOLE = 100
"""So much of a table's name says what it is where it says nothing else."""
STRONG = 50
"""So much of a table's name says that who stands in it bought something."""
WHOM = ("email", "company", "first_name", "last_name", "vat")
"""The kinds of columns that say who somebody is."""
MOST = 200
"""So many tables are listed."""


def say_left_out(draft: Draft, profile: Profile) -> None:
    """List above the rules the tables that a config does not name, and mark those that it may need."""
    named = set(tables_in(draft.config))
    for table in profile.unread:
        draft.doubt(("classify",), f"{table.name} is left out: {table.why}")
    for name, part in profile.parts.items():
        if name not in named and (why := _may_be_needed(profile, part)):
            draft.doubt(("classify",), f"{name} is left out, although {why}. {_next_step(draft, part)}")
    parts = sorted((name, part) for name, part in profile.parts.items() if name not in named)
    lines = [f"  {name}: {plural(part.table.rows, 'row')}; {part.why}" for name, part in parts]
    lines += [f"  {table.name}: {table.why}" for table in profile.unread]
    if lines:
        draft.say(("classify",), "Tables that are left out:", *lines[:MOST])
    if len(lines) > MOST:
        draft.say(("classify",), f"  and {len(lines) - MOST:,} more")


def _may_be_needed(profile: Profile, part: Part) -> str | None:
    """Why a table that is left out may hold what decides or belongs to a record; None of any other."""
    table, spoken = part.table, roles_of(part.table.name)
    if not table.rows:
        empty = max(spoken.get("company", 0), spoken.get("strong", 0)) == WHOLE
        return "by its name it would matter: it has no rows" if empty else None
    if part.role in (Role.USERS, Role.LIST, Role.LINKS) or is_leads(table.name) or _is_copied(profile, part):
        return None
    is_below_evidence = part.role is Role.LINES and _is_below_evidence(profile, table.name)
    if spoken.get("strong", 0) >= STRONG and spoken.get("line", 0) < 60 and not is_below_evidence:
        return "by its name it says who bought; nothing in it names a record"
    if part.role is not Role.LINES and (sale := looks_like_sales(table)):
        return sale
    kinds = {kind.name for kind in part.kinds.values() if kind.points >= 40 and kind.name in WHOM}
    if part.role is Role.OTHER and (len(kinds) > 1 or kinds & {"company", "last_name"}):
        return f"its columns hold {' and '.join(sorted(kinds)).replace('_', ' ')}"
    link = next(links_to_records(table.name, profile.parts, profile.graph), None)
    return None if link is None else f"{', '.join(link.columns)} names rows of {link.to}"


def _next_step(draft: Draft, part: Part) -> str:
    """What to write where a table is needed: of what was bought a rule, with the column that only people know."""
    name = part.table.name
    if not (part.table.rows and (roles_of(name).get("strong", 0) >= STRONG or looks_like_sales(part.table))):
        return "Should it be among records or related?"
    entry = next(iter(draft.config["source"]["records"]))
    asked = f"{{exists: {name}, of: {{{entry}: COLUMN}}}}"
    return f"Where a column of it names {entry}, a rule makes customers of them: when: {asked}."


def _is_below_evidence(profile: Profile, table: str) -> bool:
    """Whether a table's rows name those of a table of evidence, which are asked themselves."""
    return any(link.sure and profile.parts[link.to].role is Role.EVIDENCE for link in profile.graph.of(table))


def _is_copied(profile: Profile, part: Part) -> bool:
    """Whether a table says what one of records says: a view of it, or a copy."""
    if part.table.name not in profile.keys:
        return False
    records = [other.table for other in profile.parts.values() if other.role in RECORDS]
    return any(is_copy(part.table, table, profile.keys) for table in records)
