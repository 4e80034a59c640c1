"""The shipped demo: its decisions agree with what the generator knows, and every value comes back from the target."""

from __future__ import annotations

import csv
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.classify.reasons import MAYBE_SAME_AS_LEAD, MAYBE_SAME_AS_STAYING
from etl.model import Decision
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.plan import Planned, Settings, plan
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.shared import once

ROOT = Path(__file__).parents[2]
DELETED = ("accounts", "contacts", "prospects", "notes")
"""The tables of the sample in which a row may be marked as deleted."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The demo's plan, approved; made in a copy of what it needs."""
    return once(tmp_path_factory, "demo-approved", made_in)


def made_in(folder: Path) -> Planned:
    """Make the demo's plan in a folder, and approve it."""
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    config = (ROOT / "configs" / "demo.yaml").read_text(encoding="utf-8")
    config = config.replace("files:data/legacy", f"files:{folder / 'data/legacy'}").replace("build/demo", str(folder))
    (folder / "demo.yaml").write_text(config, encoding="utf-8")
    made = plan(folder / "demo.yaml", folder / "plan", settings=Settings(threads=1))
    approve(Bundle.open(made.folder), by="Maria Muster")
    return made


def test_every_decision_agrees_with_the_truth(demo: Planned) -> None:
    """For every record that rules can decide, but for those that may be another's duplicate and wait for a person; the
    report counts those that nothing decided."""
    with (ROOT / "data" / "truth" / "records.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    rows = pq.read_table(demo.folder / "decisions.parquet").to_pylist()
    decided = {row["source_key"]: row["decision"] for row in rows}
    waiting = {row["source_key"] for row in rows if row["rule"] in (MAYBE_SAME_AS_STAYING, MAYBE_SAME_AS_LEAD)}
    deleted = {row["source_key"] for row in truth if row["decision"] == "left out"}
    decidable = {row["source_key"]: row["decision"] for row in truth if row["decidable"] == "rules"}
    decidable = {key: decision for key, decision in decidable.items() if key not in deleted}

    assert {row["source_key"] for row in truth} - set(decided) == deleted
    wrong = {key for key, decision in decidable.items() if decided[key] != decision}
    assert wrong <= waiting
    assert len(wrong) < 0.02 * len(decidable)
    assert len(decidable) > 3_000
    by_last_rule = {row["source_key"] for row in rows if row["rule"] == "no evidence of a purchase"}
    assert demo.report.undecided == len(by_last_rule)


def test_a_second_record_of_a_customer_is_no_lead(demo: Planned) -> None:
    """Nor its contacts: they have the customer's decision, or wait for a person."""
    with (ROOT / "data" / "truth" / "records.csv").open(encoding="utf-8", newline="") as file:
        second = {row["source_key"] for row in csv.DictReader(file) if row["decidable"] == "duplicates"}
    rows = pq.read_table(demo.folder / "decisions.parquet").to_pylist()
    companies = [row["decision"] for row in rows if row["source_key"] in second and row["type"] == "company"]

    assert len(companies) >= 3
    assert "lead" not in companies


def test_leads_of_several_records_are_truly_one_company(demo: Planned) -> None:
    """No two companies are merged that are two; nearly all that are one and move are one lead."""
    with (ROOT / "data" / "truth" / "records.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["source_key"]: row["same_as"] or row["source_key"] for row in csv.DictReader(file)}
    rows = pq.read_table(demo.folder / "decisions.parquet").to_pylist()
    lead = {row["source_key"]: row["lead"] for row in rows if row["lead"] and row["type"] == "company"}
    merged = [(key, one) for key, one in lead.items() if key != one]
    same = [key for key in lead if truth[key] != key and truth[key] in lead]

    assert len(merged) > 50
    assert [pair for pair in merged if truth[pair[0]] != truth[pair[1]]] == []
    assert sum(lead[key] == lead[truth[key]] for key in same) >= 0.9 * len(same)


def test_customers_that_only_the_erp_knows_are_found(demo: Planned) -> None:
    """At least 97% of them are customers, or wait for a person; nobody is a customer by another's debtor."""
    with (ROOT / "data" / "truth" / "records.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["source_key"]: row for row in csv.DictReader(file)}
    rows = pq.read_table(demo.folder / "decisions.parquet").to_pylist()
    only = [row for row in rows if truth.get(row["source_key"], {}).get("decidable") == "erp"]
    matched = [row for row in rows if row["rule"] in ("known to the ERP", "same VAT number as a debtor")]

    assert len(only) > 150
    assert sum(row["decision"] in ("customer", "review") for row in only) >= 0.97 * len(only)
    assert len(matched) > 200
    assert [row["source_key"] for row in matched if truth[row["source_key"]]["customer"] == "no"] == []
    debtors = [(row["match"].split()[1], truth[row["source_key"]]["debtor_no"]) for row in matched if row["match"]]
    assert sum(found == true for found, true in debtors if true) >= 0.99 * len([true for _, true in debtors if true])


def test_the_demo_keeps_its_gates_and_its_sums(demo: Planned) -> None:
    """What `make demo` shows is a plan that may be applied."""
    assert demo.report.sum_is_right
    assert [gate.name for gate in demo.report.gates if not gate.ok] == []


def test_no_lead_has_the_address_of_somebody_who_opted_out_and_a_false_flag(demo: Planned) -> None:
    """Told from the source's files alone: mail addresses in any case, numbers in any spelling, of whatever family."""
    addresses: set[str] = set()
    silent: set[str] = set()
    for entry in ("accounts", "contacts", "prospects"):
        for row in rows_of(f"legacy/{entry}"):
            if row["opt_out"] in ("1", "ja") and row["deleted"] in ("", "0"):
                silent.add(f"{entry}:{row.get('id') or row['office'] + '/' + row['number']}")
                addresses |= reaching(row["email"], row["phone"], row.get("mobile"))
    leads = pq.read_table(demo.folder / "leads.parquet").to_pylist()
    members = pq.read_table(demo.folder / "decisions.parquet", columns=["source_key", "lead"]).to_pylist()
    own = {row["lead"] for row in members if row["source_key"] in silent}
    reached = {row["lead"] for row in leads if addresses & reaching(row["email"], row["phone"], row["mobile"])}
    flagged = {row["lead"] for row in leads if row["do_not_contact"]}

    assert len(addresses) > 200
    assert reached <= flagged
    assert flagged - own == reached - own
    assert demo.report.consent
    assert demo.report.consent.elsewhere == len(flagged - own) > 0


def test_who_was_deleted_moves_nowhere(demo: Planned) -> None:
    """What is marked as deleted is counted, and no word of it stands in a lead: neither a record nor a note."""
    gone = {name: [row for row in rows_of(f"legacy/{name}") if row["deleted"] == "1"] for name in DELETED}
    notes = "\n".join(pq.read_table(demo.folder / "leads.parquet")["note"].to_pylist())
    mails = {
        row["email"] for name in ("accounts", "contacts", "prospects") for row in gone[name] if "@" in row["email"]
    }

    assert {(left.dataset, left.rows) for left in demo.report.left_out} == {(n, len(gone[n])) for n in DELETED}
    assert demo.report.records_left_out == sum(len(gone[name]) for name in DELETED if name != "notes")
    assert len(mails) > 10
    assert not [mail for mail in mails if mail in notes]


def test_a_note_stands_with_the_record_that_its_type_names(demo: Planned) -> None:
    """And in no other lead: those on opportunities, which have the numbers of companies, stay behind."""
    lead, wanted = lead_of_each(demo), {}
    for row in rows_of("legacy/notes"):
        entry = {"Account": "accounts", "Contact": "contacts"}.get(row["parent_type"])
        if entry and row["deleted"] == "0" and (moved := lead[f"{entry}:{row['parent_id']}"]):
            wanted[row["id"]] = [moved]

    assert len(wanted) > 100
    assert standing_in(demo, r"\(Notiz (\d+)\)") == wanted


def test_a_visit_stands_with_the_company_of_its_office(demo: Planned) -> None:
    """The number alone names a company of each office: only both together are the key."""
    lead = lead_of_each(demo)
    moved = {row["visit_no"]: lead[f"prospects:{row['office']}/{row['number']}"] for row in rows_of("legacy/visits")}

    assert len(moved) > 100
    found = standing_in(demo, r"– Besuch (\d+)")
    assert found == {visit: [into] for visit, into in moved.items() if into}


def test_a_contact_of_two_companies_stands_with_both(demo: Planned) -> None:
    """It belongs to its main company, and the other's lead has it as well; a second job that ended is none."""
    lead, rows = lead_of_each(demo), pq.read_table(demo.folder / "leads.parquet", columns=["lead", "note"]).to_pylist()
    notes = {row["lead"]: row["note"] for row in rows}
    found = 0
    for row in rows_of("legacy/accounts_contacts"):
        into = lead[f"accounts:{row['account_id']}"] if row["main"] == "0" else None
        if into and into != lead[f"contacts:{row['contact_id']}"]:
            found += not row["deleted"]
            assert (f"Kontakt-Nr.: {row['contact_id']}\n" in notes[into]) == (not row["deleted"])
    assert found > 5


def lead_of_each(demo: Planned) -> dict[str, str | None]:
    """Source key -> the lead that the record goes into; None where it stays, or was deleted."""
    rows = pq.read_table(demo.folder / "decisions.parquet", columns=["source_key", "lead"]).to_pylist()
    return defaultdict(lambda: None, {row["source_key"]: row["lead"] for row in rows})


def standing_in(demo: Planned, pattern: str) -> dict[str, list[str]]:
    """Which leads' notes have a mark, by what the pattern's group finds."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in pq.read_table(demo.folder / "leads.parquet", columns=["lead", "note"]).to_pylist():
        for mark in re.findall(pattern, row["note"]):
            found[mark].append(row["lead"])
    return found


def reaching(*texts: str | None) -> set[str]:
    """The mail addresses in some texts in lower case, and the phone numbers without country and leading zeros."""
    found = {part.lower() for text in texts for part in re.split(r"[;,/\s]+", text or "") if "@" in part}
    for number in (part for text in texts if "@" not in (text or "") for part in re.split(" / ", text or "")):
        digits = re.sub(r"\D", "", number.replace("(0)", ""))
        foreign = number.startswith(("+", "00"))
        digits = re.sub(r"^(00)?(1|33|44|49)", "", digits) if foreign else digits
        found |= {digits.lstrip("0")} if len(digits) > 5 else set()
    return found


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one of the sample's files, as each is written."""
    field_service = name in ("legacy/prospects", "legacy/visits")
    [path] = (ROOT / "data").glob(f"{name}.?sv")
    delimiter = ";" if field_service else "\t" if path.suffix == ".tsv" else ","
    with path.open(encoding="cp1252" if field_service else "utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_the_demo_is_applied_once_and_every_value_comes_back(tmp_path: Path) -> None:
    """Apply, apply again, verify; a plan made afterwards knows what moved before. The plan and its target are this
    test's own: others look at the shared one."""
    demo = made_in(tmp_path)
    bundle = Bundle.open(demo.folder)
    first, second, proof = apply(bundle), apply(bundle), verify(bundle, threads=1)
    again = plan(demo.folder.parent / "demo.yaml", demo.folder.parent / "again", settings=Settings(threads=1))

    assert (first.leads, first.before, first.refused) == (demo.report.leads, 0, ())
    assert (second.leads, second.before) == (0, demo.report.leads)
    assert proof.holds
    assert proof.conserved == proof.values == demo.report.values.conserved
    assert again.report.leads == 0
    assert again.report.decided(Decision.MOVED_BEFORE) == first.records
