"""Leads that are in the pipeline already: nobody gets a second one unasked, and a record can be added to the first."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from etl.errors import ConfigError
from etl.note import Labels, State, parse
from etl.pipeline.apply import apply
from etl.pipeline.plan import Planned, Settings, plan
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan.bundle import Bundle
from etl.report.case_places import REVIEW_PAGE
from tests.pipeline import twins
from tests.pipeline.hard import Row
from tests.pipeline.small import without_password
from tests.report.html.cases import Read

ONE = Settings(threads=1)
RECORDS = [twins.KRASZEWSKI, *twins.OTHERS]
CONTACTS = [twins.HEAD[0], twins.HEAD[2]]
LEAD = {"name": "Stairs for the depot", "partner_name": "Kraszewski Metallbau", "street": "Hauptstr. 5",
        "postcode": "01099", "city": "", "phone": "+49 351 1234567", "note": "Call again in May."}  # fmt: skip
PERSON = {"name": "Fair 2025", "contact_name": "Sabine Oelschläger", "email": "sabine@kraszewski.example"}


def config_for(folder: Path, url: str, companies: Sequence[Row] = RECORDS, **options: Any) -> Path:
    """A config with its leads in that database."""
    path = twins.write_config(folder, companies, **{"contacts": CONTACTS, "calls": twins.CALLS[:1], **options})
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text[: text.index("target: ")] + f'target: {{url: "{without_password(url, "TARGET")}"}}\n', encoding="utf-8"
    )
    return path


def made_there(folder: Path, url: str, *leads: dict[str, str]) -> sa.Engine:
    """Make the tool's own tables in a database by a plan without records that move, and put leads into them."""
    config = config_for(folder / "empty", url, [twins.OTHERS[0]], contacts=[], calls=[])
    bundle = Bundle.open(plan(config, folder / "empty" / "plan", settings=ONE).folder)
    apply(bundle)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM crm_cleanup_ledger"))
        connection.execute(sa.text("DELETE FROM leads"))
        for number, lead in enumerate(leads, 4711):
            names = ", ".join(lead)
            given = ", ".join(f":{name}" for name in lead)
            connection.execute(
                sa.text(f"INSERT INTO leads (id, {names}, do_not_contact) VALUES ({number}, {given}, :no)"),
                {**lead, "no": False},
            )
    return engine


def stored(engine: sa.Engine, id: int = 4711) -> dict[str, Any]:
    """One lead as it stands in the target."""
    with engine.connect() as connection:
        return dict(connection.execute(sa.text("SELECT * FROM leads WHERE id = :id"), {"id": id}).mappings().one())


def decided(planned: Planned) -> dict[str, dict[str, Any]]:
    """Key -> row of the decisions."""
    return {row["key"]: row for row in pq.read_table(planned.folder / "decisions.parquet").to_pylist()}


def answer(folder: Path, *lines: dict[str, str]) -> None:
    """Put people's decisions beside the config."""
    with (folder / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("source_key", "decision", "who", "hash"), restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({"who": "Maria", **line} for line in lines)


def test_a_company_that_is_in_the_pipeline_waits_with_the_lead_named(tmp_path: Path) -> None:
    """And its contacts; the report counts them."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    made_there(tmp_path, url, LEAD)
    planned = plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE)
    found = decided(planned)

    assert (found["1"]["decision"], found["1"]["rule"]) == ("review", "possible duplicate of a lead in the pipeline")
    assert found["c1"]["decision"] == "review"
    assert found["1"]["evidence"].startswith(
        "lead 4711 'Stairs for the depot' may be the same as accounts:1 (probability 0.9"
    )
    assert "same phone '+49 351 1234567' +" in found["1"]["evidence"]
    assert planned.report.duplicates is not None
    assert planned.report.duplicates.there == 1
    assert found["20"]["decision"] == "lead"


def test_the_page_of_the_open_cases_shows_the_lead_and_what_agrees(tmp_path: Path) -> None:
    """Beside the record, with its id for the decision `into`."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    made_there(tmp_path, url, LEAD)
    page = Read.of(plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE).folder / REVIEW_PAGE)
    [lead] = page.details["accounts:1"]["beside"]

    assert (lead["kind"], lead["key"], lead["name"]) == ("lead", "4711", "Stairs for the depot")
    assert lead["probability"] == page.rows[0]["likely"] > 0.9
    assert any(text == "same phone '+49 351 1234567'" and bits > 0 for text, bits in lead["weights"])


def test_a_contact_of_the_pipeline_is_found_by_mail_and_name(tmp_path: Path) -> None:
    """The family of the contact waits; a person without a company, too."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    made_there(tmp_path, url, PERSON)
    found = decided(plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE))
    assert {found[key]["rule"] for key in ("1", "c1")} == {"possible duplicate of a lead in the pipeline"}

    alone = config_for(tmp_path, url, twins.OTHERS, contacts=[twins.HEAD[2], twins.LONE], calls=[])
    found = decided(plan(alone, tmp_path / "plan", settings=ONE, replace=True))
    assert found["c5"]["rule"] == "possible duplicate of a lead in the pipeline"


def test_leads_that_this_tool_wrote_are_no_strangers(tmp_path: Path) -> None:
    """A second plan of the same source does not take its own leads for somebody else's."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    first = plan(config_for(tmp_path, url, RECORDS), tmp_path / "plan", settings=ONE)
    apply(Bundle.open(first.folder))
    found = decided(plan(config_for(tmp_path, url, RECORDS), tmp_path / "again", settings=ONE))

    assert {row["decision"] for row in found.values()} == {"moved before"}


def test_a_record_goes_into_the_lead_that_a_person_names(tmp_path: Path, fresh_database: str) -> None:
    """Its block stands below what people wrote, only empty fields are filled, the ledger knows, and verify finds all;
    applying it again changes nothing, and undo gives the lead what it held before."""
    engine = made_there(tmp_path, fresh_database, LEAD)
    config = config_for(tmp_path, fresh_database)
    first = decided(plan(config, tmp_path / "plan", settings=ONE))
    assert first["1"]["decision"] == "review"
    with (tmp_path / "plan" / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        [case] = [row for row in csv.DictReader(file) if row["source_key"] == "accounts:1"]
    answer(tmp_path, {**case, "who": "Maria", "decision": "into: 4711"})

    planned = plan(config, tmp_path / "plan", settings=ONE, replace=True)
    bundle = Bundle.open(planned.folder)
    assert decided(planned)["c1"]["into"] == "4711"
    before, former = len(twins.OTHERS), stored(engine)
    applied, again, proof = apply(bundle), apply(bundle), verify(bundle, threads=1)
    lead = stored(engine)
    with engine.connect() as connection:
        leads = connection.scalar(sa.text("SELECT count(*) FROM leads"))
        moved = connection.scalar(sa.text("SELECT count(*) FROM crm_cleanup_ledger WHERE lead_id = '4711'"))
    undo(bundle)
    undone = stored(engine)
    engine.dispose()

    assert (applied.leads, again.leads, again.before) == (before + 1, 0, before + 1)
    assert leads == before + 1
    assert moved == 2  # the company and its contact
    assert (lead["name"], lead["phone"]) == ("Stairs for the depot", "+49 351 1234567")
    assert lead["city"] == "Dresden"
    assert lead["note"].startswith("Call again in May.\n\n═══")
    parsed = parse(lead["note"], Labels.of(bundle.config, bundle.manifest.columns))
    assert parsed.state is State.INTACT
    assert set(parsed.records) == {"accounts:1", "contacts:c1"}
    assert proof.holds
    assert undone == former


def test_two_records_can_go_into_one_lead(tmp_path: Path) -> None:
    """Each has its block, both are found."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = made_there(tmp_path, url, LEAD)
    answer(tmp_path, *({"source_key": f"accounts:{key}", "decision": "into: 4711"} for key in ("1", "20")))
    bundle = Bundle.open(plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE).folder)
    apply(bundle)
    proof = verify(bundle, threads=1)

    assert stored(engine)["note"].count("═══ From the former CRM ═══") == 2
    assert proof.holds


def test_a_field_of_its_own_that_is_lost_afterwards_is_not_this_tools(tmp_path: Path) -> None:
    """verify sees a value that it filled in vanish, and not one that was there before."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = made_there(tmp_path, url, LEAD)
    answer(tmp_path, {"source_key": "accounts:1", "decision": "into: 4711"})
    bundle = Bundle.open(plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE).folder)
    apply(bundle)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE leads SET phone = '1', city = NULL WHERE id = 4711"))
    proof = verify(bundle, threads=1)

    assert [(one.lead, one.column, one.kind) for one in proof.differences] == [("accounts:1", "city", "emptied")]


def test_whoever_must_not_be_contacted_must_not_afterwards(tmp_path: Path) -> None:
    """The flag is taken over into a lead that has it not."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = made_there(tmp_path, url, LEAD)
    answer(tmp_path, {"source_key": "accounts:1", "decision": "into: 4711"})
    rows = [{**twins.KRASZEWSKI, "remark": "never again"}, *twins.OTHERS]
    apply(Bundle.open(plan(config_for(tmp_path, url, rows), tmp_path / "plan", settings=ONE).folder))

    assert stored(engine)["do_not_contact"] == 1


def test_a_note_in_parts_is_added_to_in_parts(tmp_path: Path) -> None:
    """What does not fit the first part goes into further ones, and the whole reads as one note."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = made_there(tmp_path, url, LEAD)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE parts (lead INT, no INT, words TEXT, PRIMARY KEY (lead, no))"))
        connection.execute(sa.text("INSERT INTO parts VALUES (4711, 2, 'And in June.')"))
    answer(tmp_path, {"source_key": "accounts:1", "decision": "into: 4711"})
    config = config_for(tmp_path, url)
    text = config.read_text(encoding="utf-8")
    columns = ", ".join(f"{name}: {name}" for name in ("name", "city", "note"))
    start, end = text.index("    contact_name:"), text.index("target: ")
    mapped = (
        '    city: "{city}"\napprovals: waived\ngates: {customers: 0%..100%, empty_tables: 1}\n'
        f'target: {{url: "{url}", table: leads, columns: {{{columns}}}, '
        "parts: {table: parts, lead: lead, number: no, text: words}}\n"
    )
    config.write_text(text[:start] + mapped + text[end:].partition("\n")[2], encoding="utf-8")
    bundle = Bundle.open(plan(config, tmp_path / "plan", settings=ONE).folder)
    apply(bundle)
    proof = verify(bundle, threads=1)

    assert stored(engine)["note"].startswith("Call again in May.\nAnd in June.\n\n═══")
    assert proof.holds


def test_an_id_that_is_no_lead_is_refused(tmp_path: Path) -> None:
    """When the plan is made, and when the lead has gone since: the others are written."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = made_there(tmp_path, url, LEAD)
    answer(tmp_path, {"source_key": "accounts:1", "decision": "into: 12"})
    with pytest.raises(ConfigError, match="A decision puts accounts:1 into lead 12, but the target has no such lead"):
        plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE)

    answer(tmp_path, {"source_key": "accounts:1", "decision": "into: 4711"})
    bundle = Bundle.open(plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE).folder)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM leads WHERE id = 4711"))
    applied = apply(bundle)
    assert applied.leads == len(twins.OTHERS)
    [refused] = applied.refused
    assert refused.reason == "the lead 4711, to which it was to be added, no longer exists; decide again"


@pytest.mark.parametrize("said", ["into", "into:", "lead: 4711", "into 4711"])
def test_a_wrong_into_is_named(tmp_path: Path, said: str) -> None:
    """With its line."""
    answer(tmp_path, {"source_key": "accounts:1", "decision": said})
    with pytest.raises(ConfigError, match=r"is not a decision; write one of .*into: the id of a lead"):
        plan(config_for(tmp_path, f"sqlite:///{tmp_path / 'crm.db'}"), tmp_path / "plan", settings=ONE)


def test_a_decision_that_is_no_lead_does_not_go_into_one(tmp_path: Path) -> None:
    """A person may also say that it is a customer, or a lead of its own."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = made_there(tmp_path, url, LEAD)
    planned = plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE)
    with (planned.folder / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        [case] = [row for row in csv.DictReader(file) if row["source_key"] == "accounts:1"]
    for said in ("customer", "lead"):
        answer(tmp_path, {**case, "who": "Maria", "decision": said})
        found = decided(plan(config_for(tmp_path, url), tmp_path / "plan", settings=ONE, replace=True))
        assert (found["1"]["decision"], found["1"]["into"]) == (said, None)
    assert stored(engine)["note"] == LEAD["note"]


def test_nothing_is_compared_where_the_config_asks_for_no_duplicates(tmp_path: Path) -> None:
    """The pipeline's leads are not even read."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    made_there(tmp_path, url, LEAD)
    config = config_for(tmp_path, url)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("  duplicates: {merge_at: 0.98, review_at: 0.70}\n", ""), encoding="utf-8")
    planned = plan(config, tmp_path / "plan", settings=ONE)

    assert decided(planned)["1"]["decision"] == "lead"
    assert planned.report.duplicates is None
