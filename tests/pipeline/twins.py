"""Companies and contacts some of which are the same, and a config that brings them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.pipeline import hard
from tests.pipeline.hard import Row, company, write

COMPANY = ("id", "name", "street", "zip", "city", "email", "phone", "website", "changed", "remark", "kind")
CONTACT = ("id", "account", "first", "last", "email", "phone", "role")
CONFIG = """name: twins
as_of: 2026-11-01
source:
  url: files:{folder}/in
  records:
    accounts: {{key: id, type: company, changed: changed,
                identity: {{company: name, street: street, postcode: zip, city: city, email: email, phone: phone,
                            website: website}}}}
    contacts: {{key: id, type: person, parent: {{column: account, of: accounts}},
                identity: {{first_name: first, last_name: last, email: email, phone: phone}}}}
  related:
    calls: {{key: no, of: {{accounts: account, contacts: contact}}}}
classify:
  - {{as: customer, name: buys, when: {{column: kind, equals: buys}}}}
  - {{as: keep, name: supplies, when: {{column: kind, equals: supplies}}}}
  - {{as: review, name: odd, when: {{column: kind, equals: odd}}}}
  - {{as: lead, name: no evidence}}
leads:
  one_per: company
  duplicates: {{merge_at: 0.98, review_at: 0.70{more}}}
  fields:
    name: {{first: ["{{name}}", "{{first}} {{last}}"]}}
    contact_name: "{{contact.first}} {{contact.last}}"
    email: "{{email}}"
    phone: "{{phone}}"
    website: "{{website}}"
    street: "{{street}}"
    postcode: "{{zip}}"
    city: "{{city}}"
    tags: ["{{kind}}"]
    do_not_contact: {{column: remark, equals: never again}}
approvals: waived
gates: {{customers: 0%..100%, empty_tables: 1}}
target: {{url: "sqlite:///{folder}/out.db"}}
"""
KRASZEWSKI = company("1", "Kraszewski Metallbau GmbH", "Hauptstr. 5", "01099 Dresden", phone="0351 1234567",
                     remark="pays late")  # fmt: skip
TWIN = company("2", "KRASZEWSKI Metallbau", "Hauptstraße 5", "01099 Dresden", phone="+49 351 1234567",
               website="kraszewski.example", changed="2026-01-05", remark="never again")  # fmt: skip
MAYBE = company("3", "Kraszewski Metallbau GmbH", "Ringstr. 90", "99084 Erfurt", website="kraszewski.example")
"""It may be TWIN: the same name and domain, in another town."""
OTHERS = [
    *({**row, "id": f"1{row['id']}"} for row in hard.OTHERS),
    company("20", "Ostsee Fisch GmbH", "Kaiweg 1", "18055 Rostock", phone="0381 4455660"),
    company("21", "Vogtland Textil GmbH", "Weberweg 3", "08523 Plauen", email="post@vogtland-textil.example"),
    company("22", "Wojciechowski Anlagenbau GmbH", "Industriestr. 44", "44145 Dortmund"),
    company("23", "Dolch Logistik AG", "Hafenstr. 9", "20457 Hamburg", website="dolch.example"),
    company("24", "Peters & Sohn GbR", "Mühlgasse 2", "99084 Erfurt", phone="0361 2223334"),
]
HEAD = [
    {"id": "c1", "account": "1", "first": "Sabine", "last": "Oelschläger", "email": "sabine@kraszewski.example"},
    {"id": "c2", "account": "2", "first": "Viktor", "last": "Tamm", "phone": "0351 1234567-12"},
    {"id": "c9", "account": "20", "first": "Ole", "last": "Brodersen", "email": "ole@ostsee.example"},
]
LONE = {"id": "c5", "first": "Sabine", "last": "Oelschläger", "email": "sabine@kraszewski.example", "role": "buyer"}
CALLS = [{"no": "1", "account": "1", "contact": ""}, {"no": "2", "account": "2", "contact": "c2"}]


def write_config(
    folder: Path,
    companies: Sequence[Row],
    contacts: Sequence[Row] = HEAD,
    *,
    calls: Sequence[Mapping[str, str]] = CALLS,
    more: str = "",
) -> Path:
    """Write the lists and the config."""
    write(folder / "in" / "accounts.csv", companies, COMPANY)
    write(folder / "in" / "contacts.csv", contacts, CONTACT)
    write(folder / "in" / "calls.csv", calls, ("no", "account", "contact"))
    path = folder / "twins.yaml"
    path.write_text(CONFIG.format(folder=folder, more=more), encoding="utf-8")
    return path
