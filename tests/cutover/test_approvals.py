"""Approvals: apply and retire take only a plan that has the names it needs, and that is as it was when it got them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.errors import CleanupError, NotApproved, PlanError, StalePlan
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.retire import retire
from etl.plan import Bundle
from tests.cutover.world import World


def test_without_an_approval_nothing_is_written(sqlite: World) -> None:
    """Neither into the target nor into the source."""
    sqlite.approvals = "1"
    bundle = sqlite.plan()

    for verb in (apply, retire):
        with pytest.raises(NotApproved) as raised:
            verb(bundle)
        assert raised.value.exit_code == 4
        assert raised.value.next is not None
        assert f"crm-cleanup approve {bundle.path}" in raised.value.next
    assert not (sqlite.folder / "out.db").exists()


def test_two_names_must_differ(sqlite: World) -> None:
    """Where the config asks for two, the same name in other letters does not count twice."""
    sqlite.approvals = "2"
    bundle = sqlite.plan()
    approve(bundle, by="Maria Muster")
    with pytest.raises(PlanError, match="has already approved this plan"):
        approve(bundle, by=" maria  MUSTER ")
    with pytest.raises(NotApproved, match="needs 2 approvals of different people, but has only 1, by Maria Muster"):
        apply(bundle)

    assert approve(bundle, by="Jan Beispiel").names == ("Maria Muster", "Jan Beispiel")
    assert apply(bundle).leads == 7


@pytest.mark.parametrize(
    ("by", "note"), [("Ev\u202eil", ""), ("\x1b[31mX", ""), ("M" * 101, ""), ("Maria", "n" * 501), ("Maria", "\x9b2J")]
)
def test_a_name_must_be_what_people_can_read(sqlite: World, by: str, note: str) -> None:
    """A name that turns the line around, or fills the page, stands under nothing."""
    bundle = sqlite.plan()

    with pytest.raises(PlanError, match="invisible characters"):
        approve(bundle, by=by, note=note)
    assert not (bundle.path / "approvals.json").exists()


def test_a_report_that_cannot_be_written_leaves_no_name(sqlite: World) -> None:
    """The reports are made anew before the name is written."""
    sqlite.approvals = "1"
    bundle = sqlite.plan()
    (bundle.path / "report.html").unlink()
    (bundle.path / "report.html").mkdir()

    with pytest.raises(PlanError, match=r"report\.html cannot be written"):
        approve(bundle, by="Maria")
    assert not (bundle.path / "approvals.json").exists()
    (bundle.path / "report.html").rmdir()
    assert approve(bundle, by="Maria").names == ("Maria",)


def _edit_leads(folder: Path) -> None:
    table = pq.read_table(folder / "leads.parquet")
    place = table.column_names.index("city")
    with pq.ParquetWriter(folder / "leads.parquet", table.schema) as writer:
        first = table.slice(0, 1).set_column(place, table.schema.field(place), pa.array(["Bonn"], pa.large_string()))
        writer.write_table(first)
        writer.write_table(table.slice(1))


def _edit_snapshot(folder: Path) -> None:
    path = folder / "snapshot" / "accounts.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)


def _edit_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"leads": 7', '"leads": 6'), encoding="utf-8")


def _edit_config(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"2026-11-01"', '"2026-11-02"'), encoding="utf-8")


def _edit_fingerprint(folder: Path) -> None:
    path = folder / "approvals.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found[0]["fingerprints"]["source"]["rows"]["accounts"] = 1
    path.write_text(json.dumps(found), encoding="utf-8")


@pytest.mark.parametrize(
    ("edit", "differs"),
    [
        (_edit_leads, "leads.parquet differs"),
        (_edit_snapshot, "accounts.parquet differs"),
        (_edit_manifest, "manifest.json"),
        (_edit_config, "differs"),
        (_edit_fingerprint, "the fingerprint of source"),
    ],
)
def test_a_plan_of_which_one_value_changed(sqlite: World, edit: object, differs: str) -> None:
    """It is refused with exit code 4, and what differs is named."""
    sqlite.approvals = "1"
    bundle = sqlite.plan()
    approve(bundle, by="Maria Muster")
    edit(bundle.path)  # type: ignore[operator]

    with pytest.raises((NotApproved, StalePlan), match=differs) as raised:
        apply(Bundle.open(bundle.path))
    assert raised.value.exit_code == 4


def test_a_file_that_was_written_anew_with_the_same_values_is_no_change(sqlite: World) -> None:
    """The digest is over contents, not over bytes."""
    bundle = sqlite.plan()
    path = bundle.path / "decisions.parquet"
    file = pq.ParquetFile(path)
    groups = [file.read_row_group(group) for group in range(file.num_row_groups)]
    with pq.ParquetWriter(path, file.schema_arrow, compression="gzip") as writer:
        for group in groups:
            writer.write_table(group)

    assert apply(bundle).leads == 7


def test_reports_of_a_waived_plan_say_so_first(sqlite: World) -> None:
    """In the first line, and of no other plan."""
    waived = (sqlite.plan().path / "report.md").read_text(encoding="utf-8")
    sqlite.approvals = "1"
    asked = (sqlite.plan().path / "report.md").read_text(encoding="utf-8")

    assert waived.splitlines()[0] == "**Approval is waived by the config: this is a test or a demo.**"
    assert "Approval is waived" not in asked


@pytest.mark.parametrize("approvals", ["0", "none", "true", "10"])
def test_what_the_config_can_ask_for(sqlite: World, approvals: str) -> None:
    """From one name to nine, or waived."""
    sqlite.approvals = approvals

    with pytest.raises(CleanupError, match="1 to 9; for tests and demos"):
        sqlite.plan()
