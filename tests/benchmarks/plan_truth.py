"""Measures what a plan with the demo's rules gets right: customers that only the ERP's list knows, and duplicates.

    python tests/benchmarks/plan_truth.py --records 100000 --seed 5

data/generate.py makes the CRM, its ERP and the truth about both. Prints how many of the companies that are
customers, and of which nothing but the ERP's list tells it, are decided a customer or wait for a person; how many
companies a match makes customers that are none; how much waits in all; how many of the pairs of companies that one
lead joins are one (a mother company and its daughter are no such pair), and how many of those that are one are
joined or wait. Prints also the CPU seconds and the peak memory of the plan. Nothing is written into the checkout.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.again import write_configs
from tests.benchmarks.measure import Measured, measure
from tests.benchmarks.pipeline import ROOT, environment

BY_MATCH = "known to the ERP"
"""The rule of configs/demo.yaml that makes a customer of what matches."""


def planned(folder: Path, records: int, seed: int) -> Measured:
    """Make the data and a plan, in the folder. Raises Failed."""
    environ = environment(folder)
    write_configs(folder)
    generator = [sys.executable, str(ROOT / "data" / "generate.py"), "--seed", str(seed), "--records", str(records)]
    measure([*generator, "--to", f"files:{folder / 'data'}"], folder, environ)
    return measure(
        [sys.executable, "-m", "etl", "plan", "whole.yaml", "--out", "plan", "--quiet", "--threads", "1"],
        folder,
        environ,
    )


def judged(folder: Path) -> pd.DataFrame:
    """The records that a plan decided, each with the truth about it."""
    truth = pd.read_csv(folder / "data" / "truth" / "records.csv", dtype=str, keep_default_na=False)
    truth = truth.drop_duplicates("source_key").set_index("source_key")
    columns = ["source_key", "entry", "decision", "rule", "family", "lead"]
    decided = pd.read_parquet(folder / "plan" / "decisions.parquet", columns=columns).set_index("source_key")
    return decided.join(truth.drop(columns=["family", "decision"]))


def customers(decided: pd.DataFrame) -> dict[str, str]:
    """What became of companies that only the ERP's list knows, and of those that a match makes customers."""
    companies = decided[decided.entry == "accounts"]
    known = companies[(companies.decidable == "erp") & (companies.customer == "yes")]
    safe = known.decision.isin(["customer", "review"])
    matched = companies[(companies.rule == BY_MATCH) & (companies.decision == "customer")]
    wrong = matched.customer == "no"
    waiting = decided.decision == "review"
    return {
        "customers that only the ERP knows, decided customer or review": f"{safe.mean():.2%} of {len(known):,}",
        "customers by a match that are none": f"{wrong.mean():.2%} of {len(matched):,}",
        "records that wait": f"{waiting.mean():.2%} of {len(decided):,}",
    }


def duplicates(decided: pd.DataFrame) -> dict[str, str]:
    """How many of the pairs of companies are right that a lead joins, and how many of the true ones are joined."""
    heads = (decided.entry == "accounts") & (decided.index == decided.family)
    companies = decided[heads & decided.decision.isin(["lead", "review"])]
    moved, names = companies.decision == "lead", companies.index.to_series()
    group = companies.same_as.where(companies.same_as != "", names)
    lead = companies.lead.where(moved, names)
    true, settled = _pairs(group), _pairs(group[moved])
    joined, right = _pairs(lead), _pairs(lead + " " + group)
    return {
        "pairs of companies that a lead joins, and are one": f"{right / max(joined, 1):.2%} of {joined:,}",
        "pairs that are one, and are joined": f"{right / max(true, 1):.2%} of {true:,}",
        "or of which one waits": f"{(right + true - settled) / max(true, 1):.2%}",
    }


def _pairs(values: pd.Series) -> int:
    counts = values.value_counts()
    return int((counts * (counts - 1) // 2).sum())


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, metavar="N", help="(default: 100000)")
    parser.add_argument("--seed", type=int, default=5, metavar="S", help="(default: 5)")
    call = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-bench-") as name:
        took = planned(Path(name), call.records, call.seed)
        decided = judged(Path(name))
    for what, figure in (customers(decided) | duplicates(decided)).items():
        print(f"{figure:>20}  {what}")
    print(f"{took.cpu:>20.1f}  CPU seconds\n{took.peak / 2**20:>20,.0f}  MiB at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
