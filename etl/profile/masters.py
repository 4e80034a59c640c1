"""The part of a first config that says which list of known customers records are compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from etl.config import CsvFormat
from etl.config.identity import comparable
from etl.profile.draft import Draft
from etl.profile.formats import doubt_encodings, said_of
from etl.profile.identity import identity_of
from etl.profile.keys import single_key_of
from etl.profile.model import RECORDS, Role, Table
from etl.profile.names import kinds_of, roles_of, words_of
from etl.profile.parts import Part
from etl.profile.profile import Profile
from etl.profile.shared_numbers import shared_number
from etl.profile.table_parts import deleted_where

AT_LEAST, PERHAPS = 0.95, 0.3
FEW = 8
SAME = ("vat", "company_number", "number")
"""The official numbers of which one is enough for a record to be a customer."""


@dataclass(frozen=True)
class Compared:
    """The records that masters are compared with. parts: entry -> its table."""

    connection: duckdb.DuckDBPyConnection
    parts: Mapping[str, Part]


def draft_master(
    draft: Draft, compared: Compared, profile: Profile, url: str, formats: Mapping[str, CsvFormat]
) -> bool:
    """Add a master of another source to a config; tells whether anything in it can be compared."""
    listed = [part for part in profile.parts.values() if part.role in (*RECORDS, Role.CUSTOMERS)]
    part = max(listed, key=lambda part: (part.points, part.table.rows), default=None)
    return part is not None and _draft(
        draft, compared, profile, part, url, re.split(r"[/\\:?]", _bare(url))[-1], formats
    )


def draft_known_customers(
    draft: Draft, compared: Compared, profile: Profile, url: str, formats: Mapping[str, CsvFormat]
) -> None:
    """Make masters of the source's own lists of customers: whoever is on them is one, and no record to decide."""
    for part in profile.parts.values():
        if part.role is Role.CUSTOMERS and _draft(draft, compared, profile, part, url, part.table.name, formats):
            name = [*draft.config["masters"]][-1]
            draft.doubt(("masters", name), f"By its name, {part.table.name} lists who is a customer already. Is it so?")


def _bare(url: str) -> str:
    return url.split("?")[0].rstrip("/")


def _draft(
    draft: Draft,
    compared: Compared,
    profile: Profile,
    part: Part,
    url: str,
    called: str,
    formats: Mapping[str, CsvFormat],
) -> bool:
    masters = draft.config.setdefault("masters", {})
    source = draft.config["source"]
    name = _name(called, part.table.name, [*masters, *source["records"], *source.get("related", {})])
    at = ("masters", name)
    master: dict[str, Any] = {"url": url, "from": part.table.name}
    form = formats.get(part.table.name)
    if form is not None and url != source["url"]:
        doubt_encodings(draft, {part.table.name: form}, at)
    if form is not None and form.model_fields_set:
        master["csv"] = said_of(form)
    key = profile.keys[part.table.name]
    if len(key.columns) > 1:
        key = single_key_of(compared.connection, part.table) or key
    master["key"] = key.columns[0]
    if len(key.columns) > 1 or not (key.sure and key.named):
        draft.doubt((*at, "key"), f"{key.why}. A list of customers has one column that names each: is it this one?")
    where = deleted_where(part.table) or _active(part.table)
    if where is not None:
        master["where"] = where[0]
        draft.doubt((*at, "where"), where[1])
    master["identity"] = identity_of(draft, profile, part, {}, (*at, "identity"))
    _share_number(draft, compared, part, name, master)
    entries = [entry["identity"] for entry in draft.config["source"]["records"].values()]
    if not any(comparable(entry, master["identity"]) for entry in entries):
        return False
    masters[name] = master
    draft.say(at, f"Known customers: {part.table.rows:,} rows; {part.why}.")
    if not {"company", "last_name"} & master["identity"].keys():
        draft.doubt((*at, "identity"), "No column seems to hold names: customers are known by the others alone.")
    if where is None:
        for line in _asked(part.table):
            draft.doubt(at, line)
    return True


def _share_number(draft: Draft, compared: Compared, part: Part, name: str, master: dict[str, Any]) -> None:
    """Compare by the number that a master's customers have in the records, if there is one."""
    for entry, own in compared.parts.items():
        identity = draft.config["source"]["records"][entry]["identity"]
        shared = shared_number(compared.connection, own, part)
        if shared is None or identity.get("number", shared.column) != shared.column:
            continue
        if master["identity"].get("number", shared.of_master) != shared.of_master:
            continue
        identity["number"], master["identity"]["number"] = shared.column, shared.of_master
        draft.doubt(
            ("masters", name, "identity"),
            f"{entry}.{shared.column}: {shared.met:,} of {shared.filled:,} stand in {shared.of_master}. "
            "Is who has such a number this customer?",
        )


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


def _asked(table: Table) -> Iterator[str]:
    """What people should say of a list of which every row counts as a customer."""
    for column in table.columns:
        kinds, sold = kinds_of(column.name), roles_of(column.name)
        listed = ", ".join(f"{word} ({count:,})" for word, count in column.top)
        if (
            1 < column.distinct <= FEW
            and max(kinds.get("status", 0), kinds.get("active", 0), kinds.get("type", 0)) >= 40
        ):
            yield f"{column.name}: {listed}. Are all of them customers? `where` takes some."
        elif column.dates and max(sold.get("strong", 0), sold.get("evidence", 0)) >= 30:
            yield f"{column.name} may say when each bought last; nothing asks how long ago."


def _name(called: str, table: str, taken: list[str]) -> str:
    words = words_of(called) or words_of(table) or ("master",)
    plain = "_".join(words)[:40]
    plain = plain if plain[0].isalpha() else f"master_{plain}"
    return next(n for n in (plain, *(f"{plain}_{at}" for at in range(2, 1000))) if n not in taken)
