"""The command: help that teaches, results on standard output, errors with what to do and the right exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from etl.cli import cli
from tests.pipeline import small
from tests.running import run, started

VERBS = sorted(cli.commands)


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small CRM and its config."""
    folder = tmp_path_factory.mktemp("crm")
    small.write_config(folder, small.write_csv(folder / "in"))
    return folder


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_teaches_by_example(verb: str) -> None:
    """What it does, an example that names the verb, and what --json gives."""
    shown = CliRunner().invoke(cli, [verb, "--help"]).output

    assert f"crm-cleanup {verb} " in shown.split("Examples:")[1]
    assert "--json" in shown


def test_the_whole_way_from_check_to_verify(crm: Path) -> None:
    """Each step, typed in a shell, succeeds and names the next one."""
    config, folder = crm / "small.yaml", crm / "plan"
    checked, planned = started("check", config), started("plan", config, "--out", folder)
    assert f"Next: crm-cleanup plan {config}" in checked.stdout, checked
    assert f"Next: crm-cleanup apply {folder}" in planned.stdout, planned
    applied, verified, again = (
        started("apply", folder),
        started("verify", folder, "--json"),
        started("apply", folder, "--json"),
    )

    assert f"Next: crm-cleanup verify {folder}" in applied.stdout, applied
    found = json.loads(verified.stdout)
    assert found["holds"]
    assert found["found"] == found["values"] > 40
    assert (json.loads(again.stdout)["leads"], json.loads(again.stdout)["before"]) == (0, 4)
    assert [one.returncode for one in (checked, planned, applied, verified, again)] == [0] * 5
    assert checked.stderr == applied.stderr == verified.stderr == again.stderr == ""
    assert planned.stderr.splitlines() == [
        *(f"reading {table}" for table in ("accounts", "contacts", "activities", "invoices")),
        *("deciding", "making the leads", "writing the reports"),
    ]


def test_verification_that_fails_ends_with_5_and_names_what_is_lost(crm: Path, tmp_path: Path) -> None:
    """A lead that somebody deleted is named with its source key."""
    import sqlite3

    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    run("plan", config, "--out", tmp_path / "plan")
    run("apply", tmp_path / "plan")
    with sqlite3.connect(tmp_path / "pipeline.db") as connection:
        connection.execute("DELETE FROM leads WHERE name LIKE 'Bäckerei%'")
    found = run("verify", tmp_path / "plan")

    assert found.returncode == 5
    assert "accounts:003" in found.stderr
    assert "missing lead" in found.stderr
    assert "crm-cleanup apply" not in found.stderr
    assert "Nothing was changed" in found.stderr
    assert "restore the target from its backup" in found.stderr


def test_a_plan_that_was_not_applied_is_not_called_lost(crm: Path, tmp_path: Path) -> None:
    """Exit code 5 all the same, as no value is in the target; of a lost ledger it speaks where one was written."""
    import sqlite3

    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    run("plan", config, "--out", tmp_path / "plan")
    found = run("verify", tmp_path / "plan")
    run("apply", tmp_path / "plan")
    with sqlite3.connect(tmp_path / "pipeline.db") as connection:
        connection.execute("DELETE FROM crm_cleanup_ledger")
    lost = run("verify", tmp_path / "plan")

    assert (found.returncode, lost.returncode) == (5, 5)
    assert "the plan was not applied yet" in found.stderr
    assert f"crm-cleanup status {tmp_path / 'plan'} says what to do" in found.stderr
    assert "ledger" not in found.stderr
    assert "would write every lead a second time" in lost.stderr
    assert "Difference" not in found.stderr + lost.stderr


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_a_renamed_config_does_not_move_its_records_again(crm: Path, tmp_path: Path, verb: str) -> None:
    """The ledger knows the source by another name: which is meant must be said, before anything is planned."""
    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    run("plan", config, "--out", tmp_path / "plan")
    run("apply", tmp_path / "plan")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("name: small", "name: cutover", 1), encoding="utf-8")
    refused = run(verb, config)
    config.write_text(
        text.replace("name: small", "name: cutover", 1).replace("source:\n", "source:\n  system: small\n", 1),
        encoding="utf-8",
    )
    again = run("plan", config, "--out", tmp_path / "again", "--json")

    assert refused.returncode == 2
    assert "'small' (7 legacy records)" in refused.stderr
    assert "source.system" in refused.stderr
    assert again.returncode == 0
    assert json.loads(again.stdout)["leads"] == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("source:\n", "source:\n  system: small-crm\n"), "'small' (7 legacy records)"),
        (("name: small", "name: cutover"), "'small' (7 legacy records)"),
        (("    accounts: {{", "    firms: {{from: accounts, "), "a renamed"),
    ],
    ids=["a system for the first time", "renamed", "an entry renamed"],
)
def test_a_plan_made_before_a_cutover_under_another_name_is_not_applied_after_it(
    crm: Path, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    """Two plans of one source under two names: the second would write every lead again."""
    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    text = config.read_text(encoding="utf-8")
    run("plan", config, "--out", tmp_path / "first")
    old, new = (one.replace("{{", "{") for one in change)
    assert old in text
    changed = text.replace(old, new, 1)
    if "firms" in new:
        changed = changed.replace("of: accounts}", "of: firms}").replace("of: {accounts:", "of: {firms:")
    config.write_text(changed, encoding="utf-8")
    second = run("plan", config, "--out", tmp_path / "second")
    assert second.returncode == 0, second
    assert run("apply", tmp_path / "first").returncode == 0
    refused, fresh = run("apply", tmp_path / "second"), run("plan", config, "--out", tmp_path / "third")

    assert (refused.returncode, fresh.returncode) == (2, 2), (refused, fresh)
    assert said in refused.stderr or "was renamed" in refused.stderr
    assert "source.system" in refused.stderr or "keep the entry name" in refused.stderr


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("as_of: 2026-11-01", "as_off: 2026-11-01"), 2, "small.yaml:2"),
        (("files:", "files:/nowhere"), 1, "nowhere"),
        (("reject: 50%", "reject: 0"), 3, "reject"),
        (("sqlite:///", "nosuchdb:///"), 2, "nosuchdb"),
    ],
    ids=["unknown key", "no source", "gate", "no such driver"],
)
def test_exit_codes_and_errors_say_what_to_do(
    crm: Path, tmp_path: Path, change: tuple[str, str], code: int, said: str
) -> None:
    """The same in words and in JSON; standard output stays for results."""
    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    config.write_text(config.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    shown, machine = (
        run("plan", config, "--out", tmp_path / "a"),
        run("plan", config, "--out", tmp_path / "b", "--json"),
    )

    assert shown.returncode == machine.returncode == code, shown
    assert said in shown.stderr
    assert "written:" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert json.loads(machine.stderr)["exit_code"] == code


def test_a_plan_with_a_broken_gate_is_not_applied(crm: Path, tmp_path: Path) -> None:
    """Nothing is written, exit code 3."""
    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    config.write_text(config.read_text(encoding="utf-8").replace("reject: 50%", "reject: 0"), encoding="utf-8")
    run("plan", config, "--out", tmp_path / "plan")
    applied = started("apply", tmp_path / "plan")

    assert (applied.returncode, applied.stdout) == (3, "")
    assert not (tmp_path / "pipeline.db").exists()


def test_a_target_that_has_changed_since_the_plan_is_refused(crm: Path, tmp_path: Path) -> None:
    """Another schema is another target: exit code 4, nothing written."""
    import sqlite3

    database = tmp_path / "pipeline.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE opportunity (id INTEGER PRIMARY KEY, title TEXT, memo TEXT)")
    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    text = config.read_text(encoding="utf-8")
    start, end = text.index("    contact_name"), text.index("  note:")
    text = (text[:start] + text[end:]).replace('.db"}', '.db", table: opportunity, columns: {name: title, note: memo}}')
    config.write_text(text, encoding="utf-8")
    assert run("plan", config, "--out", tmp_path / "plan").returncode == 0
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE opportunity")
        connection.execute("CREATE TABLE opportunity (id INTEGER PRIMARY KEY, title TEXT NOT NULL, memo TEXT)")
    applied = run("apply", tmp_path / "plan")

    assert applied.returncode == 4
    assert "crm-cleanup plan" in applied.stderr


def test_a_relative_target_is_refused_from_another_folder(crm: Path, tmp_path: Path) -> None:
    """The same plan never fills two databases: apply and verify end with 4, and say where to run them."""
    config = small.write_config(tmp_path, f"files:{crm / 'in'}", "sqlite:///pipeline.db")
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    run("plan", config, "--out", tmp_path / "plan", folder=here)
    right = run("apply", tmp_path / "plan", folder=here), run("verify", tmp_path / "plan", folder=here)
    wrong = run("apply", tmp_path / "plan", folder=there), run("verify", tmp_path / "plan", folder=there)

    assert [one.returncode for one in (*right, *wrong)] == [0, 0, 4, 4], (right, wrong)
    assert list(there.iterdir()) == []
    for one in wrong:
        assert "from the folder where the plan was made" in one.stderr
        assert str(here / "pipeline.db") in one.stderr


@pytest.mark.parametrize(("name", "column"), [("leads", "note"), ("decisions", "decision")])
def test_a_plan_that_was_changed_is_not_applied(crm: Path, tmp_path: Path, name: str, column: str) -> None:
    """One value that is not as it was planned: exit code 4, nothing written."""
    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    run("plan", config, "--out", tmp_path / "plan")
    path = tmp_path / "plan" / f"{name}.parquet"
    table = pq.read_table(path)
    values = table[column].to_pylist()
    at = table.schema.get_field_index(column)
    changed = pa.array(["changed", *values[1:]], table.schema.field(at).type)
    pq.write_table(table.set_column(at, table.schema.field(at), changed), path)
    applied, verified = run("apply", tmp_path / "plan"), run("verify", tmp_path / "plan")

    assert (applied.returncode, verified.returncode) == (4, 4), (applied, verified)
    assert f"The plan was changed after it was made: {name}.parquet differs" in applied.stderr
    assert f"The plan was changed after it was made: {name}.parquet differs" in verified.stderr
    assert "make a new plan" in applied.stderr
    assert not (tmp_path / "pipeline.db").exists()


def test_check_says_where_keys_do_not_meet(tmp_path: Path) -> None:
    """Leading zeros that one side has lost, before anything is planned."""
    tables = {name: [list(row) for row in rows] for name, rows in small.TABLES.items()}
    for row in tables["invoices"][1:]:
        row[1] = row[1].lstrip("0") if row[1] else None
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in", tables))
    checked = run("check", config)

    assert checked.returncode == 0
    hint = "invoices: 2 more rows would find their records if keys were compared without regard to leading zeros"
    assert f"Please check: {hint}" in checked.stdout


@pytest.mark.parametrize(
    "arguments", [["plan"], ["plam", "x"], ["plan", "x", "--bogus"], ["apply", "x", "--limit", "0"]]
)
def test_a_wrong_call_ends_with_2(arguments: list[str]) -> None:
    """And shows how the verb is used."""
    found = run(*arguments)

    assert found.returncode == 2
    assert "Usage: crm-cleanup" in found.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_ends_its_process_with_the_code_of_its_error(verb: str) -> None:
    """What a shell or a pipeline looks at is what `main` says; standard output stays empty."""
    found = started(verb, "--bogus")

    assert (found.returncode, found.stdout) == (2, "")
    assert f"Usage: crm-cleanup {verb}" in found.stderr
