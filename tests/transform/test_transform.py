from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import given, settings, strategies as st

from etl.connect.target import FieldLimit
from etl.model import Chunk
from etl.transform import Transformed, transform
from tests.profiles import examples
from tests.transform.crm import COLUMNS, Crm, make_config

FIELDS: dict[str, Any] = {
    "partner_name": "{company.name}",
    "contact_name": "{contact.first} {contact.last}",
    "email": {"first": ["{mail}", "{contact.mail}"]},
    "phone": "{tel}",
    "country": "{land}",
    "salesperson": {"column": "owner", "map": {"mm": "maria"}},
    "tags": ["x", "{branch}"],
}
TEXT = st.none() | st.sampled_from(["-", "Test", "MÃ¼ller", "a@b.example", "a@b.de, c@d.de", "0351/1", "DE", " A\nB "])
COMPANY = st.fixed_dictionaries(dict.fromkeys(("name", "mail", "tel", "land", "owner", "branch"), TEXT))
CONTACT = st.fixed_dictionaries(dict.fromkeys(("first", "last", "mail", "tel"), TEXT))
Families = list[tuple[dict[str, Any], list[dict[str, Any]]]]
FAMILIES = st.lists(st.tuples(COMPANY, st.lists(CONTACT, max_size=3)), min_size=1, max_size=4)


def crm_of(families: Families, one_per: str) -> Crm:
    """A CRM of companies with their contacts; each contact has a row of history."""
    crm = Crm(one_per)
    for number, (company, contacts) in enumerate(families):
        crm.company(str(number), zip="1", **company)
        for place, contact in enumerate(contacts):
            crm.contact(f"{number}{place}", account=str(number), role="?", **contact)
            crm.call(f"{number}{place}", f"MÃ¼de {place}")
    return crm


def of_keys(chunk: Chunk, keys: pd.Index[str]) -> Chunk:
    """The part of a chunk that belongs to some records."""
    return Chunk(
        {entry: frame[frame.index.isin(keys)] for entry, frame in chunk.records.items()},
        {name: frame[frame.index.isin(keys)] for name, frame in chunk.related.items()},
    )


def run(chunk: Chunk, members: pd.DataFrame, one_per: str) -> Transformed:
    """Transform with limits that some names break."""
    config = make_config(one_per, **FIELDS)
    return transform(chunk, members, config, COLUMNS, {"name": FieldLimit(4), "email": FieldLimit(8, "bytes")})


@settings(max_examples=examples(12))
@given(FAMILIES, st.sampled_from(["company", "contact"]), st.randoms(use_true_random=False))
def test_leads_do_not_depend_on_chunks_or_row_order(families: Families, one_per: str, draw: random.Random) -> None:
    """Families alone, or all in one chunk with shuffled rows: leads, findings and blocked rows are the same."""
    crm = crm_of(families, one_per)
    chunk, members = crm.chunk(), crm.members()
    shuffled = {name: frame.iloc[draw.sample(range(len(frame)), len(frame))] for name, frame in chunk.records.items()}
    whole = run(replace(chunk, records=shuffled), members.sample(frac=1, random_state=draw.randrange(99)), one_per)

    parts = [run(of_keys(chunk, rows.index), rows, one_per) for _, rows in members.groupby("family")]

    for name, order in (("leads", ["lead"]), ("findings", ["lead"]), ("blocked", ["lead"])):
        joined = pd.concat([getattr(part, name) for part in parts])
        joined = joined.sort_values(order, kind="stable", ignore_index=name != "leads")
        pd.testing.assert_frame_equal(getattr(whole, name), joined)


@settings(max_examples=examples(15))
@given(FAMILIES, st.sampled_from(["company", "contact"]))
def test_no_value_is_lost_or_altered(families: Families, one_per: str) -> None:
    """Whatever is found, each note holds every value, and a lead field is its column's value without outer blanks."""
    crm = crm_of(families, one_per)

    made = run(crm.chunk(), crm.members(), one_per)

    assert made.proof.holds
    companies = crm.chunk().records["accounts"]["name"].reindex(crm.members()["company"].reindex(made.leads.index))
    assert made.leads["partner_name"].fillna("").tolist() == companies.fillna("").str.strip().tolist()


def test_a_chunk_without_leads_gives_empty_tables(crm: Crm) -> None:
    """Where every record stays, all tables are empty and have their columns."""
    made = crm.company("1", name="A", decision="customer").transform(
        **FIELDS, do_not_contact={"column": "x", "equals": "1"}
    )

    assert [len(made.leads), len(made.findings), len(made.blocked)] == [0, 0, 0]
    assert list(made.leads.columns[:2]) == ["family", "name"]
    assert made.leads.columns[-1] == "note"
    assert made.proof.holds


def test_leads_have_family_fields_and_note_as_text(crm: Crm) -> None:
    """The table has the types and the order that the plan and the target rely on."""
    crm.company("1", name="A", mail="a@b.example").company("2", parent="1", name="B")

    leads = crm.transform(email="{mail}", do_not_contact={"column": "owner", "equals": "1"}).leads

    assert leads.index.name == "lead"
    assert leads["family"].tolist() == ["accounts:1", "accounts:1"]
    assert list(leads.columns) == ["family", "name", "email", "do_not_contact", "opted_out", "note"]
    assert [str(dtype) for dtype in leads.dtypes] == ["str", "str", "str", "bool", "str", "str"]
    assert "a@b.example" in leads["note"]["accounts:1"]


def test_a_lead_that_does_not_fit_is_blocked_and_not_cut(crm: Crm) -> None:
    """A name that is too long for the target stands in the lead in full, and the lead is reported as blocked."""
    made = crm.company("1", name="Nord Bau").transform(limits={"name": FieldLimit(4)})

    assert made.leads["name"].tolist() == ["Nord Bau"]
    assert made.blocked.to_numpy().tolist() == [["accounts:1", "name", 8, 4, "too long"]]
