from __future__ import annotations

import json

import pandas as pd
import pytest

from etl.model import Chunk
from etl.transform.layout import layout
from etl.transform.lead_values import LeadValues
from etl.transform.templates import Reference
from tests.transform.crm import Crm, make_config


def column(frame: pd.DataFrame, name: str) -> dict[str, str | None]:
    """A lead field as a dict by lead key, None where it is empty."""
    return {str(lead): None if text != text else text for lead, text in frame[name].items()}


def test_a_column_is_the_records_own_or_its_companys(crm_per_contact: Crm) -> None:
    """`{x}` is the lead's own column; only where its entry has no such column it is the company's."""
    crm_per_contact.company("9", name="Nord", mail="office@nord.example").contact("1", "9", last="A")
    crm_per_contact.contact("2", "9", mail="b@nord.example").contact("3", last="C")

    found = crm_per_contact.fields(partner_name="{name}", email="{mail}")

    assert column(found, "partner_name") == {"contacts:1": "Nord", "contacts:2": "Nord", "contacts:3": None}
    assert column(found, "email") == {"contacts:1": None, "contacts:2": "b@nord.example", "contacts:3": None}


def test_the_contact_is_the_first_of_the_lead_or_the_lead_itself(crm: Crm) -> None:
    """`{contact.x}` is the person itself, else the contact with the lowest source key, also if its column is empty."""
    crm.company("9").contact("2", "9", last="Zwei").contact("1", "9", first="Ada").contact("3", last="Drei").company(
        "8"
    )

    found = crm.fields(contact_name="{contact.first} {contact.last}")

    assert column(found, "contact_name") == {"accounts:8": None, "accounts:9": "Ada", "contacts:3": "Drei"}


def test_the_company_is_the_nearest_wherever_it_stands(crm_per_contact: Crm) -> None:
    """`{company.x}` is the company itself, or the contact's company, also if that stands in another lead's note."""
    crm_per_contact.company("9", city="Jena").contact("1", "9").contact("2", "9").company("8", city="Ulm")

    found = crm_per_contact.fields(city="{company.city}")

    assert column(found, "city") == {"accounts:8": "Ulm", "contacts:1": "Jena", "contacts:2": "Jena"}


def test_the_first_template_with_a_text_wins(crm: Crm) -> None:
    """`first` passes over templates whose columns are all empty or blank."""
    crm.company("1", mail="a@x.example", name="A").company("2", mail=" ", name="B").contact(
        "7", "2", mail="c@x.example"
    )

    found = crm.fields(email={"first": ["{mail}", "{contact.mail}", "none"]})

    assert column(found, "email") == {"accounts:1": "a@x.example", "accounts:2": "c@x.example"}


@pytest.mark.parametrize(
    ("mapping", "default", "expected"),
    [
        ({"mm": "maria"}, "sales", ["maria", "sales", "sales"]),
        ({"mm": "maria"}, None, ["maria", "xx", None]),
        ({"mm": "maria", "": "nobody"}, "sales", ["maria", "sales", "nobody"]),
        ({"mm": ""}, "", [None, None, None]),
        ({}, None, ["mm", "xx", None]),
    ],
)
def test_a_map_gives_its_value_or_the_default(
    crm: Crm, mapping: dict[str, str], default: str | None, expected: list[str | None]
) -> None:
    """Values are looked up exactly; others and missing ones get the default, and without one go over as they are."""
    crm.company("1", owner="mm", name="A").company("2", owner="xx", name="B").company("3", name="C")

    found = crm.fields(salesperson={"column": "owner", "map": mapping, "default": default})

    assert list(column(found, "salesperson").values()) == expected


def test_a_value_that_the_map_does_not_know_is_found(crm: Crm) -> None:
    """Without a default an owner who is not in the map is a finding; with one, or without a map, there is none."""
    crm.company("1", owner="mm", name="A").company("2", owner="xx", name="B").company("3", name="C")

    assert crm.codes(salesperson={"column": "owner", "map": {"mm": "maria"}}) == {("accounts:2", "unmapped")}
    assert crm.codes(salesperson={"column": "owner", "map": {"mm": "maria"}, "default": "sales"}) == set()
    assert crm.codes(salesperson={"column": "owner"}) == set()


def test_a_flag_of_consent_holds_for_its_values_and_for_what_nearly_is_one(crm: Crm) -> None:
    """The flag is a plain bool; a missing value does not set it, nor one that is another."""
    for key, owner in (("1", "1"), ("2", "yes"), ("3", "01"), ("4", None), ("5", "maria")):
        crm.company(key, owner=owner)

    found = crm.fields(do_not_contact={"column": "owner", "equals": ["1", "yes"]})["do_not_contact"]

    assert found.dtype == bool
    assert found.tolist() == [True, True, True, False, False]


def test_tags_are_a_json_array_without_empty_or_double_ones(crm: Crm) -> None:
    """Each tag stands once, in the order of the config, whatever characters it has."""
    crm.company("1", branch='"Bau"\n\\é').company("2").company("3", branch="fix")

    found = crm.fields(tags=["{branch}", "fix", "{branch}", "{owner}"])["tags"]

    assert [json.loads(text) for text in found] == [['"Bau"\n\\é', "fix"], ["fix"], ["fix"]]
    assert crm.fields(tags=["{owner}"])["tags"].isna().all()


@pytest.mark.parametrize(
    ("values", "name", "code", "severity"),
    [
        ({"first": "Ada", "last": "Berg", "mail": "a@b.example"}, "Ada Berg", "name-from-identity", "warning"),
        ({"last": "Berg"}, "Berg", "name-from-identity", "warning"),
        ({"mail": "a@b.example"}, "a@b.example", "name-missing", "error"),
        ({"role": "CEO"}, "contacts:1", "name-missing", "error"),
    ],
)
def test_a_lead_without_a_name_gets_one_and_says_so(
    crm: Crm, values: dict[str, str], name: str, code: str, severity: str
) -> None:
    """The person's name, the e-mail address or the source key stands in for an empty name, never silently."""
    crm.contact("1", **values)

    made = crm.transform()

    assert made.leads["name"].tolist() == [name]
    found = made.findings[made.findings["field"] == "name"]
    assert found[["code", "severity", "proposal"]].to_numpy().tolist() == [[code, severity, name]]


def test_fields_stand_in_one_order_whatever_the_config_says(crm: Crm) -> None:
    """The columns have the order of LEAD_FIELDS; fields that the config does not name are not there."""
    crm.company("1", name="A")

    assert list(crm.fields(tags=["x"], city="{city}", email="{mail}").columns) == ["name", "email", "city", "tags"]


def test_an_empty_column_is_not_taken_from_the_company(crm: Crm) -> None:
    """Where the record's entry has the column and it is empty, it stays empty, whatever other entries have."""
    frames = {
        name: pd.DataFrame(rows, dtype="str", index=pd.Index([f"{name}:1"], dtype="str"))
        for name, rows in (
            ("firms", {"mail": ["a@b.example"]}),
            ("people", {"mail": [None]}),
            ("guests", {"id": ["1"]}),
        )
    }
    keys = [f"{name}:1" for name in frames]
    rows = {"entry": list(frames), "type": ["company", "person", "person"], "decision": "lead", "company": keys[0]}
    members = pd.DataFrame({**rows, "lead": keys}, dtype="str", index=pd.Index(keys, dtype="str", name="source_key"))
    sections = layout(members, "company", crm.company("1").titles())
    values = LeadValues(Chunk(frames), members, sections, {name: [*map(str, frame)] for name, frame in frames.items()})

    found = dict(zip(values.leads, values[Reference("own", "mail")].to_pylist(), strict=True))

    assert found == {"firms:1": "a@b.example", "guests:1": "a@b.example", "people:1": None}


def test_a_missing_column_is_empty_not_an_error(crm: Crm) -> None:
    """A column that no record has gives an empty field; `check` is where it is refused."""
    crm.company("1", name="A")

    assert crm.fields(email="{no such column}")["email"].isna().all()


def test_flags_go_with_do_not_contact_only() -> None:
    """A text field cannot be a flag, and the flag cannot be a text."""
    with pytest.raises(ValueError, match="do_not_contact"):
        make_config(email={"column": "mail", "equals": "1"})
    with pytest.raises(ValueError, match="do_not_contact"):
        make_config(do_not_contact="{mail}")
