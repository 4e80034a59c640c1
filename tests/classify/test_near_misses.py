"""A value that nearly meets a rule: counted, named, and the family that it could decide waits for a person."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from ruamel.yaml import YAML

from tests.classify.crm import Crm
from tests.profiles import examples

KEEP = """
- {{as: keep, name: supplier, when: {condition}}}
- {{as: lead, name: rest}}
"""


@pytest.mark.parametrize("value", ["TRUE", " 1", "1.0", "ja"])
def test_a_supplier_who_is_spelled_otherwise_is_no_lead(crm: Crm, value: str) -> None:
    """The issue's example: `is_supplier` is `1`, `TRUE`, ` 1` and `1.0`, and the rule asks for "1"."""
    crm.rules = KEEP.format(condition='{column: kind, equals: "1"}')
    crm.company("a", kind="1").company("b", kind=value).company("c", kind="0").company("d", kind=None)

    assert crm.decisions() == {"a": "keep", "b": "review", "c": "lead", "d": "lead"}
    rule, evidence = crm.why("b")
    assert rule == "a value nearly meets a rule"
    assert evidence == f"kind is {value!r} (rule: supplier)"


def test_an_invoice_that_nearly_counts_keeps_its_company(crm: Crm) -> None:
    """A row of evidence whose state is spelled otherwise could make a customer; one that is too old could not."""
    crm.company("a").invoice("1", account="a", state="Posted")
    crm.company("b").invoice("2", account="b", state="POSTED", date="2001-01-01")
    crm.company("c").invoice("3", account="c", state="posted").invoice("4", account="c", state="Posted")

    assert crm.decisions() == {"a": "review", "b": "lead", "c": "customer"}
    assert crm.why("a")[1] == "invoices: a row nearly meets the rule (rule: invoiced)"


def test_a_value_that_the_config_names_elsewhere_is_another_value(crm: Crm) -> None:
    """Who asks for `ag` and for `AG` knows that they differ."""
    crm.rules = """
- {as: keep, name: small, when: {column: kind, equals: ag}}
- {as: lead, name: capital, when: {column: kind, equals: AG}}
- {as: lead, name: rest}
"""
    crm.company("a", kind="ag").company("b", kind="AG").company("c", kind="Ag")

    assert crm.decisions() == {"a": "keep", "b": "lead", "c": "review"}


def test_fold_takes_what_looks_alike_and_its_opposite_leaves_it(crm: Crm) -> None:
    """`fold: true` ignores case and blanks; `fold: false` says that the values differ."""
    for fold, decision in (("true", "keep"), ("false", "lead")):
        crm.rules = KEEP.format(condition=f"{{column: kind, equals: Supplier, fold: {fold}}}")
        crm.rows["accounts"].clear()
        crm.company("a", kind="supplier ")

        assert crm.decisions() == {"a": decision}


def test_a_flag_takes_every_word_for_yes_and_what_is_no_word_goes_to_review(crm: Crm) -> None:
    """An unknown word in a column of yes and no is not taken for no."""
    crm.rules = KEEP.format(condition="{flag: kind}")
    crm.company("a", kind="Ja").company("b", kind="nein").company("c", kind="?").company("d", kind=None)
    flags = [figures for figures in crm.classify().literals if figures.flag]

    assert crm.decisions() == {"a": "keep", "b": "lead", "c": "review", "d": "lead"}
    assert [[(near.value, near.by) for near in figures.near] for figures in flags if figures.near] == [
        [("?", "unknown")]
    ]


def test_a_near_miss_never_keeps_a_customer_from_being_one(crm: Crm) -> None:
    """Doubt keeps from moving, and from nothing else."""
    crm.company("a", own=" 1").invoice("1", account="a")

    assert crm.decisions() == {"a": "customer"}


VALUES = ["1", "a", "Ab", "x 1", "0", "Weiß", None]
TESTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"column": "kind", "equals": "1"},
        {"column": "kind", "equals": "Ab"},
        {"column": "kind", "equals": "Weiß"},
        {"column": "kind", "in": ["a", "0"]},
        {"column": "kind", "matches": "Weiß|1"},
        {"column": "kind", "matches": "a|x 1"},
        {"column": "kind", "empty": True},
        {"column": "kind", "empty": False},
    ]
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)
DISGUISES: tuple[Callable[[str], str], ...] = (
    lambda value: value.swapcase(),
    lambda value: f" {value} ",
    lambda value: f"0{value}" if value.isdigit() else f"{value}\u00a0",
    lambda value: f"{value}.0" if value.isdigit() else value.upper(),
    lambda value: f"{value},00" if value.isdigit() else f"\ufeff{value}",
    lambda value: "-1" if value == "1" else f"{value}\u200b",
)


@settings(max_examples=examples(40))
@given(
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=5),
    CONDITIONS,
    st.sampled_from(["keep", "customer", "review"]),
    st.sampled_from(DISGUISES),
    st.integers(0, 4),
)
def test_no_disguise_of_a_value_changes_a_decision_in_silence(
    values: list[str | None], condition: dict[str, Any], decision: str, disguise: Any, at: int
) -> None:
    """For any small table and any condition over it: case, blanks or number form of one value are changed.

    What was kept from moving still is, or waits for a person; nothing becomes a lead by it.
    """
    at %= len(values)
    value = values[at]
    if value is None:
        return
    with tempfile.TemporaryDirectory() as name:
        before, after = (Crm(Path(name)) for _ in range(2))
        for number, old in enumerate(values):
            before.company(str(number), kind=old)
            after.company(str(number), kind=disguise(value) if number == at else old)
        rules: list[dict[str, Any]] = [
            {"as": decision, "name": "asked", "when": condition},
            {"as": "lead", "name": "rest"},
        ]
        before.rules = after.rules = _yaml(rules)
        then, now = before.decisions()[str(at)], after.decisions()[str(at)]

    assert then == now or now == "review" or (then == "lead" and now == decision)


@settings(max_examples=examples(40))
@given(
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=5),
    CONDITIONS,
    st.sampled_from(["keep", "customer", "review"]),
    st.sampled_from(DISGUISES),
    st.integers(0, 9),
)
def test_no_disguise_of_a_literal_changes_a_decision_in_silence(
    values: list[str | None], condition: dict[str, Any], decision: str, disguise: Any, at: int
) -> None:
    """The config has case, blanks or number form of one literal wrong: no record becomes a lead, and all is counted."""
    condition = deepcopy(condition)
    literals = [*_literals(condition)]
    if not literals:
        return
    tests, name = literals[at % len(literals)]
    with tempfile.TemporaryDirectory() as folder:
        crm = Crm(Path(folder))
        for number, value in enumerate(values):
            crm.company(str(number), kind=value)
        crm.rules = _yaml([{"as": decision, "name": "asked", "when": condition}, {"as": "lead", "name": "rest"}])
        then = crm.decisions()
        tests[name] = disguise(tests[name])
        crm.rules = _yaml([{"as": decision, "name": "asked", "when": condition}, {"as": "lead", "name": "rest"}])
        now, told = crm.decisions(), [figures for figures in crm.classify().literals if figures.near]

    changed = {key for key in then if then[key] != now[key]}
    assert [key for key in changed if now[key] == "lead"] == []
    assert bool(told) >= bool(changed)


def _literals(condition: Any) -> Iterator[tuple[Any, Any]]:
    """Where the literals of a condition stand: a part of it, and the name or place there."""
    if isinstance(condition, list):
        for part in condition:
            yield from _literals(part)
    elif "column" in condition:
        if "equals" in condition:
            yield condition, "equals"
        yield from ((condition["in"], place) for place in range(len(condition.get("in", ()))))
    else:
        for part in condition.values():
            yield from _literals(part)


def _yaml(rules: list[dict[str, Any]]) -> str:
    import io

    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(rules, text)
    return text.getvalue()
