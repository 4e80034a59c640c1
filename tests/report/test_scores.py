from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, strategies as st

from etl.config import Config
from etl.model import THRESHOLDS, Decision
from etl.plan.figures import StepFigures
from etl.report.read import tables
from etl.report.scores import scores
from tests.report.plans import PlanFolder, config

RULES = [
    {"as": "customer", "name": "known", "when": {"matches": "erp", "at_least": 0.95}},
    {"as": "review", "name": "perhaps", "when": {"matches": "erp", "at_least": 0.6}},
    {"as": "lead", "name": "nothing else held"},
]
STEP = StepFigures("known", "erp", 0.93, False, 0, 0, 0, 0, 0)


def asked(folder: Path, **leads: Any) -> Config:
    """A config that asks for two probabilities of a master."""
    found = config(folder).source.model_dump(by_alias=True, mode="json")
    found["records"]["accounts"]["identity"] = {"company": "name"}
    return config(
        folder,
        source=found,
        masters={"erp": {"url": "files:masters", "from": "debtors", "key": "number", "identity": {"company": "name"}}},
        classify=RULES,
        leads={"fields": {"name": "{name}"}, **leads},
    )


def matched(folder: Path, probabilities: list[float]) -> None:
    """Write a plan whose records match a master as probably as given; one more matches by its number."""
    plan = PlanFolder(folder)
    for number, probability in enumerate(probabilities):
        plan.row("duplicates", left=f"accounts:{number}", right="accounts:x", probability=probability, weight=1.0)
    plan.write([])
    rows = [{"master": "erp", "how": "probability", "probability": one} for one in probabilities]
    rows += [{"master": "erp", "how": "number", "probability": None}]
    pq.write_table(pa.Table.from_pylist(rows), folder / "matches.parquet")


@given(probabilities=st.lists(st.floats(0, 1) | st.sampled_from([0.6, 0.93, 0.95, 0.9, 1.0])))
def test_each_match_is_counted_once(probabilities: list[float], tmp_path_factory: Any) -> None:
    """Whatever the probabilities are, bins follow each other without a gap, and hold what is between their bounds."""
    folder = tmp_path_factory.mktemp("scores")
    matched(folder, probabilities)
    with tables(folder) as plan:
        found = scores(plan, asked(folder), [STEP])

    assert sum(one.count for one in found) == len(probabilities)
    assert [one.high for one in found[:-1]] == [one.low for one in found[1:]]
    for one in found:
        inside = [p for p in probabilities if one.low <= p < one.high or (p == one.high and one is found[-1])]
        assert (one.master, one.count) == ("erp", len(inside))


def test_thresholds_are_bounds(tmp_path: Path) -> None:
    """No bin stands on both sides of a probability that a rule, or a step of the report, asks for."""
    matched(tmp_path, [0.1, 0.97])
    with tables(tmp_path) as plan:
        found = scores(plan, asked(tmp_path), [STEP])

    assert {one.low for one in found} >= {0.93, 0.95, 0.6, *THRESHOLDS}
    assert {one.decision for one in found if one.low >= 0.95} == {Decision.CUSTOMER}
    assert {one.decision for one in found if 0.6 <= one.low < 0.95} == {Decision.REVIEW}
    assert {one.decision for one in found if one.low < 0.6} == {None}


def test_certainty_has_a_bin_where_it_is_asked_for(tmp_path: Path) -> None:
    """A threshold of 1 is a bound like each other."""
    matched(tmp_path, [0.85, 0.9995, 1.0])
    with tables(tmp_path) as plan:
        found = scores(plan, asked(tmp_path, duplicates={"merge_at": 1.0, "review_at": 0.8}), [])

    pairs = [one for one in found if one.master is None]
    assert (pairs[-1].low, pairs[-1].count, pairs[-1].decision) == (1.0, 1, Decision.LEAD)
    assert sum(one.count for one in pairs if one.decision == Decision.REVIEW) == 2


def test_pairs_of_records_are_counted_where_they_are_compared(tmp_path: Path) -> None:
    """With their own two bounds; a config that compares no records has no such bins."""
    matched(tmp_path, [0.85, 0.97, 0.99])
    with tables(tmp_path) as plan:
        without = scores(plan, asked(tmp_path), [])
        found = scores(plan, asked(tmp_path, duplicates={"merge_at": 0.97, "review_at": 0.85}), [])

    pairs = [one for one in found if one.master is None]
    assert not [one for one in without if one.master is None]
    assert sum(one.count for one in pairs if one.decision == Decision.REVIEW) == 1
    assert sum(one.count for one in pairs if one.decision == Decision.LEAD) == 2
