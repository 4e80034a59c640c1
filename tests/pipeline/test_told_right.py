"""What a real CRM holds can be said in the config, and what the config misses is told: a few lines each, planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import ConfigError, SourceError
from tests.report.books import sheet
from tests.running import run
from tests.told import planned

ACCOUNTS = "id,name\n1,Alpha\n2,Beta\n3,Gamma"
RULES = """
classify:
  - {as: customer, name: invoiced, when: {exists: invoices, of: {accounts: account}}}
  - {as: lead, name: rest}
"""


def test_suppliers_owners_and_flags_that_are_spelled_otherwise_are_told(tmp_path: Path) -> None:
    """Terminal, Markdown, page, JSON and the gate name the values; no supplier becomes a lead."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,sup,owner,stop\n1,A,1,mm,0\n2,B,TRUE,MM,?\n3,C, 1,mm ,0\n4,D,1.0,kb,ja\n5,E,0,xx,"},
        """
source: {url: SOURCE, records: {accounts: {key: id, type: company, identity: {company: name}}}}
classify:
  - {as: keep, name: supplier, when: {column: sup, equals: "1"}}
  - {as: lead, name: rest}
leads:
  fields:
    name: "{name}"
    salesperson: {column: owner, map: {mm: maria, kb: klaus}, default: sales}
    do_not_contact: {flag: stop}
""",
    )

    assert list(made.decisions.values()) == ["keep", "review", "review", "review", "lead"]
    [gate] = made.report.broken_gates
    assert (gate.name, gate.count) == ("near_misses", 6)
    values = {(place["at"], near["value"]): near["by"] for place in made.json["literals"] for near in place["near"]}
    assert values == {
        ("classify: supplier", "TRUE"): "truth",
        ("classify: supplier", " 1"): "blanks",
        ("classify: supplier", "1.0"): "number",
        ("leads.fields.salesperson", "MM"): "case",
        ("leads.fields.salesperson", "mm "): "blanks",
        ("leads.fields.do_not_contact", "?"): "unknown",
    }
    for report in ("report.md", "report.html"):
        assert "Where config and data do not meet" in made.text(report)
        assert "is another word for the same answer" in made.text(report)


def test_a_map_that_folds_knows_every_spelling(tmp_path: Path) -> None:
    """`fold: true` beside a map: no owner gets the default for a blank or a capital letter."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,owner\n1,A,MM\n2,B,mm \n3,C,other"},
        """
source: {url: SOURCE, records: {accounts: {key: id, type: company}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", salesperson: {column: owner, map: {mm: maria}, default: sales, fold: true}}}
""",
    )

    assert list(made.leads("salesperson").values()) == ["maria", "maria", "sales"]
    assert not made.report.broken_gates


def test_rows_and_records_are_left_out_by_any_condition_and_counted(tmp_path: Path) -> None:
    """Soft deletes and cancelled invoices: `where` on records and rows, on files too, with a term in the sum."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name,deleted\n1,Alpha,0\n2,Beta,1\n3,Gamma,0",
            "invoices": "no,account,storno\nR1,1,\nR2,3,2026-01-01",
            "calls": "id,account,text,deleted\n1,1,hello,0\n2,3,gone,1",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, where: {deleted: "0"}}}
  related: {calls: {of: {accounts: account}, where: {not: {column: deleted, equals: "1"}}}}
classify:
  - as: customer
    name: invoiced
    when: {exists: invoices, name: invoices that count, of: {accounts: account}, where: {storno: {empty: true}}}
  - {as: lead, name: rest}
""",
    )

    assert made.decisions == {"accounts:1": "customer", "accounts:3": "lead"}
    assert made.why("accounts:1") == ("invoiced", "invoices that count: a row")
    assert "gone" not in made.note("accounts:3")
    [entry] = made.report.entries
    assert (entry.read, entry.left_out, made.report.sum_is_right) == (3, 1, True)
    assert {(table.dataset, table.rows, table.where) for table in made.report.left_out} == {
        ("accounts", 1, "deleted is '0'"),
        ("calls", 1, "not (deleted is '1')"),
    }
    assert "accounts: 1 row is left out, because it does not meet: deleted is '0'" in made.text("report.md")


def test_a_column_that_names_two_kinds_of_records_says_when_which(tmp_path: Path) -> None:
    """A polymorphic link: `parent_type` tells whether 1 is the account or the contact."""
    tables = {
        "accounts": "id,name\n1,Alpha\n2,Beta",
        "contacts": "id,name\n1,Ann\n2,Ben",
        "notes": "id,parent_type,parent_id,text\n1,Account,1,to alpha\n2,Contact,1,to ann\n3,Lead,2,to nobody",
    }
    config = """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}, contacts: {key: id, type: person}}
  related: {notes: {key: id, of: LINKS}}
classify: [{as: lead, name: rest}]
"""
    half = "{accounts: parent_id, contacts: {column: parent_id, where: {parent_type: Contact}}}"
    with pytest.raises(ConfigError, match="both have the key '1': nobody can say which one is meant"):
        planned(tmp_path, tables, config.replace("LINKS", half))
    with pytest.raises(ConfigError, match="both have the key '1': nobody can say which one is meant"):
        planned(tmp_path, tables, config.replace("LINKS", "{accounts: parent_id, contacts: parent_id}"))
    links = (
        "{accounts: {column: parent_id, where: {parent_type: Account}},"
        " contacts: {column: parent_id, where: {parent_type: Contact}}}"
    )
    made = planned(tmp_path, tables, config.replace("LINKS", links))

    assert "to alpha" in made.note("accounts:1")
    assert "to ann" not in made.note("accounts:1")
    assert "to ann" in made.note("contacts:1")
    [notes] = [join for join in made.report.joins if join.dataset == "notes"]
    assert (notes.other_kind, notes.not_linked, notes.without_record) == (1, 0, 0)


def test_a_row_that_names_two_records_of_one_entry_stands_with_both(tmp_path: Path) -> None:
    """A relationship from a to b is history of a and of b."""
    made = planned(
        tmp_path,
        {"accounts": ACCOUNTS, "relations": "id,a,b,kind\n7,1,2,partner of\n8,3,,alone"},
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related: {relations: {key: id, of: {accounts: [{column: a}, {column: b}]}}}
classify: [{as: lead, name: rest}]
""",
    )

    assert [("partner of" in made.note(f"accounts:{key}")) for key in (1, 2, 3)] == [True, True, False]
    assert "alone" in made.note("accounts:3")


def test_composite_keys_meet_part_by_part(tmp_path: Path) -> None:
    """`key: [client, number]`: the source key has both, and so have parents and history."""
    made = planned(
        tmp_path,
        {
            "accounts": "client,number,name,above\n1,10,Alpha,\n1,11,Beta,10\n2,10,Gamma,",
            "orders": "id,client,number\n1,2,10",
            "calls": "id,client,number,text\n1,1,10,first client\n2,2,10,second client",
        },
        """
source:
  url: SOURCE
  records:
    accounts: {key: [client, number], type: company, parent: {column: [client, above], of: accounts}}
  related: {calls: {key: id, of: {accounts: [client, number]}}}
classify:
  - {as: customer, name: ordered, when: {exists: orders, of: {accounts: [client, number]}}}
  - {as: lead, name: rest}
""",
    )

    assert made.decisions == {"accounts:1/10": "lead", "accounts:1/11": "lead", "accounts:2/10": "customer"}
    assert "first client" in made.note("accounts:1/10")
    assert "second client" not in made.note("accounts:1/10")
    assert made.leads("family")["accounts:1/11"] == "accounts:1/10"


def test_keys_that_nearly_meet_are_brought_to_one_form(tmp_path: Path) -> None:
    """Blanks, zeros and case: the config says so once, at the key; the note keeps what stands in the source."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\n007,Alpha\n8,Beta\n08,Beta again",
            "invoices": "no,account\nR1, 7\nR2,8",
            "calls": "id,account,text\n1,0007,hello",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: {column: id, normalize: [trim, leading_zeros]}, type: company}}
  related: {calls: {key: id, of: {accounts: account}}}
"""
        + RULES.replace("customer", "keep"),
    )

    assert made.decisions == {"accounts:7": "keep", "accounts:8": "reject"}
    assert [fault.code for fault in made.report.rejects.first] == ["duplicate-key", "duplicate-key"]


@pytest.mark.parametrize("table", ["merges"])
def test_history_of_a_merged_record_goes_to_the_one_it_was_merged_into(tmp_path: Path, table: str) -> None:
    """Ids merged away, also twice: rows that name the old one belong to the last one."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\n3,Gamma",
            table: "old_id,new_id\n1,2\n2,3",
            "calls": "id,account,text\n1,1,when it was alpha\n2,3,now",
        },
        f"""
source:
  url: SOURCE
  records: {{accounts: {{key: id, type: company, aliases: {{from: {table}, old: old_id, new: new_id}}}}}}
  related: {{calls: {{key: id, of: {{accounts: account}}}}}}
classify: [{{as: lead, name: rest}}]
""",
    )

    assert "when it was alpha" in made.note("accounts:3")


def test_values_and_labels_of_other_tables_act_like_the_records_own(tmp_path: Path) -> None:
    """E-mails through a table of links, the primary one first; and the country's name beside its id."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name,country_id\n1,Alpha,49\n2,Beta,",
            "emails": "id,address\n10,old@alpha.example\n11,new@alpha.example",
            "rel": "email_id,bean_id,bean,main,deleted\n10,1,Accounts,0,0\n11,1,Accounts,1,0\n11,2,Contacts,1,0",
            "countries": "id,name\n49,Germany",
        },
        """
source:
  url: SOURCE
  records:
    accounts:
      key: id
      type: company
      join:
        mail: {from: emails, key: id, take: last, columns: [address],
               through: {table: rel, from: email_id, to: bean_id, where: {bean: Accounts, deleted: "0"},
                         order_by: main}}
        mails: {from: emails, key: id, take: all, columns: [address],
                through: {table: rel, from: email_id, to: bean_id, where: {bean: Accounts}}}
      labels_of: {country_id: {from: countries, key: id, show: name}}
      identity: {company: name, email: mail.address}
classify:
  - as: keep
    name: abroad
    when: {not: {any: [{column: country_id.name, equals: Germany}, {column: country_id, empty: true}]}}
  - {as: lead, name: rest}
leads: {fields: {name: "{name}", email: "{mail.address}", country: "{country_id.name}"}}
""",
    )

    assert made.leads("email", "country") == {
        "accounts:1": ("new@alpha.example", "Germany"),
        "accounts:2": (None, None),
    }
    assert "new@alpha.example; old@alpha.example" in made.note("accounts:1")
    assert "country_id.name: Germany" in made.note("accounts:1")


def test_a_joined_column_never_hides_one_of_the_tables_own(tmp_path: Path) -> None:
    """`mail.addr` in the file and by the join named mail: it is refused, and says what to rename."""
    config = """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, join: {mail: {key: acc}}}}
classify: [{as: lead, name: rest}]
"""
    tables = {"accounts": "id,name,mail.addr\n1,Alpha,own", "mail": "acc,addr\n1,joined"}
    with pytest.raises(SourceError, match=r"has a column 'mail\.addr' of its own"):
        planned(tmp_path, tables, config)


def test_order_lines_stand_with_the_record_of_their_order(tmp_path: Path) -> None:
    """Rows that name an order and no record belong to the record that the order names."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "orders": "id,account\n5,1\n6,2",
            "lines": "order_id,product\n5,bolts\n6,nuts\n9,nobody's",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related:
    orders: {key: id, of: {accounts: account}}
    lines: {under: {orders: order_id}}
classify: [{as: lead, name: rest}]
""",
    )

    assert "bolts" in made.note("accounts:1")
    assert "nuts" not in made.note("accounts:1")
    assert "nuts" in made.note("accounts:2")
    assert made.report.orphans.total == 1


def test_parents_as_real_systems_have_them(tmp_path: Path) -> None:
    """Own number as head office, 0 for none, a number that leads nowhere, a circle: each is as the config says."""
    tables = {"accounts": "id,name,parent\n1,Head,1\n2,None,0\n3,Dangling,99\n4,Round,5\n5,And round,4"}
    config = """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, parent: {column: parent, of: accounts PARENT}}}
classify: [{as: lead, name: rest}]
"""
    strict = planned(tmp_path, tables, config.replace("PARENT", "")).decisions
    said = planned(tmp_path, tables, config.replace("PARENT", ', none: ["0", self], missing: ignore, circle: cut'))

    assert set(strict.values()) == {"reject"}
    assert set(said.decisions.values()) == {"lead"}
    roots = {f"accounts:{key}": f"accounts:{key}" for key in range(1, 6)}
    assert said.leads("family") == {**roots, "accounts:5": "accounts:4"}


def test_a_circle_that_is_opened_is_one_family(tmp_path: Path) -> None:
    """Holding and company name each other as head: the customer's other half is no lead."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,head\n1,Alpha Holding,2\n2,Alpha Bau,1\n3,Beta,", "invoices": "no,account\nR1,1"},
        "source: {url: SOURCE, records: {accounts: {key: id, type: company, parent: {column: head, of: accounts, "
        "circle: cut}}}}\n" + RULES,
    )

    assert made.decisions == {"accounts:1": "customer", "accounts:2": "customer", "accounts:3": "lead"}


def test_a_contact_at_several_companies_stands_in_each_note_that_moves(tmp_path: Path) -> None:
    """A table of links: the primary company is the contact's own; as a customer's contact nobody moves."""
    tables = {
        "accounts": ACCOUNTS,
        "contacts": "id,last\n7,Muster\n8,Beispiel",
        "links": "contact_id,account_id,main,deleted\n7,2,0,0\n7,1,1,0\n8,3,1,0\n8,2,0,1",
        "invoices": "no,account\nR1,ACCOUNT",
    }
    config = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, identity: {company: name}}
    contacts:
      key: id
      type: person
      identity: {last_name: last}
      parent: {of: accounts, through: {table: links, from: contact_id, to: account_id, where: {deleted: "0"},
                                       order_by: main, descending: true}}
"""
    moving = planned(tmp_path, tables, config + RULES)
    assert moving.leads("family")["accounts:1"] == "accounts:1"
    assert [("Muster" in moving.note(f"accounts:{key}")) for key in (1, 2, 3)] == [True, True, False]

    customer = planned(tmp_path, {**tables, "invoices": "no,account\nR1,2"}, config + RULES)
    assert customer.decisions == {
        "accounts:1": "customer",
        "accounts:2": "customer",
        "accounts:3": "lead",
        "contacts:7": "customer",
        "contacts:8": "lead",
    }
    assert customer.why("contacts:7")[0] == "contact of a customer"


def test_a_type_takes_several_values(tmp_path: Path) -> None:
    """CiviCRM's households are kept as companies are."""
    made = planned(
        tmp_path,
        {"people": "id,name,kind\n1,A,Organization\n2,B,Household\n3,C,Individual"},
        """
source:
  url: SOURCE
  records: {people: {key: id, type: {column: kind, company: [Organization, Household], person: Individual}}}
classify: [{as: lead, name: rest}]
""",
    )

    assert set(made.decisions.values()) == {"lead"}


@pytest.mark.parametrize(
    ("dates", "column", "decision"),
    [
        ("31.10.2026", "{column: day, last: 3 years, format: '%d.%m.%Y'}", "customer"),
        ("31/10/2026", "{column: day, last: 3 years, format: ['%d.%m.%Y', '%d/%m/%Y']}", "customer"),
        ("1793404800", "{column: day, last: 3 years, epoch: s}", "customer"),
        ("1793404800000", "{column: day, last: 3 years, epoch: ms}", "customer"),
        ("46326", "{column: day, last: 3 years, excel: true}", "customer"),
        ("2023-11-01 00:30+01", "{column: day, last: 3 years}", "lead"),
        ("9999-12-31", "{column: day, last: 3 years}", "review"),
        ("0024-05-01", "{column: day, last: 3 years}", "review"),
        ("1793404800", "{column: day, last: 3 years, epoch: ms}", "review"),
        ("46326", "{column: day, last: 3 years, epoch: s}", "review"),
        ("0", "{column: day, last: 3 years, epoch: s}", "review"),
        ("1900-01-01", "{column: day, last: 3 years}", "review"),
        ("2027-01-01", "{column: day, last: 3 years}", "review"),
        ("2027-01-01", "{column: day, last: 3 years, future: 1 year}", "customer"),
    ],
)
def test_dates_are_read_as_the_config_says(tmp_path: Path, dates: str, column: str, decision: str) -> None:
    """One place reads dates, and a date that cannot be is evidence that cannot be read."""
    made = planned(
        tmp_path,
        {"accounts": "id,name\n1,Alpha", "invoices": f"no,account,day\nR1,1,{dates}"},
        f"""
source: {{url: SOURCE, records: {{accounts: {{key: id, type: company}}}}}}
classify:
  - {{as: customer, name: invoiced, when: {{exists: invoices, of: {{accounts: account}}, within: {column}}}}}
  - {{as: lead, name: rest}}
""",
    )

    assert made.decisions == {"accounts:1": decision}


def test_the_time_zone_says_what_day_a_moment_belongs_to(tmp_path: Path) -> None:
    """Half past midnight in Berlin is the first of November there, whichever way the source writes it."""
    for moment in ("2023-11-01 00:30+01", "2023-10-31T23:30:00+00:00"):
        made = planned(
            tmp_path,
            {"accounts": "id,name\n1,Alpha", "invoices": f"no,account,day\nR1,1,{moment}"},
            """
source: {url: SOURCE, time_zone: Europe/Berlin, records: {accounts: {key: id, type: company}}}
classify:
  - as: customer
    name: invoiced
    when: {exists: invoices, of: {accounts: account}, within: {column: day, last: 3 years}}
  - {as: lead, name: rest}
""",
        )

        assert made.decisions == {"accounts:1": "customer"}


def test_a_list_of_customers_that_no_record_is_on_is_told(tmp_path: Path) -> None:
    """Nearly always it is the wrong list, or identity names other columns."""
    made = planned(
        tmp_path,
        {"accounts": "id,name\n1,Alpha Bau\n2,Beta Glas", "debtors": "no,name\nD1,Gamma Holz\nD2,Delta Stahl"},
        """
source: {url: SOURCE, records: {accounts: {key: id, type: company, identity: {company: name}}}}
masters: {erp: {url: SOURCE, from: debtors, key: no, identity: {company: name}}}
classify:
  - {as: customer, name: known, when: {matches: erp, at_least: 0.95}}
  - {as: lead, name: rest}
""",
    )

    assert [master.meets_nobody for master in made.report.masters] == [True]
    assert "no record is a customer of this list" in (tmp_path / "plan" / "report.md").read_text("utf-8")


def test_a_number_that_proves_nothing_does_not_matter_where_all_else_agrees(tmp_path: Path) -> None:
    """The gate counts those whom nothing else tells; a customer at its own address with a mistyped number is none."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name,street,city,zip,vat\n1,Alpha Bau GmbH,Am Markt 3,Köln,50667,DE136695970\n"
            "2,Beta Glas,Ring 5,Bonn,53111,DE123456789\n"
            + "\n".join(f"{n},Firm{n} Kind{n},Weg {n},Ulm,89073," for n in range(4, 40)),
            "debtors": "no,name,street,city,zip,vat\nD1,Alpha Bau GmbH,Am Markt 3,Köln,50667,DE136695970\n"
            "D2,Nobody Ltd,Platz 1,Jena,07743,DE123456789\n"
            + "\n".join(f"D{n},Other{n} Sort{n},Gasse {n},Trier,54290," for n in range(4, 40)),
        },
        """
source:
  url: SOURCE
  records:
    accounts:
      key: id
      type: company
      identity: {company: name, street: street, city: city, postcode: zip, vat: vat}
masters:
  erp:
    url: SOURCE
    from: debtors
    key: no
    identity: {company: name, street: street, city: city, postcode: zip, vat: vat}
classify:
  - {as: customer, name: same number, when: {matches: erp, same: vat}}
  - {as: customer, name: known, when: {matches: erp, at_least: 0.95}}
  - {as: lead, name: rest}
""",
    )

    assert made.decisions["accounts:1"] == "customer"
    assert made.decisions["accounts:2"] == "review"
    assert [master.weak_numbers for master in made.report.masters] == [1]


def test_numbers_that_prove_nothing_make_no_customers(tmp_path: Path) -> None:
    """A placeholder, a wrong check digit, a number that five companies share: doubt, counted; a good one holds."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name,vat\n1,Alpha Bau,DE123456789\n2,Beta Glas,DE136695976\n3,Gamma Holz,DE136695970\n"
            + "\n".join(f"{n},Firm{n} Kind{n},DE811907980" for n in range(4, 8)),
            "debtors": "no,name,vat\nD1,Nobody Ltd,DE123456789\nD2,Beta Glas,DE136695976\nD3,Third,DE136695970\n"
            "D4,Fourth,DE811907980",
        },
        """
source: {url: SOURCE, records: {accounts: {key: id, type: company, identity: {company: name, vat: vat}}}}
masters: {erp: {url: SOURCE, from: debtors, key: no, identity: {company: name, vat: vat}}}
classify:
  - {as: customer, name: same number, when: {matches: erp, same: vat}}
  - {as: lead, name: rest}
""",
    )

    assert made.decisions["accounts:2"] == "customer"
    assert {made.decisions[f"accounts:{n}"] for n in (1, 3, 4, 5, 6, 7)} == {"review"}
    assert [master.weak_numbers for master in made.report.masters] == [6]
    assert made.why("accounts:1")[1] == (
        "same vat as erp D1 'Nobody Ltd', but the number proves nothing: it is a placeholder"
    )


@pytest.mark.parametrize("where", ["{parent_type: account}", "{parent_type: {equals: Account, fold: true}}"])
def test_a_link_whose_condition_nearly_meets_is_told(tmp_path: Path, where: str) -> None:
    """`account` where the data say `Account` would lose all history of the companies: it stays, and is told."""
    made = planned(
        tmp_path,
        {"accounts": ACCOUNTS, "notes": "id,parent_type,parent_id,text\n1,Account,1,to alpha"},
        f"""
source:
  url: SOURCE
  records: {{accounts: {{key: id, type: company}}}}
  related: {{notes: {{key: id, of: {{accounts: {{column: parent_id, where: {where}}}}}}}}}
classify: [{{as: lead, name: rest}}]
""",
    )

    near = {(place["at"], value["value"]) for place in made.json["literals"] for value in place["near"]}
    assert near == (set() if "fold" in where else {("link to accounts", "Account")})
    assert "to alpha" in made.note("accounts:1")


def test_all_kinds_of_near_keys_of_one_table_are_counted(tmp_path: Path) -> None:
    """Two rows have zeros before the key, and one has blanks: three rows nearly meet, not two."""
    made = planned(
        tmp_path,
        {"accounts": "id,name\n7,Alpha\n8,Beta\nAb,Gamma", "invoices": "no,acc\nR1,007\nR2,08\nR3,AB\nR4,9"},
        """
source: {url: SOURCE, records: {accounts: {key: id, type: company}}}
classify: [{as: customer, name: bought, when: {exists: invoices, of: {accounts: acc}}}, {as: lead, name: rest}]
""",
    )

    [join] = made.report.joins
    assert ([cure.rows for cure in join.would_meet], join.near) == ([2, 1], 3)
    [gate] = [gate for gate in made.report.broken_gates if gate.name == "near_misses"]
    assert gate.count == 3


@pytest.mark.parametrize("key", ["007", " 7", "7.0"])
def test_a_key_that_nearly_names_a_record_is_doubt(tmp_path: Path, key: str) -> None:
    """One posted invoice of many rows is for 7 by another form of its key: no lead before a person has looked."""
    rows = "\n".join(f"R{n},{n % 5 + 1}" for n in range(200))
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\n" + "\n".join(f"{n},Firm {n}" for n in range(1, 9)),
            "invoices": f"no,account\n{rows}\nR999,{key}",
        },
        "source: {url: SOURCE, records: {accounts: {key: id, type: company}}}\n" + RULES,
    )

    assert made.decisions["accounts:7"] == "review"
    assert made.decisions["accounts:8"] == "lead"
    assert [(gate.name, gate.count) for gate in made.report.broken_gates] == [("near_misses", 1)]


NEARLY = """
classify:
  - {as: customer, name: invoiced, when: {exists: invoices, of: {accounts: LINK}}}
  - {as: lead, name: rest}
gates: {near_misses: 100}
"""
"""Rules of a config whose gate lets near misses pass: they are told, and decide nothing in silence."""


def test_evidence_whose_link_nearly_meets_is_in_doubt(tmp_path: Path) -> None:
    """An invoice of `account` 1 where the config says `Account`: perhaps a customer, so a person decides."""
    made = planned(
        tmp_path,
        {"accounts": ACCOUNTS, "invoices": "no,ptype,pid\nR1,account,1\nR2,Account,2"},
        "source: {url: SOURCE, records: {accounts: {key: id, type: company}}}"
        + NEARLY.replace("LINK", "{column: pid, where: {ptype: Account}}"),
    )

    assert made.decisions == {"accounts:1": "review", "accounts:2": "customer", "accounts:3": "lead"}
    assert made.why("accounts:1")[0] == "a value nearly meets a rule"


def test_a_record_that_nearly_counts_is_not_left_out(tmp_path: Path) -> None:
    """`deleted` is 0.0 where the config says "0": the customer stays one, and so does the contact; a lead waits."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name,deleted\n1,Alpha,0.0\n2,Beta,1\n3,Gamma,0.0\n4,Delta,0",
            "contacts": "id,name,account\n7,Ann,1",
            "invoices": "no,account\nR1,1",
        },
        """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, where: {deleted: "0"}}
    contacts: {key: id, type: person, parent: {column: account, of: accounts, missing: ignore}}
"""
        + NEARLY.replace("LINK", "account"),
    )

    assert made.decisions == {
        "accounts:1": "customer",
        "accounts:3": "review",
        "accounts:4": "lead",
        "contacts:7": "customer",
    }
    assert [(left.dataset, left.rows) for left in made.report.left_out] == [("accounts", 1)]


def test_a_link_that_nearly_counts_keeps_a_contact_with_its_customer(tmp_path: Path) -> None:
    """In a table of links `deleted` is 0.0 where the config says "0": it is told, and the contact stays."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "contacts": "id,last\n7,Muster",
            "links": "contact_id,account_id,deleted\n7,1,0.0",
            "invoices": "no,account\nR1,1",
        },
        """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts:
      key: id
      type: person
      parent: {of: accounts, through: {table: links, from: contact_id, to: account_id, where: {deleted: "0"}}}
"""
        + NEARLY.replace("LINK", "account"),
    )

    assert made.decisions["contacts:7"] == "customer"
    assert ("links: where", "0.0") in {(at["at"], near["value"]) for at in made.json["literals"] for near in at["near"]}


def test_who_may_perhaps_not_be_contacted_waits(tmp_path: Path) -> None:
    """A word that says neither yes nor no is unknown: no lead is made of it before a person has decided."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,stop\n1,Alpha,only by mail\n2,Beta,no\n3,Gamma,yes"},
        """
source: {url: SOURCE, records: {accounts: {key: id, type: company}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", do_not_contact: {flag: stop}}}
gates: {near_misses: 100}
""",
    )

    assert list(made.decisions.values()) == ["review", "lead", "lead"]
    assert made.why("accounts:1")[0] == "it is not clear whether it may be contacted"
    assert made.leads("do_not_contact") == {"accounts:2": False, "accounts:3": True}


def test_rows_that_are_left_out_count_once_where_others_stand_below_them(tmp_path: Path) -> None:
    """Orders are read for themselves, and once more for their lines."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "orders": "id,account,deleted\n5,1,0\n6,2,1",
            "lines": "order_id,product\n5,bolts\n6,nuts",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related:
    orders: {key: id, of: {accounts: account}, where: {deleted: "0"}}
    lines: {under: {orders: order_id}}
classify: [{as: lead, name: rest}]
""",
    )

    assert [(table.dataset, table.rows) for table in made.report.left_out] == [("orders", 1)]


def test_what_notes_leave_out_of_a_contact_is_left_out_of_every_companys_note(tmp_path: Path) -> None:
    """A birth date that must not be kept stands in no note, also not in that of a second company."""
    made = planned(
        tmp_path,
        {
            "accounts": ACCOUNTS,
            "contacts": "id,last,born\n7,Muster,1980-02-03",
            "links": "contact_id,account_id\n7,1\n7,2",
        },
        """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person,
               parent: {of: accounts, through: {table: links, from: contact_id, to: account_id}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}"}, note: {omit: {contacts.born: not needed}}}
""",
    )

    assert "Muster" in made.note("accounts:2")
    assert not [note for note in made.leads("note").values() if "1980-02-03" in note]


def test_records_of_a_normalized_key_cannot_be_archived(tmp_path: Path) -> None:
    """It is refused when the config is read, not when records are to be archived."""
    key = "{column: id, normalize: [trim]}"
    config = f"source: {{url: SOURCE, records: {{accounts: {{key: {key}, type: company}}}}}}\n"
    rest = "classify: [{as: lead, name: rest}]\nretire: {accounts: {deleted: '1'}}"
    with pytest.raises(ConfigError, match="normalize brings them to another form"):
        planned(tmp_path, {"accounts": ACCOUNTS}, config + rest)


def test_tables_that_the_config_does_not_name_are_told(tmp_path: Path) -> None:
    """One that names records, with its rows at those that move; one that nobody can read; and none that is ignored."""
    tables = {
        "accounts": ACCOUNTS,
        "invoices": "no,account\nR1,1",
        "payments": "id,account_id\nP1,1\nP2,2\nP3,2",
        "logins": "id,account_id\nL1,1",
        "weather": "day,degrees\nmonday,21",
    }
    config = "source: {url: SOURCE, records: {accounts: {key: id, type: company}}, ignore: {logins: of no use}}"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "broken.xlsx").write_bytes(b"no workbook")
    made = planned(tmp_path, tables, config + RULES)

    assert {(u.table, u.column, u.rows, u.moving) for u in made.report.unnamed} == {
        ("payments", "account_id", 3, 2),
        ("broken", None, 0, 0),
    }
    for report in ("report.md", "report.html"):
        assert "payments" in made.text(report)
        assert "cannot be read, so nobody can say" in made.text(report)


LOST = {
    "a table of links": (
        {"opps": "id,stage\n1,Won\n2,Won\n3,Won", "ao": "opp,acc\n1,1\n002,2\n003,3"},
        "{exists: opps, key: id, where: {stage: Won}, of: {accounts: {through: {table: ao, from: opp, to: acc}}}}",
        "id",
    ),
    "a key of two columns": (
        {"invoices": "id,client,acc\nR1,100,1\nR2,,2\nR3,,3"},
        "{exists: invoices, key: id, of: {accounts: {column: [client, acc]}}}",
        "[client, id]",
    ),
    "rows below others": (
        {"orders": "id,acc,deleted\n1,1,0\n2,2,1", "lines": "no,order_id\n1,1\n2,2\n3,03"},
        "{exists: orders, of: {accounts: acc}}",
        "id",
    ),
}


@pytest.mark.parametrize("case", LOST)
def test_a_link_that_is_filled_and_leads_nowhere_is_not_empty(tmp_path: Path, case: str) -> None:
    """Rows that name a record by several columns, or by other rows, and meet none, break the gate and are listed."""
    tables, when, key = LOST[case]
    below = (
        ", related: {orders: {key: id, of: {accounts: acc}, where: {deleted: '0'}}, lines: {under: {orders: order_id}}}"
    )
    made = planned(
        tmp_path,
        {"accounts": "id,client,name\n1,100,A\n2,100,B\n3,100,C", **tables},
        f"""
source: {{url: SOURCE, records: {{accounts: {{key: {key}, type: company}}}}{below if "lines" in tables else ""}}}
classify: [{{as: customer, name: bought, when: {when}}}, {{as: lead, name: rest}}]
""",
    )

    [join] = [join for join in made.report.joins if join.rows == 3 and not join.looks_up]
    assert (join.joined, join.without_record, join.not_linked) == (1, 2, 0)
    [gate] = [gate for gate in made.report.broken_gates if gate.name != "near_misses"]
    assert (gate.name, gate.count, gate.total) == ("evidence_without_record", 2, 3)
    assert [(rows.code, rows.faults) for rows in made.report.orphans.by_code] == [("no-record", 2)]
    assert "links are empty" not in made.text("report.md")


def test_a_link_that_does_not_count_is_empty(tmp_path: Path) -> None:
    """Links that their own conditions leave out, or that lead nowhere by their table, are no lost ones."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\n1,A",
            "mails": "id,text\n1,to the company\n2,to a person\n3,deleted\n4,to nobody",
            "rel": "mail,kind,to,gone\n1,a,1,0\n2,p,1,0\n3,a,1,1\n4,a,,0",
            "orders": "id,acc\n1,1\n2,",
            "lines": "no,order_id\n1,1\n2,2\n3,",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related:
    mails: {key: id, of: {accounts: {through: {table: rel, from: mail, to: to, where: {kind: a, gone: "0"}}}}}
    orders: {key: id, of: {accounts: acc}}
    lines: {key: no, under: {orders: order_id}}
classify: [{as: lead, name: rest}]
""",
    )

    counted = {join.dataset: (join.joined, join.without_record, join.not_linked) for join in made.report.joins}
    assert counted == {"mails": (1, 0, 3), "orders": (1, 0, 1), "lines": (1, 0, 2), "mails, rel": (4, 0, 0)}
    assert not made.report.broken_gates


VALUES = {
    "accounts": "id,name,st\n" + "\n".join(f"{n},Company {n},{n % 3}" for n in range(1, 11)),
    "st": "id,txt\n0,Kunde\n01,Kunde\n2,Interessent",
    "fin": "acc,turnover_class\n1,none\n" + "\n".join(f"0{n},A" for n in range(2, 8)) + "\n8,A",
}
TAKING = """
source:
  url: SOURCE
  records:
    accounts:
      {key: id, type: company, identity: {company: name}, join: {fin: {key: acc}},
       labels_of: {st: {from: st, key: id, show: txt}}}
classify:
  - {as: customer, name: status, when: {column: st.txt, equals: Kunde}}
  - {as: customer, name: turnover, when: {column: fin.turnover_class, equals: A}}
  - {as: lead, name: rest}
"""


def test_keys_of_joins_and_labels_that_nearly_meet_break_the_gate(tmp_path: Path) -> None:
    """Who takes no value from another table, as its key is spelled otherwise, is told with the line that cures it."""
    made = planned(tmp_path, VALUES, TAKING)

    told = {join.kind: join for join in made.report.joins}
    joined, labels = told["joined"], told["labels"]
    assert (joined.dataset, joined.rows, joined.joined, joined.without_record, joined.near) == (
        "accounts, fin",
        10,
        2,
        8,
        6,
    )
    assert (labels.dataset, labels.rows, labels.joined, labels.without_record, labels.near) == (
        "accounts, st",
        10,
        6,
        4,
        4,
    )
    assert (joined.never_named, labels.never_named) == (6, 1)
    [gate] = made.report.broken_gates
    assert (gate.name, gate.count) == ("near_misses", 10)
    hint = "accounts, fin**: 6 more rows would find their values if keys were compared without regard to leading zeros"
    assert hint in made.text("report.md").replace("`", "")

    cells = sheet(made.folder / "review.xlsx", "Summary")
    assert any("6 more rows would find their values" in str(cell) for row in cells for cell in row)

    said = run("check", tmp_path / "told.yaml").stdout
    assert "2 of 10 rows take values from the table (joined)" in said
    assert "6 of 10 rows take values from the table (labels)" in said

    cured = TAKING.replace("{key: acc}", "{key: acc, normalize: [leading_zeros]}")
    cured = cured.replace("show: txt}", "show: txt, normalize: [leading_zeros]}")
    made = planned(tmp_path, VALUES, cured)

    assert not made.report.broken_gates
    assert [key for key, decision in made.decisions.items() if decision == "lead"] == []


def test_rows_that_are_not_taken_are_counted(tmp_path: Path) -> None:
    """Of several rows with one key `first` and `labels_of` take one, and the others are told; `all` leaves none out."""
    tables = {
        "accounts": "id,name,kind,gone\n1,A,x,0\n2,B,y,0\n3,C,,0\n4,D,z,1",
        "mails": "acc,mail\n1,a@a.example\n1,b@a.example\n1,c@a.example\n2,d@b.example\n9,e@c.example",
        "kinds": "id,name\nx,Shop\nx,Hotel\ny,Bank",
    }
    config = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, where: {gone: "0"}, join: {mails: {key: acc, take: TAKE}},
               labels_of: {kind: {from: kinds, key: id, show: name}}}
classify: [{as: lead, name: rest}]
"""

    made = planned(tmp_path, tables, config.replace("TAKE", "first"))
    mails, kinds = made.report.joins
    assert (mails.rows_read, mails.rows, mails.joined, mails.twice, mails.not_taken, mails.never_named) == (
        3,
        3,
        2,
        1,
        2,
        1,
    )
    assert (kinds.rows_read, kinds.rows, kinds.joined, kinds.twice, kinds.not_taken, kinds.near) == (3, 2, 2, 1, 1, 0)
    assert not made.report.broken_gates
    assert "2 rows of the other table are not taken" in made.text("report.md")

    made = planned(tmp_path, tables, config.replace("TAKE", "all"))
    assert [join.not_taken for join in made.report.joins] == [0, 1]
