"""Hard lists: what is in them, how much of each, and that the truth about them holds."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import fields
from itertools import combinations
from pathlib import Path

import pytest
from generator.chance import Chance
from generator.hard.entities import Maker
from generator.hard.kinds import CASES, CROWD, SHARES, cases
from generator.hard.lists import COLUMNS, write
from generator.hard.words import HALVES, Half, Words, words
from generator.hard.written import abbreviated
from generator.parts import Place
from hard_lists import main

from tests.data.conftest import Rows

RECORDS = 4_000
LARGEST = 60
"""No case but those of `colleagues` is longer."""


class Lists:
    """Hard lists as they were written."""

    def __init__(self, folder: Path) -> None:
        self.rows = {name: self._rows(folder / f"{name}.csv") for name in COLUMNS}
        self.records = {(name, row["key"]): row for name in COLUMNS if name != "truth" for row in self.rows[name]}
        self.truth = self.rows["truth"]

    def _rows(self, path: Path) -> Rows:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def groups(self, kind: str) -> list[list[dict[str, str]]]:
        """The records of each company or person in cases of a kind."""
        found = defaultdict(list)
        for row in self.truth:
            if row["kind"] == kind:
                found[row["group"]].append(self.records[row["list"], row["key"]])
        return list(found.values())

    def traps(self, kind: str) -> list[tuple[dict[str, str], dict[str, str]]]:
        """The pairs of records of a case of that kind that are two companies or persons."""
        found = defaultdict(list)
        for row in self.truth:
            if row["kind"] == kind:
                found[row["case"]].append((row["group"], self.records[row["list"], row["key"]]))
        return [(a, b) for case in found.values() for (g, a), (h, b) in combinations(case, 2) if g != h]


def flat(made: object) -> Iterator[str]:
    """The words of a field of `Words`, of cities the name alone."""
    if isinstance(made, Place):
        yield made.city
    elif isinstance(made, tuple):
        for part in made:
            yield from flat(part)
    else:
        yield str(made)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    """Lists to build with."""
    folder = tmp_path_factory.mktemp("hard")
    write(folder, RECORDS, 1, "build")
    return Lists(folder)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Records, seed and words say all; another seed, or the other words, give other lists."""
    calls: dict[str, tuple[int, Half]] = {"a": (1, "build"), "b": (1, "build"), "c": (2, "build"), "d": (1, "held-out")}
    for name, (seed, half) in calls.items():
        write(tmp_path / name, 500, seed, half)
    made = {name: [(tmp_path / name / f"{file}.csv").read_bytes() for file in COLUMNS] for name in calls}

    assert made["a"] == made["b"]
    assert made["a"][0] != made["c"][0]
    assert made["a"][0] != made["d"][0]


def test_shares_are_as_written_down(lists: Lists) -> None:
    """Of each kind there are as many records as the table says, to within one case."""
    counted = Counter(row["kind"] for row in lists.truth if row["list"] != "affiliations")

    assert sum(SHARES.values()) == 1_000
    assert {*SHARES, "crowd"} == {*CASES}
    for kind, share in SHARES.items():
        most = 150 if kind == "colleagues" else LARGEST
        assert 0 <= counted[kind] - RECORDS * share / 1_000 < most, kind


def test_every_record_has_its_truth(lists: Lists) -> None:
    """Each record of each list stands in the truth once, and a group is in one case alone."""
    told = Counter((row["list"], row["key"]) for row in lists.truth)
    cases_of = defaultdict(set)
    for row in lists.truth:
        cases_of[row["group"]].add(row["case"])

    assert told == Counter(dict.fromkeys(lists.records, 1))
    assert all(len(found) == 1 for found in cases_of.values())


def test_the_debtors_list_names_nobody_twice(lists: Lists) -> None:
    """A company or person has one debtor's number at most."""
    groups = Counter(row["group"] for row in lists.truth if row["list"] == "debtors")

    assert set(groups.values()) == {1}


def test_the_halves_share_no_word() -> None:
    """What was tuned to one half's words meets none of them in the other."""
    for each in fields(Words):
        build, held_out = (set(flat(getattr(words(half), each.name))) for half in HALVES)
        assert build
        assert build & held_out == set(), each.name


def test_moved_and_renamed_companies_keep_what_tells(lists: Lists) -> None:
    """Who moved has the name and phone number from before, who was renamed the address."""
    assert all(a["company"] == b["company"] and a["phone"] and b["phone"] for a, b in lists.groups("moved"))
    assert all(a["street"] == b["street"] and a["company"] != b["company"] for a, b in lists.groups("renamed"))


def test_much_may_differ_at_once(lists: Lists) -> None:
    """Names that differ in several ways stand with few other columns."""
    pairs = lists.groups("several at once")
    filled = [sum(map(bool, record.values())) for pair in pairs for record in pair]

    assert sum(a["company"] != b["company"] for a, b in pairs) > 0.95 * len(pairs)
    assert min(filled) < 8 < max(filled)


def test_traps_look_the_same_and_are_two(lists: Lists) -> None:
    """Two of one household share the last name or the mail, namesakes the name, sisters the first word of the name."""
    assert lists.traps("father and son")
    for a, b in lists.traps("namesakes"):
        assert (a["first_name"], a["last_name"], a["company"]) == (b["first_name"], b["last_name"], b["company"])
    for kind in ("spouses", "siblings", "father and son", "alike"):
        firsts = [
            (x, y) for x, y in lists.traps(kind) if x["street"] == y["street"] and x["last_name"] == y["last_name"]
        ]
        assert len(firsts) > 0.2 * len(lists.traps(kind)), kind
    together = [a["phone"] and a["city"] == b["city"] for a, b in lists.traps("sisters")]
    assert sum(map(bool, together)) > 0.6 * len(together)


def test_what_tells_apart_is_never_lost(lists: Lists) -> None:
    """A second record of a company with neighbours keeps the number, the region or the trade that tells it apart."""
    for kind in ("numbered", "regions", "sisters", "group"):
        for records in lists.groups(kind):
            assert len({record["company"].split()[-1] for record in records}) == 1, records
        assert all(a["company"] != b["company"] for a, b in lists.traps(kind)), kind


def test_all_who_were_made_can_be_written() -> None:
    """Every kind gives cases with a record of each entity."""
    maker = Maker(Chance(1), words("held-out"))

    for kind, make in CASES.items():
        for records in make(maker):
            assert records, kind
            assert all(record.company or record.last_name for record in records), kind


def test_a_crowd_is_one_company() -> None:
    """One record in fifty thousand begins a crowd: one company with more records than a rare key may have."""
    counted = Counter(kind for kind, _ in cases(Maker(Chance(1), words("build")), 50_000))

    assert counted["crowd"] == 1
    assert [len(records) for records in CASES["crowd"](Maker(Chance(1), words("build")))] == [CROWD]


@pytest.mark.parametrize(("word", "short"), [("Maschinenbau", "Masch.bau"), ("Präzisionstechnik", "Präz.technik")])
def test_words_are_shortened_as_clerks_do(word: str, short: str) -> None:
    """A compound keeps its end."""
    assert short in {abbreviated(Chance(seed), word) for seed in range(20)}


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a list."""
    assert main(["--records", "100", "--words", "held-out", "--to", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split()[1::2] == ["legacy", "debtors", "affiliations"]
