"""No disguise of one literal or cell changes a decision in silence, however a config links its tables."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import assume, given, settings, strategies as st

from tests.pipeline.disguised import OF_KEYS, OF_WORDS, Place, Small, Word, small
from tests.profiles import examples


@st.composite
def disguises(draw: st.DrawFn) -> tuple[Small, Small, Place]:
    """A clean-up of a few rows, the same with one value written otherwise, and where that stands."""
    plain = small(lambda some: draw(st.sampled_from(some)))
    place = draw(st.sampled_from(plain.places()))
    by_name = OF_KEYS if place.is_key else OF_WORDS
    disguise = by_name[draw(st.sampled_from(sorted(by_name)))]
    assume(disguise(place.value) != place.value)
    return plain, plain.disguised(place, disguise), place


@settings(max_examples=examples(30))
@given(disguises())
def test_no_disguise_changes_a_decision_in_silence(case: tuple[Small, Small, Place]) -> None:
    """Keys, links, tables of links, joins, labels, parents, merges, types, `where` of each: one literal or cell.

    Each decision is what it was, or the record waits, or is rejected with its reason; or the gate of near misses counts
    more rows, and a report names where they stand.
    """
    plain, other, _ = case
    with tempfile.TemporaryDirectory() as name:
        then, now = plain.decided(Path(name) / "then"), other.decided(Path(name) / "now")

    told = now.near > then.near and bool(now.told)
    assert [
        (was, became)
        for was, became in zip(then.decisions, now.decisions, strict=True)
        if not (became in (was, "review", "reject") or told)
    ] == []


KINDS = st.lists(st.sampled_from(["1", "0", "Won", "Lost", ""]), min_size=1, max_size=3)


@settings(max_examples=examples(15))
@given(KINDS, st.sampled_from(["1", "Won"]), st.sampled_from(sorted(OF_WORDS)), st.booleans())
def test_no_disguise_changes_what_a_map_gives_in_silence(
    kinds: list[str], value: str, disguise: str, of_the_config: bool
) -> None:
    """A value that `map` names is written otherwise, there or in all cells: the gate counts each row that has it."""
    written = OF_WORDS[disguise](value)
    assume(written != value)
    rows = [[f"k{n}", "A", written if kind == value and not of_the_config else kind] for n, kind in enumerate(kinds)]
    owners = {Word(written if of_the_config else value): "maria"}
    config = {
        "source": {"url": "SOURCE", "records": {"accounts": {"key": "id", "type": "company"}}},
        "classify": [{"as": "lead", "name": "rest"}],
        "leads": {"fields": {"name": "{name}", "salesperson": {"column": "kind", "map": owners, "default": "sales"}}},
    }
    with tempfile.TemporaryDirectory() as name:
        outcome = Small({"accounts": [[*row, "", "", ""] for row in rows]}, config).decided(Path(name))

    assert outcome.near == kinds.count(value)
    assert outcome.told == (("accounts.kind",) if value in kinds else ())
