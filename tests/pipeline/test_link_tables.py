"""Tables of links that say more than who is linked: their rows stand in the notes of the records that they name."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from etl.errors import ConfigError
from tests.running import run
from tests.told import Planned, planned

ACCOUNTS = "id,name\nA,Alpha\nB,Beta\nC,Gamma"
CONTACTS = "id,last\n1,Muster\n2,Beispiel"
LINKS = """\
id,contact,account,main,role,deleted
k1,1,A,1,buyer,0
k2,1,B,2,on the board,0
k3,2,B,1,,0
k4,2,A,1,left,1
"""
PARENTS = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person,
               parent: {of: accounts, through: {table: links, from: contact, to: account, WHERE}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: {first: ["{name}", "{last}"]}}, note: NOTE}
""".replace("WHERE", "where: {deleted: '0'}, order_by: main")
ROWS = """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related:
    deals: {key: id, of: {accounts: {through: {table: links, from: deal, to: account, where: {deleted: '0'}}}}}
classify: [{as: lead, name: rest}]
"""
DEALS = {
    "deals": "id,title\n7,Roof\n8,Gate",
    "links": "deal,account,share,deleted\n7,A,60%,0\n7,B,40%,0\n8,A,,0\n8,B,1%,1",
}
JOINED = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, join: {mail: {from: mails, key: id, columns: [mail], take: first,
               through: {table: links, from: mail, to: account, order_by: place}}}}
classify: [{as: lead, name: rest}]
"""
MAILS = {"mails": "id,mail\n5,a@a.example", "links": "no,mail,account,place\n1,5,A,1\n2,6,A,2\n3,5,B,"}


def made(folder: Path, config: str = PARENTS, note: str = "{}", **tables: str) -> Planned:
    """Three companies and two contacts, one of them at two of the companies."""
    every = {"accounts": ACCOUNTS, "contacts": CONTACTS, "links": LINKS, **tables}
    return planned(folder, every, config.replace("NOTE", note))


def below(note: str, heading: str = "links") -> list[list[str]]:
    """The rows that stand below a heading of a note, in their lines."""
    if f"\n{heading} (" not in note:
        return []
    rows = note.split(f"\n{heading} (")[1].split("\n\n")[0].split("• ")[1:]
    return [[line.strip() for line in row.splitlines() if line.strip()] for row in rows]


def told(plan: Planned) -> dict[str, int]:
    """Column of a table of links -> rows in which it is filled, as the report says."""
    return {f"{c.dataset}.{c.column}": c.filled for c in plan.report.coverage if "links" in c.dataset}


def test_a_link_to_a_company_stands_in_the_note_of_that_company(tmp_path: Path) -> None:
    """With all columns but the key that the heading shows; a link that `where` leaves out is only counted."""
    plan = made(tmp_path)

    assert below(plan.note("accounts:A")) == [["id: k1", "contact: 1", "main: 1", "role: buyer", "deleted: 0"]]
    assert below(plan.note("accounts:B")) == [
        ["id: k2", "contact: 1", "main: 2", "role: on the board", "deleted: 0"],
        ["id: k3", "contact: 2", "main: 1", "deleted: 0"],
    ]
    assert plan.report.values.conserved == 3 * 2 + 2 * 2 + 2 + 3 * 5 + 2
    assert told(plan)["contacts_links.role"] == 2
    [met] = [join for join in plan.report.joins if join.kind == "links"]
    assert (met.dataset, met.left_out) == ("contacts, links", 1)


def test_a_link_to_a_company_that_is_not_there_stands_with_the_contact(tmp_path: Path) -> None:
    """Its values are the contact's as well."""
    config = PARENTS.replace("of: accounts,", "of: accounts, missing: ignore,")
    plan = made(tmp_path, config, links=LINKS.replace("k3,2,B", "k3,2,Z"))

    assert below(plan.note("contacts:2")) == [["id: k3", "account: Z", "main: 1", "deleted: 0"]]


def test_a_link_between_history_and_a_record_stands_in_its_note(tmp_path: Path) -> None:
    """What one deal is to each of two companies."""
    plan = made(tmp_path, ROWS, **DEALS)

    assert below(plan.note("accounts:A")) == [["deal: 7", "share: 60%", "deleted: 0"], ["deal: 8", "deleted: 0"]]
    assert below(plan.note("accounts:B")) == [["deal: 7", "share: 40%", "deleted: 0"]]
    assert told(plan)["deals_accounts_links.share"] == 2


def test_a_link_to_a_joined_row_stands_in_the_note(tmp_path: Path) -> None:
    """Also one that leads to no row."""
    plan = made(tmp_path, JOINED, **MAILS)

    assert below(plan.note("accounts:A")) == [["no: 1", "mail: 5", "place: 1"], ["no: 2", "mail: 6", "place: 2"]]
    assert below(plan.note("accounts:B")) == [["no: 3", "mail: 5"]]
    assert told(plan)["accounts_mail_links.place"] == 2


@pytest.mark.parametrize(
    ("config", "tables"),
    [
        (PARENTS.replace(", order_by: main", ""), {"links": "contact,account,deleted\n1,A,0\n1,B,0\n2,B,0\n2,A,1"}),
        (
            PARENTS.replace("{deleted: '0'}, order_by: main", "{deleted: {empty: true}, kind: [x]}"),
            {"links": "contact,account,deleted,kind\n1,A,,x\n1,B,,x\n2,B,,x\n2,A,1,x\n2,A,,y"},
        ),
        (ROWS, {**DEALS, "links": "deal,account,deleted\n7,A,0\n7,B,0\n8,A,0"}),
        (JOINED.replace(", order_by: place", ""), {**MAILS, "links": "mail,account\n5,A\n5,B"}),
    ],
    ids=["parents", "several conditions", "history", "joined"],
)
def test_links_that_say_nothing_else_are_no_history(tmp_path: Path, config: str, tables: dict[str, str]) -> None:
    """A table of keys, and of what its `where` leaves one text of, is read for its links alone."""
    plan = made(tmp_path, config, **tables)

    assert [below(plan.note(lead)) for lead in ("accounts:A", "accounts:B")] == [[], []]
    assert "_links" not in plan.text("report.json").replace(str(tmp_path), "")


@pytest.mark.parametrize(
    "where", ["{deleted: ['0', '']}", "{deleted: {equals: '0', fold: true}}", "{not: {column: deleted, equals: '1'}}"]
)
def test_a_column_of_which_a_condition_leaves_several_texts_is_no_key(tmp_path: Path, where: str) -> None:
    """What it holds differs from row to row, and so it stands in the note."""
    config = PARENTS.replace("{deleted: '0'}, order_by: main", where)
    plan = made(tmp_path, config, links="contact,account,deleted\n1,A,0\n2,B,0")

    assert below(plan.note("accounts:A")) == [["contact: 1", "deleted: 0"]]


def test_a_word_for_an_empty_value_is_more_than_none(tmp_path: Path) -> None:
    """Where `deleted` has to be empty and `-` is, the note keeps the word as it keeps others."""
    config = PARENTS.replace("{deleted: '0'}, order_by: main", "{deleted: {empty: true}}")
    config = config.replace("url: SOURCE", "url: SOURCE\n  none: ['-']")
    plan = made(tmp_path, config, links="contact,account,deleted\n1,A,-\n2,B,")

    assert below(plan.note("accounts:A")) == [["contact: 1", "deleted: -"]]


def test_a_table_that_the_config_reads_as_history_stands_in_notes_once(tmp_path: Path) -> None:
    """As the config says, with its own heading."""
    related = "  related: {roles: {from: links, of: {accounts: account, contacts: contact}}}\nclassify: ["
    plan = made(tmp_path, PARENTS.replace("classify: [", related))

    assert len(below(plan.note("accounts:A"), "roles")) == 2
    assert set(told(plan)) == set()


def test_what_is_linked_by_the_same_rows_twice_stands_once(tmp_path: Path) -> None:
    """Rows that lead calls and deals to companies, of which each row is one of them; other rows are another table."""
    link = "{table: links, from: deal, to: account, where: {deleted: '0'}}"
    calls = f"    calls: {{key: id, of: {{accounts: {{through: {link}}}}}}}\n"
    gone = calls.replace("calls:", "gone:").replace("{key", "{from: calls, key").replace("'0'", "'1'")
    config = ROWS.replace("classify: [", f"{calls}{gone}classify: [")
    plan = made(tmp_path, config, note="{}", calls="id,text\n9,asked", **DEALS)

    assert {name.partition(".")[0] for name in told(plan)} == {"deals_accounts_links", "gone_accounts_links"}
    assert len(below(plan.note("accounts:A"))) == 2
    assert below(plan.note("accounts:B"), "links (gone_accounts_links)") == [["deal: 8", "share: 1%", "deleted: 1"]]


OFFICES = "client,no,name\n9,1,Alpha\n9,2,Beta"
PLAIN = PARENTS.replace(", where: {deleted: '0'}, order_by: main", "").replace("of: acc", "missing: ignore, of: acc")
SHARES = ROWS.replace(", where: {deleted: '0'}", "")
MERGES = "{key: id, type: company, aliases: {from: merges, old: old, new: new}}"
ABOVE = "{key: id, type: company, parent: {of: accounts, through: {table: links, from: a, to: b}}}"
PARTS = """{accounts: account}, join: {item: {from: items, key: id, through: {table: links, from: item, to: deal}}}"""
ROLES = "contact,account,role\n01,A,buyer\n02,Z,board"
Rows = dict[str, list[list[str]]]
IN_OTHER_FORMS: dict[str, tuple[str, dict[str, str], Rows]] = {
    "a contact's key in another form": (
        PLAIN.replace("from: contact", "normalize: [leading_zeros], from: contact"),
        {"links": ROLES},
        {"accounts:A": [["contact: 01", "role: buyer"]], "contacts:2": [["contact: 02", "account: Z", "role: board"]]},
    ),
    "another column of the contact": (
        PLAIN.replace("parent: {", "parent: {column: no, "),
        {"contacts": "id,no,last\n1,01,Muster\n2,02,Beispiel", "links": ROLES},
        {"accounts:A": [["contact: 01", "role: buyer"]], "contacts:2": [["contact: 02", "account: Z", "role: board"]]},
    ),
    "companies above companies": (
        PLAIN.replace("table: links", "table: up").replace("{key: id, type: company}", ABOVE),
        {"links": "a,b,share\nC,A,60%", "up": "contact,account\n1,A\n2,B"},
        {"accounts:A": [["a: C", "b: A", "share: 60%"]]},
    ),
    "a key of two columns": (
        JOINED.replace("key: id, type", "key: [client, 'no'], type").replace("to: account", "to: [client, account]"),
        {**MAILS, "accounts": "client,no,name\n9,1,Alpha", "links": "client,account,mail,place\n9,1,5,1\n8,1,5,2"},
        {"accounts:9/1": [["client: 9", "account: 1", "mail: 5", "place: 1"]]},
    ),
    "a join by another column": (
        JOINED.replace("key: id, columns", "key: id, on: box, normalize: [upper], columns"),
        {**MAILS, "accounts": "id,name,box\nA,Alpha,x\nB,Beta,y", "links": "mail,account,place\n5,X,1\n5,Q,2"},
        {"accounts:A": [["mail: 5", "account: X", "place: 1"]]},
    ),
    "what is joined to history": (
        SHARES.replace("{accounts: {through: {table: links, from: deal, to: account}}}", PARTS),
        {"deals": "id,account\n7,A", "items": "id,text\n5,tile", "links": "item,deal,pieces\n5,7,400\n5,8,1"},
        {"accounts:A": [["item: 5", "deal: 7", "pieces: 400"]]},
    ),
    "rows that say what their links name": (
        SHARES.replace("{through", "{where: {kind: A}, through"),
        {"deals": "id,kind\n7,A\n8,C", "links": "deal,account,share\n7,A,60%\n8,A,40%"},
        {"accounts:A": [["deal: 7", "account: A", "share: 60%"]]},
    ),
    "merged records": (
        PLAIN.replace("{key: id, type: company}", MERGES),
        {"merges": "old,new\nX,A", "links": "contact,account,role\n1,X,buyer"},
        {"accounts:A": [["contact: 1", "account: X", "role: buyer"]]},
    ),
}


@pytest.mark.parametrize("kind", IN_OTHER_FORMS)
def test_a_link_finds_its_record_in_whatever_way_the_config_links_it(tmp_path: Path, kind: str) -> None:
    """By its key, by another column, in one form with it, or by the row of history that it belongs to."""
    config, tables, rows = IN_OTHER_FORMS[kind]
    plan = made(tmp_path, config, **tables)

    assert {lead: below(plan.note(lead)) for lead in rows} == rows


def test_people_give_links_a_heading_and_leave_columns_out(tmp_path: Path) -> None:
    """By the name of the part that is linked, and `links`; what is left out is counted with its reason."""
    plan = made(tmp_path, note="{labels: {contacts_links: Roles, role: As}, omit: {contacts_links.id: of no use}}")

    assert below(plan.note("accounts:A"), "Roles") == [["contact: 1", "main: 1", "As: buyer", "deleted: 0"]]
    assert [(each.column, each.reason, each.values) for each in plan.report.values.omitted] == [("id", "of no use", 3)]


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ("  related: {contacts_links: {from: calls, of: {accounts: account}}}\n", "related.contacts_links"),
        ("", "classify.0.when"),
    ],
)
def test_what_links_are_called_is_nobody_elses_name(tmp_path: Path, more: str, at: str) -> None:
    """A table, or evidence, of that name is refused, and not mistaken for them."""
    rule = "[{as: keep, name: has, when: {exists: contacts_links, of: {accounts: account}}}, {as: lead"
    config = PARENTS.replace("classify: [{as: lead", f"{more}classify: {rule}")
    words = rf"{at}: the name 'contacts_links' stands for the rows of the table of links 'links', by records.contacts"
    with pytest.raises(ConfigError, match=words):
        made(tmp_path, config)


def database(folder: Path) -> str:
    """The same tables in a database."""
    with sqlite3.connect(folder / "crm.db") as crm:
        for name, text in {"accounts": ACCOUNTS, "contacts": CONTACTS, "links": LINKS}.items():
            head, *rows = text.strip().splitlines()
            crm.execute(f"CREATE TABLE {name} ({', '.join(f'{column} TEXT' for column in head.split(','))})")
            crm.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(head.split(',')))})",
                [[value or None for value in row.split(",")] for row in rows],
            )
    return f"'sqlite:///{folder / 'crm.db'}'"


@pytest.mark.parametrize(
    "change",
    ["UPDATE links SET role = 'seller' WHERE id = 'k1'", "INSERT INTO links VALUES ('k5', '2', 'A', NULL, NULL, '0')"],
    ids=["another role", "another link"],
)
def test_a_link_that_changes_makes_the_record_stale(tmp_path: Path, change: str) -> None:
    """It is read anew before a lead is written; what stays as it was is written, and is what verify reads back."""
    plan = made(tmp_path, PARENTS.replace("SOURCE", database(tmp_path)))
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.execute(change)

    assert "contacts_links: " in run("apply", plan.folder).stderr
    with sqlite3.connect(tmp_path / "leads.db") as target:
        assert target.execute("SELECT name FROM leads").fetchall() == [("Gamma",)]


def test_links_are_written_read_back_and_compared_with_the_source(tmp_path: Path) -> None:
    """The whole way, value by value."""
    plan = made(tmp_path, PARENTS.replace("SOURCE", database(tmp_path)))

    for command in (("apply", plan.folder), ("verify", plan.folder, "--source"), ("undo", plan.folder)):
        said = run(*command)
        assert (said.returncode, said.stderr.count("rror")) == (0, 0), said.stderr


def test_a_new_column_of_links_is_a_change(tmp_path: Path) -> None:
    """Links that said nothing else when the plan was made do now: the records are planned anew."""
    source = PARENTS.replace("SOURCE", database(tmp_path)).replace("{deleted: '0'}, order_by: main", "{deleted: '0'}")
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        for column in ("id", "main", "role"):
            crm.execute(f"ALTER TABLE links DROP COLUMN {column}")
    plan = made(tmp_path, source)
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.execute("ALTER TABLE links ADD COLUMN role TEXT")
        crm.execute("UPDATE links SET role = 'buyer' WHERE account = 'A' AND deleted = '0'")

    run("apply", plan.folder)
    with sqlite3.connect(tmp_path / "leads.db") as target:
        assert ("Alpha",) not in target.execute("SELECT name FROM leads").fetchall()


def test_nothing_of_a_forgotten_record_stands_among_links(tmp_path: Path) -> None:
    """Her roles are left out with her, by `forget.csv` and from a finished plan alike; those of others stay."""
    (tmp_path / "forget.csv").write_text("source_key,who\ncontacts:1,Dana\n", "utf-8")
    plan = made(tmp_path)
    without = {lead: below(plan.note(lead)) for lead in ("accounts:A", "accounts:B")}
    assert without == {"accounts:A": [], "accounts:B": [["id: k3", "contact: 2", "main: 1", "deleted: 0"]]}
    digest = plan.json["digest"]

    (tmp_path / "forget.csv").unlink()
    later = made(tmp_path)
    said = run("forget", later.folder, "contacts:1", "--by", "Dana")
    assert said.returncode == 0, said.stderr
    assert {lead: below(later.note(lead)) for lead in without} == without
    assert later.json["digest"] == digest
