"""An address of somebody who opted out is one wherever it stands: no lead that has it may be contacted."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.connect.odoo.blacklist import opted_out
from tests.running import run
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


@pytest.mark.parametrize(
    ("kind", "gone", "flag"), [("p", "", True), ("c", "", False), ("", "", True), ("c", "1", False), ("", "1", True)]
)
def test_who_is_of_no_kind_that_can_be_read_is_asked_as_a_person_is(
    tmp_path: Path, kind: str, gone: str, flag: bool
) -> None:
    """A record that is rejected for its type, or left out by a `where`, may be a person: only companies are not."""
    typed = "type: {column: kind, company: c, person: p}, where: {gone: {empty: true}}, identity: {company: name"
    config = CONFIG.replace("type: company, identity: {company: name", typed).replace(
        "flag: stop", "flag: contact.stop"
    )
    ann, beta = f"1,Ann,ann@x.example,,,1,{kind},{gone}\n", "2,Beta,ann@x.example,,,0,c,\n"
    accounts = f"id,name,mail,tel,stays,stop,kind,gone\n{ann}{beta}"
    plan = planned(tmp_path, {"accounts": accounts, "people": PEOPLE}, config)

    assert plan.leads("do_not_contact")["accounts:2"] is flag


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


@pytest.mark.parametrize(
    ("mail", "parts"),
    [
        ("ann@beta.example, jane(at)beta.example", ["ann@beta.example", "jane(at)beta.example"]),
        ("jane(at)beta.example / ann@beta.example", ["ann@beta.example", "jane(at)beta.example"]),
        ("Ann (alt) <ann@beta.example>; b@beta.example", ["ann@beta.example", "b@beta.example"]),
        ('""Muster, Ann"" <ann@beta.example>', ["ann@beta.example"]),
        ("fragen Sie Frau Muster", ["fragen Sie Frau Muster"]),
    ],
)
def test_what_is_no_address_is_kept_beside_one(tmp_path: Path, mail: str, parts: list[str]) -> None:
    """A part that no blacklist takes is not dropped, so that `apply` names the lead; a name is no such part."""
    plan = made(tmp_path, people=f'7,2,Ann,"{mail}",,,1')

    assert plan.leads("opted_out")["accounts:2"] == "; ".join(parts)


def test_a_row_that_where_leaves_out_has_opted_out_all_the_same(tmp_path: Path) -> None:
    """A deleted duplicate with the same address: the address is opted out for all, and the row is counted."""
    config = CONFIG.replace("type: person,", "type: person, where: {cell: {empty: true}},")
    people = "7,2,Ann,b@beta.example,,0,1\n8,3,Cem,c@gamma.example,,0,perhaps\n9,2,Ben,x@beta.example,,0,0"
    plan = made(tmp_path, "B@beta.example", people=people, config=config)

    assert plan.leads("do_not_contact") == {"accounts:2": True, "accounts:3": True}
    assert plan.leads("opted_out")["accounts:2"] == "b@beta.example"
    consent = plan.json["consent"]
    assert (consent["left_out"], consent["elsewhere"]) == (2, 2)
    for report in ("report.md", "report.html"):
        assert "leaves out opted out, and nobody may be contacted by their addresses" in plan.text(report)


JOINED = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, identity: {company: name, email: [mail, mails.address]},
               join: {mails: {key: of, where: {deleted: "0"}}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", email: "{mail}", do_not_contact: {flag: mails.bad}}}
"""


@pytest.mark.parametrize("row", ["2,b@beta.example,1,1", "99,b@beta.example,1,0"])
def test_a_row_of_a_joined_table_that_nobody_takes_has_opted_out_all_the_same(tmp_path: Path, row: str) -> None:
    """The table's `where` leaves it out, or it is no record's: the address is opted out."""
    tables = {"accounts": ACCOUNTS.format(mail="b@beta.example", tel=""), "mails": f"of,address,bad,deleted\n{row}"}

    assert planned(tmp_path, tables, JOINED).leads("do_not_contact")["accounts:2"]


SEVERAL = CONFIG.replace("{flag: stop}", "{any: [{flag: stop}, {flag: contact.cell}, {column: tel, equals: [x, X]}]}")


def test_any_of_several_columns_says_who_opted_out(tmp_path: Path) -> None:
    """One yes is enough, a record with two counts once, and who says nothing clear in one waits unless another says
    yes."""
    people = "6,3,Eve,e@gamma.example,X,,1\n7,,Ann,ann@x.example,X,,0\n8,,Ben,b@x.example,,1,0\n9,,Cem,c@x.example,,,\n"
    people += "10,,Dan,d@x.example,,perhaps,0\n11,,Fay,f@x.example,,perhaps,1"
    plan = made(tmp_path, people=people, config=SEVERAL)

    flags = plan.leads("do_not_contact")
    assert [key for key, flag in flags.items() if flag] == ["people:11", "people:7", "people:8"]
    assert plan.leads("opted_out")["accounts:3"] == "e@gamma.example"
    assert plan.decisions["people:10"] == "review"
    assert plan.decisions["people:11"] == "lead"
    assert plan.why("people:10")[1] == "stop / contact.cell / tel says neither yes nor no"
    assert plan.json["consent"]["records"] == 5  # and Alpha, and Eve, who says it twice
    assert plan.json["consent"]["silent"] == []


def test_who_may_have_opted_out_is_not_contacted_when_a_person_lets_it_move(tmp_path: Path) -> None:
    """Neither yes nor no: `lead` does not say that it may be contacted, and nobody is asked about its address."""
    words = "lead,Maria,2026-01-05"
    lines = f"source_key,decision,who,when\npeople:7,{words}\npeople:10,{words}\n"
    (tmp_path / "decisions.csv").write_text(lines, "utf-8")
    people = (
        "7,,Ann,ann@x.example,,,only by mail\n8,,Ben,ＡＮＮ＠x.example,,,0\n9,,Cem,c@x.example,,,no\n10,,Dan,,,,perhaps"
    )
    plan = made(tmp_path, people=people)

    assert plan.decisions["people:7"] == plan.decisions["people:10"] == "lead"
    flags = plan.leads("do_not_contact")
    assert [key for key, flag in flags.items() if flag] == ["people:10", "people:7", "people:8"]
    assert plan.leads("opted_out")["people:7"] == "ann@x.example"


SILENT = CONFIG.replace("{flag: stop}", "{any: [{flag: stop}, {flag: contact.cell}]}")


def test_a_column_by_which_nobody_opted_out_is_named(tmp_path: Path) -> None:
    """Beside one by which somebody did, in each report and by `check`."""
    plan = made(tmp_path, config=SILENT)
    told = "nobody opted out by 'cell': check the column and its values"

    assert plan.json["consent"]["silent"] == ["cell"]
    assert told in plan.text("report.md")
    assert told in unescape(plan.text("report.html"))
    assert f"leads.fields.do_not_contact: {told}" in run("check", tmp_path / "told.yaml").stdout
