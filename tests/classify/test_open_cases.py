"""An open case is one question: two families that may be the same are one case, and its answer decides both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from etl.classify import Override
from etl.classify.open_cases import open_cases, open_rows
from etl.classify.overrides import GONE, override_of, replaced_lines, texts_of
from etl.model import Decision
from etl.rows.forgotten import Forgotten
from tests.classify.crm import Crm

Case = tuple[str, str, bool]
MAYBE, STAYS = "possible duplicate of another lead", "possible duplicate of a record that stays"


@pytest.fixture
def crm(tmp_path: Path) -> Crm:
    """An empty CRM."""
    return Crm(tmp_path)


def pair(crm: Crm) -> Crm:
    """Two companies that would move, and may be the same; the second has a contact."""
    return crm.company("A").company("B").contact("P").alike("accounts:A", "accounts:B")


def triangle(crm: Crm) -> Crm:
    """Three companies, each of which may be each other."""
    crm.company("A").company("B").company("C")
    return crm.alike("accounts:A", "accounts:B").alike("accounts:A", "accounts:C").alike("accounts:B", "accounts:C")


def cases(crm: Crm, *said: Override) -> list[Case]:
    """The open cases: both records, and whether the decision is for both."""
    rows = open_cases(crm.decide(valid(*said))).to_pylist()
    return [(short(row["source_key"]), short(row["other"] or ""), row["for_both"]) for row in rows]


def short(key: str) -> str:
    """A source key without its entry."""
    return key.partition(":")[2]


def valid(*said: Override) -> list[Override]:
    """The lines of a file of decisions that later ones do not replace."""
    replaced = replaced_lines(said)
    return [line for place, line in enumerate(said) if place not in replaced]


def answer(crm: Crm, names: str, decision: str, *said: Override, **more: str) -> Override:
    """Fill in the row of one case, `A` or `A B`, of the plan with the decisions so far."""
    rows = open_rows(open_cases(crm.decide(valid(*said)))).to_pylist()
    [row] = [r for r in rows if f"{short(r['source_key'])} {short(r['other'] or '')}".strip() == names]
    return override_of(texts_of({**row, "decision": decision, "who": "Maria", **more}))


def swapped(line: Override) -> Override:
    """The same line with its two records in the other order, as a person may write them."""
    return replace(line, source_key=line.other, other=line.source_key)


def test_two_families_that_wait_for_each_other_are_one_case(crm: Crm) -> None:
    """With the records of both, named by the first of them."""
    [row] = open_cases(pair(crm).decide()).to_pylist()

    assert (row["source_key"], row["other"], row["for_both"]) == ("accounts:A", "accounts:B", True)
    assert (row["records"], row["rule"]) == (3, MAYBE)


@pytest.mark.parametrize("said", ["customer", "keep", "lead", "same", "different"])
@pytest.mark.parametrize("turned", [False, True], ids=["as it stands", "from the other side"])
def test_one_decision_is_for_both(crm: Crm, said: str, turned: bool) -> None:
    """Whichever of the two a line by hand names first; the plan after it has neither open."""
    line = answer(pair(crm), "A B", said)
    if turned:
        line = swapped(line)
    after = crm.classify([line])
    decision = {"same": "lead", "different": "lead"}.get(said, said)

    assert crm.decisions([line]) == dict.fromkeys("ABP", decision)
    assert cases(crm, line) == []
    assert (len(after.overrides.used), after.overrides.without_hash) == (1, ())
    assert len({*after.decisions.outcome.lead.tolist()} - {-1}) == {"same": 1, "different": 2, "lead": 2}.get(said, 0)


def test_who_says_review_is_asked_again_once(crm: Crm) -> None:
    """The case stays one, and the next answer takes the place of the line."""
    said = answer(pair(crm), "A B", "review")

    assert cases(crm, said) == [("A", "B", True)]
    assert cases(crm, said, answer(crm, "A B", "keep", said)) == []


def test_three_that_may_be_one_are_a_case_for_each_pair(crm: Crm) -> None:
    """An answer is for its pair: who is not the one may still be the other."""
    assert cases(triangle(crm)) == [("A", "B", True), ("A", "C", True), ("B", "C", True)]
    first = answer(crm, "A B", "lead")
    assert cases(crm, first) == [("A", "C", True), ("B", "C", True)]
    second = answer(crm, "A C", "lead", first)
    assert cases(crm, first, second) == [("B", "C", True)]
    third = answer(crm, "B C", "same", first, second)
    assert cases(crm, first, second, third) == []
    assert set(crm.decisions([first, second, third]).values()) == {"lead"}


def test_who_may_be_a_customer_by_a_persons_word_is_a_case_of_its_own(crm: Crm) -> None:
    """Two of three are customers; the third is asked about, and its answer does not touch the customers."""
    first = answer(triangle(crm), "A B", "customer")
    assert cases(crm, first) == [("C", "A", False), ("C", "B", False)]
    rest = [first, answer(crm, "C A", "lead", first), answer(crm, "C B", "lead", first)]

    assert crm.decisions(rest) == {"A": "customer", "B": "customer", "C": "lead"}
    assert cases(crm, *rest) == []


def test_answers_that_contradict_each_other_are_asked_again_and_can_be_mended(crm: Crm) -> None:
    """A is one of two leads and of two customers: both cases come back, and one other answer settles it."""
    first = answer(triangle(crm), "A B", "lead")
    second = answer(crm, "A C", "customer", first)

    assert crm.classify([first, second]).overrides.conflicting == ("accounts:A", "accounts:A")
    assert ("A", "B", True) in cases(crm, first, second)
    assert ("A", "C", True) in cases(crm, first, second)
    mended = [first, second, answer(crm, "A B", "different", first, second)]
    assert crm.decisions(valid(*mended))["A"] == "customer"


def test_a_decision_for_both_that_somebody_contradicts_for_one_counts_for_neither(crm: Crm) -> None:
    """Else B would be a lead of its own, although it may be A, which somebody calls a customer since."""
    both = answer(pair(crm), "A B", "lead")
    since = Override("accounts:A", Decision.CUSTOMER, "Jan", "2026-10-02", "", "", "")

    assert crm.decisions([both, since]) == dict.fromkeys("ABP", "review")
    assert crm.classify([both, since]).overrides.conflicting == ("accounts:A", "accounts:A")
    assert cases(crm, both, since) == [("A", "B", True), ("A", "", False)]
    mended = [both, since, answer(crm, "A B", "different", both, since)]
    assert crm.decisions(valid(*mended)) == {"A": "customer", "B": "lead", "P": "lead"}


def test_a_side_that_waits_for_something_else_has_its_own_case(crm: Crm) -> None:
    """The other one's is no decision on it; once it is decided, both are."""
    crm.rules = crm.rules.replace(
        "- {as: lead", "- {as: review, name: odd, when: {column: kind, equals: x}}\n- {as: lead"
    )
    crm.company("A", kind="x").company("B").alike("accounts:A", "accounts:B")

    assert cases(crm) == [("A", "", False), ("B", "A", False)]
    said = answer(crm, "B A", "lead")
    assert crm.decisions([said]) == {"A": "review", "B": "lead"}
    assert cases(crm, said) == [("A", "", False)]
    assert cases(crm, said, answer(crm, "A", "keep", said)) == []


def test_who_is_the_same_as_one_that_waits_follows_it_without_being_asked_again(crm: Crm) -> None:
    """A person said `same`; what becomes of the two is decided where the other one waits."""
    crm.rules = crm.rules.replace(
        "- {as: lead", "- {as: review, name: odd, when: {column: kind, equals: x}}\n- {as: lead"
    )
    crm.company("A", kind="x").company("B").alike("accounts:A", "accounts:B")
    same = answer(crm, "B A", "same")

    assert cases(crm, same) == [("A", "", False)]
    assert crm.decisions([same, answer(crm, "A", "keep", same)]) == {"A": "keep", "B": "keep"}


def test_a_record_that_stays_is_no_side_of_the_case(crm: Crm) -> None:
    """A customer is not decided by what a person says of the one that may be the same."""
    crm.company("A").company("B").invoice("R", account="A").alike("accounts:A", "accounts:B")
    said = answer(crm, "B A", "keep")

    assert cases(crm) == [("B", "A", False)]
    assert crm.decisions([said]) == {"A": "customer", "B": "keep"}


@pytest.mark.parametrize("changed", [0, 1])
def test_a_change_of_one_side_brings_the_case_back_for_both(crm: Crm, changed: int) -> None:
    """Neither is a lead in silence, also where the two are no longer alike; the new answer replaces the old one."""
    said = answer(pair(crm), "A B", "customer")
    crm.rows["accounts"][changed]["kind"] = "new"
    for alike in (True, False):
        crm.pairs[0]["probability"] = 0.9 if alike else 0.1
        assert crm.decisions([said]) == dict.fromkeys("ABP", "review")
        assert crm.classify([said]).overrides.changed_since == ("accounts:A",)
        assert cases(crm, said) == [("A", "B", True)]
    assert cases(crm, said, answer(crm, "A B", "keep", said)) == []


@pytest.mark.parametrize("gone", [0, 1])
def test_a_decision_on_a_record_that_is_gone_is_asked_again_for_the_other(crm: Crm, gone: int) -> None:
    """It must not become a lead in silence; the answer replaces the line, and counts as long as that one is gone."""
    said = answer(pair(crm), "A B", "customer")
    key, left = ("AB"[gone], "BA"[gone])
    crm.rows["accounts"] = [row for row in crm.rows["accounts"] if row["id"] != key]
    crm.rows["contacts"].clear()

    assert cases(crm, said) == [(left, key, False)]
    new = answer(crm, f"{left} {key}", "keep", said)
    assert GONE in new.hash
    assert valid(said, new) == [new]
    assert crm.decisions([new]) == {left: "keep"}


def test_lines_of_one_record_each_from_both_sides_stand_beside_each_other(crm: Crm) -> None:
    """As an older version wrote them, with a `+`: each is for the record that it names first."""
    line = answer(pair(crm), "A B", "keep")
    left, right = line.hashes
    older = [
        Override("accounts:A", line.decision, "Kim", "", "", f"{left}+{right}", "accounts:B"),
        override_of(texts_of({"source_key": "accounts:B", "other": "accounts:A", "decision": "lead", "who": "Kim",
                              "hash": f"{right}+{left}"})),
    ]  # fmt: skip

    assert valid(*older) == older
    assert crm.decisions(older) == {"A": "keep", "B": "lead", "P": "lead"}
    assert valid(*older, line) == [line]


def test_a_family_that_may_be_a_lead_in_the_pipeline_is_no_pair(crm: Crm) -> None:
    """It has its own case; what else may be the same as it has one with it."""
    pair(crm).existing = [
        {"source_key": "accounts:A", "lead_id": "7", "title": "", "probability": 0.9, "words": "name"}
    ]

    assert cases(crm) == [("A", "", False), ("B", "A", False)]
    said = [answer(crm, "B A", "lead"), answer(crm, "A", "into: 7")]
    assert cases(crm, *said) == []
    assert set(crm.decisions(said).values()) == {"lead"}


def test_two_records_of_one_family_are_one_case_with_another(crm: Crm) -> None:
    """`same` is for whole families: a subsidiary that is alike, too, asks nothing more."""
    crm.company("A").company("B").company("B2", parent="B")
    crm.alike("accounts:A", "accounts:B").alike("accounts:A", "accounts:B2", 0.85)

    assert cases(crm) == [("A", "B", True)]


def test_one_who_is_forgotten_takes_no_decision_on_the_other_along(crm: Crm) -> None:
    """What was said of the other one stays, but for a lead: that was said knowing both."""
    pair(crm)
    customer, lead = (answer(crm, "A B", said) for said in ("customer", "lead"))
    crm.pairs.clear()
    forgotten = Forgotten(frozenset({"accounts:B"}))

    assert crm.decisions([left for left in [customer.without(forgotten)] if left])["A"] == "customer"
    assert crm.decisions([left for left in [swapped(customer).without(forgotten)] if left])["A"] == "customer"
    assert lead.without(forgotten) is None
    assert lead.without(Forgotten(frozenset({"accounts:C"}))) == lead


@pytest.mark.parametrize("turned", [False, True], ids=["as it stands", "swapped"])
def test_only_the_decided_one_of_two_that_moved_is_judged_by_what_a_person_saw(crm: Crm, turned: bool) -> None:
    """The other one, a customer now, waits: `lead` was said of the first, in whatever order the hashes stand."""
    for key in "AB":
        crm.company(key).invoice(f"R-{key}", account=key)
    numbers = crm.decide().records.key.to_pylist()
    crm.rules = crm.rules.replace("as: customer", "as: review")
    hashes = {short(row["source_key"]): row["hash"] for row in open_cases(crm.decide()).to_pylist()}
    crm.rules = crm.rules.replace("as: review", "as: customer")
    seen_of = ("B", "A") if turned else ("A", "B")
    line = Override("accounts:A", Decision.LEAD, "Kim", "", "", "+".join(hashes[key] for key in seen_of), "accounts:B")

    waiting = crm.decide([line], moved={"accounts:A": "7", "accounts:B": "8"}).moved.waiting
    assert {key: bool(waiting[number]) for number, key in enumerate(numbers)} == {"A": False, "B": True}
