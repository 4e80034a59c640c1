"""The rules of a first config: what would be evidence of a purchase, with how many records have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.compute as pc

from etl.profile.draft import Draft, alone_or_all
from etl.profile.evidence import evidence_of, unasked
from etl.profile.evidence_rules import as_test, rule_of
from etl.profile.kinds import share_of
from etl.profile.masters import rules_of_master
from etl.profile.model import Column, Table
from etl.profile.names import kinds_of, words_of
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.states import MANY, State, labels_in
from etl.profile.table_parts import says_yes

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
        if column.is_plain_flag:
            add("keep", "our own company", says_yes(column))
    offers = set()
    for evidence in evidence_of(profile):
        add(*rule_of(profile, names, evidence))
        if evidence.offers:
            offers.add(rules[-1]["name"])
    for silent in unasked(profile):
        why = f"{silent.name}: {profile.parts[silent.name].why}"
        draft.doubt(("classify",), f"{why}. Nothing in it says which rows are purchases: no rule asks for them.")
    for master in draft.config.get("masters", {}):
        rules += rules_of_master(draft, master)
    for table in names.entries:
        for rule in _called_supplier(profile, profile.parts[table].table):
            add(*rule)
    tests = rule_of_tests(draft, profile, names)
    if tests is not None:
        rules.append(tests)
    never = [{"not": ever} for rule in rules if rule["name"] not in offers and (ever := _ever(rule))]
    for table, entry in names.entries.items():
        for state, words in _called_customer(profile, profile.parts[table].table):
            column = state.column
            says = {**as_test(column.name, alone_or_all(words)), "fold": True}
            count = sum(count for word, count in column.top if word in words)
            said = f"{count:,} {entry} say so{_codes(state, words)}."
            if never:
                add("review", f"{column.name} says customer, without a purchase", {"all": [says, *never]}, said)
            else:
                add("customer", f"{column.name} says customer", says, said)
    add("lead", "no evidence of a purchase", None)


def _ever(rule: dict[str, Any]) -> dict[str, Any] | None:
    """The condition of a rule of evidence, whenever it was; None of any other rule."""
    when = rule.get("when") or {}
    return {key: value for key, value in when.items() if key != "within"} if "exists" in when else None


def _entry_columns(profile: Profile, names: Names, kind: str) -> Iterator[Column]:
    for table in names.entries:
        for column in profile.parts[table].table.columns:
            if kinds_of(column.name).get(kind, 0) >= 60 and column.filled:
                yield column


def _codes(state: State, words: Sequence[str]) -> str:
    """What a list calls some words; nothing where there is no list."""
    return f" by {', '.join(map(state.shown, words))}" if state.labels else ""


def _says_who_they_are(state: State) -> bool:
    """Whether a column says what records are to the company: by its name, or because most of its words do."""
    column = state.column
    spoken = kinds_of(column.name)
    if max(spoken.get("type", 0), spoken.get("status", 0)) >= 40:
        return True
    known = CUSTOMER_WORDS | PARTNER_WORDS | PROSPECT_WORDS
    said = sum(count for word, count in column.top if (words_of(state.said(word)) or ("",))[-1] in known)
    return column.distinct <= FEW_WORDS and said > column.filled / 2


def _worded(profile: Profile, table: Table) -> Iterator[State]:
    """The columns of a table, with what lists call their words."""
    labels = labels_in(profile, table)
    yield from (State(column, labels.get(column.name, {})) for column in table.columns)


def _called_supplier(profile: Profile, table: Table) -> Iterator[tuple[Any, ...]]:
    for state in _worded(profile, table):
        column = state.column
        spoken = kinds_of(column.name)
        if spoken.get("supplier", 0) >= 60 and column.flag and not column.flag.other:
            count = sum(count for word, count in column.top if word in column.flag.yes)
            if count:
                yield "keep", "supplier", says_yes(column), f"{count:,} {table.name} say so."
        elif column.top and _says_who_they_are(state) and not column.flag:
            words = [word for word in state.words if set(words_of(state.said(word))) & PARTNER_WORDS]
            if words:
                count = sum(count for word, count in column.top if word in words)
                yield (
                    "keep",
                    f"{column.name} says supplier or partner",
                    {"column": column.name, "in": words, "fold": True},
                    f"{count:,} {table.name} say so{_codes(state, words)}.",
                )


def _called_customer(profile: Profile, table: Table) -> Iterator[tuple[State, tuple[str, ...]]]:
    for state in _worded(profile, table):
        if not state.words or state.column.distinct > MANY or not _says_who_they_are(state):
            continue
        words = tuple(word for word in state.words if _is_customer(words_of(state.said(word))))
        if words:
            yield state, words


def _is_customer(words: Sequence[str]) -> bool:
    return bool(words) and words[-1] in CUSTOMER_WORDS and "ex" not in words


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
