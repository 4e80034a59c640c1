"""The rules of a first config: what would be evidence of a purchase, with how many records have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.compute as pc

from etl.profile.draft import Draft, alone_or_all, marked
from etl.profile.evidence import Evidence, credit_notes, evidence_of, unasked
from etl.profile.history import links_to_entries
from etl.profile.kinds import share_of
from etl.profile.masters import rules_of_master
from etl.profile.model import Column, Table
from etl.profile.names import kinds_of, words_of
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.questions import SPAN
from etl.profile.table_parts import date_of, deleted_where, says_yes

USUAL_YEARS = 3
FEW_WORDS = 12
TEST_COMPANY = r"(?i)(.*\btest(firma|kunde|company|account)?\b.*|asdf.*|x{3,} *|dummy.*)"
TEST_PERSON = r"(?i)test(kontakt|contact|person)?( .*)?"
MOST_TESTS = 0.05
"""Where more names than that look like those of test records, most of them are none."""
CUSTOMER_WORDS = frozenset("customer kunde client cliente bestandskunde stammkunde aktivkunde existing".split())
PROSPECT_WORDS = frozenset("prospect interessent prospecto potenziale potencial suspect lead".split())
PARTNER_WORDS = frozenset("supplier vendor lieferant fournisseur proveedor fornitore partner reseller haendler".split())


def draft_rules(draft: Draft, profile: Profile, names: Names) -> None:
    """Write the rules of a config. A purchase may be so long ago as usual, until people say how long."""
    rules: list[dict[str, Any]] = []
    draft.config["classify"] = rules

    def add(as_: str, name: str, when: Any, *said: str) -> None:
        for line in said:
            draft.say(("classify", len(rules)), line)
        rules.append({"as": as_, "name": name, **({"when": when} if when is not None else {})})

    for column in _entry_columns(profile, names, "own"):
        if column.flag:
            add("keep", "our own company", says_yes(column))
    for evidence in evidence_of(profile):
        add(*_rule_of(profile, names, evidence))
    for silent in unasked(profile):
        why = f"{silent.name}: {profile.parts[silent.name].why}"
        draft.doubt(("classify",), f"{why}. Nothing in it says which rows are purchases: no rule asks for them.")
    for master in draft.config.get("masters", {}):
        rules += rules_of_master(draft, master)
    for table in names.entries:
        for rule in _called_supplier(profile.parts[table].table):
            add(*rule)
    tests = rule_of_tests(draft, profile, names)
    if tests is not None:
        rules.append(tests)
    never = [{"not": ever} for rule in rules if (ever := _ever(rule))]
    for table, entry in names.entries.items():
        for column, words in _called_customer(profile.parts[table].table):
            says = {**_test(column.name, alone_or_all(words)), "fold": True}
            count = sum(count for word, count in column.top if word in words)
            said = f"{count:,} {entry} say so."
            if never:
                add("review", f"{column.name} says customer, without a purchase", {"all": [says, *never]}, said)
            else:
                add("customer", f"{column.name} says customer", says, said)
    add("lead", "no evidence of a purchase", None)


def _ever(rule: dict[str, Any]) -> dict[str, Any] | None:
    """The condition of a rule of evidence, whenever it was; None of any other rule."""
    when = rule.get("when") or {}
    return {key: value for key, value in when.items() if key != "within"} if "exists" in when else None


def _rule_of(profile: Profile, names: Names, evidence: Evidence) -> tuple[Any, ...]:
    table = evidence.table
    when: dict[str, Any] = {"exists": names.related.get(table.name, table.name)}
    key = profile.keys.get(table.name)
    if key is not None and len(key.columns) == 1:
        when["key"] = key.columns[0]
    when["of"] = links_to_entries(profile, names, table.name)
    conditions = []
    deleted = deleted_where(table)
    if deleted is not None:
        conditions.append(deleted[0])
    if evidence.state is not None:
        words = [*evidence.bought, *evidence.unsure]
        conditions.append({evidence.state.name: alone_or_all(words)})
    elif evidence.won is not None:
        conditions.append(says_yes(evidence.won))
    if evidence.cancelled is not None:
        conditions.append({"not": says_yes(evidence.cancelled)})
    if conditions:
        when["where"] = conditions[0] if len(conditions) == 1 else _all(conditions)
    if evidence.day is not None:
        form = date_of(evidence.day)
        named = {"column": form} if isinstance(form, str) else form
        when["within"] = {
            "column": named["column"],
            "last": f"{USUAL_YEARS} years",
            **({"format": named["format"]} if "format" in named else {}),
        }
    name = " ".join(words_of(table.name)) or table.name
    span = "" if "within" not in when else SPAN.format(USUAL_YEARS)
    said = []
    if evidence.unsure:
        listed = ", ".join(word or "none at all" for word in evidence.unsure)
        said.append(marked(f"Do these states speak for a purchase: {listed}? They count as long as nobody says no."))
    if evidence.state is not None:
        left = [word for word, _ in evidence.state.top if word not in (*evidence.bought, *evidence.unsure)]
        if left:
            said.append(f"Not counted: {', '.join(left)}.")
    if taken_back := credit_notes(evidence):
        said.append(marked(taken_back))
    if evidence.day is None:
        said.append(marked("It counts whenever it was, as it lasts, or no column of it holds its date."))
    elif not evidence.day_named:
        said.append(marked(f"{evidence.day.name} is taken for its date, as no name of a column says which one it is."))
    if evidence.named:
        return ("customer", f"{name}{span}", when, *said)
    why = f"{profile.parts[table.name].why}: are its rows purchases? Then write customer; if not, take the rule out."
    return ("review", f"{name}{span}, perhaps purchases", when, *said, marked(f"{why[:1].upper()}{why[1:]}"))


WHOLE = frozenset(("not", "flag", "column"))
"""How a condition begins that is more than a column with its value."""


def _all(conditions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several conditions as one: columns side by side where each is plain."""
    if all(not WHOLE & condition.keys() for condition in conditions):
        return {column: value for condition in conditions for column, value in condition.items()}
    listed = [
        condition if WHOLE & condition.keys() else {"all": [_test(*item) for item in condition.items()]}
        for condition in conditions
    ]
    return {"all": [inner for condition in listed for inner in condition.get("all", [condition])]}


def _test(column: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"column": column, **value}
    return {"column": column, "in" if isinstance(value, list) else "equals": value}


def _entry_columns(profile: Profile, names: Names, kind: str) -> Iterator[Column]:
    for table in names.entries:
        for column in profile.parts[table].table.columns:
            if kinds_of(column.name).get(kind, 0) >= 60 and column.filled:
                yield column


def _says_who_they_are(column: Column) -> bool:
    """Whether a column says what records are to the company: by its name, or because most of its words do."""
    spoken = kinds_of(column.name)
    if max(spoken.get("type", 0), spoken.get("status", 0)) >= 40:
        return True
    known = CUSTOMER_WORDS | PARTNER_WORDS | PROSPECT_WORDS
    said = sum(count for word, count in column.top if (words_of(word) or ("",))[-1] in known)
    return column.distinct <= FEW_WORDS and said > column.filled / 2


def _called_supplier(table: Table) -> Iterator[tuple[Any, ...]]:
    for column in table.columns:
        spoken = kinds_of(column.name)
        if spoken.get("supplier", 0) >= 60 and column.flag and not column.flag.other:
            count = sum(count for word, count in column.top if word in column.flag.yes)
            if count:
                yield "keep", "supplier", says_yes(column), f"{count:,} {table.name} say so."
        elif column.top and _says_who_they_are(column) and not column.flag:
            words = [word for word, _ in column.top if set(words_of(word)) & PARTNER_WORDS]
            if words:
                count = sum(count for word, count in column.top if word in words)
                yield (
                    "keep",
                    f"{column.name} says supplier or partner",
                    {"column": column.name, "in": words, "fold": True},
                    f"{count:,} {table.name} say so.",
                )


def _called_customer(table: Table) -> Iterator[tuple[Column, tuple[str, ...]]]:
    for column in table.columns:
        if not column.top or column.distinct > 40 or not _says_who_they_are(column):
            continue
        words = tuple(
            word
            for word, _ in column.top
            if words_of(word) and words_of(word)[-1] in CUSTOMER_WORDS and "ex" not in words_of(word)
        )
        if words:
            yield column, words


def rule_of_tests(draft: Draft, profile: Profile, names: Names) -> dict[str, Any] | None:
    """The rule that asks people about what looks like a test record; None where nobody, or too many, look like one."""
    tests = list(_tests(draft, profile, names))
    when = tests[0] if len(tests) == 1 else {"any": tests}
    return {"as": "review", "name": "looks like a test record", "when": when} if tests else None


def _tests(draft: Draft, profile: Profile, names: Names) -> Iterator[dict[str, Any]]:
    """What test records look like, of the columns that name companies and persons."""
    told = set()
    for table, entry in names.entries.items():
        identity = draft.config["source"]["records"][entry]["identity"]
        for kind, pattern in (("company", TEST_COMPANY), ("last_name", TEST_PERSON)):
            column = identity.get(kind)
            if not isinstance(column, str) or column in told:
                continue
            told.add(column)
            share = _share_of_tests(profile.parts[table].table, column, pattern)
            if share <= MOST_TESTS:
                yield {"column": column, "matches": pattern}
            else:
                draft.doubt(
                    ("classify",),
                    f"{entry}.{column}: {share:.0%} of its values look like names of test records, which are too many "
                    "for people to decide each: no rule asks for them.",
                )


def _share_of_tests(table: Table, column: str, pattern: str) -> float:
    if column not in table or not len(table[column].values):
        return 0.0
    return share_of(pc.match_substring_regex(table[column].values, f"^({pattern})$"))
