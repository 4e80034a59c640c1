"""Tables that name records and that the config does not name are told, however they name them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import xlsxwriter

from tests.told import planned

ACCOUNTS = "{key: id, type: company}"
REST = "classify: [{as: lead, name: rest}]"


def records(entries: str) -> str:
    """A config of some entries, each record of which moves."""
    return f"source: {{url: SOURCE, records: {{{entries}}}}}\n{REST}"


@pytest.mark.parametrize(
    ("tables", "entries", "told"),
    [
        (
            {
                "accounts": "id,name\nA100,Alpha\nA200,Beta",
                "contacts": "id,name\nC100,Ann\nC200,Ben",
                "notes": "id,parent_id\nN1,A100\nN2,C100\nN3,C200\nN4,A100",
            },
            "accounts: {key: id, type: company}, contacts: {key: id, type: person}",
            {("notes", "parent_id", "accounts", 2), ("notes", "parent_id", "contacts", 2)},
        ),
        (
            {"accounts": "id,name\n010001,Alpha\n010002,Beta", "payments": "id,payer\nP1,010001\nP2,10002\nP3,10002"},
            "accounts: {key: {column: id, normalize: [leading_zeros]}, type: company}",
            {("payments", "payer", "accounts", 3)},
        ),
        (
            {
                "accounts": "client,number,name\n100,50001,Alpha\n200,50001,Beta\na/b,50002,Gamma",
                "payments": "id,payer,amount,branch\nP1,50001,7,100\nP2,50001,8,200\nP3,50002,9,a/b",
                "stock": "id,branch,pieces\nS1,100,3\nS2,200,4",
            },
            "accounts: {key: [client, number], type: company}",
            {("payments", "branch, payer", "accounts", 3)},
        ),
        (
            {
                "accounts": "id,name\nA100,Alpha",
                "visits": "id,host\n" + "".join(f"V{number},\n" for number in range(2_100)) + "V,A100\nW,A100",
            },
            "accounts: {key: id, type: company}",
            {("visits", "host", "accounts", 2)},
        ),
        (
            {
                "accounts": "client,number,name\n100,50001,Alpha\n200,50001,Beta",
                "visits": "id,host,branch\n" + "".join(f"V{n},,100\n" for n in range(2_100)) + "V,50001,200",
            },
            "accounts: {key: [client, number], type: company}",
            {("visits", "branch, host", "accounts", 1)},
        ),
        (
            {
                "accounts": "KNR,name\n" + "".join(f"{number},A{number}\n" for number in range(1, 9)),
                "people": "PNR,last\n" + "".join(f"{number},P{number}\n" for number in range(1, 9)),
                "orders": "ANR,knr,sum\n900,1,7\n901,3,2\n902,3,5",
                "logins": "id,who\n" + "".join(f"{number},me\n" for number in range(1, 7)),
                "more": "id,colour\n" + "".join(f"{number},red\n" for number in range(1, 9)),
            },
            "accounts: {key: KNR, type: company}, people: {key: PNR, type: person}",
            {("orders", "knr", "accounts", 3), ("more", "id", "accounts", 8)},
        ),
        (
            {
                "accounts": "id,name,last\n1,Alpha,900\n2,Beta,901",
                "orders": "no,account,sum\n900,1,7\n901,2,2\n902,2,5",
            },
            "accounts: {key: id, type: company, labels_of: {last: {from: orders, key: no, show: sum}}}",
            {("orders", "account", "accounts", 3)},
        ),
    ],
    ids=[
        "accounts or contacts",
        "a normalised key",
        "a composite key",
        "empty at first",
        "half a key at first",
        "small numbers, by the name of the key, and rows that are numbered",
        "a table of labels",
    ],
)
def test_rows_that_name_records_are_told(
    tmp_path: Path, tables: dict[str, str], entries: str, told: set[tuple[str, str, str, int]]
) -> None:
    """By the keys of several entries together, in the form in which keys meet, by several columns, and late."""
    made = planned(tmp_path, tables, records(entries))

    assert {(u.table, u.column, u.entry, u.rows) for u in made.report.unnamed} == told
    assert all(u.moving == u.rows for u in made.report.unnamed)


def test_a_foreign_key_tells_what_no_name_and_no_value_would(tmp_path: Path) -> None:
    """Small numbers in a column of any name, most of them of records that are left out: the database knows."""
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.executescript(
            """CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT, deleted TEXT);
            INSERT INTO accounts VALUES (1, 'Alpha', '0'), (2, 'Beta', '1'), (3, 'Gamma', '1'), (4, 'Delta', '1');
            CREATE TABLE gifts (day TEXT, receiver INTEGER REFERENCES accounts (id), pieces INTEGER);
            INSERT INTO gifts VALUES ('a', 1, 1), ('b', 2, 1), ('c', 3, 1), ('d', 4, 1);"""
        )
    crm.close()
    made = planned(
        tmp_path,
        {},
        f"source: {{url: 'sqlite:///{tmp_path / 'crm.db'}', records: {{accounts: {{key: id, type: company, where: "
        f"{{deleted: '0'}}}}}}}}\n{REST}",
    )

    assert [(u.table, u.column, u.entry, u.rows, u.moving) for u in made.report.unnamed] == [
        ("gifts", "receiver", "accounts", 1, 1)
    ]


def test_sheets_and_files_that_the_config_calls_otherwise_are_named(tmp_path: Path) -> None:
    """A sheet by its own name alone, a file with its ending; the other sheet is told under its whole name."""
    (tmp_path / "data").mkdir()
    sheets = {"Kunden": ["Nr", "K100", "K200"], "Notizen": ["Nr", "K100"], "Andere": ["Kunde_nr", "K200"]}
    with xlsxwriter.Workbook(tmp_path / "data" / "crm.xlsx") as book:
        for name, column in sheets.items():
            book.add_worksheet(name).write_column(0, 0, column)
    tables = {"extra": "id,kunde\n1,K100"}
    made = planned(
        tmp_path,
        tables,
        """
source:
  url: SOURCE
  records: {Kunden: {key: Nr, type: company}}
  related: {Notizen: {of: {Kunden: Nr}}, more: {from: extra.csv, of: {Kunden: kunde}}}
leads: {fields: {name: "{Nr}"}}
classify: [{as: lead, name: rest}]
""",
    )

    assert {u.table for u in made.report.unnamed} == {"crm/Andere"}


def test_what_this_tool_keeps_in_the_source_is_not_told(tmp_path: Path) -> None:
    """The table of what archived records held before, which names each of them."""
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.executescript(
            """CREATE TABLE accounts (id TEXT, name TEXT); INSERT INTO accounts VALUES ('A100', 'Alpha');
            CREATE TABLE crm_cleanup_retired (key TEXT); INSERT INTO crm_cleanup_retired VALUES ('A100');
            CREATE TABLE gifts (account_id TEXT); INSERT INTO gifts VALUES ('A100');"""
        )
    crm.close()
    entry = f"from: main.accounts, {ACCOUNTS[1:]}"
    made = planned(
        tmp_path, {}, records(f"accounts: {{{entry}").replace("SOURCE", f"'sqlite:///{tmp_path / 'crm.db'}'")
    )

    assert {u.table for u in made.report.unnamed} == {"gifts"}
