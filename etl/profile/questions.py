"""What only people can decide of a first config: the questions, with the numbers of each answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from etl.profile.asked import Unmet, rules_asked
from etl.profile.draft import UNSURE, Draft
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.searched import evidence_in
from etl.profile.sql import only_row, quoted, rows_in

SPAN = " in the last {} years"
"""How rules say in their names how long ago a purchase may be."""


@dataclass(frozen=True)
class Questions:
    """The questions and their numbers.

    years: a line each rule and entry, with how many records it holds for; states: the words that may or may not speak
    for a purchase; merge: how many records look alike. spans: whether any rule asks how long ago it was. unmet: of each
    table of evidence the rows that name a record which is not there, if it has some.
    """

    years: tuple[str, ...]
    states: tuple[str, ...]
    merge: str
    spans: bool = True
    unmet: tuple[Unmet, ...] = ()


def questions_of(
    profile: Profile, names: Names, connection: duckdb.DuckDBPyConnection, draft: Draft, as_of: date
) -> Questions:
    """The questions, with their numbers as of a day by the rules of a config, which stand above each rule as well."""
    asked = list(rules_asked(draft, profile, as_of))
    for rule in asked:
        draft.begin(("classify", rule.place), *rule.records)
    years = tuple(line for rule in asked for line in rule.records)
    states = tuple(dict.fromkeys(line for rule in asked for line in rule.states))
    merge = _alike(profile, names, connection, draft)
    unmet = tuple(lost for rule in asked for lost in rule.unmet if lost.without)
    return Questions(years, states, merge, any(rule.spans for rule in asked), unmet)


def settle_years(draft: Draft, usual: int, years: int | None) -> None:
    """Bring into the rules how long ago people say that a purchase may be; usual: what the rules say; None for ever."""
    for rule in draft.config["classify"]:
        for when in evidence_in(rule):
            if "within" in when and years is None:
                del when["within"]
            elif "within" in when:
                when["within"]["last"] = f"{years} years"
        rule["name"] = rule["name"].replace(SPAN.format(usual), SPAN.format(years) if years else "")


def _alike(profile: Profile, names: Names, connection: duckdb.DuckDBPyConnection, draft: Draft) -> str:
    """How many records have the name and place of another one: the plainest duplicates."""
    said = []
    for table, entry in names.entries.items():
        identity = draft.config["source"]["records"][entry]["identity"]
        name = identity.get("company") or identity.get("last_name")
        compared = [name, *(identity[kind] for kind in ("first_name", "postcode", "email") if kind in identity)]
        columns = [c for c in compared if isinstance(c, str) and c in profile.parts[table].table][:3]
        if len(columns) < 2:
            continue
        forms = ", ".join(f"lower(trim({quoted(c)}))" for c in columns)
        is_filled = " AND ".join(f"{quoted(c)} IS NOT NULL" for c in columns)
        rows = rows_in(profile.parts[table].table.path)
        query = (
            f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {rows} WHERE {is_filled} GROUP BY {forms})"
        )
        said.append(f"{int(only_row(connection, query)[0]):,} {entry} have the same {' and '.join(columns)} as another")
    return "; ".join(said) or "nothing shows which records are alike"


def head(draft: Draft, profile: Profile, questions: Questions, years: int | None, *, merges: bool) -> None:
    """Write the questions on top of a config, each with the config's answer and the numbers of the others."""
    draft.heading += [
        f"A first config for {profile.where}, made by crm-cleanup init from what the source holds.",
        f"Look first at the lines that begin with `# {UNSURE}`: they are not sure.",
        "Then run crm-cleanup check and crm-cleanup plan, which only read.",
        "",
        "What only people can decide:",
    ]
    if questions.years:
        span = f"{years} years" if years and questions.spans else "ever"
        draft.heading.append(
            f"1. How long ago may a purchase be? Here: {span}. Who has bought by it (`within` of the rules):"
        )
        draft.heading += [f"   {line}" for line in questions.years]
    else:
        draft.heading.append("1. How long ago may a purchase be? No table says who bought when: 0 customers by it.")
    if questions.states:
        draft.heading.append("2. Which states of an invoice or an order count as a purchase (`where` of the rules)?")
        draft.heading += [f"   {line}" for line in questions.states]
    merged = "yes" if merges else "no"
    draft.heading.append(f"3. Shall duplicates become one lead? Here: {merged} (leads.duplicates).")
    draft.heading.append(f"   {questions.merge}")
