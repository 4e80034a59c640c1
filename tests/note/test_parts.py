"""Notes in parts come back whole, whatever the limit."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from etl.errors import NoteError
from etl.note import State, join, parse, split
from etl.note.parts import Unit
from tests.note.crm import Crm
from tests.note.strategies import values

units = st.sampled_from(["characters", "bytes"])


def size(text: str, unit: Unit) -> int:
    """How much room a text takes."""
    return len(text) if unit == "characters" else len(text.encode())


@given(st.lists(values, max_size=20).map("\n".join), st.integers(40, 200), units)
def test_join_is_the_inverse_of_split(note: str, limit: int, unit: Unit) -> None:
    """Parts keep the limit and make the same note again."""
    parts = split(note, limit, unit)

    assert all(size(part, unit) <= limit for part in parts)
    assert join(parts) == note
    assert (len(parts) == 1) == (size(note, unit) <= limit)


def test_parts_are_cut_between_lines() -> None:
    """A part ends where a line ends; only a line that is longer than a part is cut inside."""
    assert split("ein\nzwei\n" + "d" * 20, 20) == [
        "── 1/4 ──\nein\nzwei",
        "── 2/4 ──\ndddddddd",
        "── 3/4 … ──\ndddddddd",
        "── 4/4 … ──\ndddd",
    ]


def test_many_parts_are_numbered_with_more_digits() -> None:
    """The number grows with the note and still has room."""
    parts = split("x" * 2000, 20)

    assert parts[-1].startswith(f"── {len(parts)}/{len(parts)} … ──\n")
    assert len(parts) > 99
    assert join(parts) == "x" * 2000


@pytest.mark.parametrize("unit", ["characters", "bytes"])
def test_a_limit_without_room_is_refused(unit: Unit) -> None:
    """A field that could hold a number and no text is an error."""
    with pytest.raises(NoteError, match=f"12 {unit}"):
        split("x" * 100, 12, unit)


def test_a_note_in_parts_may_become_crlf(crm: Crm) -> None:
    """Parts whose line ends became CR LF make an intact note."""
    parts = [part.replace("\n", "\r\n") for part in split(crm.notes.iloc[0], 60)]

    assert parse(join(parts), crm.labels).state is State.INTACT


def test_text_above_the_first_part_stays_above(crm: Crm) -> None:
    """People may write above the first part and below the last."""
    first, *others, last = split(crm.notes.iloc[0], 60)
    parsed = parse(join([f"Bitte anrufen!\n{first}", *others, f"{last}\nErledigt."]), crm.labels)

    assert (parsed.state, parsed.before, parsed.after) == (State.INTACT, "Bitte anrufen!\n", "\nErledigt.")


def test_a_part_that_is_missing_shows_in_the_note(crm: Crm) -> None:
    """Joining refuses nothing: what is lost with a part is found by parsing."""
    first, second, *others = split(crm.notes.iloc[0], 60)

    assert parse(join([first, second, *others[1:]]), crm.labels).state is not State.INTACT
    assert parse(join([first, second[5:], *others]), crm.labels).state is not State.INTACT
