"""The proof finds whatever was done to a note."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st

from etl.note import Difference, Proof, edited, parse, prove
from tests.note.crm import Crm
from tests.note.strategies import crms, filled
from tests.profiles import examples


@pytest.fixture
def two(crm: Crm) -> Crm:
    """Two companies, the first with a contact, and with history of its own."""
    crm.record("contacts", "7", "accounts:1", name="Erika Beispiel")
    for number in ("1", "2", "3"):
        crm.history("activities", "accounts:1", id=number, happened_at=f"2024-0{number}-01", text=f"Anruf {number}")
    crm.record("accounts", "2", name="Beispiel KG")
    crm.see("accounts:2", "contacts:7", "accounts:1")
    return crm


def after(crm: Crm, damage: dict[str, tuple[str, str]] | None = None) -> Proof:
    """The proof of notes in which texts were replaced."""
    texts = crm.notes
    for lead, (old, new) in (damage or {}).items():
        assert old in texts[lead]
        texts[lead] = texts[lead].replace(old, new, 1)
    return prove(crm.layout, crm.chunk, crm.labels, texts)


def kinds(proof: Proof) -> set[tuple[str, str | None, int | None, str | None]]:
    """What the proof found, beside that the block was edited."""
    return {(d.kind, d.source_key, d.row, d.column) for d in proof.differences if d.kind != "edited"}


def test_untouched_notes_prove_every_value(two: Crm) -> None:
    """All values are found: also keys, that stand in headings, and links, that they imply."""
    proof = after(two)

    assert (proof.holds, proof.values, proof.conserved, proof.added) == (True, 19, 19, [])


def test_text_around_a_block_is_told_and_no_failure(two: Crm) -> None:
    """What people write above or below a block is `added`."""
    proof = after(two, {"accounts:2": ("═══ From", "Bitte anrufen!\n═══ From")})

    assert (proof.holds, proof.added) == (True, ["accounts:2"])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: Musterbau GmbH", "name: Musterbau AG", {("different", "accounts:1", None, "name")}),
        ("  name: Musterbau GmbH\n", "", {("lost", "accounts:1", None, "name")}),
        ("  name: Musterbau GmbH\n", "  name: Musterbau GmbH\n  name: x\n", {("extra", None, None, None)}),
        ("\n    immer.", "", {("different", "accounts:1", None, "text")}),
        ("    id: 2\n", "", {("lost", "accounts:1", 1, "id")}),
        ("text: Anruf 2", "text: Anruf 9", {("different", "accounts:1", 1, "text")}),
        (
            "  • happened_at: 2024-02-01\n    id: 2\n    text: Anruf 2\n",
            "",
            {("lost", "accounts:1", 1, c) for c in ("happened_at", "id", "text", "account_id")},
        ),
        ("(3)\n", "(3)\n  • happened_at: 2020-01-01\n", {("extra", "accounts:1", 0, None)}),
        (
            "\n\nContact [contacts:7]\n  name: Erika Beispiel",
            "",
            {("lost", "contacts:7", None, c) for c in ("id", "name")},
        ),
        ("\n\nactivities", "\n\nCompany [accounts:5]\n\nactivities", {("extra", "accounts:5", None, None)}),
        ("═══ From the former CRM ═══\n", "", set()),
        ("\n\n═══ End", "\n\n═══ end", {("extra", None, None, None)}),
        (" ═══\n", " ═══ \n", set()),
    ],
)
def test_each_damage_is_named(two: Crm, old: str, new: str, expected: set[object]) -> None:
    """Each value that is lost, different or too many is named with its record, row and column."""
    proof = after(two, {"accounts:1": (old, new)})

    assert {difference.kind for difference in proof.differences} >= {"edited"}
    assert expected <= kinds(proof)
    assert proof.values - proof.conserved == sum(difference.values for difference in proof.differences)


def test_a_record_or_row_without_values_is_missed_too(two: Crm) -> None:
    """Sections that hold nothing but a heading or a bullet are part of what is proven."""
    two.record("accounts", "3")
    two.history("orders", "accounts:3")
    two.omit = ("account_id",)

    assert "orders (1)\n  • ⟦⟧" in two.notes["accounts:3"]
    assert ("lost", "accounts:3", 0, None) in kinds(after(two, {"accounts:3": ("  • ⟦⟧", "")}))
    assert ("extra", "accounts:3", 1, None) in kinds(after(two, {"accounts:3": ("  • ⟦⟧", "  • ⟦⟧\n  • ⟦⟧")}))
    assert ("lost", "accounts:3", None, "id") in kinds(after(two, {"accounts:3": ("Company [", "Company (")}))


def test_a_history_of_another_record_is_too_many(two: Crm) -> None:
    """A history below a record that has none is told once."""
    assert ("extra", "accounts:2", None, None) in kinds(
        after(two, {"accounts:2": ("\n\n→", "\n\nactivities (1)\n  • id: 1\n\n→")})
    )


def test_history_in_another_order_is_found(two: Crm) -> None:
    """The rows of a history stand in the order of the source."""
    first, second = (
        "happened_at: 2024-01-01\n    id: 1\n    text: Anruf 1",
        "happened_at: 2024-02-01\n    id: 2\n    text: Anruf 2",
    )
    proof = after(two, {"accounts:1": (f"{first}\n  • {second}", f"{second}\n  • {first}")})

    assert ("order", "accounts:1", None, None) in kinds(proof)


def test_a_reference_that_was_changed_is_found(two: Crm) -> None:
    """A reference to another note is part of what is proven."""
    assert ("different", "contacts:7", None, None) in kinds(
        after(two, {"accounts:2": ("lead [accounts:1]", "lead [x]")})
    )
    assert ("lost", "contacts:7", None, None) in kinds(after(two, {"accounts:2": ("→ Contact", "Contact")}))


@pytest.mark.parametrize("note", [None, "", "Bitte anrufen!"])
def test_a_note_without_a_block_is_missing(two: Crm, note: str | None) -> None:
    """An emptied note is one difference, for all the values that it held."""
    notes = two.notes
    notes["accounts:2"] = note
    proof = prove(two.layout, two.chunk, two.labels, notes)

    assert proof.differences == [Difference("accounts:2", None, None, None, None, "missing note", 2)]
    assert proof.conserved == proof.values - 2


def test_a_lead_that_was_deleted_is_a_missing_note(two: Crm) -> None:
    """A lead that is not among the notes has none."""
    proof = prove(two.layout, two.chunk, two.labels, two.notes.drop("accounts:1"))

    assert [difference.kind for difference in proof.differences] == ["missing note"]


@settings(max_examples=examples(30))
@given(crms())
def test_notes_that_changed_places_are_found(crm: Crm) -> None:
    """An intact block in the wrong lead's note proves nothing."""
    notes = crm.notes
    rolled = pd.Series([*notes.iloc[1:], *notes.iloc[:1]], index=notes.index, dtype="str")

    assert prove(crm.layout, crm.chunk, crm.labels, rolled).holds == rolled.equals(notes)


@settings(max_examples=examples(30))
@given(crms(), filled, st.data())
def test_any_value_that_differs_is_found(crm: Crm, other: str, data: st.DataObject) -> None:
    """Notes of one snapshot do not prove another that differs in one value: it is named."""
    labels, layout, notes = crm.labels, crm.layout, crm.notes
    chunk = crm.chunk
    entry, frame = data.draw(st.sampled_from(sorted(chunk.records.items(), key=lambda item: item[0])))
    column = data.draw(st.sampled_from(list(frame.columns)))
    assume(column not in crm.omit and frame.iloc[0][column] != other)
    frame.loc[frame.index[0], column] = other
    proof = prove(layout, chunk, labels, notes)

    assert [(d.source_key, d.dataset, d.column, d.kind in ("lost", "different")) for d in proof.differences] == [
        (frame.index[0], entry, column, True)
    ]
    assert proof.conserved == proof.values - 1


def test_blanks_taken_from_line_ends_lose_only_what_they_were(crm: Crm) -> None:
    """An editor that trims lines leaves an edited block, whose values are found but for blanks at their ends."""
    crm.record("accounts", "2", name="Muster ", text="\nalpha\n\nbeta")
    notes = crm.notes.map(lambda note: "\n".join(line.rstrip() for line in note.split("\n")))
    proof = prove(crm.layout, crm.chunk, crm.labels, notes)

    assert kinds(proof) == {("different", "accounts:2", None, "name")}


def test_a_very_long_history_that_was_edited_is_compared(crm: Crm) -> None:
    """Rows that are all different are still paired, each with one."""
    for number in range(300):
        crm.history("activities", "accounts:1", id=str(number), text="Anruf")
    proof = after(crm, None)
    chunk = crm.chunk
    chunk.related["activities"]["text"] = "Besuch"
    changed = prove(crm.layout, chunk, crm.labels, crm.notes)

    assert proof.holds
    assert {(d.column, d.kind) for d in changed.differences} == {("text", "different")}
    assert len(changed.differences) == 300


@pytest.mark.parametrize(
    "damage",
    [
        "Lines: of nobody",
        "  of: nobody",
        "    of: nobody",
        "  • of: nobody",
        "→ Contact [x]",
        "odd (2)",
        "  •",
    ],
)
def test_lines_that_nobody_can_read_are_told(two: Crm, damage: str) -> None:
    """Whatever is typed into a block, the values around it are read and the line is not overlooked."""
    note = two.notes["accounts:1"].replace("\n\nactivities (3)", f"\n{damage}\n\nactivities (3)")
    parsed = parse(note, two.labels)

    assert parsed.state == "edited"
    assert (parsed.unread == [damage]) == (damage != "    of: nobody")
    assert parsed.related == two.contents["accounts:1"].related
    assert edited.read(note, two.labels)[1] == parsed.unread
    assert not after(two, {"accounts:1": ("\n\nactivities (3)", f"\n{damage}\n\nactivities (3)")}).holds


def test_a_record_of_no_known_entry_is_told(two: Crm) -> None:
    """What stands under the heading of a record that cannot be is not read as another record's."""
    proof = after(two, {"accounts:1": ("Company [accounts:1]", "Company [robots:1]")})

    assert ("extra", "robots:1", None, None) in kinds(proof)
    assert ("lost", "accounts:1", None, "name") in kinds(proof)


def test_notes_of_other_leads_are_not_looked_at(two: Crm) -> None:
    """More notes than the layout names do no harm."""
    notes = pd.concat([two.notes, pd.Series(["x"], index=["accounts:9"], dtype="str")])

    assert prove(two.layout, two.chunk, two.labels, notes).holds
