"""Odoo databases for tests: copies of a template with Odoo's own demo data, and what stands in them."""

from __future__ import annotations

import os
import random
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.connect.odoo.client import SILENT, Odoo

VERSIONS = (14, 19)
STAMPS = ("write_date", "write_uid")
AT_ONCE = 500

STREETS = ("Hauptstr.", "Bahnhofstr.", "Lindenweg", "Am Markt", "Schulgasse")
CITIES = ("Musterstadt", "Beispielheim", "Probedorf", "Neuort")
FORMS = ("GmbH", "AG", "KG", "e.K.")
FIRST = ("Anna", "Bernd", "Çağla", "Dörte", "Émile", "Фёдор", "שרה", "李娜")
LAST = ("Muster", "Beispiel", "Probe", "Vorlage", "O'Test", "von Exempel")
ODD = (
    "0",
    "False",
    "<b>Fett</b> & Söhne",
    "🚀 Rakete",
    "شركة المثال",
    "A%20B {{7*7}}",
    "=cmd|' /C calc'!A0",
)
CONTROL = "Seite 1\fSeite 2\v A%20B &amp;nbsp; \u00a0 <!-- weg? --> \x7f\r\n1 &lt; 2"
"""What Odoo 19 drops, decodes or rewrites in HTML."""


@dataclass(frozen=True)
class Instance:
    """One Odoo database. url: with `${ODOO_KEY}` in the place of the secret, which is `key`."""

    version: int
    url: str
    key: str
    sql: str

    @property
    def odoo(self) -> Odoo:
        """A connection of its own."""
        return Odoo(self.url.replace("${ODOO_KEY}", self.key))

    def dump(self, table: str, *without: str) -> list[tuple[Any, ...]]:
        """All rows of a table by id, as the database has them, without some columns."""
        engine = sa.create_engine(self.sql)
        try:
            with engine.connect() as connection:
                columns = [c["name"] for c in sa.inspect(connection).get_columns(table) if c["name"] not in without]
                listed = ", ".join(f'"{name}"' for name in columns)
                query = sa.text(f'SELECT {listed} FROM "{table}" ORDER BY id')
                return [tuple(map(str, row)) for row in connection.execute(query)]
        finally:
            engine.dispose()

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of a query."""
        engine = sa.create_engine(self.sql)
        try:
            with engine.connect() as connection:
                return tuple(connection.execute(sa.text(query)).one())
        finally:
            engine.dispose()

    def execute(self, *statements: str) -> None:
        """Do something in the database that nobody can do over the API."""
        engine = sa.create_engine(self.sql)
        try:
            with engine.begin() as connection:
                for statement in statements:
                    connection.execute(sa.text(statement))
        finally:
            engine.dispose()

    def count(self, query: str) -> int:
        """What a query counts."""
        return int(self.row(query)[0])


@contextmanager
def instance(version: int) -> Iterator[Instance]:
    """A database of its own on the server of a version; skip where none is given."""
    name = f"CRM_CLEANUP_ODOO{version}"
    if not os.environ.get(name):
        pytest.skip(f"no Odoo {version} given: tests/odoo/servers start FOLDER")
    database = f"test_{secrets.token_hex(5)}"
    url, data = os.environ[name], os.environ.get(f"{name}_DATA")
    server = sa.create_engine(os.environ[f"{name}_SQL"]).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(_CLOSE), {"name": "template_odoo"})
        connection.execute(sa.text(f"CREATE DATABASE {database} TEMPLATE template_odoo"))
    if data:
        _copy_files(Path(data) / "filestore", database)
    base, _, _ = url.replace("admin@", "admin:${ODOO_KEY}@").rpartition("/")
    sql = os.environ[f"{name}_SQL"].rpartition("/")[0] + f"/{database}"
    try:
        yield Instance(version, f"{base}/{database}", os.environ[f"{name}_KEY"], sql)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(_CLOSE), {"name": database})
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {database}"))
        server.dispose()
        if data:
            shutil.rmtree(Path(data) / "filestore" / database, ignore_errors=True)


_CLOSE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"


def _copy_files(store: Path, database: str) -> None:
    """Link them: Odoo names a file by its content, and never changes one."""
    if (store / "template_odoo").is_dir():
        shutil.copytree(store / "template_odoo", store / database, copy_function=os.link)
        owner = (store / "template_odoo").stat()
        for folder in (store / database, *(path for path in (store / database).rglob("*") if path.is_dir())):
            os.chown(folder, owner.st_uid, owner.st_gid)


def make_partners(odoo: Odoo, count: int, seed: int = 1) -> dict[str, list[int]]:
    """Make so many partners, a third of them companies, with messages, tags and attachments; ids by what they are.

    Every tenth company is a customer by a confirmed order.
    """
    chance = random.Random(seed)
    companies = _create(odoo, "res.partner", [_company(chance, number) for number in range(count // 3)])
    persons = _create(
        odoo, "res.partner", [_person(chance, number, companies) for number in range(count - len(companies))]
    )
    tags = _create(odoo, "res.partner.category", [{"name": f"Branche {letter}"} for letter in "ABC"])
    for tag in tags:
        some = chance.sample(companies, len(companies) // 5 or 1)
        odoo.call("res.partner", "write", {"vals": {"category_id": [[4, tag]]}}, ids=some, context=SILENT)
    _create(odoo, "mail.message", [_message(chance, own) for own in (*companies[::3], *persons[::7])])
    _create(odoo, "res.partner.bank", [{"partner_id": own, "acc_number": f"DE00 {own:08d}"} for own in companies[::9]])
    _create(odoo, "ir.attachment", [_attachment(own) for own in companies[::25]])
    customers = companies[::10]
    orders = _create(odoo, "sale.order", [{"partner_id": own, "state": "sale"} for own in customers])
    return {"companies": companies, "persons": persons, "customers": customers, "orders": orders}


def _company(chance: random.Random, number: int) -> dict[str, Any]:
    name = ODD[number] if number < len(ODD) else f"{chance.choice(LAST)} {number:05d} {chance.choice(FORMS)}"
    return {
        "name": name,
        "is_company": True,
        "street": f"{chance.choice(STREETS)} {chance.randrange(1, 200)}",
        "zip": f"{chance.randrange(10000, 99999)}",
        "city": chance.choice(CITIES),
        "country_id": chance.choice((57, False, 12)),
        "email": f"info@firma{number}.example" if chance.random() < 0.8 else False,
        "phone": f"+49 30 23125 {number % 1000:03d}",
        "website": f"http://firma{number}.example",
        "ref": f"K-{number}",
        "comment": chance.choice(
            ("", "Ruft zurück.\n\nZweiter Absatz", "<p>Bitte <b>nicht</b> anrufen</p>", "x" * 300, CONTROL)
        ),
    }


def _person(chance: random.Random, number: int, companies: Sequence[int]) -> dict[str, Any]:
    parent = chance.choice(companies) if number % 5 else False
    return {
        "name": f"{chance.choice(FIRST)} {chance.choice(LAST)} P{number:05d}",
        "is_company": False,
        "parent_id": parent,
        "function": chance.choice(("Einkauf", "Leitung", False)),
        "email": f"p{number}@person.example" if chance.random() < 0.7 else False,
        "phone": f"+49 89 23125 {number % 1000:03d}" if chance.random() < 0.5 else False,
    }


def _message(chance: random.Random, own: int) -> dict[str, Any]:
    body = chance.choice(
        ("<p>Angerufen, kein Interesse</p>", "<p>100 % sicher: A%20B</p>", "<p>Später <br/>nochmal</p>")
    )
    return {"model": "res.partner", "res_id": own, "body": body, "message_type": "comment"}


def _attachment(own: int) -> dict[str, Any]:
    return {"name": f"Angebot {own}.txt", "res_model": "res.partner", "res_id": own, "datas": "SGFsbG8gV2VsdA=="}


def _create(odoo: Odoo, model: str, values: Sequence[Mapping[str, Any]]) -> list[int]:
    made: list[int] = []
    for first in range(0, len(values), AT_ONCE):
        made += odoo.call(model, "create", {"vals_list": list(values[first : first + AT_ONCE])}, context=SILENT)
    return made


CONFIG = """\
name: odoo
as_of: 2026-11-01
source:
  url: {source}
  records:
    partners:
      from: res.partner
      key: id
      type: {{column: is_company, company: "true", person: "false"}}
      parent: {{column: parent_id, of: partners}}
      changed: write_date
      identity: {{company: name, last_name: name, street: street, postcode: zip, city: city,
                 country: country_id.name, email: email, phone: phone, website: website, vat: vat}}
  related:
    messages: {{from: odoo.messages, key: id, of: {{partners: partner}}, order_by: date}}
    activities: {{from: odoo.activities, key: id, of: {{partners: partner}}, order_by: date_deadline}}
    meetings: {{from: odoo.meetings, of: {{partners: partner}}, order_by: start}}
    orders: {{from: odoo.orders, key: id, of: {{partners: partner}}, order_by: date_order}}
    invoices: {{from: odoo.invoices, key: id, of: {{partners: partner}}, order_by: invoice_date}}
    bank_accounts: {{from: odoo.bank_accounts, key: id, of: {{partners: partner}}}}
    attachments: {{from: odoo.attachments, key: id, of: {{partners: partner}}, order_by: create_date}}
classify:
  - {{as: customer, name: confirmed order,     when: {{odoo: confirmed orders}}}}
  - {{as: customer, name: posted invoice,      when: {{odoo: posted invoices}}}}
  - {{as: customer, name: payment,             when: {{odoo: payments}}}}
  - {{as: keep,     name: partner of a user,   when: {{odoo: users}}}}
  - {{as: keep,     name: our own company,     when: {{odoo: own companies}}}}
  - {{as: keep,     name: employee,            when: {{odoo: employees}}}}
  - {{as: keep,     name: supplier,            when: {{any: [{{odoo: suppliers}}, {{odoo: purchase orders}}]}}}}
  - {{as: keep,     name: has journal items,   when: {{odoo: journal items}}}}
  - {{as: keep,     name: open quotation,      when: {{odoo: open quotations}}}}
  - {{as: keep,     name: open opportunity,    when: {{odoo: open opportunities}}}}
  - {{as: keep,     name: planned activity,    when: {{odoo: planned activities}}}}
  - {{as: keep,     name: future meeting,      when: {{odoo: future meetings}}}}
  - {{as: keep,     name: archived before,     when: {{odoo: archived}}}}
  - {{as: lead,     name: no evidence of a purchase}}
leads:
  one_per: {one_per}
  fields:
    name: "{{name}}"
    partner_name: "{{company.name}}"
    contact_name: "{{contact.name}}"
    email: {{first: ["{{email}}", "{{contact.email}}"]}}
    phone: {{first: ["{{phone}}", "{{contact.phone}}"]}}
    website: "{{website}}"
    street: "{{street}}"
    postcode: "{{zip}}"
    city: "{{city}}"
    state: "{{state_id.name}}"
    country: "{{country_id.name}}"
    language: "{{lang}}"
    tags: ["CRM clean-up 2026"]
target:
  url: {target}
  values: {{source_id: CRM clean-up 2026}}
approvals: waived
gates: {{customers: 0%..100%, evidence_without_record: 100%}}
"""
