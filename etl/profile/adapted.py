"""The config of a known system, adapted to what its source holds: dates, words for none, further tables and columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.config import CsvFormat
from etl.errors import plural
from etl.profile.draft import Draft, as_list
from etl.profile.entries import joins_of
from etl.profile.formats import say_own_format, usual_format
from etl.profile.history import draft_related
from etl.profile.identity import IDENTITY
from etl.profile.known import Recognition
from etl.profile.masters import rules_of_master
from etl.profile.model import Role, Table
from etl.profile.naming import Names
from etl.profile.parts import Part
from etl.profile.profile import Profile
from etl.profile.pruned import pruned
from etl.profile.rules import rule_of_tests
from etl.profile.searched import evidence_in, tables_in
from etl.profile.spelled import spelled
from etl.profile.table_parts import date_of, none_of

BY_NAME_ONLY = ("company", "first_name", "last_name")
"""What a system's own columns say; a further one that looks like it names somebody else."""


def draft_known(
    draft: Draft, recognition: Recognition, profile: Profile, url: str, formats: Mapping[str, CsvFormat]
) -> Names:
    """Write a known system's config, and what the profile adds to it. Returns what tables are called in it."""
    kept = pruned(recognition.system.config, recognition.columns)
    config = spelled(kept.config, recognition)
    usual = usual_format(formats)
    source = {"url": url, **({"csv": usual} if usual else {}), **config.pop("source")}
    draft.config |= {"source": source, **config}
    if "target" in config:
        draft.config["target"] = {"url": url, **config["target"]}
    draft.say(
        ("source",), f"Recognised as {recognition.system.title}; made from facts of {recognition.system.version}."
    )
    names = Names(
        {entry.get("from", name): name for name, entry in source["records"].items()},
        {part.get("from", name): name for name, part in source.get("related", {}).items()},
    )
    by_name = {table.name: table for table in profile.tables}
    for kind in ("records", "related"):
        for name, part in source.get(kind, {}).items():
            table = by_name[part.get("from", name)]
            rows = plural(table.rows, "row")
            draft.say(("source", kind, name), f"{rows}." if table.whole else f"More than {rows}.")
            _say_none(draft, table, part, ("source", kind, name))
            say_own_format(part, formats.get(table.name), usual)
    _say_dates(draft.config, by_name, source)
    for table_name, entry in names.entries.items():
        _with_columns(draft, profile, profile.parts[table_name], entry)
    _say_lost(draft, recognition, kept.lost)
    return _with_further(draft, profile, names)


def draft_known_rules(draft: Draft, profile: Profile, names: Names) -> None:
    """Bring masters and test records into a known system's rules."""
    rules = draft.config["classify"]
    bought = [
        n for n, rule in enumerate(rules) if rule["as"] == "customer" and {"exists", "odoo"} & rule["when"].keys()
    ]
    at = bought[-1] + 1 if bought else 0
    rules[at:at] = [rule for master in draft.config.get("masters", {}) for rule in rules_of_master(draft, master)]
    tests = rule_of_tests(draft, profile, names)
    if tests is not None:
        rules.insert(len(rules) - 1, tests)
    draft.config["leads"].setdefault("duplicates", {"merge_at": 0.98, "review_at": 0.9})


def _say_lost(draft: Draft, recognition: Recognition, lost: tuple[str, ...]) -> None:
    if lost:
        draft.say(
            ("classify",),
            f"The source has nothing to ask for these rules of {recognition.system.title}: {', '.join(lost)}.",
        )
    for table, name in recognition.further.items():
        if name in recognition.tables:
            other = recognition.tables[name]
            draft.doubt(
                ("classify",), f"{table} has the same columns as {other}, and is not read: does one go on in the other?"
            )


def _with_columns(draft: Draft, profile: Profile, part: Part, entry: str) -> None:
    """Add the columns and tables of details of which the system knows nothing, by what they hold."""
    at = ("source", "records", entry)
    said = draft.config["source"]["records"][entry]
    known = set(tables_in(draft.config))
    if part.table.name in profile.keys:
        for name, join in joins_of(profile, part).items():
            if join.get("from", name) not in known and name not in said.get("join", {}):
                said.setdefault("join", {})[name] = join
                draft.say((*at, "join", name), "A table of this installation's own.")
    tables = [("", part), *((f"{n}.", profile.parts[j.get("from", n)]) for n, j in said.get("join", {}).items())]
    for prefix, source in tables:
        for column, kind in source.kinds.items():
            wanted = kind.sure and kind.name in IDENTITY and kind.name not in (*BY_NAME_ONLY, *said["identity"])
            if wanted and source.table[column].filled and _is_taken(said, prefix, column):
                said["identity"][kind.name] = prefix + column
                draft.say((*at, "identity"), f"{prefix}{column} as {kind.name.replace('_', ' ')}: {kind.why}.")


def _is_taken(said: Mapping[str, Any], prefix: str, column: str) -> bool:
    """Whether a join takes a column over."""
    taken = said["join"][prefix[:-1]].get("columns") if prefix else None
    return not taken or column in taken


def _say_none(draft: Draft, table: Table, part: dict[str, Any], at: tuple[str, ...]) -> None:
    none = none_of(table, ())
    if none and "none" not in part:
        part["none"] = none
        draft.say((*at, "none"), "Words that stand for an empty value in these columns; notes keep them.")


def _say_dates(config: dict[str, Any], tables: Mapping[str, Table], source: Mapping[str, Any]) -> None:
    """Declare how dates are written where it is not as the system's own database has them."""
    for kind in ("records", "related"):
        for name, part in source.get(kind, {}).items():
            table = tables[part.get("from", name)]
            for key in ("changed", "order_by"):
                if key in part:
                    part[key] = _dated(table, part[key])
    related = source.get("related", {})
    for when in evidence_in(config["classify"]):
        named = tables.get(related.get(when["exists"], {}).get("from", when["exists"]))
        if "within" in when and named is not None and "format" not in when["within"]:
            dated = _dated(named, when["within"]["column"])
            if isinstance(dated, dict):
                when["within"]["format"] = dated["format"]


def _dated(table: Table, said: Any) -> Any:
    """A column of dates with the form that its values have, beside the forms that the system says."""
    column = said["column"] if isinstance(said, dict) else said
    if column not in table or table[column].dates is None:
        return said
    dated = date_of(table[column])
    if not isinstance(said, dict):
        return dated
    forms = [form for way in (said, dated) if isinstance(way, dict) for form in as_list(way.get("format", []))]
    return {**said, "format": list(dict.fromkeys(forms))} if forms else said


def _with_further(draft: Draft, profile: Profile, names: Names) -> Names:
    """Add the tables of history that the system's config does not name and that name its records."""
    named = set(tables_in(draft.config))
    related = draft.config["source"].setdefault("related", {})
    further = dict(names.related)
    for table, part in profile.parts.items():
        if table in named or part.role not in (Role.EVIDENCE, Role.HISTORY):
            continue
        name = table if table not in {*names.entries.values(), *further.values()} else f"{table}_2"
        at = ("source", "related", name)
        made = draft_related(draft, profile, Names(names.entries, {**further, table: name}), part, at, ())
        if made is not None:
            related[name] = made
            further[table] = name
    if not related:
        del draft.config["source"]["related"]
    return Names(names.entries, further)
