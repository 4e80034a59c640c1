"""`plan --from`: the same decisions, leads and reports as a whole plan, without the source; else a clear refusal."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest

from etl.errors import CleanupError, ConfigError, PlanError
from etl.pipeline.apply import apply
from etl.pipeline.forget import forget
from etl.pipeline.plan import Settings, plan
from etl.plan import Bundle
from etl.plan.bundle import Manifest
from etl.plan.intact import file_hash, refuse_changed
from tests import told
from tests.pipeline import small, twins
from tests.pipeline.hard import Row
from tests.running import run
from tests.shared import once

ROOT = Path(__file__).parents[2]
ONE = Settings(threads=1)
NAMES_THE_SNAPSHOT = (
    "journal.jsonl",
    "manifest.json",
    "report.html",
    "report.json",
    "report.md",
    "review.html",
    "review.xlsx",
)
"""The files in which the digest stands, or from which plan the snapshot is."""
DATA = "CRM_CLEANUP_TEST_DATA"
"""The environment variable that says where the CRM is: what is named there may be gone."""
Change = Callable[[str], str]


def crm(folder: Path) -> Path:
    """A sample CRM and its ERP with 120 records, planned by the demo's config as `whole`."""
    generator = [sys.executable, str(ROOT / "data" / "generate.py"), "--records", "120", "--seed", "5"]
    subprocess.run([*generator, "--to", f"files:{folder / 'data'}"], check=True, capture_output=True)
    text = (ROOT / "configs" / "demo.yaml").read_text(encoding="utf-8")
    text = text.replace("files:data/", f"files:${{{DATA}}}/").replace("build/demo/", f"{folder}/")
    (folder / "demo.yaml").write_text(text, encoding="utf-8")
    with mock.patch.dict(os.environ, {DATA: str(folder / "data")}):
        plan(folder / "demo.yaml", folder / "whole", settings=ONE)
    return folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample CRM; no test changes it."""
    return once(tmp_path_factory, "from-plan", crm)


def replaced(old: str, new: str) -> Change:
    """Put one text of a config in the place of another."""

    def change(text: str) -> str:
        assert text.count(old) >= 1
        return text.replace(old, new)

    return change


def said(folder: Path, manifest: Manifest) -> str:
    """The report of a plan without its digest and its place."""
    text = (folder / "report.md").read_text("utf-8").replace(str(folder), "")
    return re.sub(f"{manifest.digest[:16]}[0-9a-f]*", "", text)


def assert_same(whole: Path, again: Path) -> None:
    """Two plans hold the same in every file: byte by byte, but for where the digest is named."""
    files = {str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file()}
    assert files == {str(path.relative_to(again)) for path in again.rglob("*") if path.is_file()}
    for name in sorted(files - {*NAMES_THE_SNAPSHOT}):
        if name.endswith(".parquet"):
            assert pq.read_table(whole / name).equals(pq.read_table(again / name)), name
        else:
            assert (whole / name).read_bytes() == (again / name).read_bytes(), name
    first, second = Manifest.read(whole), Manifest.read(again)
    assert first.reading is not None
    assert second.reading is not None
    read = second.figures.source.removeprefix(first.figures.source)
    assert re.fullmatch(r" \(read \d{4}-\d\d-\d\d \d\d:\d\d UTC\)", read)
    assert replace(second.figures, source=first.figures.source) == first.figures
    assert replace(second.reading, at=first.reading.at) == first.reading
    assert first.digests == {part: digest for part, digest in second.digests.items() if part != "from"}
    assert said(whole, first) == said(again, second).replace(read, "")
    refuse_changed(Bundle.open(again))


DUPLICATES = "  duplicates: {merge_at: 0.98, review_at: 0.90}"
SUPPLIER = '  - {as: keep,     name: supplier,                 when: {column: is_supplier, equals: "1"}}\n'
ALL_STAY = "classify:\n  - {as: keep, name: all, when: {column: city, empty: false}}"
CHANGES: dict[str, Change] = {
    "nothing": lambda text: text,
    "a rule's years": replaced("last: 3 years", "last: 1 years"),
    "a threshold": replaced("at_least: 0.95", "at_least: 0.999"),
    "a rule less": replaced(SUPPLIER, ""),
    "all stay but some": replaced("classify:", ALL_STAY),
    "when duplicates are one": replaced("merge_at: 0.98", "merge_at: 0.999"),
    "when duplicates are asked": replaced("review_at: 0.90", "review_at: 0.5"),
    "what records are compared by": replaced("website: website, vat: vat_id", "vat: vat_id"),
    "a field": replaced('partner_name: "{name}"', 'partner_name: "{name} {city}"'),
    "a lead for each contact": lambda text: text.replace(DUPLICATES, "").replace("per: company", "per: contact"),
    "the day": replaced("as_of: 2026-11-01", "as_of: 2025-06-01"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_config_gives_what_a_whole_plan_of_it_gives(
    name: str, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same decisions, leads, lists and figures, byte by byte; the source is gone and is not asked for."""
    config = sample / f"{name.replace(' ', '-')}.yaml"
    config.write_text(CHANGES[name]((sample / "demo.yaml").read_text("utf-8")), "utf-8")
    monkeypatch.setenv(DATA, str(sample / "data"))
    plan(config, tmp_path / "whole", settings=ONE)
    monkeypatch.setenv(DATA, str(tmp_path / "gone"))
    plan(config, tmp_path / "again", from_plan=sample / "whole", settings=ONE)

    assert_same(tmp_path / "whole", tmp_path / "again")
    assert Manifest.read(tmp_path / "again").digests["from"] == Manifest.read(sample / "whole").digest


TWO = [twins.KRASZEWSKI, {**twins.TWIN, "kind": "none"}, *twins.OTHERS]


@pytest.mark.parametrize(
    ("companies", "first"),
    [
        (TWO, replaced("merge_at: 0.98, review_at: 0.70", "merge_at: 1.0, review_at: 1.0")),
        (TWO, replaced("equals: buys", "equals: none")),
        ([*TWO, twins.MAYBE], replaced("review_at: 0.70", "review_at: 0.98")),
    ],
)
def test_duplicates_are_one_lead_as_in_a_whole_plan(companies: list[Row], first: Change, tmp_path: Path) -> None:
    """A lead that another record shares now is made anew; pairs below the earlier threshold are compared again."""
    config = twins.write_config(tmp_path, companies)
    text = config.read_text("utf-8")
    config.write_text(first(text), "utf-8")
    plan(config, tmp_path / "first", settings=ONE)
    config.write_text(text, "utf-8")
    plan(config, tmp_path / "whole", settings=ONE)
    plan(config, tmp_path / "again", from_plan=tmp_path / "first", settings=ONE)

    assert not pq.read_table(tmp_path / "whole" / "decisions.parquet").equals(
        pq.read_table(tmp_path / "first" / "decisions.parquet")
    )
    assert_same(tmp_path / "whole", tmp_path / "again")


def test_what_another_version_has_compared_is_compared_again(tmp_path: Path) -> None:
    """A plan that another version made, and in which it found no pair, has those of this version."""
    config = twins.write_config(tmp_path, TWO)
    first = plan(config, tmp_path / "first", settings=ONE).folder
    plan(config, tmp_path / "whole", settings=ONE)
    pairs = first / "duplicates.parquet"
    assert pq.read_metadata(pairs).num_rows
    pq.write_table(pq.read_schema(pairs).empty_table(), pairs)
    made = Manifest.read(first)
    replace(made, version="0.0.1", files={**made.files, pairs.name: file_hash(pairs)}).save(first)
    plan(config, tmp_path / "again", from_plan=first, settings=ONE)

    assert_same(tmp_path / "whole", tmp_path / "again")


def planned(folder: Path, change: Change = lambda text: text) -> Path:
    """Plan the small CRM as `plan`; gives its config, changed afterwards."""
    config = small.write_config(folder, small.write_csv(folder / "in"))
    plan(config, folder / "plan", settings=ONE)
    config.write_text(change(config.read_text("utf-8")), "utf-8")
    return config


PERSONS = "key: id, type: person"
LABEL = "key: id, labels_of: {account_id: {from: accounts, key: id, show: name}}, type: person"
ERP = (
    "masters: {erp: {url: 'files:in', from: a, key: id, identity: {company: name}}}\n"
    "classify:\n  - {as: customer, name: known, when: {matches: erp, at_least: 0.9}}"
)
OTHER_EVIDENCE = (
    'exists: invoices, key: "no",\n     of: {accounts: account_id, contacts: contact_id}, where: {state: posted},\n'
    "     within: {column: date, last: 3 years}",
    "exists: activities, of: {accounts: account_id}",
)
NOT_THERE: dict[str, tuple[tuple[str, str], str]] = {
    "another table": (("exists: invoices", "exists: orders"), "The table orders"),
    "another column of evidence": (("state: posted", "total: '5'"), "The column total of invoices"),
    "another column of a record": (("column: own,", "column: owner,"), "The column owner of accounts"),
    "another key": (("accounts: {key: id", "accounts: {key: name"), "Another `key` of accounts"),
    "another parent": (("parent: {column: parent_id", "parent: {column: zip"), "Another `parent` of accounts"),
    "another link": (("contacts: contact_id}, order_by", "contacts: id}, order_by"), "Another `of` of activities"),
    "other records": ((PERSONS, "key: id, where: {opt_out: '1'}, type: person"), "Another `where` of contacts"),
    "a label": ((PERSONS, LABEL), "Another `labels_of` of contacts"),
    "words for nothing": (("  records:", "  none: ['-']\n  records:"), "What `none` says"),
    "another zone": (("  records:", "  time_zone: Europe/Berlin\n  records:"), "This time zone"),
    "another way to write files": (("  records:", "  csv: {delimiter: ';'}\n  records:"), "This csv"),
    "a list of customers": (("classify:", ERP), "The list erp"),
    "a table less": (OTHER_EVIDENCE, "How many rows of invoices would stay behind"),
}


@pytest.mark.parametrize("name", NOT_THERE)
def test_what_the_snapshot_does_not_hold_is_refused_by_name(name: str, tmp_path: Path) -> None:
    """With its line, and what to run instead; no folder is left."""
    change, what = NOT_THERE[name]
    config = planned(tmp_path, replaced(*change))
    with pytest.raises(ConfigError) as refused:
        plan(config, tmp_path / "again", from_plan=tmp_path / "plan", settings=ONE)

    assert what in refused.value.message
    assert refused.value.message.endswith("is not in the plan's snapshot; run plan without --from.")
    assert str(refused.value.where).startswith(str(config))
    assert not (tmp_path / "again").exists()


KINDS = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, identity: {company: name}}
    people: {key: id, type: {column: kind, company: [c], person: [p]}, where: {gone: "0"}, identity: {email: mail}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", email: {first: ["{mail}", "{contact.mail}"]}, do_not_contact: {flag: contact.stop}}}
gates: {review: 100%, customers: 0%..100%}
"""


def test_who_is_asked_for_consent_in_rows_that_are_left_out_is_not_told_anew(tmp_path: Path) -> None:
    """They were asked as what they were: of another kind now, the address of one who opted out would be written to."""
    people = "id,name,kind,gone,mail,stop\n1,Ada,c,1,a@a.example,1\n2,Bea,c,0,a@a.example,0"
    tables = {"accounts": "id,name,mail\n1,Alpha,a@a.example", "people": people}
    first = told.planned(tmp_path, tables, KINDS)
    assert not first.leads("do_not_contact")["accounts:1"]
    config = told.write(tmp_path, tables, replaced("company: [c], person: [p]", "company: [p], person: [c]")(KINDS))
    whole = plan(config, tmp_path / "whole", settings=ONE)
    assert told.Planned(whole.folder, whole.report).leads("do_not_contact")["accounts:1"]
    with pytest.raises(ConfigError, match="Who opted out in rows that a `where` leaves out"):
        plan(config, tmp_path / "again", from_plan=first.folder, settings=ONE)


def test_the_command_takes_a_plan_and_replaces_it(tmp_path: Path) -> None:
    """`--from` and `--out` may name one folder: the new plan takes the place of the one that it was made of."""
    config = planned(tmp_path, replaced("last: 3 years", "last: 20 years"))
    shutil.rmtree(tmp_path / "in")
    ended = run("plan", config, "--from", tmp_path / "plan", "--out", tmp_path / "plan", "--replace")

    assert ended.returncode == 0, ended.stderr
    rows = pq.read_table(tmp_path / "plan" / "decisions.parquet").to_pylist()
    assert {row["source_key"]: row["decision"] for row in rows}["accounts:003"] == "customer"


def test_a_record_that_changed_since_the_snapshot_is_skipped(tmp_path: Path) -> None:
    """Families are read again before they are written: a plan of an old snapshot moves nothing that is no longer so."""
    config = planned(tmp_path)
    accounts = [row[:] for row in small.TABLES["accounts"]]
    changed = next(row for row in accounts if row[0] == "003")
    changed[2] = "Renamed since GmbH"
    small.write_csv(tmp_path / "in", {**small.TABLES, "accounts": accounts})
    plan(config, tmp_path / "again", from_plan=tmp_path / "plan", settings=ONE)
    done = apply(Bundle.open(tmp_path / "again"))

    assert [refusal.lead for refusal in done.stale] == ["accounts:003"]
    assert done.leads == Manifest.read(tmp_path / "again").leads - 1


def test_a_plan_is_not_decided_again_once_records_have_moved(tmp_path: Path) -> None:
    """What was archived since would be shown as it was before."""
    config = planned(tmp_path)
    apply(Bundle.open(tmp_path / "plan"))
    with pytest.raises(PlanError, match="Records have moved since"):
        plan(config, tmp_path / "again", from_plan=tmp_path / "plan", settings=ONE)


def test_a_plan_that_somebody_was_taken_out_of_is_not_decided_again(tmp_path: Path) -> None:
    """Nothing of how it was read is left in it, for that may name the person."""
    config = planned(tmp_path)
    forget(Bundle.open(tmp_path / "plan"), "contacts:3", by="Dana")
    assert not list((tmp_path / "plan").glob("reading/*"))
    refuse_changed(Bundle.open(tmp_path / "plan"))
    with pytest.raises(CleanupError, match="somebody was taken out"):
        plan(config, tmp_path / "again", from_plan=tmp_path / "plan", settings=ONE)


def test_who_must_not_move_is_no_matter_for_an_old_snapshot(tmp_path: Path) -> None:
    """Whoever is named in `forget.csv` since then still stands in it."""
    config = planned(tmp_path)
    with (tmp_path / "forget.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["source_key", "who", "when", "why"], ["contacts:3", "Dana", "2026-11-01", "asked"]]
        )
    with pytest.raises(ConfigError, match=r"forget\.csv"):
        plan(config, tmp_path / "again", from_plan=tmp_path / "plan", settings=ONE)
