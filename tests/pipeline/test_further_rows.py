"""Rows of a joined table that are not taken, as another comes first: notes have them, and they count for consent."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from etl.errors import ConfigError
from tests.running import run
from tests.told import Planned, planned

MAILS = """\
acc,mail,stop
1,a@a.example,0
1,b@a.example,1
2,b@a.example,0
3,c@c.example,0
3,d@c.example,0
"""
CONFIG = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, identity: {company: name, email: mails.mail},
               join: {mails: {key: acc, take: TAKE}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", email: "{mails.mail}", do_not_contact: {flag: mails.stop}}, note: NOTE}
gates: {review: 100%, customers: 0%..100%}
"""


def made(folder: Path, take: str = "first", note: str = "{}", mails: str = MAILS, config: str = CONFIG) -> Planned:
    """Three companies, two of which have two addresses."""
    tables = {"accounts": "id,name,stop\n1,Alpha,0\n2,Beta,0\n3,Gamma,1", "mails": mails}
    return planned(folder, tables, config.replace("TAKE", take).replace("NOTE", note))


def below(note: str, heading: str) -> list[str]:
    """What stands below a heading of a note."""
    lines = note.split(f"\n{heading} (")[1].split("\n\n")[0].splitlines()[1:]
    return [line.strip("• ") for line in lines]


@pytest.mark.parametrize(("take", "left"), [("first", "b@a.example"), ("last", "a@a.example")])
def test_a_row_that_is_not_taken_stands_in_the_note(tmp_path: Path, take: str, left: str) -> None:
    """Below the record, under the join's name; with its own columns, and no line that says again whose it is."""
    plan = made(tmp_path, take)

    [mail, stop] = below(plan.note("accounts:1"), "mails")
    assert mail == f"mails.mail: {left}"
    assert stop.startswith("mails.stop: ")
    assert "mails (" not in plan.note("accounts:2")
    assert plan.report.values.conserved == 3 * 3 + 3 * 2 + 2 * 3
    told = [(c.dataset, c.column, c.filled) for c in plan.report.coverage if c.dataset == "accounts_mails_also"]
    assert told[1:] == [("accounts_mails_also", "mails.mail", 2), ("accounts_mails_also", "mails.stop", 2)]


def test_where_all_rows_are_taken_there_are_no_further_ones(tmp_path: Path) -> None:
    """`take: all` has them in the record's own line."""
    plan = made(tmp_path, "all", config=CONFIG.replace("{flag: mails.stop}", "{flag: stop}"))

    assert "mails.mail: a@a.example; b@a.example" in plan.note("accounts:1")
    assert "accounts_mails_also" not in plan.text("report.json")


def test_what_the_config_says_of_a_joined_column_goes_for_further_rows_as_well(tmp_path: Path) -> None:
    """Its label, and that it is left out; the rows have a heading of their own where the config gives one."""
    plan = made(
        tmp_path,
        note="{labels: {mails.mail: Mail, accounts_mails_also: More}, omit: {accounts.mails.stop: of no use}}",
    )

    assert below(plan.note("accounts:1"), "More") == ["Mail: b@a.example"]


def test_the_address_of_a_row_that_is_not_taken_is_not_contacted_where_that_row_opted_out(tmp_path: Path) -> None:
    """The flag holds for the address: not for the other one of the same company, but on the lead that has it."""
    plan = made(tmp_path)

    assert plan.leads("email", "do_not_contact", "opted_out") == {
        "accounts:1": ("a@a.example", False, "b@a.example"),
        "accounts:2": ("b@a.example", True, "b@a.example"),
        "accounts:3": ("c@c.example", False, None),
    }


def test_a_row_that_is_not_taken_is_asked_only_where_its_record_is(tmp_path: Path) -> None:
    """Where persons alone are asked, such a row of a company does not say that its address is one of who opted out."""
    kinds = "type: {column: stop, company: '0', person: '1'}"
    config = CONFIG.replace("type: company", kinds).replace("flag: mails.stop", "flag: contact.mails.stop")
    mails = MAILS.replace("d@c.example,0", "d@c.example,1").replace("2,b@a.example", "2,e@e.example")
    plan = made(tmp_path, mails=mails, config=config)

    assert plan.leads("do_not_contact", "opted_out") == {
        "accounts:1": (False, None),
        "accounts:2": (False, None),
        "accounts:3": (False, "d@c.example"),
    }


def test_all_addresses_of_a_record_that_opted_out_count(tmp_path: Path) -> None:
    """Where the record itself says it, the address that it does not show is one of somebody who opted out, too."""
    mails = MAILS.replace("2,b@a.example", "2,d@c.example")
    plan = made(tmp_path, mails=mails, config=CONFIG.replace("{flag: mails.stop}", "{flag: stop}"))

    assert plan.leads("do_not_contact", "opted_out") == {
        "accounts:1": (False, None),
        "accounts:2": (True, "d@c.example"),
        "accounts:3": (True, "c@c.example; d@c.example"),
    }


def test_a_row_that_says_neither_leaves_its_record_in_review(tmp_path: Path) -> None:
    """An unknown word beside an address that is not taken: nobody knows whether that may be contacted."""
    plan = made(tmp_path, mails=MAILS.replace("b@a.example,1", "b@a.example,perhaps"))

    assert plan.decisions["accounts:1"] == "review"
    assert [near["value"] for each in plan.json["literals"] for near in each["near"]] == ["perhaps"]


def test_history_has_the_further_rows_of_what_is_joined_to_it(tmp_path: Path) -> None:
    """With the key of the row of history that has them, in the note of each record that it stands with."""
    plan = planned(
        tmp_path,
        {
            "accounts": "id,name\n1,Alpha\n2,Beta",
            "orders": "no,payer,user,product\n5,1,2,p\n6,1,,q",
            "products": "id,text\np,one\np,two\nq,three",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related:
    orders: {key: "no", of: {accounts: [{column: payer}, {column: user}]},
             join: {product: {from: products, on: product, key: id}}}
classify: [{as: lead, name: rest}]
""",
    )

    for lead in ("accounts:1", "accounts:2"):
        assert below(plan.note(lead), "product") == ["no: 5", "product.text: two"]


def test_rows_that_a_table_of_links_leads_to_are_further_ones_of_each_record(tmp_path: Path) -> None:
    """One address of two companies, for one of which it is the first."""
    plan = planned(
        tmp_path,
        {
            "accounts": "client,no,name\n9,1,Alpha\n9,2,Beta",
            "mails": "id,mail\n1,a@a.example\n2,b@a.example",
            "rel": "mail,client,acc,place\n1,9,1,1\n2,9,1,2\n2,9,2,1",
        },
        """
source:
  url: SOURCE
  records:
    accounts: {key: [client, "no"], type: company, join: {mail: {from: mails, key: id, through:
               {table: rel, from: mail, to: [client, acc], order_by: place}}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", email: "{mail.mail}"}}
""",
    )

    assert plan.leads("email") == {"accounts:9/1": "a@a.example", "accounts:9/2": "b@a.example"}
    assert below(plan.note("accounts:9/1"), "mail") == ["client: 9", "no: 1", "mail.mail: b@a.example"]
    assert "\nmail (" not in plan.note("accounts:9/2")


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ("\n  related: {accounts_mails_also: {from: mails, of: {accounts: acc}}}\n", "related.accounts_mails_also"),
        ("", "classify.0.when"),
    ],
)
def test_what_further_rows_are_called_is_nobody_elses_name(tmp_path: Path, more: str, at: str) -> None:
    """A table, or evidence, of that name is refused, and not mistaken for them."""
    config = CONFIG.replace("\nclassify: [", f"{more}classify: [" if more else "\nclassify: [").replace(
        "[{as: lead", "[{as: keep, name: has, when: {exists: accounts_mails_also, of: {accounts: acc}}}, {as: lead"
    )
    with pytest.raises(ConfigError, match=rf"{at}: the name 'accounts_mails_also' stands for the rows of mails"):
        made(tmp_path, config=config)


def test_a_further_row_that_changes_makes_the_record_stale(tmp_path: Path) -> None:
    """It is read anew before a lead is written, and the one that changed meanwhile is not written."""
    database = tmp_path / "crm.db"
    with sqlite3.connect(database) as crm:
        crm.executescript(
            "CREATE TABLE accounts (id TEXT, name TEXT, stop TEXT); INSERT INTO accounts VALUES ('1', 'A', '0');"
            "INSERT INTO accounts VALUES ('3', 'C', '0'); CREATE TABLE mails (acc TEXT, mail TEXT, stop TEXT);"
            "INSERT INTO mails VALUES ('1', 'a@a.example', '0'), ('1', 'b@a.example', '0');"
            "INSERT INTO mails VALUES ('3', 'c@c.example', '0'), ('3', 'd@c.example', '0');"
        )
    plan = made(tmp_path, config=CONFIG.replace("SOURCE", f"'sqlite:///{database}'"))
    with sqlite3.connect(database) as crm:
        crm.execute("UPDATE mails SET mail = 'e@c.example' WHERE mail = 'd@c.example'")

    said = run("apply", plan.folder)
    assert "Skipped: accounts:3: accounts:3, accounts_mails_also: changed" in said.stderr
    with sqlite3.connect(tmp_path / "leads.db") as target:
        assert target.execute("SELECT count(*) FROM leads").fetchone() == (1,)


def test_nothing_of_a_forgotten_record_stands_among_further_rows(tmp_path: Path) -> None:
    """Its second address is no further row, and the one of another record with the same words is still there."""
    (tmp_path / "forget.csv").write_text("source_key,who,when,why\naccounts:1,DPO,2026-10-01,asked\n", "utf-8")
    mails = MAILS.replace("d@c.example,0", "b@a.example,1").replace("c@c.example", "a@c.example")
    plan = made(tmp_path, mails=mails)

    assert below(plan.note("accounts:3"), "mails") == ["mails.mail: b@a.example", "mails.stop: 1"]
    assert plan.report.values.conserved == 2 * 3 + 2 * 2 + 3

    (tmp_path / "forget.csv").unlink()
    later = made(tmp_path, mails=mails, config=CONFIG.replace(", do_not_contact: {flag: mails.stop}", ""))
    said = run("forget", later.folder, "accounts:1", "--by", "DPO")
    assert said.returncode == 0, said.stderr
    assert below(later.note("accounts:3"), "mails") == ["mails.mail: b@a.example", "mails.stop: 1"]
    assert "accounts:1" not in later.leads("name")


@pytest.mark.parametrize("take", ["first", "last"])
def test_without_an_order_a_row_with_an_address_comes_before_one_without(tmp_path: Path, take: str) -> None:
    """A word that stands for an empty value is not the first by the alphabet, nor is a row of such values the last."""
    mails = "acc,mail,stop\n1,NULL,1\n1,a@a.example,0\n2,b@b.example,0\n2,,\n3,x@c.example,0\n3,NULL,NULL"
    plan = made(tmp_path, take, mails=mails, config=CONFIG.replace("  url: SOURCE", "  url: SOURCE\n  none: ['NULL']"))

    assert list(plan.leads("email").values()) == ["a@a.example", "b@b.example", "x@c.example"]
