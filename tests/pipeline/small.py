"""A small legacy CRM as text tables, written as any kind of source; it has a case for every decision."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine

Table = list[list[str | None]]

TABLES: dict[str, Table] = {
    "accounts": [
        ["id", "parent_id", "name", "zip", "city", "country", "email", "phone", "own", "remarks"],
        [
            "001",
            None,
            "Kraszewski Metallbau GmbH",
            "01099",
            "Dresden",
            "DE",
            "info@kraszewski.example",
            "0351 1234567",
            None,
            "ruft gern\nzurück",
        ],
        ["002", "001", "Kraszewski Montage GmbH", "04109", "Leipzig", "DE", None, None, None, "=1+1"],
        ["003", None, "Bäckerei Öztürk e.K.", "99999999", "Köln", "DE", "no at sign", "n/a", None, " NA "],
        [
            "004",
            None,
            "Lieferant & Söhne OHG",
            "20095",
            "Hamburg",
            "DE",
            "a@b.example;c@d.example",
            "+49 40 66969 123",
            None,
            "<b>fett</b>",
        ],
        ["005", None, "Wir selbst AG", "10115", "Berlin", "DE", None, None, "1", None],
        [
            "006",
            None,
            "GroÃŸhandel Müller",
            "80331",
            "München",
            "Deutschland",
            None,
            "0049 (0) 89 99998 111",
            None,
            "═══ Ende ═══",
        ],
        ["006 ", None, "Blank am Ende", None, None, None, None, None, None, "0"],
        ["007", "999", "Verwaist KG", None, None, None, None, None, None, None],
        ["008", None, "Doppelt GmbH", None, None, None, None, None, None, None],
        ["008", None, "Doppelt GmbH", None, None, None, None, None, None, None],
        ["Ä9", None, "Undatiert GmbH", None, None, None, None, None, None, "a\tb"],
    ],
    "contacts": [
        ["id", "account_id", "first_name", "last_name", "email", "opt_out"],
        ["1", "001", "Anna", "Schmidt", "anna@kraszewski.example", None],
        ["2", "003", "Ömer", "Öztürk", None, "1"],
        ["3", None, "Zoë", "Zahn", "zoe@zahn.example", None],
        ["4", "004", "Jan", "Söhne", None, None],
        ["5", "006", "Ida", "Müller", "ida@mueller.example", None],
        ["6", "006", "Udo", None, None, None],
        ["7", "008", "Eva", "Zwei", None, None],
    ],
    "activities": [
        ["id", "account_id", "contact_id", "happened_at", "text"],
        ["1", "003", None, "2024-05-01", "Angebot gewünscht"],
        ["2", None, "5", "2023-01-01", "Firma: nicht wirklich\n  Name: x"],
        ["3", "006", "5", "2023-02-01", "Tel. mit Ida"],
        ["4", "0815", None, "2020-01-01", "niemand"],
    ],
    "invoices": [
        ["no", "account_id", "contact_id", "state", "date"],
        ["R1", "002", None, "posted", "2026-01-31"],
        ["R2", None, "4", "posted", "2025-12-01"],
        ["R3", "006", None, "draft", "2026-01-01"],
        ["R4", "003", None, "posted", "2011-01-01"],
        ["R5", "Ä9", None, "posted", "0000-00-00"],
    ],
}

CONFIG = """\
name: small
as_of: 2026-11-01
source:
  url: {source}
  records:
    accounts: {{key: id, type: company, parent: {{column: parent_id, of: accounts}},
               identity: {{company: name, postcode: zip, city: city, country: country, email: email, phone: phone}}}}
    contacts: {{key: id, type: person, parent: {{column: account_id, of: accounts}},
               identity: {{first_name: first_name, last_name: last_name, email: email}}}}
  related:
    activities: {{key: id, of: {{accounts: account_id, contacts: contact_id}}, order_by: happened_at}}
classify:
  - {{as: keep, name: our own company, when: {{column: own, equals: "1"}}}}
  - {{as: customer, name: invoiced, when: {{exists: invoices, key: "no",
     of: {{accounts: account_id, contacts: contact_id}}, where: {{state: posted}},
     within: {{column: date, last: 3 years}}}}}}
  - {{as: lead, name: no evidence}}
leads:
  one_per: {one_per}
  fields:
    name: {{first: ["{{name}}", "{{first_name}} {{last_name}}"]}}
    contact_name: "{{contact.first_name}} {{contact.last_name}}"
    email: {{first: ["{{email}}", "{{contact.email}}"]}}
    city: "{{city}}"
    tags: ["clean-up", "{{city}}"]
    do_not_contact: {{column: opt_out, equals: "1"}}
  note: {{language: de, labels: {{zip: PLZ}}, omit: {{phone: "not needed"}}}}
report: {{language: en}}
approvals: waived
target: {{url: "{target}"}}
gates: {{customers: 0%..100%, empty_tables: 1, evidence_without_record: 100%, unreadable_dates: 50%, reject: 50%}}
"""


def write_config(folder: Path, source: str, target: str | None = None, one_per: str = "company") -> Path:
    """Write the config for a source; the target is a SQLite file in the folder if not said otherwise.

    Passwords of the URLs go into the environment: the config takes none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.yaml"
    target = target or f"sqlite:///{folder / 'pipeline.db'}"
    urls = {"source": without_password(source, "SOURCE"), "target": without_password(target, "TARGET")}
    path.write_text(CONFIG.format(**urls, one_per=one_per), encoding="utf-8")
    return path


def without_password(url: str, kind: str) -> str:
    """The URL with its password taken from the environment, into which this puts it."""
    variable = f"CRM_CLEANUP_TEST_{kind}_PASSWORD"

    def exported(found: re.Match[str]) -> str:
        os.environ[variable] = found[2]
        return f"{found[1]}${{{variable}}}@"

    return re.sub(r"(://[^:/@]*:)([^@]+)@", exported, url)


def write_csv(folder: Path, tables: dict[str, Table] = TABLES) -> str:
    """Write the tables as CSV files; gives the source's URL."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([["" if c is None else c for c in row] for row in rows])
    return f"files:{folder}"


def write_parquet(folder: Path) -> str:
    """Write the tables as Parquet files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, [header, *rows] in TABLES.items():
        columns = {str(c): pa.array([row[n] for row in rows], pa.string()) for n, c in enumerate(header)}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return f"files:{folder}"


def write_xlsx(folder: Path) -> str:
    """Write the tables as workbooks, every cell text."""
    import xlsxwriter

    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in TABLES.items():
        with xlsxwriter.Workbook(
            folder / f"{name}.xlsx", {"strings_to_formulas": False, "strings_to_urls": False}
        ) as book:
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    if cell is not None:
                        sheet.write_string(y, x, cell)
    return f"files:{folder}"


def write_sql(url: str) -> str:
    """Write the tables into a database, every column text."""
    engine = open_engine(url)
    with engine.begin() as connection:
        for name, [header, *rows] in TABLES.items():
            table = sa.Table(name, sa.MetaData(), *(sa.Column(str(column), sa.Text) for column in header))
            table.drop(connection, checkfirst=True)
            table.create(connection)
            connection.execute(table.insert(), [dict(zip(map(str, header), row, strict=True)) for row in rows])
    engine.dispose()
    return url
