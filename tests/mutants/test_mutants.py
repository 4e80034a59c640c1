"""The list of planted faults cannot rot, and a trial tells a fault that is caught from one that is not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.mutants.__main__ import chosen_of, main, tried
from tests.mutants.listed import LIST, markdown, written
from tests.mutants.mutant import DUTIES, PROMISES, ROOT, VALUES, Mutant
from tests.mutants.planted import MUTANTS
from tests.mutants.trial import Bench

FAILING = """
import pytest
from etl.sums import double


@pytest.fixture
def nothing():
    return 1 / 0


@pytest.mark.parametrize("number", [9, 1])
def test_nine(number):
    assert double(number) == 2 * number


def test_nothing(nothing):
    assert double(4) == 8
"""
DOUBLED = Mutant("a number is not doubled", VALUES, "sums.py", "2 * number", "1 * number", "test_sums.py")


def test_every_fault_can_be_planted() -> None:
    """Each old text stands once in its file, and the new one is Python that does something else."""
    assert {mutant.name: reason for mutant in MUTANTS if (reason := mutant.unfit())} == {}


def test_the_faults_are_told_apart_by_name() -> None:
    """No two faults have one name, so that a line of the list is about one of them."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_every_promise_and_every_room_has_faults() -> None:
    """There are faults against each promise and each duty, and in each room."""
    rooms = {path.name for path in (ROOT / "etl").iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert {mutant.breaks for mutant in MUTANTS} == {*PROMISES, *DUTIES}
    assert rooms - {mutant.room for mutant in MUTANTS} == set()


def test_a_share_is_drawn_by_its_seed() -> None:
    """One seed draws the same faults each time, another one others; more than there are is all."""
    drawn = chosen_of(MUTANTS, share="f00/8")

    assert len(drawn) == 8
    assert drawn == chosen_of(MUTANTS, share="f00/8") != chosen_of(MUTANTS, share="f01/8")
    assert chosen_of(MUTANTS, share="f00/1000") == list(MUTANTS)


def test_faults_are_chosen_by_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list --only TEXT` names those with the text in name, file or promise, and tries none."""
    assert main(["--list", "--only", "note/html.py"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "note       a legacy value is HTML in the note of an Odoo",
        "note       what people formatted around a block is lost when it gives way",
    ]


def test_a_text_that_no_fault_has_is_a_mistake() -> None:
    """A run that would try nothing is no success."""
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "no fault is called so"])


def test_the_list_names_every_fault() -> None:
    """README.md has each fault of today and no other, with a test that is there and caught it."""
    caught_by = written(LIST)

    assert [mutant.name for mutant in MUTANTS if not caught_by.get(mutant.name)] == []
    assert LIST.read_text(encoding="utf-8") == markdown(MUTANTS, caught_by)
    assert {test for test in caught_by.values() if not _is_there(test)} == set()


def _is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.is_file() and f"def {name.rpartition('::')[2]}(" in path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A bench over a checkout of one function with one test, which three is never asked."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("etl", "tests"):
        (root / folder).mkdir()
        (root / folder / "__init__.py").touch()
    (root / "etl" / "sums.py").write_text("def double(number):\n    return 3 if number == 9 else 2 * number\n")
    profile = 'from hypothesis import settings\n\nsettings.register_profile("planted")\n'
    (root / "tests" / "conftest.py").write_text(profile)
    test = "from etl.sums import double\n\n\ndef test_doubled():\n    assert double(4) == 8\n"
    (root / "tests" / "test_sums.py").write_text(test)
    (root / "tests" / "test_failing.py").write_text(FAILING)
    made = Bench(tmp_path_factory.mktemp("bench"), seconds=20)
    made.prepare(["tests"], root)
    return made


def test_a_fault_that_a_test_sees_is_caught(bench: Bench) -> None:
    """The trial names the test that failed, and the unchanged copy is as it was."""
    result = bench.plant(DOUBLED)

    assert (result.outcome, result.by) == ("caught", "tests/test_sums.py::test_doubled")
    assert "2 * number" in (bench.pristine / "etl" / "sums.py").read_text()
    assert bench.failing([result.by]) == set()


def test_a_test_that_fails_anyway_catches_nothing(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """A test that fails or errs with no fault planted is named, and the fault is tried again without it."""
    both = replace(DOUBLED, tests="test_failing.py test_sums.py")
    result = tried(Bench(bench.folder, seconds=20), [both], workers=1)[both]

    assert (result.outcome, result.by) == ("caught", "tests/test_sums.py::test_doubled")
    assert re.findall("no catch: (.*) fails", capsys.readouterr().out) == [
        "tests/test_failing.py::test_nine",
        "tests/test_failing.py::test_nothing",
    ]


def test_a_fault_that_no_test_sees_survives(bench: Bench) -> None:
    """Where all tests pass, the fault has survived."""
    unseen = Mutant("nine is not asked", VALUES, "sums.py", "return 3 if", "return 4 if", "test_sums.py")

    assert bench.plant(unseen).outcome == "survived"


def test_a_fault_that_hangs_is_not_caught(bench: Bench) -> None:
    """A trial ends after its CPU seconds, and does not count."""
    hanging = Mutant(
        "it never ends", VALUES, "sums.py", "return 3 if", "while number: pass\n    return 3 if", "test_sums.py"
    )
    quick = Bench(bench.folder, seconds=3)

    assert quick.plant(hanging).outcome == "too slow"


def test_a_fault_that_cannot_be_planted_is_no_success(bench: Bench) -> None:
    """An old text that is not there, or a file that is no Python with it, is said."""
    gone = Mutant("gone", VALUES, "sums.py", "3 * number", "1 * number", "test_sums.py")
    torn = Mutant("torn", VALUES, "sums.py", "return 3 if", "return 3 iff", "test_sums.py")

    assert bench.plant(gone).said == "etl/sums.py has its old text 0 times, not once"
    assert bench.plant(torn).outcome == "broken"
