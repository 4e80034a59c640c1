"""Folding and parsing are exact inverses, whatever the values are."""

from __future__ import annotations

import dataclasses
import hashlib

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from etl.errors import NoteError
from etl.model import Chunk
from etl.note import State, edited, fold, parse, parse_all, prove
from etl.note.contents import Contents
from etl.note.escape import NOTHING
from etl.note.parse import ParsedNote
from etl.note.vocabulary import HISTORY_ROW
from tests.note.crm import Crm
from tests.note.strategies import CHARACTERS, crms, values
from tests.profiles import examples

BRIEF = settings(max_examples=examples(30))


def contents(parsed: ParsedNote) -> Contents:
    """What was read, alone."""
    return Contents(parsed.records, parsed.related, parsed.references)


@given(crms())
def test_parse_is_the_inverse_of_fold(crm: Crm) -> None:
    """Every record, history row and reference is read back from its note exactly, and nothing else is."""
    labels = crm.labels
    read = {lead: parse(note, labels) for lead, note in crm.notes.items()}

    assert {lead: contents(parsed) for lead, parsed in read.items()} == crm.contents
    for parsed in read.values():
        assert (parsed.state, parsed.unread, parsed.before, parsed.after) == (State.INTACT, [], "", "")


@BRIEF
@given(crms())
def test_a_block_reads_the_same_line_by_line(crm: Crm) -> None:
    """The reader for edited blocks reads what `parse` reads where nothing was edited."""
    labels = crm.labels
    for note in crm.notes:
        assert edited.read(note, labels) == (contents(parse(note, labels)), [])


@BRIEF
@given(crms())
def test_the_proof_finds_every_value_and_counts_the_omitted_ones(crm: Crm) -> None:
    """All values that are not omitted are found; the omitted ones are counted."""
    proof = prove(crm.layout, crm.chunk, crm.labels, crm.notes)
    frames = [*crm.chunk.records.values(), *crm.chunk.related.values()]
    everything = sum(int(frame.notna().to_numpy().sum()) for frame in frames)

    assert proof.differences == []
    assert proof.holds
    assert (proof.conserved, proof.conserved + proof.omitted) == (proof.values, everything)


@BRIEF
@given(crms(), values, values)
def test_a_block_is_found_among_what_people_wrote(crm: Crm, above: str, below: str) -> None:
    """Text above and below, also fragments of blocks, changes nothing but that it is told."""
    labels, expected = crm.labels, crm.contents
    for lead, note in crm.notes.items():
        parsed = parse(f"{above}\n{note}\n{below}", labels)

        assert parsed.state is State.INTACT
        assert contents(parsed) == expected[str(lead)]
        assert (parsed.before, parsed.after) == (f"{above}\n", f"\n{below}")


@BRIEF
@given(crms(), st.data())
def test_a_block_is_found_among_other_blocks(crm: Crm, data: st.DataObject) -> None:
    """Whole other blocks, or pieces of them, above and below a block do not hide it from the proof."""
    labels, expected, folded = crm.labels, crm.contents, crm.notes
    strange = data.draw(st.sampled_from(list(folded)))
    start = data.draw(st.integers(0, len(strange)))
    above, below = (strange[start:], strange) if data.draw(st.booleans()) else (strange, strange[:start])
    notes = folded.map(lambda note: f"{above}\n\n{note}\n\n{below}")

    assert prove(crm.layout, crm.chunk, labels, notes).holds
    for lead, note in notes.items():
        assert expected[str(lead)] in [contents(block) for block in parse_all(note, labels)]


@BRIEF
@given(crms())
def test_line_ends_may_become_crlf(crm: Crm) -> None:
    """A note whose line ends a browser turned into CR LF is intact."""
    labels, expected = crm.labels, crm.contents
    for lead, note in crm.notes.items():
        parsed = parse(note.replace("\n", "\r\n"), labels)

        assert parsed.state is State.INTACT
        assert contents(parsed) == expected[str(lead)]


@given(crms(), st.data())
def test_any_edit_of_one_character_is_noticed(crm: Crm, data: st.DataObject) -> None:
    """A character that is added, taken away or replaced inside a block makes it other than intact."""
    note = crm.notes.iloc[0]
    at = data.draw(st.integers(1, len(note) - 1))
    other = data.draw(st.sampled_from(" \n\r\t:x0•═") | CHARACTERS)
    damaged = data.draw(
        st.sampled_from([note[:at] + other + note[at:], note[:at] + note[at + 1 :], note[:at] + other + note[at + 1 :]])
    )

    assert (parse(damaged, crm.labels).state is State.INTACT) == (damaged == note)


@given(st.text(), st.text())
def test_what_was_never_a_note_is_read_without_error(text: str, more: str) -> None:
    """Any text can stand in a note's field; reading it says that the block is missing or not intact."""
    crm = Crm({"accounts": ["id"]})

    assert parse(text, crm.labels).state is State.MISSING
    assert parse(f"{text}\n{crm.labels.words.first}\n{more}", crm.labels).state is State.CUT


def test_the_beginning_of_a_block_hides_no_other(crm: Crm) -> None:
    """A block that was cut, above an intact one, is text above it; alone it is read as far as it goes."""
    note, labels = crm.notes.iloc[0], crm.labels
    cut = note[: note.index("\n\n═══ End")]

    assert [block.state for block in parse_all(f"{cut}\n\n{note}", labels)] == [State.CUT, State.INTACT]
    assert parse(f"{cut}\n\n{note}", labels).before == f"{cut}\n\n"
    assert (parse(cut, labels).state, parse(cut, labels).values) == (State.CUT, 3)


def test_a_block_written_with_other_labels_is_read_as_far_as_it_can_be(crm: Crm) -> None:
    """Intact is intact; the rows whose labels are not known are told."""
    note = crm.notes.iloc[0]
    crm.note["labels"] = {"name": "Name"}
    parsed = parse(note, crm.labels)

    assert (parsed.state, parsed.unread) == (State.INTACT, ["  name: Musterbau GmbH"])
    assert not prove(crm.layout, crm.chunk, crm.labels, pd.Series([note], index=["accounts:1"])).holds


def test_a_value_of_ten_megabytes(crm: Crm) -> None:
    """A very long value, with and without line breaks, comes back exactly."""
    crm.record("accounts", "2", "accounts:1", name="ä" * 10_000_000, text="Zeile ⟦\n" * 100_000)
    parsed = parse(crm.notes.iloc[0], crm.labels)

    assert parsed.records["accounts:2"]["name"] == "ä" * 10_000_000
    assert parsed.records["accounts:2"]["text"] == "Zeile ⟦\n" * 100_000


def test_the_checksum_can_be_computed_from_the_page(crm: Crm) -> None:
    """The last line shows 64 bits of the SHA-256 of everything that stands before it says `checksum`."""
    note = crm.notes.iloc[0]
    covered, _, seal = note.rpartition(" · checksum ")

    assert seal.removesuffix(" ═══").replace(" ", "") == hashlib.sha256(covered.encode()).hexdigest()[:16]


def test_sections_of_a_lead_need_not_follow_each_other(crm: Crm) -> None:
    """A layout in which the sections of two leads alternate gives the notes of one in which they do not."""
    crm.record("accounts", "2")
    crm.record("contacts", "1", "accounts:1")
    crm.record("contacts", "2", "accounts:2")
    mixed = crm.layout.iloc[[0, 2, 1, 3]]

    pd.testing.assert_series_equal(fold(mixed, crm.chunk, crm.labels), crm.notes)


def test_history_may_stand_in_any_order_of_records(crm: Crm) -> None:
    """Related rows of several records may alternate; those of one record keep their order."""
    crm.record("accounts", "2")
    for number, key in enumerate(["accounts:2", "accounts:1", "accounts:2", "accounts:9"]):
        crm.history("activities", key, id=str(number))

    read = parse(crm.notes["accounts:2"], crm.labels).related["activities"]["accounts:2"]
    assert [row["id"] for row in read] == ["0", "2"]


def test_history_of_other_records_stands_in_no_note(crm: Crm) -> None:
    """A chunk may hold rows of records that the layout does not name."""
    crm.history("activities", "accounts:9", id="7")

    assert "activities" not in crm.notes.iloc[0]


def test_a_link_that_says_something_else_is_shown(crm: Crm) -> None:
    """A key or link column is left out only where the heading says the same; also its absence is told."""
    crm.history("activities", "accounts:1", id="7")
    crm.history("activities", "accounts:1", id="8")
    chunk = crm.chunk
    chunk.related["activities"]["account_id"] = pd.Series(["9", None], index=["accounts:1"] * 2, dtype="str")
    note = fold(crm.layout, chunk, crm.labels).iloc[0]
    rows = parse(note, crm.labels).related["activities"]["accounts:1"]

    assert [row.get("account_id") for row in rows] == ["9", None]
    assert prove(crm.layout, chunk, crm.labels, pd.Series([note], index=["accounts:1"])).holds


def test_a_row_of_history_without_a_value_has_its_line(crm: Crm) -> None:
    """A row that has nothing but the link to its record is shown as one without a value, and counts."""
    crm.history("activities", "accounts:1")
    crm.history("activities", "accounts:1", text="Ruft an.")
    note = crm.notes.iloc[0]
    first, second = parse(note, crm.labels).related["activities"]["accounts:1"]

    assert f"{HISTORY_ROW}{NOTHING}{HISTORY_ROW}" in note
    assert (first, second) == ({"account_id": "1"}, {"account_id": "1", "text": "Ruft an."})


def test_a_title_is_shortened_and_stays_on_its_line(crm: Crm) -> None:
    """A heading shows at most 80 characters of a name, on one line; the whole name stands below it."""
    crm.record("accounts", "2", title="Muster\nbau " + "x" * 100)
    heading = crm.notes["accounts:2"].split("\n")[2]

    assert heading == f"Company: Muster bau {'x' * 68}… [accounts:2]"


def test_no_sections_no_notes(crm: Crm) -> None:
    """An empty layout gives no notes, and there is nothing to prove."""
    layout = crm.layout.iloc[:0]

    assert fold(layout, crm.chunk, crm.labels).empty
    assert prove(layout, crm.chunk, crm.labels, fold(layout, crm.chunk, crm.labels)).holds


def test_a_record_without_rows_is_refused(crm: Crm) -> None:
    """A note for a record that is not in the chunk is an error that names the record, not an empty note."""
    with pytest.raises(NoteError) as error:
        fold(crm.layout, Chunk({}), crm.labels)

    assert error.value.where == "accounts:1"


@pytest.mark.parametrize("dataset", ["accounts", "activities"])
def test_a_column_without_a_label_is_refused(crm: Crm, dataset: str) -> None:
    """A column that the labels do not know is an error, not a value less."""
    crm.history("activities", "accounts:1", id="7")
    chunk = crm.chunk
    (chunk.records | chunk.related)[dataset]["new"] = "x"  # type: ignore[operator]

    with pytest.raises(NoteError, match="'new'"):
        fold(crm.layout, chunk, crm.labels)


def test_a_table_without_labels_is_refused(crm: Crm) -> None:
    """History in a table that the labels do not know is an error, not a history less."""
    crm.history("activities", "accounts:1", id="7")

    with pytest.raises(NoteError, match="'activities'"):
        fold(crm.layout, crm.chunk, dataclasses.replace(crm.labels, tables={}))


def test_a_value_that_is_no_text_is_refused(crm: Crm) -> None:
    """Half a surrogate pair cannot stand in a note; the error names the record and the column."""
    chunk = crm.chunk
    chunk.records["accounts"]["name"] = pd.Series(["\ud800"], index=["accounts:1"], dtype=object)

    with pytest.raises(NoteError, match="'name'") as error:
        fold(crm.layout, chunk, crm.labels)
    assert str(error.value.where).startswith("accounts:1")


def test_an_empty_text_is_no_value(crm: Crm) -> None:
    """The empty text is as missing as NULL; `0`, `-` and `NA` are values."""
    crm.record("accounts", "2", name="", text="0")

    assert parse(crm.notes["accounts:2"], crm.labels).records == {"accounts:2": {"id": "2", "text": "0"}}
