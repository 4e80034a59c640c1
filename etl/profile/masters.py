"""The part of a first config that says which list of known customers records are compared with."""

from __future__ import annotations

import re
from typing import Any

from etl.config.identity import comparable
from etl.profile.draft import Draft, alone_or_all
from etl.profile.identity import identity_of
from etl.profile.model import RECORDS, Table
from etl.profile.names import kinds_of, words_of
from etl.profile.profile import Profile
from etl.profile.table_parts import deleted_where

AT_LEAST, PERHAPS = 0.95, 0.3
SAME = ("vat", "company_number")
"""The official numbers of which one is enough for a record to be a customer."""


def draft_master(draft: Draft, profile: Profile, url: str, formats: dict[str, Any]) -> str | None:
    """Add a master to a config, and the rules that ask it; gives its name, None where nothing in it can be compared."""
    part = max(
        (p for p in profile.parts.values() if p.role in RECORDS), key=lambda p: (p.points, p.table.rows), default=None
    )
    if part is None:
        return None
    masters = draft.config.setdefault("masters", {})
    name = _name(
        url, part.table.name, [*masters, *draft.config["source"]["records"], *draft.config["source"].get("related", {})]
    )
    at = ("masters", name)
    master: dict[str, Any] = {"url": url, "from": part.table.name}
    form = formats.get(part.table.name)
    if form is not None and form.model_fields_set:
        master["csv"] = {key: getattr(form, key) for key in form.model_fields_set}
    key = profile.keys[part.table.name]
    master["key"] = alone_or_all(key.columns)
    where = deleted_where(part.table) or _active(part.table)
    if where is not None:
        master["where"] = where[0]
        draft.doubt((*at, "where"), where[1])
    master["identity"] = identity_of(draft, profile, part, {}, (*at, "identity"))
    entries = [entry["identity"] for entry in draft.config["source"]["records"].values()]
    if not any(comparable(entry, master["identity"]) for entry in entries):
        return None
    masters[name] = master
    draft.say(at, f"Known customers: {part.table.rows:,} rows; {part.why}.")
    return name


def rules_of_master(draft: Draft, name: str) -> list[dict[str, Any]]:
    """The rules that ask a master, the surest first."""
    identity = draft.config["masters"][name]["identity"]
    entries = [entry["identity"] for entry in draft.config["source"]["records"].values()]
    same = [kind for kind in SAME if kind in identity and any(kind in entry for entry in entries)]
    rules: list[dict[str, Any]] = [
        {
            "as": "customer",
            "name": f"same {kind.replace('_', ' ')} as in {name}",
            "when": {"matches": name, "same": kind},
        }
        for kind in same
    ]
    rules.append({"as": "customer", "name": f"known to {name}", "when": {"matches": name, "at_least": AT_LEAST}})
    rules.append({"as": "review", "name": f"perhaps known to {name}", "when": {"matches": name, "at_least": PERHAPS}})
    return rules


def _active(table: Table) -> tuple[dict[str, Any], str] | None:
    """The condition that takes active customers only: a customer of long ago is no reason to stay."""
    for column in table.columns:
        if kinds_of(column.name).get("active", 0) < 60 or not column.filled or column.distinct > 3:
            continue
        words = [word for word, _ in column.top]
        yes = list(column.flag.yes) if column.flag else words
        active = sum(count for word, count in column.top if word in yes)
        return {
            column.name: yes[0] if len(yes) == 1 else yes
        }, f"{active:,} of {table.rows:,} are active; the others do not count as customers."
    return None


def _name(url: str, table: str, taken: list[str]) -> str:
    last = re.split(r"[/\\:?]", url.split("?")[0].rstrip("/"))[-1]
    words = words_of(last) or words_of(table) or ("master",)
    plain = "_".join(words)[:40]
    plain = plain if plain[0].isalpha() else f"master_{plain}"
    return next(n for n in (plain, *(f"{plain}_{at}" for at in range(2, 1000))) if n not in taken)
