from __future__ import annotations

import re

from etl.transform import transform
from etl.transform.quality.registry import CHECKS
from tests.transform.crm import COLUMNS, Crm, make_config


def test_codes_are_stable() -> None:
    """Gates, filters and people's decisions rest on these codes: none may change or go."""
    assert [(check.code, str(check.severity)) for check in CHECKS] == [
        ("name-placeholder", "error"),
        ("name-first-name", "warning"),
        ("placeholder", "info"),
        ("test-record", "warning"),
        ("email-invalid", "error"),
        ("email-several", "warning"),
        ("email-test", "warning"),
        ("phone-impossible", "warning"),
        ("postcode-invalid", "warning"),
        ("country-unknown", "warning"),
        ("vat-invalid", "warning"),
        ("vat-country", "warning"),
        ("website-invalid", "warning"),
        ("line-break", "warning"),
        ("control-character", "warning"),
        ("mojibake", "warning"),
        ("date-zero", "info"),
    ]
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", check.code) for check in CHECKS)


BAD = {
    "name": "Test\nGmbH\t",
    "street": "n/a",
    "mail": "kaputt",
    "tel": "1",
    "web": "keine",
    "zip": "1",
    "land": "Deutschland",
    "vat": "DE1",
    "branch": "MÃ¼ll",
    "city": "Jena\x00",
    "owner": "0000-00-00",
}
FIELDS = {
    "email": "{mail}",
    "phone": "{tel}",
    "website": "{web}",
    "postcode": "{zip}",
    "country": "{land}",
    "vat": "{vat}",
    "street": "{street}",
    "team": "{branch}",
    "city": "{city}",
}


def test_every_kind_of_column_is_checked(crm: Crm) -> None:
    """Each value is held against the checks of its kind, once: in the lead field that took it."""
    found = crm.company("1", **BAD).transform(limits=None, **FIELDS).findings

    assert set(zip(found["field"], found["code"], strict=True)) == {
        ("name", "line-break"),
        ("name", "test-record"),
        ("street", "placeholder"),
        ("email", "email-invalid"),
        ("phone", "phone-impossible"),
        ("website", "website-invalid"),
        ("postcode", "postcode-invalid"),
        ("vat", "vat-invalid"),
        ("team", "mojibake"),
        ("city", "control-character"),
        ("owner", "date-zero"),
    }


def test_a_value_of_the_note_alone_is_no_error(crm: Crm) -> None:
    """A contact's invalid address is an error where the lead takes it, and a warning where only the note holds it."""
    crm.company("1", name="A", mail="a@b.example").contact("7", "1", last="B", mail="kaputt")

    alone = crm.transform(email="{mail}").findings
    taken = crm.transform(email="{contact.mail}").findings

    columns = ["lead", "source_key", "field", "severity", "value"]
    assert alone[columns].to_numpy().tolist() == [["accounts:1", "contacts:7", "mail", "warning", "kaputt"]]
    assert taken[columns].to_numpy().tolist() == [["accounts:1", "contacts:7", "email", "error", "kaputt"]]


def test_a_finding_is_of_the_column_that_has_the_value(crm: Crm) -> None:
    """Columns are judged together, those of companies and of persons: each fault is told where it stands."""
    crm.company("1", name="A", mail="a@b.example", owner="MÃ¼ll").company("2", name="B", branch="0000-00-00", mail="x")
    crm.contact("7", "1", last="C", mail="y", role="SchrÃ¶der").contact("8", "2", last="D", mail="d@b.example")

    found = crm.transform(email="{mail}").findings

    assert found[["lead", "source_key", "field", "code", "value"]].to_numpy().tolist() == [
        ["accounts:1", "accounts:1", "owner", "mojibake", "MÃ¼ll"],
        ["accounts:1", "contacts:7", "mail", "email-invalid", "y"],
        ["accounts:1", "contacts:7", "role", "mojibake", "SchrÃ¶der"],
        ["accounts:2", "accounts:2", "branch", "date-zero", "0000-00-00"],
        ["accounts:2", "accounts:2", "email", "email-invalid", "x"],
    ]


def test_records_without_an_identity_are_read_as_text() -> None:
    """Where the config does not say what a column means, its text is checked all the same."""
    crm = Crm().contact("7", last="MÃ¼ller", mail="kaputt")
    config = make_config(name="x")
    contacts = config.source.records["contacts"].model_copy(update={"identity": {}})
    source = config.source.model_copy(update={"records": {**config.source.records, "contacts": contacts}})

    found = transform(crm.chunk(), crm.members(), config.model_copy(update={"source": source}), COLUMNS, {}).findings

    assert found[["field", "code"]].to_numpy().tolist() == [["last", "mojibake"], ["name", "name-placeholder"]]


def test_records_that_stay_are_not_judged(crm: Crm) -> None:
    """Findings are about leads; customers and reviews have none."""
    crm.company("1", decision="customer", **BAD)

    assert crm.codes() == set()
