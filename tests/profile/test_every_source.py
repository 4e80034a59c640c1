"""One CRM, stored in every way that can be read: each first config is right, runs unedited, and decides the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
import xlsxwriter
from pyarrow import parquet
from ruamel.yaml import YAML

from etl.connect.sql.engine import open_engine
from etl.pipeline.init import init
from tests.conftest import throw_away
from tests.profile.samples import AS_OF, first_config, sample
from tests.systems.truth import SYSTEMS
from tests.systems.way import decisions, leads, walk_on

Rows = list[dict[str, Any]]
NAMES = [f"{first}{last} {form}" for form in ("GmbH", "AG") for first in ("Nord", "Süd", "Öko", "Alt", "Blau")
         for last in ("bau", "glas", "druck", "tröge")]  # fmt: skip
PEOPLE = [(first, last) for last in ("Müller", "Beispiel", "Öztürk", "Probe", "Vorlage", "Exempel")
          for first in ("Anna", "Jürgen", "Maria", "Peter", "Lea", "Thomas", "Julia", "Stefan", "Sabine", "Klaus")
          ]  # fmt: skip
ACCOUNTS: Rows = [
    {"id": 1000 + n, "name": name, "street": f"Ringstraße {n}", "zip": f"{10115 + 97 * n}", "city": "Köln",
     "country": "Deutschland", "email": f"info@firma{n}.example", "phone": f"+49 30 23125 {n:03}",
     "deleted": n % 13 == 0, "created_at": dt.date(2012, 1, 1) + dt.timedelta(97 * n)}
    for n, name in enumerate(NAMES, 1)
]  # fmt: skip
CONTACTS: Rows = [
    {"id": 5000 + n, "account_id": 1000 + 1 + n % 40, "first_name": first, "last_name": last,
     "email": f"p{n}@firma{n}.example", "phone": f"+49 89 23125 {n:03}",
     "updated_at": dt.datetime(2024, 1, 1, 8, 30) + dt.timedelta(11 * n)}  # noqa: DTZ001
    for n, (first, last) in enumerate(PEOPLE, 1)
]  # fmt: skip
INVOICES: Rows = [
    {"invoice_no": f"R{n:05}", "account_id": 1000 + 1 + n % 25, "date": dt.date(2020, 1, 17) + dt.timedelta(23 * n),
     "state": "draft" if n % 4 == 0 else "paid", "total": 100.5 + n}
    for n in range(1, 101)
]  # fmt: skip
VISITS: Rows = [
    {"id": 90000 + n, "contact_id": 5000 + 1 + n % 60, "visited_at": dt.datetime(2023, 5, 14, 9, 0) + dt.timedelta(n),  # noqa: DTZ001
     "subject": "asked for a price; it was too high"}
    for n in range(1, 81)
]  # fmt: skip
TABLES: Mapping[str, Rows] = {"accounts": ACCOUNTS, "contacts": CONTACTS, "invoices": INVOICES, "visits": VISITS}


def text(value: object, day: str = "%Y-%m-%d", clock: str = " %H:%M:%S", yes: str = "1", no: str = "0") -> str:
    """A value as a file has it."""
    match value:
        case bool():
            return yes if value else no
        case dt.datetime():
            return value.strftime(day + clock)
        case dt.date():
            return value.strftime(day)
    return str(value)


def csv_files(folder: Path, delimiter: str, quote: str, encoding: str, **form: str) -> str:
    """A folder of CSV files."""
    for name, rows in TABLES.items():
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=delimiter, quotechar=quote)
        writer.writerows([list(rows[0]), *([text(value, **form) for value in row.values()] for row in rows)])
        (folder / f"{name}.csv").write_bytes(out.getvalue().encode(encoding))
    return f"files:{folder}"


def workbook(folder: Path) -> str:
    """A workbook with a sheet each, days as days."""
    with xlsxwriter.Workbook(folder / "crm.xlsx") as book:
        days = {dt.date: book.add_format({"num_format": "dd.mm.yyyy"}),
                dt.datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm"})}  # fmt: skip
        for name, rows in TABLES.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate([dict.fromkeys(rows[0]), *rows]):
                for column, (header, value) in enumerate(row.items()):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(at, column, value, days[type(value)])
                    else:
                        sheet.write(at, column, header if at == 0 else value)
    return f"files:{folder}"


def parquet_files(folder: Path) -> str:
    """A folder of Parquet files with types."""
    for name, rows in TABLES.items():
        parquet.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return f"files:{folder}"


TYPES: Mapping[type, sa.types.TypeEngine[Any]] = {
    bool: sa.Boolean(), int: sa.BigInteger(), float: sa.Numeric(12, 2), str: sa.String(80), dt.date: sa.Date(),
    dt.datetime: sa.DateTime(),
}  # fmt: skip


def database(url: str, *, declares: bool) -> None:
    """Tables with the types of the database, with or without keys."""
    engine, metadata = open_engine(url), sa.MetaData()
    for name, rows in TABLES.items():
        columns = [
            sa.Column(column, TYPES[type(value)], primary_key=declares and at == 0)
            for at, (column, value) in enumerate(rows[0].items())
        ]
        sa.Table(name, metadata, *columns)
    with engine.begin() as connection:
        metadata.create_all(connection)
        for name, rows in TABLES.items():
            connection.execute(metadata.tables[name].insert(), rows)
    engine.dispose()


GERMAN = {"day": "%d.%m.%Y", "yes": "ja", "no": "nein"}
FILES: Mapping[str, tuple[Callable[[Path], str], str | None, str | None]] = {
    "commas": (lambda folder: csv_files(folder, ",", '"', "utf-8"), None, "%Y-%m-%d %H:%M:%S"),
    "semicolons": (lambda folder: csv_files(folder, ";", '"', "cp1252", **GERMAN), "%d.%m.%Y", "%d.%m.%Y %H:%M:%S"),
    "tabs": (
        lambda folder: csv_files(folder, "\t", '"', "utf-16", day="%m/%d/%Y", clock=" %H:%M"),
        "%m/%d/%Y",
        "%m/%d/%Y %H:%M",
    ),
    "bars": (
        lambda folder: csv_files(folder, "|", "'", "utf-8-sig", day="%d/%m/%Y", clock=" %H:%M", yes="Y", no="N"),
        "%d/%m/%Y",
        "%d/%m/%Y %H:%M",
    ),
    "compact": (lambda folder: csv_files(folder, ";", '"', "iso-8859-15", day="%Y%m%d", clock=""), "%Y%m%d", "%Y%m%d"),
    "workbook": (workbook, None, None),
    "parquet": (parquet_files, None, None),
}
"""How files are written -> what writes them, and the forms of days and moments that are no ISO 8601."""


@pytest.mark.parametrize("name", FILES)
def test_files_of_every_kind_give_a_config_that_is_right(name: str, tmp_path: Path) -> None:
    """Dialect, encoding, dates and flags are told by what stands in the files."""
    write, day, moment = FILES[name]
    (tmp_path / "crm").mkdir()
    is_right(write(tmp_path / "crm"), tmp_path, day, moment)


@pytest.mark.parametrize("declares", [True, False], ids=["keys", "no keys"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_databases_of_every_kind_give_a_config_that_is_right(
    kind: str, declares: bool, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their own types of days and truth values, with and without declared keys; a password stays a variable."""
    with throw_away(kind, tmp_path_factory) as url:
        database(url, declares=declares)
        monkeypatch.setenv("CRM_PASSWORD", sa.make_url(url).password or "")
        is_right(url, tmp_path, None, None)


def is_right(url: str, folder: Path, day: str | None, moment: str | None) -> None:
    """The config names all that the source is, without a doubt, and its plan decides as the rows say."""
    made = first_config(url, folder)
    said = YAML(typ="safe").load((folder / "first.yaml").read_text(encoding="utf-8"))["source"]
    accounts, contacts, invoices, visits = (
        next(part for name, part in {**said["records"], **said["related"]}.items() if name.endswith(table))
        for table in TABLES
    )
    entries = [next(name for name in said["records"] if name.endswith(table)) for table in ("accounts", "contacts")]

    assert made.unsure == ()
    assert len(said["records"]) == len(said["related"]) == 2
    assert [part["key"] for part in (accounts, contacts, invoices, visits)] == ["id", "id", "invoice_no", "id"]
    assert (accounts["type"], contacts["type"]) == ("company", "person")
    assert (contacts["parent"]["column"], contacts["parent"]["of"]) == ("account_id", entries[0])
    assert (invoices["of"], visits["of"]) == ({entries[0]: "account_id"}, {entries[1]: "contact_id"})
    assert accounts["identity"] == {
        "company": "name", "street": "street", "postcode": "zip", "city": "city", "country": "country",
        "email": "email", "phone": "phone",
    }  # fmt: skip
    assert contacts["identity"] == {
        "first_name": "first_name", "last_name": "last_name", "email": "email", "phone": "phone"
    }  # fmt: skip
    assert invoices["order_by"] == dated("date", day)
    assert visits["order_by"] == dated("visited_at", moment)
    assert contacts["changed"] == dated("updated_at", moment)
    walk_on(folder, ("check", "first.yaml"), ("plan", "first.yaml", "--out", "plan"))
    assert decisions(folder) == decided(*entries)


def test_northwind_has_orders_that_are_no_links(tmp_path: Path) -> None:
    """An order with hardly more than a customer and an employee is a purchase, and its lines stand below it."""
    url = sample("northwind", tmp_path)
    first_config(url, tmp_path)
    walk_on(tmp_path, ("check", "first.yaml"), ("plan", "first.yaml", "--out", "plan"))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        rows = connection.execute(SYSTEMS["northwind"].decided).fetchall()

    assert decisions(tmp_path) == {f"Customers:{key}": decision for _, key, decision in rows}
    [note] = [lead["note"] for lead in leads(tmp_path).values()]
    assert [text for text in SYSTEMS["northwind"].notes["customers:ALFAB"] if text not in note] == []


SAID = ("key", "type", "where", "identity", "of", "order_by", "changed")
"""What a first config must say of the demo's tables as its own config does."""


def test_the_demos_first_config_says_of_each_table_what_its_own_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries, keys, links, types, columns, dates, and how files are written."""
    root = Path(__file__).parents[2]
    monkeypatch.chdir(root)
    init("data/legacy", tmp_path / "first.yaml", masters=["files:data/erp"], as_of=AS_OF)
    first, own = (
        YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for path in (tmp_path / "first.yaml", root / "configs" / "demo.yaml")
    )

    for kind in ("records", "related"):
        made, right = first["source"][kind], own["source"][kind]
        assert {name: {key: part.get(key) for key in SAID} for name, part in made.items()} == {
            name: {key: part.get(key) for key in SAID} for name, part in right.items()
        }
        assert {name: part.get("csv") for name, part in made.items()} == {n: p.get("csv") for n, p in right.items()}
    for name, entry in own["source"]["records"].items():
        parent = {
            key: first["source"]["records"][name].get("parent", {}).get(key) for key in ("column", "of", "through")
        }
        assert parent == {key: entry.get("parent", {}).get(key) for key in parent}
    assert first["masters"] == own["masters"]


def dated(column: str, form: str | None) -> object:
    """A column of dates as a config names it."""
    return column if form is None or form.startswith("%Y-") else {"column": column, "format": form}


def decided(accounts: str, contacts: str) -> dict[str, str]:
    """Who was invoiced in the last three years is a customer, and so are their contacts; who is deleted is nobody."""
    since = AS_OF.replace(year=AS_OF.year - 3)
    bought = {row["account_id"] for row in INVOICES if row["state"] == "paid" and since <= row["date"] <= AS_OF}
    there = {row["id"] for row in ACCOUNTS if not row["deleted"]}
    made = {f"{accounts}:{own}": "customer" if own in bought else "lead" for own in there}
    for row in CONTACTS:
        is_customer = row["account_id"] in bought & there
        made[f"{contacts}:{row['id']}"] = "customer" if is_customer else "lead"
    return made
