"""Two passes over the pairs, part by part: how many are in memory is bounded, and the result is that of all at once."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from etl.errors import PlanError
from etl.matching import Scored, clusters, match, score
from etl.matching.candidates import Candidates, Pairs
from etl.matching.features import features
from etl.matching.patterns import Patterns
from etl.matching.stored_pairs import StoredPairs
from tests.matching.lists import company, identities

TRADES = ("Bau", "Optik", "Druck", "Möbel", "Logistik", "Energie", "Moebel", "Metallbau")
ROWS = [
    company(f"{name}{'' if number % 5 else 'y'} {TRADES[number % 8]} GmbH", phone=f"0351 72996{number % 60:02}")
    for number, name in enumerate(f"{a}{b}" for a in ("Alt", "Berg", "Cram", "Dorn") for b in ("mann", "hoff") * 20)
]
LISTS = pytest.mark.parametrize("left", [len(ROWS), len(ROWS) // 2], ids=["one list", "two lists"])


def matched(left: int, at_least: float = 0.0, at_once: int = 1_000_000) -> Scored:
    """The rows as one list or two."""
    return match(identities(ROWS), len(ROWS), left, at_least, at_once=at_once)


def same(one: Scored, other: Scored) -> bool:
    """Whether two results are the same to the last bit."""
    columns = [(getattr(one, name), getattr(other, name)) for name in ("i", "j", "probability", "weight")]
    return one.judge.model == other.judge.model and all(np.array_equal(a, b) for a, b in columns)


@LISTS
@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_parts_change_nothing(left: int, at_once: int) -> None:
    """However few pairs are compared at once, pairs, weights and model are the same to the last bit."""
    assert same(matched(left, at_once=at_once), matched(left))


@LISTS
def test_threads_change_nothing(left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread or eight give the same to the last bit."""
    two = matched(left)
    for threads in (1, 8):
        monkeypatch.setattr(score, "THREADS", threads)
        assert same(matched(left), two)


@LISTS
def test_the_pairs_in_memory_are_bounded(left: int) -> None:
    """A part has at most so many pairs, or those of one record; together the parts have each pair once, in order."""
    found = Candidates.of(features(identities(ROWS), len(ROWS), left))
    [whole] = found.parts(1_000_000)

    assert len(whole.i) > 1_000
    for at_once in (1, 200):
        parts = list(found.parts(at_once))
        assert all(len(part.i) <= at_once or len(set(part.i.tolist())) == 1 for part in parts)
        assert np.array_equal(np.concatenate([np.stack(part) for part in parts], axis=1), np.stack(whole))
    places = whole.i.astype(np.int64) * len(ROWS) + whole.j
    assert (np.diff(places) > 0).all()


@LISTS
@pytest.mark.parametrize("at_least", [0.3, 0.6, 0.95])
def test_what_is_left_out_matters_to_nobody(left: int, at_least: float) -> None:
    """Hopeless pairs are not kept; those that are, are all that are likely, and all within what sure ones connect."""
    everything, some = matched(left), matched(left, at_least)
    kept = np.isin(everything.i * 1_000 + everything.j, some.i * 1_000 + some.j)
    before, after = (clusters(len(ROWS), s.i, s.j, s.probability, at_least) for s in (everything, some))

    assert np.array_equal(everything.probability[kept], some.probability)
    assert (everything.probability[~kept] < min(at_least, 0.5)).all()
    assert np.array_equal(before, after)
    assert some.compared == len(everything.i)
    assert len(some.i) < some.compared or at_least < 0.9


def levels() -> st.SearchStrategy[list[np.ndarray]]:
    """The levels of some parts of the pairs, by 40 comparisons: more than a number of 64 bits can tell."""
    rows = st.integers(0, 12).map(lambda count: (count, 40))
    return st.lists(arrays(np.int8, rows, elements=st.integers(-1, 6), fill=st.just(-1)), min_size=1, max_size=4)


@given(levels())
def test_patterns_of_parts_add_up(parts: list[np.ndarray]) -> None:
    """Each pair's number is that of its levels, and counts are those of all parts together, in whatever order."""
    patterns, backwards = Patterns([7] * 40), Patterns([7] * 40)
    numbers = [patterns.add(part) for part in parts]
    for part in reversed(parts):
        backwards.add(part)
    expected, counts = np.unique(np.concatenate(parts), axis=0, return_counts=True)

    assert all(np.array_equal(patterns.levels[of], part) for of, part in zip(numbers, parts, strict=True))
    assert np.array_equal(patterns.counted()[0], expected)
    assert np.array_equal(patterns.counted()[1], counts)
    assert np.array_equal(patterns.counted()[0], backwards.counted()[0])
    assert np.array_equal(patterns.counted()[1], backwards.counted()[1])


def test_stored_pairs_come_back() -> None:
    """As often as they are asked for, part by part."""
    parts = [
        np.arange(start, start + 3 * size, dtype=np.int32).reshape(3, size) for start, size in ((0, 4), (50, 0), (9, 2))
    ]
    with StoredPairs() as stored:
        for i, j, pattern in parts:
            stored.add(Pairs(i, j), pattern)

        for _ in range(2):
            assert all(np.array_equal(np.stack(a), b) for a, b in zip(stored.parts(), parts, strict=True))
        assert len(stored) == 6


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process may become larger than 4 kB."""
    usual, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, usual)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_told() -> None:
    """With where the room is missing and what to do."""
    many = np.zeros(10_000, dtype=np.int32)

    with StoredPairs() as stored, pytest.raises(PlanError, match="cannot be stored") as told:
        stored.add(Pairs(many, many), many)
    assert "TMPDIR" in str(told.value.next)
