"""An address of somebody who opted out is one wherever it stands: no lead that has it may be contacted."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.connect.odoo.blacklist import opted_out
from tests.told import Planned, planned

ACCOUNTS = """\
id,name,mail,tel,stays,stop
1,Alpha,info@alpha.example,030 23125 10,1,1
2,Beta,{mail},{tel},,0
3,Gamma,c@gamma.example,030 23125 30,,0
"""
CONFIG = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, identity: {company: name, email: mail, phone: tel}}
    people: {key: id, type: person, parent: {column: account, of: accounts},
             identity: {last_name: name, email: mail, phone: [tel, cell]}}
classify:
  - {as: customer, name: stays, when: {column: stays, equals: "1"}}
  - {as: lead, name: rest}
leads:
  fields:
    name: {first: ["{name}", "{contact.name}"]}
    email: {first: ["{mail}", "{contact.mail}"]}
    phone: {first: ["{tel}", "{contact.tel}"]}
    mobile: "{contact.cell}"
    do_not_contact: {flag: stop}
gates: {customers: 100%, reject: 100%, review: 100%, quality_errors: 100%}
"""
PEOPLE = "id,account,name,mail,tel,cell,stop\n"


def made(folder: Path, mail: str = "", tel: str = "", people: str = "", config: str = CONFIG) -> Planned:
    """Alpha, which stays, opted out; Beta, of another family, moves with some address and number."""
    return planned(folder, {"accounts": ACCOUNTS.format(mail=mail, tel=tel), "people": PEOPLE + people}, config)


@pytest.mark.parametrize(
    ("mail", "tel", "flag"),
    [
        ("b@beta.example", "030 23125 20", False),
        ("INFO@Alpha.example", "", True),
        ('"b@beta.example; info@alpha.example"', "", True),
        ("", "+49 (30) 23125-10", True),
        ("", "0049 30 2312510 / 0171 3920001", True),
        ("no-info@alpha.example", "030 23125 101", False),
        ("", "", False),
    ],
)
def test_an_address_of_another_family_that_opted_out_flags_the_lead(
    tmp_path: Path, mail: str, tel: str, flag: bool
) -> None:
    """However it is spelled, whether it is one of several, and although the one who opted out does not move."""
    plan = made(tmp_path, mail, tel)

    assert plan.leads("do_not_contact") == {"accounts:2": flag, "accounts:3": False}
    consent = plan.json["consent"]
    assert (consent["records"], consent["leads"], consent["elsewhere"]) == (1, int(flag), int(flag))
    told = "nobody opted out, but a record elsewhere with the same address or number did"
    assert f"in {int(flag)} {told}" in plan.text("report.md")
    assert told in plan.text("report.html")


def test_another_address_is_taken_before_one_that_somebody_elsewhere_opted_out_with(tmp_path: Path) -> None:
    """Beta has a contact of its own: the lead reaches him, and needs no flag."""
    plan = made(tmp_path, "info@alpha.example", "", "7,2,Ben,ben@beta.example,,,0")

    assert plan.leads("email", "do_not_contact")["accounts:2"] == ("ben@beta.example", False)
    assert (plan.json["consent"]["replaced"], plan.json["consent"]["elsewhere"]) == (1, 0)


@pytest.mark.parametrize(
    ("people", "flag"),
    [
        ("7,3,Cem,c@gamma.example,,,ja", "accounts:3"),  # a member of the same family, with its own address
        ("7,1,Ann,,,0176 04069001,1\n8,2,Ben,,,+49 176 040690-01,0", "accounts:2"),  # a mobile number
        ("7,99,Ann,c@gamma.example,,,1", "accounts:3"),  # a record that is rejected
        ("7,,Ann,c@gamma.example,,,1", "accounts:3"),  # a person alone, who moves as a lead of her own
    ],
)
def test_whatever_becomes_of_the_record_that_opted_out(tmp_path: Path, people: str, flag: str) -> None:
    """A member, a customer's contact, a reject, another lead: its address reaches somebody who does not want it."""
    flags = made(tmp_path, "b@beta.example", people=people).leads("do_not_contact")

    assert flags[flag]
    assert [key for key, held in flags.items() if held] in ([flag], [flag, "people:7"])


def test_who_is_not_asked_opted_out_with_the_company(tmp_path: Path) -> None:
    """Where persons have no such column, the addresses of an opted-out company's persons are among those."""
    config = CONFIG.replace("{flag: stop}", "{flag: company.stop}")
    plan = made(tmp_path, "ann@private.example", people="7,1,Ann,ann@private.example,,,0", config=config)

    assert plan.leads("do_not_contact")["accounts:2"]


def test_the_address_of_who_opted_out_is_kept_though_no_identity_names_it(tmp_path: Path) -> None:
    """Where only lead fields read the column of addresses, theirs are those of the mail blacklist."""
    config = CONFIG.replace(", email: mail", "")
    people = "7,2,Ann,Ann (<ann@beta.example> / a@beta.example,,,1\n8,2,Ben,ben@beta.example,,,0"
    plan = made(tmp_path, people=people, config=config)

    assert plan.leads("email", "opted_out")["accounts:2"] == ("ben@beta.example", "a@beta.example; ann@beta.example")
    leads = pq.read_table(plan.folder / "leads.parquet").to_pandas()
    assert opted_out(leads.set_index("lead")).to_dict() == {"accounts:2": "a@beta.example; ann@beta.example"}


def test_the_mail_blacklist_gets_the_address_that_stands_on_the_lead(tmp_path: Path) -> None:
    """Though nobody of the lead opted out: it is the address of somebody who did; the other one is not."""
    plan = made(tmp_path, '"b@beta.example, info@alpha.example"')

    assert plan.leads("opted_out") == {"accounts:2": "info@alpha.example", "accounts:3": None}
