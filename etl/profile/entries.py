"""The part of a first config that says what records and history are: entries, related tables, what stays behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from etl.config import CsvFormat
from etl.errors import plural
from etl.profile.draft import Draft, alone_or_all, marked
from etl.profile.formats import say_own_format, usual_format, words_everywhere
from etl.profile.history import draft_related
from etl.profile.identity import identity_of
from etl.profile.lists import all_labels_of
from etl.profile.model import Role
from etl.profile.names import words_of
from etl.profile.naming import Names
from etl.profile.parents import parent_of
from etl.profile.parts import Part
from etl.profile.profile import Profile
from etl.profile.table_parts import deleted_by_word, deleted_where, none_of, say_date


def draft_source(draft: Draft, profile: Profile, names: Names, formats: Mapping[str, CsvFormat], url: str) -> None:
    """Write the `source` of a config."""
    source: dict[str, Any] = {"url": url}
    draft.config["source"] = source
    usual = usual_format(formats)
    if usual:
        source["csv"] = usual
    words = words_everywhere(profile)
    if words:
        source["none"] = list(words)
        draft.say(("source", "none"), "These words stand for an empty value; notes keep them as they are.")
    records = source["records"] = {}
    for table, entry in names.entries.items():
        records[entry] = _entry(draft, profile, names, profile.parts[table], ("source", "records", entry), words)
        say_own_format(records[entry], formats.get(table), usual)
        _why(draft, ("source", "records", entry), profile.parts[table])
    related = source["related"] = {}
    for table, name in names.related.items():
        part = draft_related(draft, profile, names, profile.parts[table], ("source", "related", name), words)
        if part is not None:
            related[name] = part
            say_own_format(part, formats.get(table), usual)
    if not related:
        del source["related"]


def _why(draft: Draft, at: tuple[str, ...], part: Part) -> None:
    table = part.table
    rows = plural(table.rows, "row")
    read = rows if table.whole else f"the first {rows} were read"
    said = f"{part.role.value[:1].upper()}{part.role.value[1:]}: {read}; {part.why}."
    if part.sure:
        draft.say(at, said)
    else:
        draft.doubt(at, f"{said} Is it a table of {part.role.value}?")


def _entry(
    draft: Draft, profile: Profile, names: Names, part: Part, at: tuple[str, ...], words: tuple[str, ...]
) -> dict[str, Any]:
    table, key = part.table, profile.keys[part.table.name]
    entry: dict[str, Any] = {}
    if at[-1] != table.name:
        entry["from"] = table.name
    entry["key"] = alone_or_all(key.columns)
    if not key.sure:
        draft.doubt((*at, "key"), f"{key.why}: such rows are rejected. Is another column the key?")
    elif not key.named:
        draft.doubt(
            (*at, "key"), f"{key.why}, but nothing is called like a key. Will these values always stay as they are?"
        )
    elif key.why and not key.why.startswith("declared"):
        draft.beside[(*at, "key")] = key.why
    entry["type"] = _type(part)
    where = deleted_where(table)
    if where is not None:
        entry["where"] = where[0]
        draft.say((*at, "where"), where[1])
    elif (by_word := deleted_by_word(table)) is not None:
        entry["where"], said, is_sure = by_word
        draft.say((*at, "where"), said if is_sure else marked(f"{said} Are all of these still in use?"))
    parent = parent_of(draft, profile, names, part, (*at, "parent"))
    if parent:
        entry["parent"] = parent
    say_date(draft, entry, "changed", table, ("changed",), (*at, "changed"))
    joins = joins_of(profile, part)
    if joins:
        entry["join"] = joins
    labels = all_labels_of(profile, table)
    if labels:
        entry["labels_of"] = labels
    entry["identity"] = identity_of(draft, profile, part, joins, (*at, "identity"))
    none = none_of(table, words, profile.graph.of(table.name))
    if none:
        entry["none"] = none
        draft.say((*at, "none"), "Words that stand for an empty value in these columns; notes keep them.")
    return entry


def _type(part: Part) -> Any:
    if part.role is Role.BOTH and part.type_column:
        words = {"company": alone_or_all(part.company_words), "person": alone_or_all(part.person_words)}
        return {"column": part.type_column, **words}
    return "person" if part.role is Role.PERSON else "company"


def joins_of(profile: Profile, part: Part) -> dict[str, Any]:
    """Tables that hold further values of a record."""
    key = profile.keys[part.table.name]
    joins: dict[str, Any] = {}
    for link in profile.graph.to(part.table.name):
        details = profile.parts[link.table]
        if (
            details.role is not Role.DETAILS
            or len(link.columns) != 1
            or (len(key.columns) != 1 and not link.by)
            or link.where
        ):
            continue
        name = re.sub(r"[^0-9A-Za-z_]+", "_", link.table).strip("_0123456789") or "details"
        join: dict[str, Any] = {"from": link.table, "key": link.columns[0]}
        if name == link.table:
            del join["from"]
        if link.by:
            join["on"] = link.by
        if link.steps:
            join["normalize"] = list(link.steps)
        order = next((c for c in details.table.columns if c.flag and {"main", "primary"} & set(words_of(c.name))), None)
        if order is not None:
            join |= {"take": "last", "order_by": order.name}
        joins[name] = join
    return joins
