"""Records that must not move, by `forget.csv`: nothing of them stands anywhere, and no customer becomes a lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import CleanupError, ConfigError
from etl.pipeline.apply import apply
from etl.pipeline.forget import forget
from etl.pipeline.retire import retire
from etl.pipeline.verify import compare_source, verify
from etl.plan import Bundle
from tests.searching import places_of
from tests.told import Planned, planned

TABLES = {
    "accounts": "id,name,city\n1,Alpha Bau,Jena\n2,Beta Handel,Ulm",
    "contacts": (
        "id,account,first,last,email,phone\n"
        "k-ann,1,Annegret,Mustafrau,ann@forgotten.example,+49 351 5550101\n"
        "k-ben,1,Ben,Beispiel,ben@alpha.example,"
    ),
    "calls": (
        "id,account,contact,text\n"
        "c1,,k-ann,Annegret wants nothing\nc2,1,k-ann,lunch with Mustafrau\nc3,1,,about the roof\nc4,,k-ben,hello"
    ),
    "invoices": "no,account,contact,amount\nR1,,k-ann,10\nR2,2,,20",
}
FORGET = "source_key;who;when;why\ncontacts:k-ann;Dana Datenschutz;31.10.2026;Art. 17\n"
CONFIG = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, identity: {company: name, city: city}}
    contacts: {key: id, type: person, parent: {column: account, of: accounts},
               identity: {first_name: first, last_name: last, email: email, phone: phone}}
  related: {calls: {key: id, of: {accounts: account, contacts: contact}}}
classify: RULES
leads:
  duplicates: {merge_at: 0.98, review_at: 0.8}
  fields:
    name: {first: ["{name}", "{last}"]}
    contact_name: "{contact.first} {contact.last}"
    email: {first: ["{contact.email}"]}
"""
INVOICED = "[{as: customer, name: invoiced, when: {exists: invoices, of: OF}}, {as: lead, name: rest}]"
LEADS = "[{as: lead, name: rest}]"
VALUES = ("Annegret", "Mustafrau", "ann@forgotten", "5550101", "k-ann")
"""What says who she is; her key, too, for a key may be an address."""


def made(folder: Path, rules: str = LEADS, forget: str = FORGET, config: str = CONFIG, **tables: str) -> Planned:
    """A plan without the records that a `forget.csv` names."""
    (folder / "forget.csv").write_text(forget, "utf-8")
    return planned(folder, TABLES | tables, config.replace("RULES", rules))


def test_nothing_of_a_forgotten_person_stands_anywhere(tmp_path: Path) -> None:
    """In no table, note, list, report or page; the next contact's values stand on the lead; all is counted."""
    plan = made(tmp_path)

    assert places_of(VALUES, plan.folder) == []
    assert plan.leads("contact_name", "email")["accounts:1"] == ("Ben Beispiel", "ben@alpha.example")
    assert "about the roof" in plan.note("accounts:1")
    assert set(plan.decisions) == {"accounts:1", "accounts:2", "contacts:k-ben"}
    accounts, contacts = plan.report.entries
    assert (contacts.read, contacts.forgotten, accounts.forgotten, plan.report.sum_is_right) == (2, 1, 0, True)
    assert [(f.dataset, f.records, f.rows, f.shared) for f in plan.report.forgotten] == [
        ("contacts", True, 1, 0),
        ("calls", False, 2, 1),
    ]
    assert plan.json["entries"][1]["forgotten"] == 1
    for report in ("report.md", "report.html"):
        assert "contacts: 1 record is forgotten, as somebody asked for" in plan.text(report)
        assert "calls: 2 rows are left out with forgotten records, 1 of which names another record" in plan.text(report)


def test_apply_and_all_after_it_see_what_the_plan_has_seen(tmp_path: Path) -> None:
    """Her family is not stale, verify does not miss her, the live source is as planned, and she is not archived."""
    plan = made(tmp_path)
    (tmp_path / "forget.csv").unlink()  # the plan itself knows who is left out
    bundle = Bundle.open(plan.folder)
    applied = apply(bundle)
    verified = verify(bundle, threads=1)

    assert (applied.leads, applied.stale, verified.holds) == (2, (), True)
    assert compare_source(bundle, threads=1).changed == {}
    retired = retire(bundle, threads=1)
    assert retired.active is not None
    assert (retired.records, retired.active.forgotten, retired.active.new, retired.active.proven) == (3, 1, 0, True)
    assert "k-ann" in (tmp_path / "data" / "remaining" / "contacts.csv").read_text("utf-8")
    assert places_of(VALUES, plan.folder, tmp_path / "leads.db") == []


def test_who_is_forgotten_after_the_plan_was_made_is_not_moved(tmp_path: Path) -> None:
    """Her family waits for the next plan."""
    (tmp_path / "forget.csv").write_text("source_key,who\n", "utf-8")
    plan = planned(tmp_path, TABLES, CONFIG.replace("RULES", LEADS))
    (tmp_path / "forget.csv").write_text(FORGET, "utf-8")

    assert [one.lead for one in apply(Bundle.open(plan.folder)).stale] == ["accounts:1"]


@pytest.mark.parametrize("of", ["{contacts: contact}", "{accounts: account, contacts: contact}"])
def test_a_customer_does_not_become_a_lead_when_who_speaks_for_it_is_forgotten(tmp_path: Path, of: str) -> None:
    """The invoice is hers alone: her company waits for a person, who may decide that it is a lead."""
    plan = made(tmp_path, INVOICED.replace("OF", of))

    assert plan.decisions["accounts:1"] == "review"
    assert plan.why("accounts:1")[0] == "a forgotten record of its family speaks against moving it"
    (tmp_path / "decisions.csv").write_text("source_key,decision,who\naccounts:1,lead,Maria\n", "utf-8")
    assert made(tmp_path, INVOICED.replace("OF", of)).decisions["accounts:1"] == "lead"


def test_evidence_that_names_her_company_as_well_still_counts(tmp_path: Path) -> None:
    """A row of evidence has no text: it stays for the company, without her key."""
    rules = INVOICED.replace("OF", "{accounts: account, contacts: contact}")
    plan = made(tmp_path, rules, invoices="no,account,contact,amount\nR1,1,k-ann,10")

    assert plan.decisions["accounts:1"] == "customer"
    assert places_of(VALUES, plan.folder) == []


def test_history_that_rules_ask_for_leaves_a_doubt_where_it_is_left_out(tmp_path: Path) -> None:
    """A call that names her and her company is left out; where a rule asks for calls, the company waits."""
    rules = "[{as: customer, name: called, when: {exists: calls, of: {accounts: account}}}, {as: lead, name: rest}]"
    plan = made(tmp_path, rules, calls="id,account,contact,text\nc2,1,k-ann,lunch")

    assert plan.decisions["accounts:1"] == "review"


def test_a_customer_in_a_master_keeps_her_company_from_moving(tmp_path: Path) -> None:
    """Matching does not see her, but what it has learned says that she is a known customer."""
    people = "\n".join(f"p{n},1,Vor{n},Nach{n}name,p{n}@alpha.example,+49 351 55502{n:02}" for n in range(30))
    erp = "\n".join(f"d{n},Vor{n},Nach{n}name,p{n}@alpha.example" for n in range(30, 60))
    plan = made(
        tmp_path,
        "[{as: customer, name: known, when: {matches: erp, at_least: 0.9}}, {as: lead, name: rest}]",
        config=CONFIG.replace("leads:\n", MASTER + "leads:\n", 1).replace(
            "duplicates: {merge_at: 0.98, review_at: 0.8}\n  ", ""
        ),
        contacts=TABLES["contacts"] + "\n" + people,
        erp="no,first,last,email\n" + erp + "\nd99,Annegret,Mustafrau,ann@forgotten.example",
    )

    assert plan.decisions["accounts:1"] == "review"


MASTER = (
    "masters: {erp: {url: SOURCE, from: erp, key: no, identity: {first_name: first, last_name: last, email: email}}}\n"
)


def test_a_forgotten_company_leaves_its_contacts_and_names_no_customer_a_lead(tmp_path: Path) -> None:
    """Her contacts are families of their own; a subsidiary of a customer that it stood between waits."""
    config = """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, parent: {column: above, of: accounts}},
            contacts: {key: id, type: person, parent: {column: account, of: accounts}}}
classify: [{as: customer, name: invoiced, when: {exists: invoices, of: {accounts: account}}}, {as: lead, name: rest}]
"""
    plan = made(
        tmp_path,
        config=config,
        forget="source_key,who\naccounts:solo-sorglos,Dana\naccounts:m-mitte,Dana\n",
        accounts="id,name,above\nsolo-sorglos,Sorglos,\nhead,Kopf,\nm-mitte,Zwischenholding,head\nbelow,Unten,m-mitte",
        contacts="id,account,last\nc1,solo-sorglos,Meier\nc2,below,Huber",
        invoices="no,account\nR1,head",
    )

    assert plan.decisions == {
        "accounts:below": "review", "accounts:head": "customer", "contacts:c1": "lead", "contacts:c2": "review",
    }  # fmt: skip
    assert places_of(("sorglos", "Zwischenholding", "m-mitte"), plan.folder) == []


@pytest.mark.parametrize(
    ("key", "forgotten"),
    [("id", "k-ann"), ("{column: id, normalize: [trim, upper]}", "K-ANN"), ("[id, office]", "k-ann/1")],
    ids=["plain", "normalised", "composite"],
)
def test_a_name_that_another_table_gives_is_not_read(tmp_path: Path, key: str, forgotten: str) -> None:
    """Labels, joined columns and rows of her table leave her out, whatever her key is made of."""
    config = f"""
source:
  url: SOURCE
  records:
    accounts: {{key: id, type: company, labels_of: {{boss: {{from: contacts, key: id, show: last}}}},
               join: {{chief: {{from: contacts, on: boss, key: id, columns: [first, email]}}}}}}
    contacts: {{key: {key}, type: person, labels_of: {{first: {{from: contacts, key: first, show: last}}}}}}
  related:
    people: {{from: contacts, key: id, of: {{accounts: account}}}}
classify: [{{as: lead, name: rest}}]
"""
    plan = made(
        tmp_path,
        config=config,
        forget=f"source_key,who\ncontacts:{forgotten},Dana\n",
        accounts="id,name,boss\n1,Alpha,k-ann\n2,Beta,k-ben",
        contacts=(
            "id,office,account,first,last,email,phone\n"
            "k-ann,1,1,Annegret,Mustafrau,ann@forgotten.example,+49 351 5550101\n"
            "k-ben,1,1,Ben,Beispiel,ben@alpha.example,"
        ),
    )

    of_its_own = VALUES if "/" not in forgotten else VALUES[:-1]  # half of a composite key names no record
    assert places_of(of_its_own, plan.folder) == []
    assert "Beispiel" in plan.note("accounts:2")
    assert "ben@alpha.example" in plan.note("accounts:1")


def test_her_copies_in_further_companies_notes_are_not_read(tmp_path: Path) -> None:
    """A contact at two companies stands in no note of either."""
    config = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person, parent: {of: accounts, through: {table: links, from: contact, to: account}}}
classify: [{as: lead, name: rest}]
"""
    plan = made(tmp_path, config=config, links="id,contact,account\nl1,k-ann,1\nl2,k-ann,2\nl3,k-ben,1\nl4,k-ben,2")

    assert places_of(("Annegret", "Mustafrau", "ann@forgotten", "5550101"), plan.folder) == []
    assert "Beispiel" in plan.note("accounts:2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key,who\na,b\n", r"forget.csv:1"),
        ("source_key,who\npeople:1,Dana\n", r"forget.csv:2"),
        ("source_key\twho\ncontacts:1\t\n", r"forget.csv:2"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    """An unknown column, an entry that is none, nobody who asks."""
    with pytest.raises(ConfigError) as raised:
        made(tmp_path, forget=text)
    assert str(raised.value.where).endswith(words)


def test_a_record_that_the_source_does_not_have_is_told_by_its_line(tmp_path: Path) -> None:
    """Its key is not, as nobody knows whose it is."""
    plan = made(tmp_path, forget=FORGET + "contacts:k-nobody;Dana;;\n")

    assert plan.report.forget_unknown == (3,)
    assert [gate.name for gate in plan.report.broken_gates if gate.count == 1] == ["forget_unknown"]
    assert "Line 3 of the records to forget names a record that the source does not have" in plan.text("report.md")
    assert places_of(("k-nobody",), plan.folder) == []


def test_a_key_is_looked_up_in_the_form_of_its_entry(tmp_path: Path) -> None:
    """`07` and ` 7` are the record 7 where the entry says so."""
    (tmp_path / "forget.csv").write_text("source_key,who\ncontacts:07,Dana\n", "utf-8")
    plan = planned(
        tmp_path,
        {"contacts": "id,name\n7,Zyx\n8,Abc"},
        """
source: {url: SOURCE, records: {contacts: {key: {column: id, normalize: [trim, leading_zeros]}, type: person}}}
classify: [{as: lead, name: rest}]
""",
    )

    assert plan.report.forget_unknown == ()
    assert "Zyx" not in plan.text("report.html") + plan.text("report.md")
    assert plan.decisions == {"contacts:8": "lead"}


SHOWING = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, parent: {column: above, of: accounts}, ACCOUNTS}
    contacts: {key: id, type: person, parent: {column: account, of: accounts}, CONTACTS}
  related:
    calls: {key: no, of: {contacts: contact}, CALLS}
classify: [{as: customer, name: invoiced, when: RULE}, {as: lead, name: rest}]
leads: {fields: {name: {first: ["{company.name}", "{name}", "{last}"]}}}
"""
SHOWN = {
    "accounts": "id,name,above,main\nz-zyx,Zyxwort,,\nhead,Head,,c-cara\nmiddle,Middle,head,\nbelow,Below,middle,",
    "contacts": "id,account,last,tutor\nc-ann,z-zyx,Annmuster,\nc-ben,head,Benmuster,z-zyx\nc-cara,head,Caramuster,",
    "mails": "account_id,mail\nz-zyx,one@zyx.example\nz-zyx,two@zyx.example\nhead,desk@head.example",
    "calls": "no,contact,about,text\nK1,c-ben,z-zyx,hello Ben\nK2,c-cara,,hello Cara",
    "invoices": "no,account,contact,payer\nR1,z-zyx,c-ann,Zyxwort",
}
MAILS = "join: {mail: {from: mails, on: COLUMN, key: account_id}}"
NAMES = "labels_of: {COLUMN: {from: accounts, key: id, show: name}}"
MAIN = "labels_of: {main: {from: contacts, key: id, show: last}}"
NO_RULE = "{column: main, equals: never}"


def showing(accounts: str = "", contacts: str = "", calls: str = "", rule: str = NO_RULE) -> str:
    """A config whose accounts, contacts and calls show values of other tables."""
    said = {"ACCOUNTS": accounts, "CONTACTS": contacts, "CALLS": calls}
    config = SHOWING.replace("RULE", rule)
    for part, text in said.items():
        config = config.replace(f", {part}}}", f", {text}}}" if text else "}")
    return config


def test_what_others_show_of_a_forgotten_company_is_not_read(tmp_path: Path) -> None:
    """By labels, by joins on a link and on an id, of further rows, and in a rule's reason."""
    plan = made(
        tmp_path,
        config=showing(
            contacts=f"{NAMES.replace('COLUMN', 'tutor')}, {MAILS.replace('COLUMN', 'account')}",
            calls=f"{NAMES.replace('COLUMN', 'about')}, {MAILS.replace('COLUMN', 'about')}",
            rule="{exists: invoices, of: {accounts: account, contacts: contact}, where: {payer: {matches: 'Z.*'}}}",
        ),
        forget="source_key,who\naccounts:z-zyx,Dana\n",
        **SHOWN,
    )

    assert places_of(("zyx", "Zyxwort"), plan.folder) == []
    assert plan.decisions["contacts:c-ann"] == "review"
    assert "hello Ben" in plan.note("accounts:head")
    assert "desk@head.example" in plan.note("accounts:head")


def test_a_row_of_its_history_stands_beside_no_other_record(tmp_path: Path) -> None:
    """A call names the forgotten company and Ben, beside whom it stands by a join as well; Cara's stays."""
    config = showing(contacts="join: {called: {from: calls, key: contact}}")
    config = config.replace("of: {contacts: contact}", "of: {contacts: contact, accounts: about}")
    plan = made(tmp_path, config=config, forget="source_key,who\naccounts:z-zyx,Dana\n", **SHOWN)

    assert places_of(("hello Ben",), plan.folder) == []
    assert "called.text: hello Cara" in plan.note("accounts:head")


def test_what_others_show_by_a_key_is_taken_out_of_a_finished_plan(tmp_path: Path) -> None:
    """A label's name, a joined one and the id go, out of the lead that was written, too; verify finds the rest."""
    (tmp_path / "forget.csv").write_text("source_key,who\n", "utf-8")
    chief = "join: {chief: {from: contacts, on: main, key: id}}"
    plan = planned(tmp_path, SHOWN, showing(accounts=f"{MAIN}, {chief}"))
    apply(Bundle.open(plan.folder))
    assert plan.note("accounts:head").count("Caramuster") > 1

    done = forget(Bundle.open(plan.folder), "contacts:c-cara", by="Dana Muster")

    (tmp_path / "forget.csv").unlink()
    assert (done.leads, done.remaining) == (("accounts:head",), ())
    assert places_of(("Caramuster", "c-cara"), plan.folder) == []
    assert "Benmuster" in plan.note("accounts:head")
    assert verify(Bundle.open(plan.folder), threads=1).holds
    assert compare_source(Bundle.open(plan.folder), threads=1).changed == {}


@pytest.mark.parametrize(
    ("key", "config", "place"),
    [
        ("accounts:z-zyx", showing(), "contacts:c-ann for one"),
        ("accounts:middle", showing(), "accounts:below for one"),
        (
            "contacts:c-cara",
            showing(accounts="join: {first: {from: contacts, key: account}}"),
            "by records.accounts.join.first,",
        ),
        (
            "contacts:c-cara",
            showing(accounts="join: {called: {from: calls, on: main, key: no}}"),
            "by records.accounts.join.called,",
        ),
        (
            "contacts:c-cara",
            showing(accounts=MAIN, rule="{column: main.last, empty: false}"),
            "by the rule 'invoiced',",
        ),
        (
            "contacts:c-cara",
            showing(accounts=f"{MAIN}, identity: {{company: [name, main.last]}}"),
            "by records.accounts.identity,",
        ),
    ],
)
def test_what_a_finished_plan_cannot_tell_apart_is_named_and_nothing_is_written(
    tmp_path: Path, key: str, config: str, place: str
) -> None:
    """Others hang on the record, or show values of it in a way that the plan does not keep: the error says where."""
    (tmp_path / "forget.csv").write_text("source_key,who\n", "utf-8")
    plan = planned(tmp_path, SHOWN, config)
    before = {path: path.read_bytes() for path in plan.folder.rglob("*") if path.is_file() and path.suffix != ".jsonl"}

    with pytest.raises(CleanupError) as raised:
        forget(Bundle.open(plan.folder), key, by="Dana Muster")

    assert place in str(raised.value)
    assert {path: path.read_bytes() for path in before} == before
    assert (tmp_path / "forget.csv").read_text("utf-8") == "source_key,who\n"


def test_further_rows_that_were_found_by_a_forgotten_key_are_named(tmp_path: Path) -> None:
    """They stand below a call, which does not say by whose key: the plan is made anew."""
    (tmp_path / "forget.csv").write_text("source_key,who\n", "utf-8")
    labels = NAMES.replace("COLUMN", "about")
    tables = SHOWN | {"contacts": SHOWN["contacts"].replace("c-ann,z-zyx", "c-ann,")}
    plan = planned(tmp_path, tables, showing(calls=f"{labels}, {MAILS.replace('COLUMN', 'about')}"))

    with pytest.raises(CleanupError, match=r"by related\.calls\.join\.mail,"):
        forget(Bundle.open(plan.folder), "accounts:z-zyx", by="Dana Muster")


def test_who_has_the_address_of_somebody_who_opted_out_keeps_the_flag(tmp_path: Path) -> None:
    """Of another family: when a member of theirs is forgotten, and when the one who opted out is; customers, too."""
    (tmp_path / "forget.csv").write_text("source_key,who\n", "utf-8")
    plan = planned(
        tmp_path,
        {
            "accounts": "id,name,mail,customer\n1,Alpha,,\n2,Beta,desk@shared.example,\n3,Gamma,desk@gamma.example,1\n"
            "4,Delta,desk@gamma.example,",
            "contacts": "id,account,last,email,out\na,1,Ann,desk@shared.example,1\nb,2,Ben,ben@beta.example,\n"
            "c,3,Cem,desk@gamma.example,1\nd,4,Dan,dan@delta.example,",
        },
        """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, identity: {email: mail}}
    contacts: {key: id, type: person, parent: {column: account, of: accounts}, identity: {email: email}}
classify: [{as: customer, name: buys, when: {column: customer, of: accounts, equals: "1"}}, {as: lead, name: rest}]
gates: {customers: 100%}
leads:
  fields: {name: {first: ["{name}", "{last}"]}, email: "{mail}", do_not_contact: {column: out, equals: "1"}}
""",
    )
    flags = plan.leads("do_not_contact")
    assert flags == {"accounts:1": False, "accounts:2": True, "accounts:4": True}
    for key in ("contacts:b", "contacts:a", "contacts:c", "contacts:d"):
        forget(Bundle.open(plan.folder), key, by="Dana Muster")
        assert plan.leads("do_not_contact") == flags
    [left, also] = Bundle.open(plan.folder).manifest.forgotten.opted_out
    assert left != also


SHARED = {
    "accounts": "id,name\n1,Alpha\n2,Beta\n3,Gamma",
    "contacts": "id,account,last,mail,mail2,out\na,1,Ann,ann@shared.example,,1\nb,2,Ben,ann@shared.example,MORE,\n"
    "c,3,Cem,cem@gamma.example,,",
}
OUT = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person, parent: {column: account, of: accounts}, identity: {email: [mail, mail2]}}
classify: [{as: lead, name: rest}]
leads:
  fields: {name: {first: ["{name}", "{last}"]}, email: {first: ["{contact.mail}", "{contact.mail2}"]},
           do_not_contact: {flag: out}}
"""


def test_a_lead_that_took_another_address_keeps_it_when_further_records_are_forgotten(tmp_path: Path) -> None:
    """Whose address it did not take is forgotten first: of what it is made of, nothing else has changed."""
    (tmp_path / "forget.csv").write_text("source_key,who\n", "utf-8")
    plan = planned(tmp_path, SHARED | {"contacts": SHARED["contacts"].replace("MORE", "ben@beta.example")}, OUT)
    for key in ("contacts:a", "contacts:c"):
        forget(Bundle.open(plan.folder), key, by="Dana Muster")

        assert plan.leads("email", "do_not_contact")["accounts:2"] == ("ben@beta.example", False)


def test_the_address_of_a_forgotten_person_who_opted_out_stays_so(tmp_path: Path) -> None:
    """Where she is forgotten before the plan is made, and after a further one is; her address stands nowhere."""
    (tmp_path / "forget.csv").write_text("source_key,who\ncontacts:a,Dana Muster\n", "utf-8")
    plan = planned(tmp_path, SHARED | {"contacts": SHARED["contacts"].replace("MORE", "")}, OUT)

    assert plan.leads("do_not_contact") == {"accounts:1": False, "accounts:2": True, "accounts:3": False}
    forget(Bundle.open(plan.folder), "contacts:c", by="Dana Muster")
    assert plan.leads("do_not_contact")["accounts:2"] is True
    assert len(Bundle.open(plan.folder).manifest.forgotten.opted_out) == 1
