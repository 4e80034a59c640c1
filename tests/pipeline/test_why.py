"""`why`: everything about one record, as the plan decided it, and what would have to change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.errors import CleanupError
from etl.pipeline.plan import Settings, plan
from etl.pipeline.why import why
from etl.plan.explanation import Why
from etl.report.why import changes, lines
from etl.texts import speaking
from tests.pipeline import small
from tests.running import run
from tests.shared import once

ONE = Settings(threads=1)


def made(folder: Path) -> Path:
    """The small CRM, planned; the source is gone then."""
    config = small.write_config(folder, small.write_csv(folder / "in"))
    plan(config, folder / "plan", settings=ONE)
    (folder / "in").rename(folder / "gone")
    return folder


@pytest.fixture(scope="session")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the plan."""
    return once(tmp_path_factory, "why", made)


def said(found: Why) -> dict[str, list[tuple[str, str]]]:
    """Rule -> for whom it holds, or is open."""
    assert found.rules is not None
    return {rule.name: [(each.source_key, each.answer) for each in rule.said] for rule in found.rules.rules}


def test_a_customer_is_told_with_the_row_that_speaks_for_it(crm: Path) -> None:
    """The rule that holds, the invoice, whose it is, and that without it the family would move."""
    found = why(crm / "plan", "accounts:001")

    assert (found.record["decision"], found.record["decided_by"]) == ("customer", "accounts:002")
    assert said(found)["invoiced"] == [("accounts:002", "holds")]
    assert [row["source_key"] for row in found.family] == ["accounts:001", "accounts:002", "contacts:1"]
    [step] = found.rules.without if found.rules else []
    assert (step.rule, step.by, step.decision, step.then) == ("invoiced", "accounts:002", "customer", "lead")
    text = "\n".join(lines(found))
    assert "R1" in text
    assert "for accounts:002 of its family" in text
    assert "If invoiced did not hold for accounts:002: lead." in text


def test_a_lead_is_told_with_what_it_becomes_and_what_would_keep_it(crm: Path) -> None:
    """Its values, its history, its fields and its note, and the rules that would keep it."""
    found = why(crm / "plan", "003")

    assert found.values["name"] == found.lead["name"] if found.lead else False
    assert found.history == {"activities": 1}
    assert found.note is not None
    assert "Angebot gewünscht" in found.note
    assert (
        "It would stay if one of these held for a member of its family: our own company (keep); invoiced (customer)."
        in [*changes(found)]
    )


def test_a_review_and_a_reject_are_told_with_what_to_do(crm: Path) -> None:
    """A person decides, or corrects the source."""
    review, reject = why(crm / "plan", "accounts:Ä9"), why(crm / "plan", "accounts:008")

    assert "Decide the family in review.html" in "\n".join(changes(review))
    assert reject.rules is None
    assert next(changes(reject)).startswith("Correct the record in the source")


def test_rules_say_of_each_record_what_the_plan_says(crm: Path) -> None:
    """Asked of one family, they hold for the records for which they held when all were asked."""
    import pyarrow.parquet as pq

    for row in pq.read_table(crm / "plan" / "decisions.parquet").to_pylist():
        if row["decision"] != "reject":
            rules = said(why(crm / "plan", row["source_key"]))
            assert [name for name, who in rules.items() if (row["source_key"], "holds") in who] == row["held"]


def test_a_key_of_nobody_or_of_several_is_told(crm: Path) -> None:
    """`1` is a contact, `nobody` is none, and a plan is not changed by asking."""
    assert why(crm / "plan", "1").record["source_key"] == "contacts:1"
    with pytest.raises(CleanupError, match="no record with this key"):
        why(crm / "plan", "nobody")


@pytest.mark.parametrize("key", ["4", "contacts:004", "Contacts: 4"])
def test_a_key_in_another_form_is_told_with_those_that_may_be_meant(crm: Path, key: str) -> None:
    """Zeros, blanks, or the entry spelled otherwise: the records that have it are named."""
    if key == "4":
        assert why(crm / "plan", key).record["source_key"] == "contacts:4"
        return
    with pytest.raises(CleanupError, match=r"did you mean accounts:004 or contacts:4\?"):
        why(crm / "plan", key)


def test_the_command_speaks_the_language_of_the_reports(tmp_path: Path) -> None:
    """For a config without a plan it plans in a temporary folder, says so, and leaves nothing."""
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in"))
    config.write_text(config.read_text("utf-8").replace("report: {language: en}", "report: {language: de}"), "utf-8")
    ended = run("why", config, "accounts:003", folder=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "Was sich ändern müsste:" in ended.stdout
    assert "There is no plan in" in ended.stderr
    assert not (tmp_path / "plans").exists()


def test_machines_get_all_of_it(crm: Path) -> None:
    """As JSON, with the sentences on what would have to change."""
    found = json.loads(run("why", crm / "plan", "accounts:003", "--json").stdout)

    assert found["record"]["decision"] == "lead"
    assert found["changes"]
    assert found["rules"]["rules"][0]["name"] == "our own company"


def test_no_value_is_anything_but_shown_text(crm: Path) -> None:
    """Control characters of a value stand by name."""
    with speaking("en"):
        text = "\n".join(lines(why(crm / "plan", "accounts:Ä9")))
    assert "a\tb" not in text
    assert "\\t" in text or "\\x09" in text
