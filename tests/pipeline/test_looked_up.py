"""What rows are looked up in: each part of the config has its own, and what is not there counts for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import ConfigError
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
