"""What rows are looked up in: each part of the config has its own, and what is not there counts for nothing."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.errors import ConfigError
from tests.running import run
from tests.told import planned

ACCOUNTS = "id,name\n1,Alpha\n2,Beta\n3,Gamma"


@pytest.mark.parametrize("key", ["id", "[id]", "{column: id}"])
def test_a_contact_at_a_customer_stays_however_its_key_is_written(tmp_path: Path, key: str) -> None:
    """Three spellings of one key: the second company's evidence counts for the contact in each."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "contacts": "id,last\n7,Muster",
            "links": "contact,account,main\n7,1,1\n7,2,0",
            "invoices": "no,account\nR1,2",
        },
        f"""
source:
  url: SOURCE
  records:
    accounts: {{key: id, type: company}}
    contacts:
      key: {key}
      type: person
      parent: {{of: accounts, through: {{table: links, from: contact, to: account, order_by: main, descending: true}}}}
classify: [{{as: customer, name: invoiced, when: {{exists: invoices, of: {{accounts: account}}}}}},
           {{as: lead, name: rest}}]
""",
    )

    assert made.decisions["contacts:7"] == "customer"


def test_two_entries_share_a_table_of_merges_and_each_has_its_own_rows(tmp_path: Path) -> None:
    """The same number was merged away in both, into different ones."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\n1,Alpha\n6,Wrong",
            "contacts": "id,last\n1,Wrong\n6,Muster",
            "merges": "kind,old,new\nA,9,1\nC,9,6",
            "calls": "id,account,contact,text\n1,9,,of alpha\n2,,9,of muster",
        },
        """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, aliases: {from: merges, old: old, new: new, where: {kind: A}}}
    contacts: {key: id, type: person, aliases: {from: merges, old: old, new: new, where: {kind: C}}}
  related: {calls: {key: id, of: {accounts: account, contacts: contact}}}
classify: [{as: lead, name: rest}]
""",
    )

    said = {lead: [text for text in ("of alpha", "of muster") if text in made.note(lead)] for lead in made.decisions}
    assert said == {"accounts:1": ["of alpha"], "accounts:6": [], "contacts:1": [], "contacts:6": ["of muster"]}


def test_two_lists_in_one_table_of_labels_stay_apart(tmp_path: Path) -> None:
    """The id 1 is a branch in one list and a legal form in the other."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,branch,legal\n1,Alpha,1,1", "options": "list,id,show\nbranch,1,Glass\nlegal,1,GmbH"},
        """
source:
  url: SOURCE
  records:
    accounts:
      key: id
      type: company
      labels_of: {branch: {from: options, key: id, show: show, where: {list: branch}},
                  legal: {from: options, key: id, show: show, where: {list: legal}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", city: "{branch.show}", street: "{legal.show}"}}
""",
    )

    assert made.leads("city", "street") == {"accounts:1": ("Glass", "GmbH")}


@pytest.mark.parametrize(
    "emails",
    ["id,address,deleted\n11,lives@x.example,0", "id,address,deleted\n10,gone@x.example,1\n11,lives@x.example,0"],
)
def test_a_link_to_a_row_that_is_not_there_does_not_beat_one_that_is(tmp_path: Path, emails: str) -> None:
    """The first address was deleted, or is missing: the second one is the record's."""
    made = planned(
        tmp_path,
        {"accounts": "id,name\n1,Alpha", "emails": emails, "rel": "email,account,place\n10,1,1\n11,1,2"},
        """
source:
  url: SOURCE
  records:
    accounts:
      key: id
      type: company
      join: {mail: {from: emails, key: id, where: {deleted: "0"}, columns: [address],
                    through: {table: rel, from: email, to: account, order_by: place}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", email: "{mail.address}"}}
""",
    )

    assert made.leads("email") == {"accounts:1": "lives@x.example"}


def test_records_that_a_column_calls_companies_are_compared_with_each_other(tmp_path: Path) -> None:
    """A column says what a record is, by one value or by several; duplicates are found among the persons, too."""
    made = planned(
        tmp_path,
        {
            "partners": "id,kind,name,last,email\n"
            "1,Firm,Alpha Bau,,info@alpha.example\n2,House,Alpha Bau,,info@alpha.example\n"
            "3,Person,,Muster,ann@beta.example\n4,Person,,Muster,ann@beta.example"
        },
        """
source:
  url: SOURCE
  records:
    partners: {key: id, type: {column: kind, company: [Firm, House], person: Person},
               identity: {company: name, last_name: last, email: email}}
classify: [{as: lead, name: rest}]
leads: {duplicates: {merge_at: 0.98, review_at: 0.9}, fields: {name: {first: ["{name}", "{last}"]}}}
""",
    )

    assert set(made.decisions) == {f"partners:{key}" for key in range(1, 5)}


SEVERAL = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person, MORE
               parent: {of: accounts, through: {table: links, from: contact, to: account}}}
RELATED
classify: [WHEN {as: lead, name: rest}]
"""
LINKED = {"accounts": ACCOUNTS, "contacts": "id,last\n7,Muster", "links": "contact,account\n7,1\n7,2"}


def several(more: str = "", related: str = "", when: str = "", leads: str = "") -> str:
    """A config in which contacts may belong to several companies."""
    return SEVERAL.replace("MORE", more).replace("RELATED", related).replace("WHEN", when) + leads


MERGES = """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, aliases: {from: merges, old: old, new: new}}}
  related: {calls: {key: id, of: {accounts: account}}}
classify: [{as: lead, name: rest}]
"""


def test_a_record_that_was_merged_away_and_is_still_there_waits_for_a_person(tmp_path: Path) -> None:
    """A lead of its own would be the same company twice. The one that is left waits too, until a person decides."""
    tables = {
        "accounts": "id,name\n1,Alpha\n2,Alpha once more\n3,Gamma",
        "merges": "old,new\n2,1\n9,3",
        "calls": "id,account,text\n1,2,of alpha",
    }
    waiting = planned(tmp_path, tables, MERGES).decisions
    assert waiting == {"accounts:1": "review", "accounts:2": "review", "accounts:3": "lead"}
    (tmp_path / "decisions.csv").write_text("source_key,decision,who\naccounts:1,lead,Maria\n", "utf-8")
    made = planned(tmp_path, tables, MERGES)

    assert made.decisions == {"accounts:1": "lead", "accounts:2": "review", "accounts:3": "lead"}
    assert made.why("accounts:2")[1] == ("it was merged into accounts:1, which has its history, and is still there")
    assert "of alpha" in made.note("accounts:1")
    assert "1 family" in made.text("report.md")
    for verb in (("apply",), ("verify", "--source")):
        said = run(verb[0], made.folder, *verb[1:])
        assert said.returncode == 0, said.stderr


def test_nothing_names_a_forgotten_record_that_another_was_merged_into(tmp_path: Path) -> None:
    """Its key stands nowhere in the plan, also not as what another one is part of now."""
    (tmp_path / "forget.csv").write_text("source_key,who,when,why\naccounts:secret,DPO,2026-10-01,asked\n", "utf-8")
    made = planned(
        tmp_path,
        {"accounts": "id,name\nsecret,Alpha\n2,Beta", "merges": "old,new\n2,secret", "calls": "id,account\n1,2"},
        MERGES,
    )

    held = pq.read_table(made.folder / "snapshot" / "accounts.parquet").to_pylist()
    assert [row["_crm_cleanup_merged"] for row in held] == [None]
    assert "secret" not in made.text("report.json") + made.text("open-cases.csv")


@pytest.mark.parametrize("gone", ["9", "3"])
@pytest.mark.parametrize("first", ["accounts", "contacts"])
def test_a_contact_belongs_to_its_first_company_that_there_is(tmp_path: Path, gone: str, first: str) -> None:
    """The first one is missing, or left out: it is the second one's contact, and stands in the third one's note."""
    entries = {
        "accounts": "accounts: {key: id, type: company, where: {name: {in: [Alpha, Beta]}}}",
        "contacts": "contacts: {key: id, type: person, parent: {of: accounts, through: "
        "{table: links, from: contact, to: account, order_by: place}}}",
    }
    [other] = entries.keys() - {first}
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "contacts": "id,last\n7,Muster\n8,Nobody",
            "links": f"contact,account,place\n7,{gone},1\n7,2,2\n7,1,3\n8,{gone},1",
        },
        f"""
source:
  url: SOURCE
  records:
    {entries[first]}
    {entries[other]}
classify: [{{as: lead, name: rest}}]
gates: {{reject: 100%, review: 100%}}
""",
    )

    assert made.decisions["contacts:7"] == "lead"
    assert made.decisions["contacts:8"] == "reject"
    assert made.leads("family") == {"accounts:1": "accounts:1", "accounts:2": "accounts:2"}
    assert [made.note(f"accounts:{key}").count("Muster") for key in (1, 2)] == [1, 1]
    assert "contacts_also" in made.note("accounts:1")
    assert "contacts_also" not in made.note("accounts:2")
    [parents, also, links] = made.report.joins
    assert (parents.joined, parents.without_record) == (1, 1)
    assert (also.rows, also.joined, also.without_record) == (2, 1, 1)
    assert (links.kind, links.rows, links.joined, links.never_named) == ("links", 2, 2, 0)


def test_what_names_no_record_is_said_of_what_a_table_of_links_leads_to(tmp_path: Path) -> None:
    """`none: ["0"]` beside `through`: the company 0 is none, and the contact whose own key is 0 has its company."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "contacts": "id,last\n0,Muster\n7,Alone",
            "links": "contact,account\n0,1\n7,0",
        },
        several().replace("parent: {of: accounts,", 'parent: {of: accounts, none: ["0"],'),
    )

    assert made.decisions["contacts:7"] == "lead"
    assert "contacts:7" in made.leads("family")
    assert "Muster" in made.note("accounts:1")


@pytest.mark.parametrize(
    ("related", "when", "at"),
    [
        ("  related: {contacts_also: {from: calls, of: {accounts: account}}}", "", "related.contacts_also"),
        ("", "{as: keep, name: asked, when: {exists: contacts_also, of: {accounts: account}}},", "classify.0.when"),
    ],
)
def test_what_contacts_of_several_companies_are_called_is_nobody_elses_name(
    tmp_path: Path, related: str, when: str, at: str
) -> None:
    """A table of that name is refused with its place in the config, and never replaced."""
    calls = {"calls": "id,account\n1,1", "contacts_also": "id,account\n1,1"}
    with pytest.raises(ConfigError, match=f"{at}: the name 'contacts_also' stands for the contacts that belong to"):
        planned(tmp_path, LINKED | calls, several(related=related, when=when))


def test_contacts_of_several_companies_are_read_and_counted_as_their_entry_says(tmp_path: Path) -> None:
    """Its own kind of file, and a value that nearly meets its `where`, once; labels as its entry has them."""
    contacts = "id;last;deleted\n7;Muster;0\n8;Nearly;0.0"
    made = planned(
        tmp_path,
        LINKED | {"contacts": contacts},
        several('csv: {delimiter: ";"}, where: {deleted: "0"},')
        + "leads: {fields: {name: '{name}'}, note: {labels: {contacts.last: Surname, contacts_also: Second jobs}}}",
    )

    assert "Second jobs" in made.note("accounts:2")
    assert "Surname: Muster" in made.note("accounts:2")
    [place] = [place for place in made.json["literals"] if place["near"]]
    assert [(near["value"], near["rows"]) for near in place["near"]] == [("0.0", 1)]


def test_a_misspelled_column_of_such_an_entry_is_told_once(tmp_path: Path) -> None:
    """At the entry, and not at a part that nobody wrote."""
    with pytest.raises(ConfigError) as raised:
        planned(tmp_path, LINKED, several('where: {delted: "0"},'))

    assert "source.records.contacts.where" in str(raised.value)
    assert "also" not in str(raised.value)


@pytest.mark.parametrize(("omit", "named"), [("contacts.last", False), ("last", False), ("accounts.last", True)])
def test_a_name_that_notes_leave_out_names_nobody_in_reports(tmp_path: Path, omit: str, named: bool) -> None:
    """Whether it is left out of all notes, or of those of its own entry."""
    made = planned(
        tmp_path,
        {"accounts": "id,last\n1,Alpha", "contacts": "id,last\n7,Muster"},
        f"""
source:
  url: SOURCE
  records: {{accounts: {{key: id, type: company}}, contacts: {{key: id, type: person, identity: {{last_name: last}}}}}}
classify: [{{as: review, name: look, when: {{column: id, equals: "7"}}}}, {{as: lead, name: rest}}]
leads: {{fields: {{name: "{{id}}"}}, note: {{omit: {{{omit}: not needed}}}}}}
""",
    )

    assert ("Muster" in made.text("lists/review.csv") + made.text("report.html")) == named


def test_keys_that_were_merged_away_are_brought_to_the_form_of_the_key(tmp_path: Path) -> None:
    """Zeros in the table of merges, none in the link: the history stands with the record that is left."""
    made = planned(
        tmp_path,
        {"accounts": "id,name\n0001,Alpha", "merges": "old,new\n009,001", "calls": "id,account,text\n1,9,of alpha"},
        """
source:
  url: SOURCE
  records: {accounts: {key: {column: id, normalize: [leading_zeros]}, type: company,
                       aliases: {from: merges, old: old, new: new}}}
  related: {calls: {key: id, of: {accounts: account}}}
classify: [{as: lead, name: rest}]
""",
    )

    assert "of alpha" in made.note("accounts:1")


def test_a_parent_that_was_merged_into_the_record_itself_is_none(tmp_path: Path) -> None:
    """With `none: [self]` the record is a head office, and no circle; a number of its own that is old is it, too."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,parent\n5,Alpha,3\n6,Beta,6\n7,Gamma,", "merges": "old,new\n3,5\n6,7"},
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, parent: {column: parent, of: accounts, none: [self]},
                       aliases: {from: merges, old: old, new: new}}}
classify: [{as: lead, name: rest}]
""",
    )

    assert made.decisions == {"accounts:5": "lead", "accounts:6": "review", "accounts:7": "review"}
    assert made.leads("family") == {"accounts:5": "accounts:5"}


@pytest.mark.parametrize(
    ("entry", "flag", "said"),
    [
        (
            "key: [id, name], aliases: {from: merges, old: old, new: new}",
            "{flag: stop}",
            "records.accounts.aliases: a ",
        ),
        ("key: id", "{flag: stop, of: accounts}", "of: accounts says nothing"),
        ("key: id", "{column: stop, equals: '1', of: accounts}", "company.stop for persons or companies alone"),
    ],
)
def test_what_would_be_passed_over_is_refused(tmp_path: Path, entry: str, flag: str, said: str) -> None:
    """Merges of keys that have two columns, and an entry at a flag that every record is asked for."""
    config = f"""
source: {{url: SOURCE, records: {{accounts: {{type: company, {entry}}}}}}}
classify: [{{as: lead, name: rest}}]
leads: {{fields: {{name: "{{name}}", do_not_contact: {flag}}}}}
"""
    with pytest.raises(ConfigError, match=said):
        planned(tmp_path, {"accounts": "id,name,stop\n1,Alpha,0", "merges": "old,new\n9,1"}, config)


def test_lines_stand_with_each_record_that_their_order_names(tmp_path: Path) -> None:
    """An order of two accounts: both notes have its lines; what nearly meets the order's link is counted once."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "orders": "id,payer,kind,user\n5,1,A,2\n6,3,a,",
            "lines": "order_id,product\n5,bolts",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related:
    orders: {key: id, of: {accounts: [{column: payer, where: {kind: A}}, {column: user}]}}
    lines: {under: {orders: order_id}}
classify: [{as: lead, name: rest}]
""",
    )

    assert [("bolts" in made.note(f"accounts:{key}")) for key in (1, 2)] == [True, True]
    [place] = [place for place in made.json["literals"] if place["near"]]
    assert [(near["value"], near["rows"]) for near in place["near"]] == [("a", 1)]


def test_rows_that_name_records_and_stand_under_other_rows_stand_with_both(tmp_path: Path) -> None:
    """One names its company, one its order, one both, one a person and a case: none of them is lost."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "people": "id,last\np1,Muster",
            "orders": "id,account\n5,1\n6,3",
            "cases": "id,account\n7,2",
            "calls": "id,account,person,order,case,text\n"
            "1,2,,,,direct\n2,,,5,,by order\n3,2,,6,,by either\n4,,p1,,,by person\n5,,,,7,by case",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}, people: {key: id, type: person}}
  related:
    orders: {key: id, of: {accounts: account}}
    cases: {key: id, of: {accounts: account}}
    calls: {key: id, of: {accounts: account, people: person}, under: {orders: order, cases: case}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}{last}"}}
""",
    )

    said = ("direct", "by order", "by either", "by person", "by case")
    assert {lead: [text for text in said if text in made.note(lead)] for lead in sorted(made.leads("name"))} == {
        "accounts:1": ["by order"],
        "accounts:2": ["direct", "by either", "by case"],
        "accounts:3": ["by either"],
        "people:p1": ["by person"],
    }
    [calls] = [join for join in made.report.joins if join.dataset == "calls"]
    assert (calls.without_record, calls.not_linked) == (0, 0)


def test_one_column_may_name_records_and_rows_above(tmp_path: Path) -> None:
    """Each row stands with the record of what it names; only what is neither has no record."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "orders": "id,account\n50001,1",
            "calls": "id,about,text\n1,2,direct\n2,50001,by order\n3,50009,nowhere",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related:
    orders: {key: id, of: {accounts: account}}
    calls: {key: id, of: {accounts: about}, under: {orders: about}}
classify: [{as: lead, name: rest}]
""",
    )

    assert ["by order" in made.note("accounts:1"), "direct" in made.note("accounts:2")] == [True, True]
    [calls] = [join for join in made.report.joins if join.dataset == "calls"]
    assert (calls.joined, calls.without_record) == (2, 1)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("notes: {key: id, of: {accounts: about}}", "under: {orders: about}"),
        ("notes: {key: id, of: {people: about}}", "of: {accounts: {column: about, where: …}}"),
    ],
)
def test_keys_of_another_table_are_told_with_the_line_that_joins_them(tmp_path: Path, table: str, line: str) -> None:
    """Rows name orders, or companies, by the link to another entry: nothing is wrong with the form of the keys."""
    keys = ["A100", "A200", "O77001"] if "accounts" in table else ["A100", "A200", "P9"]
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\nA100,Alpha\nA200,Beta",
            "people": "id,last\nP9,Muster",
            "orders": "id,account\nO77001,A100",
            "notes": "id,about\n" + "\n".join(f"{number},{key}" for number, key in enumerate(keys)),
        },
        f"""
source:
  url: SOURCE
  records: {{accounts: {{key: id, type: company}}, people: {{key: id, type: person}}}}
  related:
    orders: {{key: id, of: {{accounts: account}}}}
    {table}
classify: [{{as: lead, name: rest}}]
leads: {{fields: {{name: "{{name}}{{last}}"}}}}
""",
    )

    assert f"instead: {line} joins" in made.text("report.md")
    [gate] = [gate for gate in made.report.gates if gate.name == "evidence_without_record"]
    assert "keys are those of another table" in gate.advice


def test_a_table_that_is_looked_up_twice_counts_what_nearly_meets_once(tmp_path: Path) -> None:
    """Two joins by one table of links, with one condition."""
    join = (
        "{from: emails, key: id, take: TAKE, columns: [mail], through: {table: rel, from: email, to: account, WHERE}}"
    )
    joins = [join.replace("TAKE", take).replace("WHERE", "where: {kind: A}") for take in ("first", "all")]
    made = planned(
        tmp_path,
        {"accounts": ACCOUNTS, "emails": "id,mail\n1,a@x.example", "rel": "email,account,kind\n1,1,A\n1,2,a"},
        f"""
source:
  url: SOURCE
  records: {{accounts: {{key: id, type: company, join: {{one: {joins[0]}, all: {joins[1]}}}}}}}
classify: [{{as: lead, name: rest}}]
""",
    )

    [place] = [place for place in made.json["literals"] if place["near"]]
    assert [(near["value"], near["rows"]) for near in place["near"]] == [("a", 1)]


@pytest.mark.parametrize(
    ("part", "column"),
    [
        ("join: {mail: {from: emails, key: accuont}}", "join.mail.key"),
        ("join: {mail: {from: emails, key: account, columns: [adress]}}", "join.mail.columns"),
        ("join: {mail: {from: emails, key: account, order_by: main}}", "join.mail.order_by"),
        ("join: {mail: {from: emails, key: account, where: {gone: '0'}}}", "join.mail.where"),
        ("join: {mail: {from: emails, key: account, through: {table: rel, from: x, to: account}}}", "through.from"),
        ("labels_of: {name: {from: emails, key: account, show: adress}}", "labels_of.name.show"),
        ("aliases: {from: rel, old: old, new: account}", "aliases.old"),
        ("parent: {of: accounts, through: {table: rel, from: mail, to: acount}}", "parent.through.to"),
    ],
)
def test_a_misspelled_column_of_a_table_that_is_looked_up_is_told_with_the_configs_line(
    tmp_path: Path, part: str, column: str
) -> None:
    """As one of a table that is read is, with what was meant."""
    config = f"""
source:
  url: SOURCE
  records:
    accounts:
      key: id
      type: company
      {part}
classify: [{{as: lead, name: rest}}]
"""
    tables = {"accounts": ACCOUNTS, "emails": "account,address\n1,a@x.example", "rel": "mail,account\n1,1"}
    with pytest.raises(ConfigError, match=rf"{column}: .* has no column") as raised:
        planned(tmp_path, tables, config)

    assert str(raised.value.where).endswith("told.yaml:10")


@pytest.mark.parametrize(
    ("rows", "how", "city"),
    [
        ("10,ten\n2,two", "take: first", "two"),
        ("10,ten\n2,two", "take: last", "ten"),
        ("2020-01-01,dated\n,undated", "take: last", "dated"),
        ("2020-01-01,dated\n,undated", "take: first", "dated"),
        ("-,none\n9,nine", "take: last", "nine"),
        ("31.12.2020,old\n01.02.2021,new", "take: last, order_by: {column: prio, format: '%d.%m.%Y'}", "new"),
        ("31.12.2020,old\nsoon,unknown", "take: last, order_by: {column: prio, format: '%d.%m.%Y'}", "old"),
    ],
)
def test_what_puts_rows_in_order_is_a_number_or_a_date(tmp_path: Path, rows: str, how: str, city: str) -> None:
    """Numbers by size, dates as the config reads them, and a row without any is never preferred."""
    order = how if "order_by" in how else f"{how}, order_by: prio"
    account = "\n".join(f"1,{row}" for row in rows.split("\n"))
    made = planned(
        tmp_path,
        {"accounts": "id,name\n1,Alpha", "places": f"account,prio,city\n{account}"},
        f"""
source:
  url: SOURCE
  none: ["-"]
  records: {{accounts: {{key: id, type: company, join: {{place: {{from: places, key: account, {order}}}}}}}}}
classify: [{{as: lead, name: rest}}]
leads: {{fields: {{name: "{{name}}", city: "{{place.city}}"}}}}
""",
    )

    assert made.leads("city") == {"accounts:1": city}


@pytest.mark.parametrize(
    ("order", "city"),
    [
        ("order_by: {column: since, format: '%d.%m.%Y'}, descending: true", "Ulm"),
        ("order_by: {column: since, format: '%d.%m.%Y'}", "Jena"),
        ("where: {since: {empty: false}}", "Gera"),
    ],
)
def test_links_put_the_rows_that_they_lead_to_in_order(tmp_path: Path, order: str, city: str) -> None:
    """By a date of their own, the greatest first; where they have no order, the rows' own counts."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\n1,Alpha",
            "places": "id,city,prio\n7,Jena,10\n8,Ulm,11\n9,Gera,2",
            "rel": "place,account,since\n7,1,31.12.2020\n8,1,01.02.2021\n9,1,15.01.2021",
        },
        f"""
source:
  url: SOURCE
  records: {{accounts: {{key: id, type: company, join: {{place: {{from: places, key: id, order_by: prio,
             through: {{table: rel, from: place, to: account, {order}}}}}}}}}}}
classify: [{{as: lead, name: rest}}]
leads: {{fields: {{name: "{{name}}", city: "{{place.city}}"}}}}
""",
    )

    assert made.leads("city") == {"accounts:1": city}
