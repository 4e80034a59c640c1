"""What people decided on pairs says how good the thresholds are: in each report, and nothing is changed by it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.pipeline.filled_in import big_cleanup
from tests.report.books import sheet


def decided(folder: Path) -> Path:
    """Forty open cases; people call eight of ten pairs the same, one different, and one of these was edited since."""
    crm = big_cleanup(folder)
    pairs = [str(place) for place, case in enumerate(crm.cases()) if case["other"]]
    words = [*["same"] * 8, "different"]
    answers = [{"case": case, "decision": word, "who": "Maria"} for case, word in zip(pairs, words, strict=False)]
    crm.take(crm.saved("maria.json", *answers))
    rows = folder / "in" / "accounts.csv"
    rows.write_text(rows.read_text("utf-8").replace("Ring 0,", "Ring 99,"), "utf-8")
    with crm.decisions.open("a", encoding="utf-8") as file:
        file.write("accounts:x1,different,Jan,2026-11-02,,,accounts:x2\n")
    crm.again()
    return folder


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a clean-up whose people decided on pairs."""
    return decided(tmp_path_factory.mktemp("judged"))


def report(folder: Path) -> dict[str, object]:
    """The plan's report as JSON."""
    loaded: dict[str, object] = json.loads((folder / "plan" / "report.json").read_text("utf-8"))
    return loaded


def test_decided_pairs_are_counted_at_each_threshold(crm: Path) -> None:
    """Those whose records changed since do not count; one that matching did not bring up is at no threshold."""
    calibration = report(crm)["calibration"]
    assert isinstance(calibration, dict)
    steps = {step["at_least"]: step for step in calibration["steps"]}

    assert (calibration["same"], calibration["different"], calibration["unmatched"]) == (7, 2, 1)
    assert [steps[at]["used"] for at in (0.7, 0.999)] == ["review_at", "merge_at"]
    assert [steps[0.7]["precision"][name] for name in ("part", "whole")] == [7, 8]
    assert [steps[0.7]["recall"][name] for name in ("part", "whole")] == [7, 7]
    assert (steps[0.999]["precision"], steps[0.999]["recall"]["part"]) == (None, 0)
    assert (calibration["precise"], calibration["complete"]) == (None, None)


def test_every_form_of_the_report_says_so(crm: Path) -> None:
    """With the same figures, and what they are about."""
    plan = crm / "plan"
    texts = [(plan / "report.md").read_text("utf-8"), (plan / "report.html").read_text("utf-8")]
    texts.append("\n".join(str(cell) for row in sheet(plan / "review.xlsx", "Summary") for cell in row))
    for text in texts:
        assert "People decided on 9 pairs whether both are the same: 7 the same, 2 different" in text.replace("\\", "")
        assert "not about all pairs" in text
        assert "87.5% (52.9%–97.8%)" in text.replace("\\", "")
        assert "it takes at least 73 such pairs" in text


def test_the_config_and_what_it_decides_stay(crm: Path) -> None:
    """A threshold that the labels speak against decides as before."""
    with (crm / "plan" / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        waiting = {row["source_key"] for row in csv.DictReader(file)}

    assert "0.999" in (crm / "twins.yaml").read_text("utf-8")
    assert len(waiting) == 30 + 10 - 8
