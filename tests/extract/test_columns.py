"""Checking a config's columns: each that is missing is named with file, line, table and near matches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from etl import config
from etl.connect import open_source
from etl.errors import ConfigError, SourceError
from etl.extract import check_columns

CONFIG = """\
name: test
source:
  url: files:{folder}
  records:
    accounts:
      key: id
      type: company
      parent: {{column: parent_id, of: accounts}}
      changed: updated_at
      identity: {{company: name, phone: [phone, mobile]}}
    people:
      from: contacts
      key: id
      type: person
      parent: {{column: account_id, of: accounts}}
  related:
    activities: {{key: id, of: {{accounts: account_id}}, order_by: happened_at}}
classify:
  - as: keep
    name: own
    when: {{column: is_own, equals: "1"}}
  - as: customer
    name: invoiced
    when:
      any:
        - {{exists: invoices, key: no, of: {{accounts: account_id}},
           where: {{state: posted}}, within: {{column: date, last: 1 year}}}}
        - not: {{column: vip, of: people, empty: true}}
  - {{as: lead, name: others}}
leads:
  fields:
    name: {{first: ["{{name}}", "{{contact.first_name}}"]}}
    contact_name: "{{contact.first_name}} {{last_name}}"
    partner_name: "{{company.name}}"
    salesperson: {{column: owner, map: {{}}}}
    do_not_contact: {{column: contact.opt_out, equals: "1"}}
    tags: ["x", "{{branch}}"]
  note:
    labels: {{vat_id: USt-IdNr., activities.body: Text}}
    omit: {{people.birth_date: not needed}}
target:
  url: sqlite:///pipeline.db
"""
TABLES = {
    "accounts": "id,parent_id,updated_at,name,phone,mobile,is_own,owner,branch,vat_id",
    "contacts": "id,account_id,first_name,last_name,vip,opt_out,birth_date",
    "activities": "id,account_id,happened_at,body",
    "invoices": "no,account_id,state,date",
}
Check = Callable[..., dict[str, list[str]]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check the config above against files with the columns above, with a change to the config or the files."""

    def checked(change: tuple[str, str] = ("", ""), delimiter: str = ",", **without: str) -> dict[str, list[str]]:
        for table, header in TABLES.items():
            names = [name for name in header.split(",") if name != without.get(table)]
            (tmp_path / f"{table}.csv").write_text(delimiter.join(names) + "\n")
        path = tmp_path / "crm.yaml"
        path.write_text(CONFIG.format(folder=tmp_path).replace(*change))
        read = config.load(path)
        with open_source(read.source) as source:
            return check_columns(read, source)

    return checked


def test_a_config_that_fits_gives_the_columns(check: Check) -> None:
    """Each dataset's columns come in the source's order."""
    assert check() == {
        "accounts": TABLES["accounts"].split(","),
        "people": TABLES["contacts"].split(","),
        "activities": TABLES["activities"].split(","),
        "invoices": TABLES["invoices"].split(","),
    }


@pytest.mark.parametrize(
    ("table", "column", "line"),
    [
        ("accounts", "parent_id", 8),
        ("accounts", "updated_at", 9),
        ("accounts", "mobile", 10),
        ("contacts", "id", 13),
        ("contacts", "account_id", 15),
        ("activities", "id", 17),
        ("activities", "account_id", 17),
        ("activities", "happened_at", 17),
        ("accounts", "is_own", 21),
        ("invoices", "no", 26),
        ("invoices", "account_id", 26),
        ("invoices", "state", 27),
        ("invoices", "date", 27),
        ("contacts", "vip", 28),
        ("contacts", "last_name", 33),
        ("accounts", "owner", 35),
        ("contacts", "opt_out", 36),
        ("accounts", "branch", 37),
        ("accounts", "vat_id", 39),
        ("activities", "body", 39),
        ("contacts", "birth_date", 40),
    ],
)
def test_a_missing_column_is_named_with_its_line(
    check: Check, tmp_path: Path, table: str, column: str, line: int
) -> None:
    """Every part of the config that names a column is held against the source."""
    with pytest.raises(ConfigError, match=rf"{table}.* no column '{column}'") as failed:
        check(**{table: column})

    assert failed.value.where == f"{tmp_path / 'crm.yaml'}:{line}"


def test_several_missing_columns_are_all_named(check: Check) -> None:
    """One run shows all mistakes."""
    with pytest.raises(ConfigError, match=r"names 3 columns") as failed:
        check(contacts="first_name", accounts="parent_id")

    assert failed.value.message.count("'first_name'") == 2


def test_near_matches_are_named(check: Check) -> None:
    """A slip of the pen is seen."""
    with pytest.raises(ConfigError, match="did you mean 'updated_at'"):
        check(("changed: updated_at", "changed: updatedat"))


def test_a_template_of_a_contact_needs_a_person(check: Check) -> None:
    """`{contact.x}` is a column of persons: one of companies does not do."""
    with pytest.raises(ConfigError, match=r"contacts has no column 'vat_id'"):
        check(('"{company.name}"', '"{contact.vat_id}"'))


def test_a_template_of_a_company_needs_a_company(check: Check) -> None:
    """`{company.x}` is a column of companies: one of persons does not do."""
    with pytest.raises(ConfigError, match=r"accounts has no column 'last_name'"):
        check(('"{company.name}"', '"{company.last_name}"'))


def test_a_condition_on_an_unknown_entry_is_named(check: Check) -> None:
    """`of` names an entry."""
    with pytest.raises(ConfigError, match="no entry 'persons'; there are accounts, people"):
        check(("column: vip, of: people", "column: vip, of: persons"))


def test_a_missing_table_is_an_error_of_the_source(check: Check) -> None:
    """A table that is not there is named with its near matches."""
    with pytest.raises(SourceError, match="did you mean 'contacts'"):
        check(("from: contacts", "from: contact"))


def test_a_wrong_delimiter_is_said_instead_of_missing_columns(check: Check) -> None:
    """Where the file was written with semicolons, the columns are right and the delimiter is the mistake."""
    with pytest.raises(SourceError, match='delimiter: ";"') as failed:
        check(delimiter=";")

    assert failed.value.exit_code == 1
