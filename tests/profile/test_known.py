"""Known systems: each is recognised, gets a config that runs, and loses of it what its source does not have."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from etl.config.load import load, parse
from etl.connect import open_source
from etl.connect.odoo.tables import KNOWN, PARTNER
from etl.extract.columns import check_columns
from etl.profile.known import Columns, System, system_by_url, system_of, systems
from etl.profile.pruned import pruned
from etl.profile.searched import tables_in
from etl.profile.spelled import spelled
from tests.profile.samples import first_config, in_other_words, sample, schema_of
from tests.running import run
from tests.systems.examples import CONFIGS, example_of
from tests.systems.truth import EXPORTS, SYSTEMS
from tests.systems.way import decisions, leads, walk_on

BY_NAME = {system.name: system for system in systems()}
SAMPLES = tuple(name for name in BY_NAME if name != "odoo")
SHARES = 8
"""So many shares of the columns are taken away in turn."""
LOCALISED = tuple(name for name in SAMPLES if BY_NAME[name].headers)
GERMAN = {
    "hubspot": {"Record ID": "Datensatz-ID", "Company name": "Unternehmensname", "First Name": "Vorname",
                "Last Name": "Nachname", "Email": "E-Mail", "Deal Name": "Deal-Name", "Deal Stage": "Deal-Phase",
                "Lifecycle Stage": "Lifecycle-Phase", "Country/Region": "Land/Region", "City": "Stadt"},
    "pipedrive": {"Organization - ID": "Organisation - ID", "Organization - Name": "Organisation - Name",
                  "Person - First name": "Person - Vorname", "Person - Last name": "Person - Nachname",
                  "Person - Organization": "Person - Organisation", "Deal - Organization": "Deal - Organisation"},
    "dynamics-excel": {"(Do Not Modify) Account": "(Nicht ändern) Firma", "Account Name": "Firmenname",
                       "(Do Not Modify) Contact": "(Nicht ändern) Kontakt", "Company Name": "Firmenname",
                       "First Name": "Vorname", "Last Name": "Nachname", "Address 1: City": "Adresse 1: Ort"},
}  # fmt: skip
"""Headers of exports from German accounts."""


@pytest.mark.parametrize("name", SAMPLES)
def test_a_system_is_taken_for_itself_alone(name: str) -> None:
    """By the tables and columns of its own sample, which no other system has."""
    url, tables = schema_of(name)
    taken = [system.name for system in systems() if system.recognition(url, tables) is not None]
    recognition = system_of(url, tables)

    assert taken == [name]
    assert recognition is not None
    assert recognition.system.name == name


@pytest.mark.parametrize("name", BY_NAME)
def test_the_example_is_what_is_known_of_the_system(name: str) -> None:
    """One truth: the example is made from it, and says of which version the facts are."""
    system = BY_NAME[name]

    assert (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8") == example_of(name)
    assert system.version
    assert system.sources


@pytest.mark.parametrize("name", SAMPLES)
def test_a_whole_source_loses_nothing(name: str) -> None:
    """The config of a source with all that the system can have is the system's own."""
    url, tables = schema_of(name)
    recognition = BY_NAME[name].recognition(url, tables)

    assert recognition is not None
    kept = pruned(BY_NAME[name].config, recognition.columns)
    assert kept.lost == ()
    assert spelled(kept.config, recognition) == BY_NAME[name].config


@pytest.mark.parametrize("name", SAMPLES)
def test_a_source_without_tables_or_columns_gives_a_config_that_names_none_of_them(name: str, tmp_path: Path) -> None:
    """The config's own check finds all that it names, whichever table or share of the columns is not there."""
    url, tables = schema_of(name)
    write_headers(tmp_path, tables)
    needed = {(table, column) for table, columns in BY_NAME[name].recognised.items() for column in columns}
    cells = sorted({(table, column) for table, columns in tables.items() for column in columns} - needed)
    shares = [cells[first::SHARES] for first in range(SHARES)]
    fewer = [{t: frozenset(c for c in tables[t] if (t, c) not in share) for t in tables} for share in shares]
    for less in [*fewer, *({**tables, table: frozenset[str]()} for table in tables)]:
        there = {table: columns for table, columns in less.items() if columns}
        recognition = BY_NAME[name].recognition(url, there)
        if recognition is not None:
            changed = {table for table in tables if less[table] != tables[table]}
            write_headers(tmp_path, {table: less[table] for table in changed})
            fits(spelled(pruned(BY_NAME[name].config, recognition.columns).config, recognition), tmp_path)
            write_headers(tmp_path, {table: tables[table] for table in changed})


def write_headers(folder: Path, tables: Columns) -> None:
    """Tables without rows; one without columns is none."""
    for table, columns in tables.items():
        path = folder / f"{table}.csv"
        path.unlink(missing_ok=True)
        if columns:
            path.write_text(",".join(f'"{column}"' for column in sorted(columns)) + "\n", encoding="utf-8")


def fits(config: dict[str, Any], folder: Path) -> None:
    """A system's config is one, and names only what a folder has."""
    whole = {"name": "crm", **config, "source": {"url": f"files:{folder}", **config["source"]}}
    made = parse({**whole, "target": {"url": "sqlite:///leads.db"}}, Path("crm.yaml"), as_of=dt.date(2026, 11, 1))
    with open_source(made.source) as source:
        check_columns(made, source)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_first_config_of_a_known_system_runs_unedited(name: str, tmp_path: Path) -> None:
    """It is checked and planned, and decides as plain SQL does, or people did by hand."""
    url = sample(name, tmp_path)
    made = first_config(url, tmp_path)
    walk_on(tmp_path, ("check", "first.yaml"), ("plan", "first.yaml", "--out", "plan"))

    assert decisions(tmp_path) == truth(name, url)
    notes = EXPORTS[name].notes if name in EXPORTS else SYSTEMS[name].notes
    for lead, texts in notes.items():
        assert [text for text in texts if text not in leads(tmp_path)[lead]["note"]] == []
    assert made.unsure == ()
    assert asked_before(tmp_path) == counted_by_rules(tmp_path)


def asked_before(folder: Path) -> dict[str, int]:
    """Evidence -> the records that the question on top of a config says it would make customers, whenever it was."""
    text = (folder / "first.yaml").read_text(encoding="utf-8")
    asked: dict[str, int] = {}
    for shown, ever in re.findall(r"^#    (.+?): (?:.* years, )?([\d,]+) ever \(\w+\)$", text, re.MULTILINE):
        asked[shown] = asked.get(shown, 0) + int(ever.replace(",", ""))
    return asked


def counted_by_rules(folder: Path) -> dict[str, int]:
    """The same, as the plan's report says it."""
    report = json.loads((folder / "plan" / "report.json").read_text(encoding="utf-8"))
    customers = {rule["name"] for rule in report["rules"] if rule["decision"] == "customer"}
    return {
        join["dataset"]: join["records_with_row"]
        for join in report["joins"]
        if join["kind"] == "evidence" and customers & {*join["rules"]} and join["rows_read"]
    }


def truth(name: str, url: str) -> dict[str, str]:
    """The decisions of a sample."""
    if name in EXPORTS:
        return EXPORTS[name].decided
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        rows = connection.execute(SYSTEMS[name].decided)
        return {f"{entry}:{str(key).strip()}": decision for entry, key, decision in rows}


@pytest.mark.parametrize("name", GERMAN)
def test_an_export_is_known_by_its_headers_in_german_whatever_its_files_are_called(name: str, tmp_path: Path) -> None:
    """Its config names files and headers as they are."""
    url = sample(name, tmp_path)
    in_other_words(tmp_path / "export", GERMAN[name], [f"Export 2026-10-{day}" for day in range(10, 30)])
    first_config(url, tmp_path)
    walk_on(tmp_path, ("check", "first.yaml"), ("plan", "first.yaml", "--out", "plan"))

    assert decisions(tmp_path) == EXPORTS[name].decided


@pytest.mark.parametrize("name", LOCALISED)
def test_no_literal_of_a_rule_is_taken_for_a_header(name: str) -> None:
    """What stands for a value in the config is never brought to another language."""
    headers = {*BY_NAME[name].headers}
    literals = set(_literals([rule.get("when") for rule in BY_NAME[name].config["classify"]]))

    assert headers & literals == set()


def _literals(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for inner in part for text in _literals(inner)]
    if not isinstance(part, dict):
        return []
    own = [part[key] for key in ("equals", "in", "matches") if key in part]
    flat = [text for value in own for text in (value if isinstance(value, list) else [value])]
    return flat + [text for key, inner in part.items() if key not in ("of", "in") for text in _literals(inner)]


@pytest.mark.parametrize(
    ("name", "entry", "left_out", "whole"),
    [
        ("pipedrive", "people", {"Person - First name", "Person - Last name"}, "Person - Name"),
        ("dynamics-excel", "Contacts", {"First Name", "Last Name"}, "Full Name"),
    ],
)
def test_persons_have_their_whole_name_where_an_export_does_not_divide_it(
    name: str, entry: str, left_out: set[str], whole: str
) -> None:
    """It is what they are compared by."""
    url, tables = schema_of(name)
    recognition = BY_NAME[name].recognition(url, {table: columns - left_out for table, columns in tables.items()})

    assert recognition is not None
    config = spelled(pruned(BY_NAME[name].config, recognition.columns).config, recognition)
    assert config["source"]["records"][entry]["identity"]["last_name"] == whole


def test_tables_may_begin_with_another_prefix(tmp_path: Path) -> None:
    """Dolibarr lets each installation choose it."""
    url = sample("dolibarr", tmp_path, renamed=("llx_", "firma_"))
    first_config(url, tmp_path)
    said = YAML(typ="safe").load((tmp_path / "first.yaml").read_text(encoding="utf-8"))
    walk_on(tmp_path, ("check", "first.yaml"))

    assert said["source"]["records"]["parties"]["from"] == "firma_societe"
    assert said["source"]["records"]["parties"]["join"]["category"]["through"]["table"] == "firma_categorie_societe"


def test_columns_and_tables_of_an_installation_of_its_own_are_profiled(tmp_path: Path) -> None:
    """A VAT number that was added in the Studio says who a company is; a table of details is joined."""
    vats = ["DE136695976", "DE129273398", "DE811569869", "DE811907980", "DE143454214", "DE811128135"]
    url = sample(
        "suitecrm",
        tmp_path,
        "DELETE FROM accounts_cstm",
        "ALTER TABLE accounts_cstm ADD COLUMN steuer_c text",
        *(f"INSERT INTO accounts_cstm (id_c, steuer_c) VALUES ('a{n}', '{vat}')" for n, vat in enumerate(vats, 1)),
        "CREATE TABLE acme_scores (account_id char(36), score_band text)",
        *(f"INSERT INTO acme_scores VALUES ('a{n}', 'band {n}')" for n in range(1, 8)),
    )
    first_config(url, tmp_path)
    said = YAML(typ="safe").load((tmp_path / "first.yaml").read_text(encoding="utf-8"))
    accounts = said["source"]["records"]["accounts"]

    assert accounts["identity"]["vat"] == "custom.steuer_c"
    assert accounts["join"]["acme_scores"] == {"key": "account_id"}
    walk_on(tmp_path, ("check", "first.yaml"))


def test_peoples_answers_and_masters_go_into_a_systems_rules(tmp_path: Path) -> None:
    """How long ago a purchase may be, whether duplicates become one lead, and who the ERP knows."""
    url = sample("erpnext", tmp_path)
    first_config(url, tmp_path, years=10, merge=False)
    said = YAML(typ="safe").load((tmp_path / "first.yaml").read_text(encoding="utf-8"))
    invoiced = next(rule for rule in said["classify"] if rule["name"] == "invoiced in the last 10 years")

    assert invoiced["when"]["within"] == {"column": "posting_date", "last": "10 years"}
    assert "duplicates" not in said["leads"]
    walk_on(tmp_path, ("check", "first.yaml"), ("plan", "first.yaml", "--out", "plan"))
    assert decisions(tmp_path)["customers:CUST-4"] == "customer"
    numbers = "1 within 1, 1 within 2, 1 within 3, 1 within 5, 2 within 10 years, 2 ever (customers)"
    assert f"#    submitted invoices: {numbers}" in (tmp_path / "first.yaml").read_text(encoding="utf-8")


def test_rules_that_a_source_cannot_be_asked_are_told(tmp_path: Path) -> None:
    """A HubSpot export without deals has no evidence of a purchase: the config says so above its rules."""
    url = sample("hubspot", tmp_path)
    (tmp_path / "export" / "deals.csv").unlink()
    first_config(url, tmp_path)

    assert "The source has nothing to ask for these rules of HubSpot export: closed a deal." in (
        tmp_path / "first.yaml"
    ).read_text(encoding="utf-8")


def test_a_second_file_with_the_same_headers_is_asked_about(tmp_path: Path) -> None:
    """A large module of Zoho's backup comes in several files."""
    url = sample("zoho", tmp_path)
    (tmp_path / "export" / "Accounts.csv").rename(tmp_path / "export" / "Accounts_001.csv")
    text = (tmp_path / "export" / "Accounts_001.csv").read_text("utf-8")
    (tmp_path / "export" / "Accounts_002.csv").write_text(text, "utf-8")

    unsure = " ".join(first_config(url, tmp_path).unsure)
    assert "Accounts_002 has the same columns as Accounts_001" in unsure


def test_an_odoo_is_known_by_its_url_and_only_its_own_tables_are_read() -> None:
    """Of hundreds of models, those that its config names."""
    odoo = system_by_url("odoo+https://anna:key@crm.firma.example/firma")
    tables = {table: frozenset[str]() for table in (PARTNER, *(f"odoo.{name}" for name in KNOWN))}

    assert isinstance(odoo, System)
    assert odoo.name == "odoo"
    assert set(tables_in(odoo.config)) <= tables.keys()
    assert system_by_url("sqlite:///crm.db") is None
    assert system_of("sqlite:///crm.db", tables) is None


def test_dates_of_an_export_are_read_as_its_language_writes_them(tmp_path: Path) -> None:
    """A HubSpot account in German has the day first; its form stands beside those that are known."""
    url = sample("hubspot", tmp_path)
    deals = tmp_path / "export" / "deals.csv"
    deals.write_text(deals.read_text("utf-8").replace("2025-01-01 10:00", "31.01.2025 10:00"), "utf-8")
    first_config(url, tmp_path)
    said = YAML(typ="safe").load((tmp_path / "first.yaml").read_text(encoding="utf-8"))

    assert "%d.%m.%Y %H:%M" in said["source"]["related"]["deals"]["order_by"]["format"]


def test_tables_of_a_module_that_nobody_uses_may_be_empty(tmp_path: Path) -> None:
    """Evidence that has no rows when the config is made is no failed export; what had rows must keep some."""
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.executescript((Path(__file__).parents[1] / "systems" / "espocrm.sql").read_text("utf-8"))
    crm.close()

    assert run("init", f"sqlite:///{tmp_path / 'crm.db'}", "--out", tmp_path / "my.yaml", "--yes").returncode == 0

    limits = load(tmp_path / "my.yaml").gates.empty_tables
    assert limits.tables.keys() == {"invoices"}
    assert (limits.of("invoices").high, limits.of("won opportunities").high) == (1, 0)
