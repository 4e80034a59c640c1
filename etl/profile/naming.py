"""What tables are called in a config."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from etl.profile.model import RECORDS, Role
from etl.profile.profile import Profile


@dataclass(frozen=True)
class Names:
    """What tables are called in the config. entries: table -> entry; related: table -> related table."""

    entries: Mapping[str, str]
    related: Mapping[str, str]


def names_of(profile: Profile) -> Names:
    """Give each table of records and of history its name in the config."""
    taken: set[str] = set()

    def name(table: str) -> str:
        plain = re.sub(r"[^0-9A-Za-z_-]+", "_", table).strip("_-0123456789") or "table"
        plain = plain[:50]
        free = next(n for n in (plain, *(f"{plain}_{at}" for at in range(2, 10_000))) if n.lower() not in taken)
        taken.add(free.lower())
        return free

    order = sorted(profile.parts.values(), key=lambda part: (part.role not in RECORDS, part.role is Role.PERSON))
    entries = {part.table.name: name(part.table.name) for part in order if part.role in RECORDS}
    wanted = (Role.EVIDENCE, Role.HISTORY, Role.LINES)
    related = {part.table.name: name(part.table.name) for part in order if part.role in wanted and part.table.rows}
    return Names(entries, related)
