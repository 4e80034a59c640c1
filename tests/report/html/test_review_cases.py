"""What review.html knows of each open case, and what it never shows."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from etl.plan import Bundle
from etl.report.case_places import REVIEW_PAGE
from etl.report.read import tables
from etl.report.review.page import draw_by_owner, draw_review
from etl.report.review.weights import weights
from etl.texts import speaking
from tests.report.html.cases import Read
from tests.running import run


@pytest.fixture(scope="module")
def read(demo: Path) -> Read:
    """The page of the sample CRM, in English."""
    return Read.of(demo / REVIEW_PAGE)


def test_the_page_has_the_cases_of_open_cases_csv(demo: Path, read: Read) -> None:
    """Each once, with its keys and its hash as they stand there: what is decided here is decided there."""
    with (demo / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["source_key"], row["other"], row["hash"], int(row["records"])) for row in csv.DictReader(file)]

    assert [(row["key"], row["other"], row["hash"], row["records"]) for row in read.rows] == rows


def test_a_case_has_its_family_and_last_history(read: Read) -> None:
    """The record that the case names comes first, then its contacts; of each table the last rows, and how many."""
    detail = read.details["accounts:534"]
    family = [(member["key"].partition(":")[0], member["person"]) for member in detail["family"]]
    [history] = [table for table in detail["history"] if read.data["forms"][table["form"]]["name"] == "Aktivitäten"]

    assert detail["members"] == 7
    assert family == [("accounts", False), *[("contacts", True)] * 6]
    assert (history["rows"] >= 3, len(history["last"])) == (True, 3)


def test_a_case_has_what_stands_beside_it(read: Read) -> None:
    """The customer that a rule met comes first, with its values and what agrees; then records that may be the same."""
    customer, *others = read.details["accounts:440"]["beside"]

    assert (customer["kind"], customer["name"]) == ("customer", "Weeber Gartenbau GmbH&Co.KG")
    assert read.said(customer, "city") == "Mannheim"
    assert customer["probability"] == pytest.approx(0.6)
    assert ["same street 'Daimlerstraße'", 6.2] in customer["weights"]
    assert ["the names have nothing in common: at most 60%", None] in customer["weights"]
    assert read.details["accounts:440"]["evidence"] is None
    assert {side["kind"] for side in others} == {"record"}


def test_a_pair_has_both_records(read: Read) -> None:
    """The record that the case names as the other one is the first beside it, with its decision."""
    row = next(row for row in read.rows if row["key"] == "accounts:1104")
    beside, *_ = read.details["accounts:1104 = accounts:1046"]["beside"]

    assert (row["other"], row["both"]) == ("accounts:1046", False)
    assert row["likely"] == beside["probability"] > 0.9999
    assert (beside["key"], beside["decision"], beside["name"]) == ("accounts:1046", "review", row["other_name"])


def test_what_notes_omit_is_not_on_the_page(read: Read) -> None:
    """A column that the law keeps out of the notes stands in no form, and nothing of this tool's own does."""
    labels = {label for form in read.data["forms"] for label in form["labels"]}

    assert "birth_date" not in labels
    assert "USt-IdNr." in labels
    assert not any(label.startswith("_crm_cleanup") for label in labels)


def test_more_cases_than_the_page_takes_are_said(demo: Path, tmp_path: Path) -> None:
    """The first ones are there, and the others are counted on the page."""
    bundle = Bundle.open(demo)
    with tables(demo) as plan:
        (tmp_path / REVIEW_PAGE).write_text(draw_review(plan, bundle.config, bundle.manifest, most=3).text, "utf-8")

    assert "25 more cases are not on this page, but in review.xlsx." in (tmp_path / REVIEW_PAGE).read_text("utf-8")
    assert len(Read.of(tmp_path / REVIEW_PAGE).details) == 3


def test_each_owner_gets_a_page_of_their_own_cases(demo: Path, tmp_path: Path, read: Read) -> None:
    """`review --by owner` deals all cases out, each to one; the owner is the lead's salesperson."""
    ended = run("review", demo, "--by", "owner", "--out", tmp_path)
    pages = {path.name: Read.of(path) for path in tmp_path.iterdir()}
    owners = {row["owner"] for row in read.rows}

    assert ended.returncode == 0
    assert f"{tmp_path / 'review-maria.html'}: 6 open cases" in ended.stdout
    assert set(pages) == {f"review-{owner}.html" for owner in owners}
    assert all({row["owner"] for row in page.rows} == {name[7:-5]} for name, page in pages.items())
    assert sorted(row["key"] for page in pages.values() for row in page.rows) == sorted(row["key"] for row in read.rows)
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_an_owner_with_more_cases_than_a_page_takes_is_told(demo: Path) -> None:
    """The limit is each page's."""
    bundle = Bundle.open(demo)
    with tables(demo) as plan:
        drawn = {page.owner: page for page in draw_by_owner(plan, bundle.config, bundle.manifest, most=5)}

    assert drawn["maria"].cases == 6
    assert "1 more case is not on this page" in drawn["maria"].text
    assert "more case" not in drawn["andreas"].text


def test_a_value_that_reads_like_a_weight_is_none() -> None:
    """What stands in quotes is the record's, whatever it says; and weights are told in the reader's language."""
    words = "same name 'a +9.9, b: at most 1%' +2.0, same city \"O'Neill\" −3.5"

    assert weights(words) == [("same name 'a +9.9, b: at most 1%'", 2.0), ('same city "O\'Neill"', -3.5)]
    assert weights("all compared fields are equal") == [("all compared fields are equal", None)]
    assert weights(None) == []
    with speaking("de"):
        assert weights(words)[0][0].startswith("gleicher Name")
