"""The dry run: every record has one decision, the digest is that of the contents, and nothing else is written."""

from __future__ import annotations

import csv
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from etl.errors import CleanupError, ConfigError, GateError, PlanError
from etl.pipeline.apply import apply
from etl.pipeline.plan import Planned, Settings, plan
from etl.plan import Bundle
from tests.pipeline import small

ONE = Settings(threads=1)


def made(folder: Path, source: str | None = None, settings: Settings = ONE, **options: str) -> Planned:
    """Plan the small CRM."""
    source = source or small.write_csv(folder / "in")
    return plan(small.write_config(folder, source, **options), folder / "plan", settings=settings, replace=True)


def decided(planned: Planned) -> dict[str, tuple[str, str, str]]:
    """Source key -> decision, rule, who decided."""
    rows = pq.read_table(planned.folder / "decisions.parquet").to_pylist()
    return {row["source_key"]: (row["decision"], row["rule"], row["decided_by"]) for row in rows}


def test_each_record_of_the_small_crm_is_decided_as_its_story_goes(tmp_path: Path) -> None:
    """Customers through a daughter and a contact, own company, orphan, double key, unreadable date, leads."""
    found = decided(made(tmp_path))

    assert found["accounts:001"] == ("customer", "invoiced", "accounts:002")
    assert found["contacts:1"][0] == "customer"
    assert found["accounts:004"] == ("customer", "invoiced", "contacts:4")
    assert found["accounts:005"][0] == "keep"
    assert found["accounts:007"][:2] == ("reject", "parent-missing")
    assert found["accounts:008"][:2] == ("reject", "duplicate-key")
    assert found["contacts:7"][0] == "review"
    assert found["accounts:Ä9"][:2] == ("review", "a row of its evidence cannot be read")
    leads = {key for key, (decision, _, _) in found.items() if decision == "lead"}
    assert leads == {
        "accounts:003",
        "contacts:2",
        "contacts:3",
        "accounts:006",
        "contacts:5",
        "contacts:6",
        "accounts:006 ",
    }


def test_records_and_values_are_conserved(tmp_path: Path) -> None:
    """One decision a record, and each filled cell of a moved record in the notes or among the omitted."""
    planned = made(tmp_path)
    report = planned.report
    moved = {key for key, (decision, _, _) in decided(planned).items() if decision == "lead"}
    cells = phones = 0
    for name, [header, *rows] in small.TABLES.items():
        if name in ("accounts", "contacts"):
            mine = [row for row in rows if f"{name}:{row[0]}" in moved]
            phones += sum(1 for row in mine if name == "accounts" and row[header.index("phone")])
            cells += sum(cell is not None for row in mine for cell in row)
    history = [row for row in small.TABLES["activities"][1:] if row[0] != "4"]
    cells += sum(cell is not None for row in history for cell in row)

    assert report.sum_is_right
    assert report.read == 18
    assert report.values.conserved == cells - phones
    assert report.values.left_out == phones


@pytest.mark.parametrize("one_per", ["company", "contact"])
def test_the_digest_does_not_depend_on_how_the_work_is_cut_up(tmp_path: Path, one_per: str) -> None:
    """Chunk sizes 1, 7 and 10,000, one and two workers, and shuffled rows give one digest."""
    shuffled = {
        name: [rows[0], *random.Random(3).sample(rows[1:], len(rows) - 1)] for name, rows in small.TABLES.items()
    }
    first = made(tmp_path / "a", one_per=one_per).report.digest
    source = f"files:{tmp_path / 'a' / 'in'}"
    cuts = [Settings(threads=1, rows=1, chunk_records=1), Settings(threads=2, rows=7, chunk_records=7, chunk_bytes=50)]
    config = tmp_path / "a" / "small.yaml"
    digests = {first}
    for settings in cuts:
        digests.add(plan(config, tmp_path / "a" / "plan", settings=settings, replace=True).report.digest)
    small.write_csv(Path(source.removeprefix("files:")), shuffled)
    digests.add(plan(config, tmp_path / "a" / "plan", settings=ONE, replace=True).report.digest)

    assert len(digests) == 1


def test_the_digest_does_not_depend_on_where_the_command_runs(tmp_path: Path) -> None:
    """Hash seeds, time zones, locales and worker counts give one digest, byte for byte of the printed report."""
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in"))
    printed = set()
    for seed, zone, locale, threads in (
        ("0", "UTC", "C", "1"),
        ("42", "Asia/Kathmandu", "de_DE.UTF-8", "2"),
        ("7", "America/St_Johns", "tr_TR.UTF-8", "1"),
    ):
        environ = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONUTF8": "1"}
        command = [
            sys.executable,
            "-m",
            "etl",
            "plan",
            str(config),
            "--out",
            str(tmp_path / "plan"),
            "--replace",
            "--threads",
            threads,
        ]
        printed.add(subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout)

    assert len(printed) == 1


@pytest.mark.parametrize(
    "change",
    [("accounts", 3, 2), ("contacts", 2, 3), ("activities", 1, 4), ("invoices", 4, 4), ("accounts", 1, 9)],
    ids=["lead", "contact", "history", "evidence", "customer"],
)
def test_one_changed_value_anywhere_changes_the_digest(tmp_path: Path, change: tuple[str, int, int]) -> None:
    """The snapshot is part of the digest, of those that stay as well."""
    name, row, column = change
    before = made(tmp_path).report.digest
    tables = {key: [list(line) for line in rows] for key, rows in small.TABLES.items()}
    tables[name][row][column] = f"{tables[name][row][column]}x"
    small.write_csv(tmp_path / "in", tables)

    assert plan(tmp_path / "small.yaml", tmp_path / "plan", settings=ONE, replace=True).report.digest != before


def test_every_kind_of_source_gives_the_same_decisions_and_leads(tmp_path: Path, fresh_database: str) -> None:
    """CSV, XLSX, Parquet and a database that hold the same text."""
    kind = fresh_database.split(":")[0]
    sources = {"csv": small.write_csv(tmp_path / "csv"), kind: small.write_sql(fresh_database)}
    if kind == "sqlite":
        sources |= {"xlsx": small.write_xlsx(tmp_path / "xlsx"), "parquet": small.write_parquet(tmp_path / "parquet")}
    found = {}
    for name, source in sources.items():
        config = small.write_config(tmp_path / name, source.replace("%", "%%"))
        plan(config, tmp_path / name / "plan", settings=ONE)
        digests = Bundle.open(tmp_path / name / "plan").manifest.digests
        found[name] = (digests["decisions"], digests["leads"])

    assert len(set(found.values())) == 1, found


def test_the_bundle_is_its_owners_alone_and_nothing_else_is_written(tmp_path: Path) -> None:
    """Folders 0700, files 0600; no target database appears, no half-made folder stays."""
    made(tmp_path)

    for path in [tmp_path / "plan", *(tmp_path / "plan").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "plan", "small.yaml"]


def test_a_plan_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A column that is not there ends before anything is written, and the older plan stays."""
    planned = made(tmp_path)
    before = (planned.folder / "manifest.json").read_bytes()
    config = tmp_path / "small.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("{name}", "{nmae}"), encoding="utf-8")
    with pytest.raises(ConfigError, match="nmae"):
        plan(config, planned.folder, replace=True, settings=ONE)

    assert (planned.folder / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "plan", "small.yaml"]


def test_an_existing_folder_is_never_overwritten_unasked(tmp_path: Path) -> None:
    """Neither a plan without --replace, nor, with it, a folder that is no plan."""
    planned = made(tmp_path)
    with pytest.raises(PlanError, match="already exists"):
        plan(tmp_path / "small.yaml", planned.folder, settings=ONE)
    other = tmp_path / "precious"
    other.mkdir()
    with pytest.raises(PlanError, match="not a plan"):
        plan(tmp_path / "small.yaml", other, replace=True, settings=ONE)

    assert other.exists()


def test_a_plan_that_was_applied_is_not_replaced(tmp_path: Path) -> None:
    """What verifies its leads is in it."""
    planned = made(tmp_path)
    apply(Bundle.open(planned.folder))
    with pytest.raises(PlanError, match="was applied"):
        plan(tmp_path / "small.yaml", planned.folder, replace=True, settings=ONE)

    assert Bundle.open(planned.folder).manifest.leads == 4


@pytest.mark.parametrize("change", [("name: small", "name: other"), ("pipeline.db", "elsewhere.db")])
def test_a_plan_that_was_applied_elsewhere_is_not_replaced(tmp_path: Path, change: tuple[str, str]) -> None:
    """Not by the plan of another source, nor by one for another target, whose ledger does not know it."""
    planned = made(tmp_path)
    apply(Bundle.open(planned.folder))
    config = tmp_path / "small.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    (tmp_path / "pipeline.db").rename(tmp_path / "away.db")
    with pytest.raises(PlanError, match="was applied"):
        plan(config, planned.folder, replace=True, settings=ONE)


def narrow(folder: Path, tables: dict[str, small.Table], decisions: str = "") -> Planned:
    """Plan into a table whose city cannot be empty: a family without one does not fit."""
    with sqlite3.connect(folder / "crm.db") as connection:
        connection.execute("CREATE TABLE lead (id INTEGER PRIMARY KEY, name TEXT, city TEXT NOT NULL, note TEXT)")
    url = f"sqlite:///{folder / 'crm.db'}"
    config = small.write_config(folder, small.write_csv(folder / "in", tables), url)
    text = config.read_text(encoding="utf-8")
    start, end = text.index("    contact_name"), text.index("    city:")
    text = text[:start] + text[end:]
    text = text.replace('    tags: ["clean-up", "{city}"]\n    do_not_contact: {column: opt_out, equals: "1"}\n', "")
    mapping = f'target: {{url: "{url}", table: lead, columns: {{name: name, city: city, note: note}}}}'
    config.write_text(text.replace(f'target: {{url: "{url}"}}', mapping), encoding="utf-8")
    if decisions:
        (folder / "decisions.csv").write_text(decisions, encoding="utf-8")
    return plan(config, folder / "plan", replace=True, settings=ONE)


def test_history_shared_with_a_family_that_does_not_fit_is_not_left_behind(tmp_path: Path) -> None:
    """A call with two families: one has no city and stays, so the other waits with it; nobody else does."""
    tables = dict(small.TABLES)
    tables["activities"] = [*tables["activities"], ["9", "006 ", "5", "2024-01-01", "beide"]]
    planned = narrow(tmp_path, tables)
    found = decided(planned)

    assert found["accounts:006 "][:2] == ("review", "a value does not fit its field in the target")
    assert (
        found["accounts:006"][:2]
        == found["contacts:5"][:2]
        == ("review", "a value does not fit its field in the target")
    )
    assert found["accounts:003"][0] == "lead"
    assert planned.report.undecided == sum(decision == "lead" for decision, _, _ in found.values())
    rows = pq.read_table(planned.folder / "decisions.parquet").to_pylist()
    [evidence] = {row["evidence"] for row in rows if row["source_key"] == "contacts:5"}
    assert evidence == "shares history or a lead with accounts:006 , of which a value does not fit"


def test_what_a_person_decides_on_a_family_that_does_not_fit_goes_stale_too(tmp_path: Path) -> None:
    """Its open case has a hash, with which the decision counts, and comes back when the family changes."""
    planned = narrow(tmp_path, small.TABLES)
    with (planned.folder / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        cases = {case["source_key"]: case for case in csv.DictReader(file)}
    assert len({case["hash"] for case in cases.values()}) == len(cases)
    assert all(len(case["hash"]) == 16 for case in cases.values())
    line = f"source_key,decision,who,when,why,hash\naccounts:006 ,customer,Maria,,,{cases['accounts:006 ']['hash']}\n"
    (tmp_path / "decisions.csv").write_text(line, encoding="utf-8")
    config = tmp_path / "small.yaml"
    same = decided(plan(config, tmp_path / "plan", replace=True, settings=ONE))
    accounts = [[*row[:-1], "changed"] if row[0] == "006 " else row for row in small.TABLES["accounts"]]
    small.write_csv(tmp_path / "in", {**small.TABLES, "accounts": accounts})
    changed = decided(plan(config, tmp_path / "plan", replace=True, settings=ONE))

    assert same["accounts:006 "][:2] == ("customer", "decided by a person")
    assert changed["accounts:006 "][:2] == ("review", "changed since a person decided")


def test_the_report_counts_the_decisions_of_people_that_count(tmp_path: Path) -> None:
    """One used, without a hash; one that outweighs no evidence that cannot be read, and so is not used."""
    small.write_config(tmp_path, small.write_csv(tmp_path / "in"))
    lines = "source_key,decision,who\naccounts:003,customer,Maria\naccounts:Ä9,lead,Maria\n"
    (tmp_path / "decisions.csv").write_text(lines, encoding="utf-8")
    planned = plan(tmp_path / "small.yaml", tmp_path / "plan", settings=ONE)
    found = decided(planned)

    assert found["accounts:Ä9"][:2] == ("review", "a person decided without a hash although there is evidence")
    assert (planned.report.overrides.used, planned.report.overrides.without_hash) == (1, 2)


def test_a_broken_gate_is_named_and_the_plan_is_there_to_be_read(tmp_path: Path) -> None:
    """Exit code 3, with what broke it."""
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in"))
    config.write_text(
        config.read_text(encoding="utf-8").replace("reject: 50%", "reject: 0").replace("0%..100%", "90%..95%"),
        encoding="utf-8",
    )
    planned = plan(config, tmp_path / "plan", settings=ONE)
    with pytest.raises(GateError, match=r"(?s)reject.*customers") as caught:
        planned.raise_for_gates()

    assert caught.value.exit_code == 3
    assert Bundle.open(planned.folder).manifest.broken_gates == ["reject", "customers"]
    assert "customers" in (planned.folder / "report.md").read_text(encoding="utf-8")


def test_keys_that_do_not_meet_stop_the_plan(tmp_path: Path) -> None:
    """The silent mis-join: invoices of `1` find no `001`, all customers would be leads, and the default gate holds."""
    tables = {name: [list(row) for row in rows] for name, rows in small.TABLES.items()}
    for row in tables["invoices"][1:]:
        row[1] = row[1].lstrip("0") if row[1] else None
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in", tables))
    text = config.read_text(encoding="utf-8").replace("evidence_without_record: 100%, ", "")
    config.write_text(text, encoding="utf-8")
    planned = plan(config, tmp_path / "plan", settings=ONE)

    with pytest.raises(GateError, match="evidence_without_record"):
        planned.raise_for_gates()
    [evidence] = [join for join in planned.report.joins if join.kind == "evidence"]
    assert (evidence.joined, evidence.without_record) == (2, 2)
    assert [(cure.steps, cure.rows) for cure in evidence.would_meet] == [(("leading_zeros",), 2)]


def test_a_lead_whose_value_does_not_fit_sends_its_family_to_review(tmp_path: Path, postgresql: str) -> None:
    """Nothing is cut: the value is named, its family waits, the others move."""
    engine = open_engine(postgresql)
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE opportunity (id SERIAL PRIMARY KEY, title VARCHAR(18) NOT NULL, memo TEXT)")
        )
    engine.dispose()
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in"), postgresql)
    text = config.read_text(encoding="utf-8")
    start, end = text.index("    contact_name"), text.index("  note:")
    text = text[:start] + text[end:]
    mapping = f'target: {{url: "{postgresql}", table: opportunity, columns: {{name: title, note: memo}}}}'
    config.write_text(text.replace(f'target: {{url: "{postgresql}"}}', mapping), encoding="utf-8")
    planned = plan(config, tmp_path / "plan", settings=ONE)
    found = decided(planned)

    assert found["accounts:003"] == ("review", "a value does not fit its field in the target", "accounts:003")
    assert found["contacts:2"][0] == "review"
    assert found["accounts:006"][0] == "lead"
    assert {row["lead"] for row in pq.read_table(planned.folder / "blocked.parquet").to_pylist()} == {"accounts:003"}
    assert planned.report.sum_is_right


def test_findings_and_rejects_stand_in_the_tables_that_people_open(tmp_path: Path) -> None:
    """Each decision names the codes of the findings on its record, and rejects.csv has every reject."""
    planned = made(tmp_path)
    codes: dict[str, set[str]] = {}
    for row in pq.read_table(planned.folder / "findings.parquet").to_pylist():
        codes.setdefault(row["source_key"], set()).add(row["code"])
    rows = pq.read_table(planned.folder / "decisions.parquet").to_pylist()
    with (planned.folder / "rejects.csv").open(encoding="utf-8", newline="") as file:
        rejects = [tuple(row.values()) for row in csv.DictReader(file)]

    assert {row["source_key"]: row["findings"] for row in rows if row["findings"]} == {
        key: sorted(found) for key, found in codes.items()
    }
    assert "email-invalid" in codes["accounts:003"]
    whole = pq.read_table(planned.folder / "rejects.parquet").to_pylist()
    assert rejects == [tuple(value or "" for value in row.values()) for row in whole]


def test_open_cases_can_be_filled_in_and_decide(tmp_path: Path) -> None:
    """The plan's list, with a decision and a name put in, is the next plan's decisions.csv."""
    planned = made(tmp_path)
    with (planned.folder / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert [case["source_key"] for case in cases] == ["accounts:008", "accounts:Ä9"]
    cases[1] |= {"decision": "customer", "who": "Maria"}
    with (tmp_path / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(cases[0]))
        writer.writeheader()
        writer.writerow(cases[1])
    again = plan(tmp_path / "small.yaml", planned.folder, replace=True, settings=ONE)

    assert decided(again)["accounts:Ä9"][:2] == ("customer", "decided by a person")


def read_first_chunk(folder: Path) -> None:
    """Open a plan and read its first chunk's records and leads."""
    bundle = Bundle.open(folder)
    bundle.members(0)
    bundle.leads(0)


def test_a_damaged_plan_is_a_clear_error(tmp_path: Path) -> None:
    """A missing or cut file, a manifest of another format, a folder that is none."""
    planned = made(tmp_path)
    for name, content in (
        ("leads.parquet", b"PAR1"),
        ("decisions.parquet", None),
        ("manifest.json", b'{"format": 99}'),
        ("manifest.json", b"{"),
    ):
        folder = tmp_path / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(planned.folder, folder)
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)
        with pytest.raises(CleanupError) as caught:
            read_first_chunk(folder)
        assert isinstance(caught.value, PlanError)
        assert "crm-cleanup plan" in str(caught.value.next)
    with pytest.raises(PlanError, match="no plan"):
        Bundle.open(tmp_path / "nowhere")
