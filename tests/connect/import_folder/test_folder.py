"""The folder itself: files whole or not there, one runner at a time, limits kept, memory bounded."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from etl import config
from etl.connect import open_target
from etl.connect.import_folder import layout as layouts
from etl.connect.import_folder.guide import STEPS, guide
from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.render import Written, render
from etl.connect.import_folder.store import Store
from etl.connect.import_folder.system import SYSTEMS, system
from etl.connect.import_folder.target import ImportFolder
from etl.errors import ConfigError, Locked, TargetError
from etl.pipeline.apply import apply
from etl.pipeline.check import check
from etl.pipeline.verify import verify
from etl.texts import speaking
from tests.connect.import_folder.conftest import Make
from tests.connect.import_folder.world import ImportWorld, table


class Killed(BaseException):
    """What stands in for the end of a process."""


def kill_at(moment: int, patch: pytest.MonkeyPatch) -> None:
    """End the run when it is about to move, name or take away a file for the n-th time."""
    left = [moment]

    def counted(of: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return of(*arguments, **named)

        return do

    for name in ("replace", "rename", "unlink", "rmdir", "mkdir", "write_text"):
        patch.setattr(Path, name, counted(getattr(Path, name)))


def test_a_run_that_is_killed_at_any_moment_is_ended_by_the_next(world: Make) -> None:
    """Whenever it ends: where IMPORT.md stands all files are there, and the next run leaves those of a whole run."""
    made = world("csv")
    bundle = made.plan()
    apply(bundle, limit=3)
    before = made.files()
    apply(bundle)
    whole, plan = made.files(), bundle.manifest.written_as
    target = open_target(bundle.config.target)
    moments = 0
    for moment in range(1, 100):
        for name, content in before.items():
            (made.out / name).write_bytes(content)
        with pytest.MonkeyPatch.context() as patch:
            kill_at(moment, patch)
            try:
                target.finish(system=bundle.manifest.system, plan=plan)
                break
            except Killed:
                moments += 1
        (made.out / f".new.{moment}").mkdir()  # a process that is killed leaves it
        found_now = made.files()
        assert "IMPORT.md" not in found_now or found_now in (before, whole)
        target.finish(system=bundle.manifest.system, plan=plan)
        assert made.files() == whole
        assert list(made.out.glob(".new.*")) == []
    target.close()

    assert moments >= 6


def test_a_run_that_ends_amid_its_leads_has_written_each_once(world: Make) -> None:
    """The disk is full amid them: what the ledger has by then is not written a second time, and the rest once."""
    made = world("csv")
    bundle = made.plan()
    apply(bundle, limit=1)
    with ledger(made) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON crm_cleanup_ledger WHEN NEW.lead_key = 'accounts:5'"
            " BEGIN SELECT abs(-9223372036854775807 - length(NEW.lead_key) / length(NEW.lead_key)); END"
        )
    with pytest.raises(TargetError):
        apply(bundle)
    with ledger(made) as connection:
        connection.execute("DROP TRIGGER full")
    ended, again = apply(bundle), apply(bundle)
    rows = [row["external_id"] for row in table(made.out / "leads.csv", "utf-8")]

    assert (ended.refused, ended.before + ended.leads) == ((), 7)
    assert 0 < ended.leads < 7
    assert (again.leads, again.before, again.refused) == (0, 7, ())
    assert rows == sorted(lead for chunk in range(bundle.chunks) for lead in bundle.leads(chunk).index)


@contextmanager
def ledger(made: ImportWorld) -> Iterator[sqlite3.Connection]:
    """The folder's ledger, as somebody else opens it."""
    with closing(sqlite3.connect(made.out / "ledger.db")) as connection, connection:
        yield connection


def test_two_runs_at_once_are_locked_out(world: Make) -> None:
    """The second one names the first."""
    made = world("hubspot")
    bundle = made.plan()
    target = open_target(bundle.config.target)
    with target.lock("Maria"), pytest.raises(Locked, match="Maria"):
        apply(bundle)
    target.close()

    assert apply(bundle).leads == 7


@pytest.mark.parametrize("name", ["leads.csv", "IMPORT.md", "archive.csv"])
def test_a_folder_with_files_of_others_is_refused(world: Make, name: str) -> None:
    """A file that is called like one of ours is never written over."""
    made = world("csv")
    made.out.mkdir()
    (made.out / name).write_text("mine", encoding="utf-8")

    with pytest.raises(ConfigError, match=f"{name}, which crm-cleanup did not make"):
        made.plan()


Edit = tuple[str, tuple[str, str]]
TOO_LONG, TWO_MAILS = ("Firma 7 GmbH,Köln", "Firma 7 GmbH," + "K" * 41), ("p5.0@firma.example", "p4.0@Firma.example")
REFUSED: dict[str, dict[str, tuple[Edit, tuple[str, str]]]] = {
    "salesforce": {
        "accounts:5": (("contacts", ("p5.0@firma.example", "p5.0 at firma")), ("email", "form")),
        "accounts:7": (("accounts", TOO_LONG), ("city", "too long")),
        "accounts:11": (("accounts", ("Firma 11 GmbH,Köln", "Firma 11 GmbH,Köln;Bonn")), ("tags", "characters")),
    },
    "hubspot": {"accounts:5": (("contacts", TWO_MAILS), ("email", "taken"))},
    "zoho": {"accounts:5": (("accounts", ("Firma 5 GmbH", "Firma <5> GmbH")), ("name", "characters"))},
    "dynamics": {"accounts:5": (("contacts", ("Muster5", "M" * 51)), ("contact_name", "too long"))},
}
"""System -> lead -> what is changed in the source, and what of it the CRM would refuse."""


def blocked(made: ImportWorld) -> dict[str, tuple[str, str]]:
    """What the plan does not let move: lead -> field and reason."""
    rows = pq.read_table(made.plan().path / "blocked.parquet").to_pylist()
    return {row["lead"]: (row["field"], row["reason"]) for row in rows}


@pytest.mark.parametrize("code", REFUSED)
def test_what_the_crm_would_refuse_is_blocked_by_the_plan(world: Make, code: str) -> None:
    """Length, characters, the syntax of an address, a value that must be unique: a person decides before any import."""
    made = world(code)
    for edit, _ in REFUSED[code].values():
        made.edit(*edit)

    assert blocked(made) == {lead: which for lead, (_, which) in REFUSED[code].items()}


def test_a_value_that_is_none_of_those_that_the_crm_knows_is_blocked(world: Make) -> None:
    """The config lists owners and the options of picklists; without a list of owners `check` asks for it."""
    made = world("salesforce")
    hints = check(made.config).hints
    made.more = ", choices: {salesperson: [jan@firma.example], city: [Bonn]}"
    refused = blocked(made)

    assert any("leads.fields.salesperson: Salesforce refuses a user that it does not know" in hint for hint in hints)
    assert not any("target.choices" in hint for hint in check(made.config).hints)
    assert refused == dict.fromkeys(("accounts:5", "accounts:7", "accounts:11"), ("city", "unknown"))


def test_a_name_that_must_not_be_empty_has_what_stands_in_for_it(world: Make) -> None:
    """A company without a contact is a lead of Salesforce all the same, and the plan says what it will hold."""
    made = world("salesforce")
    made.edit("contacts", ("P10-0,10,Muster10,p10.0@firma.example", "P10-0,,Muster10,p10.0@firma.example"))
    bundle = made.plan()
    apply(bundle)
    names = {row["Company"]: row["LastName"] for row in table(made.out / "leads.csv", "utf-8")}

    assert names["Firma 10 GmbH"] == "[not provided]"
    assert verify(bundle, threads=1).holds


def test_columns_kinds_lengths_and_the_id_can_be_the_configs_own(world: Make) -> None:
    """A CRM that was changed by its administrators takes what these say."""
    more = ", id: Alt_Id__c, columns: {city: Ort__c, note: Notiz__c}, lengths: {note: 500}, values: {Status: Open}"
    made = world("salesforce", more=more)
    bundle = made.plan()
    apply(bundle)
    rows = table(made.out / "leads.csv", "utf-8")

    assert {"Alt_Id__c", "Ort__c", "Notiz__c"} <= set(rows[0])
    assert {"Legacy_Id__c", "City", "Description"}.isdisjoint(rows[0])
    assert {row["Status"] for row in rows} == {"Open"}
    assert max(len(row["Notiz__c"].encode()) for row in rows) <= 500
    assert verify(bundle, threads=1).holds


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (", columns: {city: City, state: City}", "named twice"),
        (", lengths: {colour: 5}", "no field of these import files"),
        (", table: leads", "do not apply to import files"),
    ],
)
def test_a_target_that_contradicts_itself_is_refused(world: Make, more: str, message: str) -> None:
    """With the word that is wrong."""
    made = world("salesforce", more=more)

    with pytest.raises(ConfigError, match=message):
        made.plan()


@pytest.mark.parametrize(("most_rows", "most_bytes"), [(3, None), (None, 2_500)])
def test_a_file_is_cut_where_the_crm_takes_no_more(
    world: Make, monkeypatch: pytest.MonkeyPatch, most_rows: int | None, most_bytes: int | None
) -> None:
    """By rows and by bytes; each part has the header, and no record stands in two."""
    small = replace(system("csv"), file=replace(system("csv").file, rows=most_rows, bytes=most_bytes))
    monkeypatch.setattr(layouts, "system", lambda _code: small)
    made = world("csv")
    bundle = made.plan()
    apply(bundle)
    parts = {path.name: table(path, "utf-8") for path in made.out.glob("leads*.csv")}
    rows = [row["external_id"] for name in sorted(parts) for row in parts[name]]

    assert sorted(parts) == [f"leads-{number}.csv" for number in range(1, len(parts) + 1)]
    assert len(parts) > 2
    assert rows == sorted(set(rows))
    assert len(rows) == 7
    assert most_rows is None or [len(parts[name]) for name in sorted(parts)] == [3, 3, 1]
    sizes = {name: (made.out / name).stat().st_size for name in parts}
    assert most_bytes is None or all(sizes[name] <= most_bytes or len(parts[name]) == 1 for name in parts)
    assert verify(bundle, threads=1).holds


def test_many_leads_stream(tmp_path: Path) -> None:
    """What forty megabytes of leads need of memory to be written is a few."""
    leads, layout = 2_000, Layout(config.Target(url=f"files:{tmp_path}", system="dynamics"))
    store = Store(tmp_path, "here", None)
    store.widen(["email", "city"])
    with sqlite3.connect(store.path) as connection:
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {leads})"
        columns = "printf('accounts:%06d', i), 'Firma ' || i, printf('%.*c', 20000, 'x'), 'a@b.example', 'Köln'"
        connection.execute(f'{numbers} INSERT INTO leads (id, "name", "note", "email", "city") SELECT {columns} FROM n')
        row = "'s', printf('accounts:%06d', i), printf('accounts:%06d', i), printf('accounts:%06d', i), 'p', '2026'"
        ledger = "crm_cleanup_ledger (source_system, source_key, lead_key, lead_id, plan, written_at)"
        connection.execute(f"{numbers} INSERT INTO {ledger} SELECT {row} FROM n")
    connection.close()
    tracemalloc.start()
    render(tmp_path, layout, store, "p", {}, lambda _: "")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    store.close()
    files = list(tmp_path.glob("leads-*.csv"))

    assert sum(path.stat().st_size for path in files) > 40_000_000
    assert all(path.stat().st_size <= 8_000_000 for path in files)
    assert peak < 5_000_000


def test_a_plan_without_leads_is_verified_all_the_same(world: Make) -> None:
    """There is no file, and nothing is missing."""
    made = world("csv", rest="keep")
    bundle = made.plan()
    applied, verified = apply(bundle), verify(bundle, threads=1)

    assert (applied.leads, applied.guide, verified.leads, verified.holds) == (0, None, 0, True)


def test_nothing_is_made_before_the_first_lead_is_written(tmp_path: Path) -> None:
    """A check and a plan leave the disk as it is; a ledger that is not there is empty."""
    target = ImportFolder(config.Target(url=f"files:{tmp_path / 'out'}", system="csv"))
    target.fields()
    read = target.read(["accounts:1"])

    assert (target.systems(), target.counts("s", "p"), target.entries("s"), target.is_prepared()) == (
        {},
        (0, 0),
        set(),
        False,
    )
    assert list(target.ledger("s")) == list(target.existing()) == []
    assert len(target.ledger_of("s", ["accounts:1"])) == len(target.ledger_by_id("s", ["x"])) == len(read.leads) == 0
    with pytest.raises(TargetError, match="Nothing was written"):
        target.take_export([tmp_path])
    assert not (tmp_path / "out").exists()


def test_an_export_of_a_database_is_refused(tmp_path: Path) -> None:
    """Its leads are read in it."""
    target = open_target(config.Target(url=f"sqlite:///{tmp_path / 'leads.db'}"))

    with pytest.raises(ConfigError, match="import files need an export"):
        target.take_export([tmp_path])
    target.close()


def test_an_export_without_a_column_is_refused(world: Make) -> None:
    """What is not exported cannot be proven: the columns to export are named."""
    made = world("zoho")
    bundle = made.plan()
    apply(bundle)
    (made.folder / "export.csv").write_text("Legacy ID,Company\naccounts:5,Firma 5 GmbH\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="no column 'Last Name'"):
        verify(bundle, exports=[made.folder / "export.csv"], threads=1)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("code", SYSTEMS)
def test_the_guide_is_in_the_language_of_the_reports(code: config.ImportSystem, language: str) -> None:
    """It names each file, the fields to make, the external id, the ids to delete, and where the limits stand."""
    layout = Layout(config.Target(url="files:out", system=code))
    headers = [layout.external_id.header, layout.columns["tags"].header, layout.note.header, layout.note.part(2)]
    files = {"leads": ["leads-1.csv", "leads-2.csv"], "notes": ["notes.csv"], "delete": ["delete.csv"]}
    with speaking(language):
        text = guide(layout, Written(files, headers, 1_200, 1))

    assert text.startswith("# Import the leads into" if language == "en" else "# Die Leads in")
    assert ("1,200 leads" if language == "en" else "1.200 Leads") in text
    assert all(f"`{name}`" in text for names in files.values() for name in names)
    assert all(document.url in text for document in layout.system.sources.values())
    assert layout.external_id.header in text
    assert not layout.columns["tags"].custom or f"| {layout.columns['tags'].header} |" in text
    assert len(STEPS[code]) <= sum(line[:1].isdecimal() for line in text.splitlines())
