"""Every legacy record gets exactly one decision; people and the ledger have their say."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings, strategies as st

from etl.classify import Decisions
from etl.classify.open_cases import open_cases
from etl.classify.plan_rows import _rules_that_hold, decision_rows, reject_rows, unkeyed_rows
from tests.classify.crm import Crm, override
from tests.profiles import examples

KEYS = st.sampled_from(["1", "2", "3", "4", "01", "", None])
DATES = st.sampled_from(["2026-01-01", "2019-01-01", "0000-00-00", None])


@st.composite
def crms(draw: st.DrawFn) -> list[tuple[str, tuple[str | None, ...]]]:
    """A small CRM as (kind of row, its cells)."""
    company = st.tuples(st.just("company"), st.tuples(KEYS, KEYS, st.sampled_from(["1", None])))
    contact = st.tuples(st.just("contact"), st.tuples(st.sampled_from(["1", "2", "3"]), KEYS))
    invoice = st.tuples(st.just("invoice"), st.tuples(KEYS, KEYS, DATES))
    return draw(st.lists(st.one_of(company, contact, invoice), min_size=1, max_size=14))


def built(rows: list[tuple[str, tuple[str | None, ...]]], folder: Path) -> Crm:
    """The CRM that rows describe; the empty text is empty, as extract makes it."""
    crm = Crm(folder)
    for number, (kind, cells) in enumerate(rows):
        first, *rest = [cell or None for cell in cells]
        if kind == "company":
            crm.company(first, parent=rest[0], own=rest[1])
        elif kind == "contact":
            crm.contact(f"p{first}", company=rest[0])
        else:
            crm.invoice(f"R{number}", account=first, contact=f"p{rest[0]}", date=rest[1])
    return crm


def table(crm: Crm) -> list[dict[str, object]]:
    """All rows of the decisions of a CRM."""
    decisions = crm.decide()
    everyone = np.arange(len(decisions.records), dtype=np.int32)
    return [*decision_rows(decisions, everyone, crm.config).to_pylist(), *unkeyed_rows(decisions).to_pylist()]


@settings(max_examples=examples(25))
@given(crms(), st.randoms(use_true_random=False))
def test_every_record_gets_one_decision_whatever_the_order_of_rows(
    rows: list[tuple[str, tuple[str | None, ...]]], random: random.Random
) -> None:
    """Decisions add up to what was read, a family has one decision beside its rejects, and order changes nothing."""
    with TemporaryDirectory() as first, TemporaryDirectory() as other:
        decided = table(built(rows, Path(first)))
        shuffled = random.sample(rows, len(rows))
        again = table(built(shuffled, Path(other)))

    assert len(decided) == sum(kind != "invoice" for kind, _ in rows)
    families: dict[object, set[object]] = {}
    for row in decided:
        if row["decision"] != "reject":
            families.setdefault(row["family"], set()).add(row["decision"])
    assert all(len(decisions) == 1 for decisions in families.values())
    assert sorted(map(repr, _without_numbers(decided))) == sorted(map(repr, _without_numbers(again)))


def _without_numbers(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [(r["source_key"], r["decision"], r["decided_by"], r["rule"], r["lead"], tuple(r["held"])) for r in rows]  # type: ignore[arg-type]


@given(st.integers(1, 20).flatmap(lambda count: st.lists(st.lists(st.booleans(), min_size=count, max_size=count))))
def test_each_record_has_the_rules_that_hold_for_it(holds: list[list[bool]]) -> None:
    """However many rules there are, and however many records share theirs."""
    names = [f"rule {number}" for number in range(len(holds[0]) if holds else 1)]
    held = _rules_that_hold(np.array(holds, dtype=np.bool_).reshape(-1, len(names)).T, names)

    assert held.to_pylist() == [[name for name, true in zip(names, row, strict=True) if true] for row in holds]


def test_rows_without_a_key_are_rejects_of_their_own(crm: Crm) -> None:
    """They have a decision and a place, and join nothing, not even rows whose link is empty."""
    crm.company(None).company(None).company("C1").invoice("R1", account=None)
    decisions = crm.decide()

    assert [row["decision"] for row in unkeyed_rows(decisions).to_pylist()] == ["reject", "reject"]
    assert [(row["code"], row["place"]) for row in reject_rows(decisions, crm.config).to_pylist()] == [
        ("missing-key", "accounts, row 1"),
        ("missing-key", "accounts, row 2"),
    ]
    assert crm.decisions() == {"C1": "lead"}


def test_a_key_that_the_ledger_cannot_hold_is_a_reject(crm: Crm) -> None:
    """500 characters with the entry's name and the colon are the most."""
    crm.company("x" * 491).company("y" * 492)

    assert sorted(crm.decisions().values()) == ["lead", "reject"]


def test_a_persons_decision_wins_over_rules_for_the_whole_family(crm: Crm) -> None:
    """Decided on a contact, it holds for the company."""
    crm.company("C1").contact("P1").company("C2", own="1")

    decided = crm.decisions([override("contacts:P1", "customer"), override("accounts:C2", "review")])

    assert decided == {"C1": "customer", "P1": "customer", "C2": "review"}


def test_a_persons_lead_outweighs_evidence_only_where_the_person_saw_it(crm: Crm) -> None:
    """Without the hash of what was seen, a family with an invoice waits; with it, the person's word counts."""
    crm.company("C1").invoice("R", account="C1")
    family_hash = crm.decide([override("accounts:C1", "lead")]).hashes.hashes[0]

    assert crm.decisions([override("accounts:C1", "lead")]) == {"C1": "review"}
    assert crm.decisions([override("accounts:C1", "lead", family_hash)]) == {"C1": "lead"}


def test_a_decision_on_what_has_changed_goes_back_to_review(crm: Crm) -> None:
    """The hash covers the family's records and its evidence rows."""
    crm.rules = crm.rules.replace("as: lead", "as: review")
    crm.company("C1").contact("P1").invoice("R0", account="C1", date="2001-01-01")
    [row] = open_cases(crm.decide()).to_pylist()
    said = override("accounts:C1", "lead", row["hash"])

    assert set(crm.decisions([said]).values()) == {"lead"}
    crm.invoice("R1", contact="P1", state="draft")
    classified = crm.classify([said])
    assert set(crm.decisions([said]).values()) == {"review"}
    assert classified.overrides.changed_since == ("accounts:C1",)


def test_a_changed_contact_makes_a_decision_stale_and_another_family_does_not(crm: Crm) -> None:
    """Only the family's own rows count."""
    crm.rules = crm.rules.replace("as: lead", "as: review")
    crm.company("C1").contact("P1")
    [row] = open_cases(crm.decide()).to_pylist()
    said = override("accounts:C1", "lead", row["hash"])
    crm.company("C2").contact("P2")
    assert crm.classify([said]).overrides.changed_since == ()

    crm.rows["contacts"][0]["boss"] = "someone"
    assert crm.classify([said]).overrides.changed_since == ("accounts:C1",)


def test_two_people_who_differ_on_a_family_send_it_to_review(crm: Crm) -> None:
    """Neither wins, and both are named."""
    crm.company("C1").contact("P1")
    differing = [override("accounts:C1", "lead"), override("contacts:P1", "customer"), override("accounts:no", "keep")]
    classified = crm.classify(differing)

    assert crm.decisions(differing) == {"C1": "review", "P1": "review"}
    assert classified.overrides.conflicting == ("accounts:C1", "contacts:P1")
    assert classified.overrides.unknown == ("accounts:no",)


def test_a_person_cannot_move_a_family_that_cannot_be_processed(crm: Crm) -> None:
    """A reject stays, and its family waits with it."""
    crm.company("C1").company("C1").contact("P1")

    assert crm.decisions([override("contacts:P1", "lead")]) == {"C1": "reject", "P1": "review"}


def test_a_person_cannot_move_a_family_whose_history_was_damaged_since(crm: Crm) -> None:
    """The hash of what the person saw does not cover history; a call that cannot be read would be left behind."""
    crm.rules = crm.rules.replace("as: lead", "as: review")
    crm.company("C1").contact("P1").call("1", contact="P1")
    [row] = open_cases(crm.decide()).to_pylist()
    said = override("accounts:C1", "lead", row["hash"])
    assert set(crm.decisions([said]).values()) == {"lead"}

    crm.damaged("calls", 0)
    classified = crm.classify([said])

    assert set(crm.decisions([said]).values()) == {"review"}
    assert classified.overrides.used == ()
    assert classified.overrides.outweighed == ("accounts:C1",)


def test_families_that_share_a_row_of_history_are_one_group(crm: Crm) -> None:
    """Over any number of families, by the least of them; the others stand alone."""
    for key in ("C1", "C2", "C3", "C4", "C5"):
        crm.company(key).contact(f"P{key[1]}")
    crm.call("1", account="C2", contact="P3").call("2", account="C5", contact="P3").call(
        "3", account="C1", contact="P1"
    )
    decisions = crm.decide()
    name, group = decisions.records.name, decisions.outcome.group
    groups = {name(n): name(int(group[n])) for n in range(5)}

    assert groups == {f"accounts:C{n}": f"accounts:C{2 if n in (2, 3, 5) else n}" for n in range(1, 6)}


def test_an_answer_outlives_all_records_of_the_source(crm: Crm) -> None:
    """What moved is deleted in the source now, every record of it: the answer about it is used all the same."""
    moved = {"accounts:C1": "crm.lead:7"}
    classified = crm.classify([override("accounts:C1", "moved before"), override("accounts:C2", "moved before")], moved)

    assert (classified.overrides.used, classified.overrides.unknown) == (("accounts:C1",), ("accounts:C2",))


def test_what_an_earlier_plan_moved_is_moved_before_and_the_rest_of_its_family_waits(crm: Crm) -> None:
    """A contact that was added after the cutover is not made a lead beside its company's."""
    crm.company("C1").contact("P1").contact("P2").company("C2")

    assert crm.decisions(moved={"accounts:C1": "17", "contacts:P1": "17"}) == {
        "C1": "moved before", "P1": "moved before", "P2": "review", "C2": "lead",
    }  # fmt: skip


def test_the_lead_of_a_contact_is_its_companys(crm: Crm) -> None:
    """One lead per company: daughters have their own, contacts without a company too."""
    crm.company("C1").contact("P1").company("C2", parent="C1").contact("P2").contact("P3", company=None)

    assert leads(crm.decide()) == {"C1": "C1", "P1": "C1", "C2": "C2", "P2": "C2", "P3": "P3"}


def test_one_lead_per_contact_takes_the_company_into_its_first_contacts_lead(crm: Crm) -> None:
    """A company without a contact has a lead of its own."""
    crm.one_per = "contact"
    crm.company("C1").contact("P2").contact("P1").company("C2", parent="C1")

    assert leads(crm.decide()) == {"C1": "P1", "P1": "P1", "P2": "P2", "C2": "C2"}


def leads(decisions: Decisions) -> dict[str, str]:
    """Record -> the record whose lead holds its values, by key."""
    keys = decisions.records.key.to_pylist()
    return {keys[number]: keys[lead] for number, lead in enumerate(decisions.outcome.lead) if lead >= 0}
