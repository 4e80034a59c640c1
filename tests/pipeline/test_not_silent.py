"""What was wrong in silence once: the same few lines now show in terminal, Markdown, page, JSON and exit code."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.running import run
from tests.told import write

SOURCE = "source: {url: SOURCE, records: {accounts: {key: id, type: company, identity: {company: name}}}}\n"
REST = "classify: [{as: lead, name: rest}]\n"
INVOICED = "classify:\n  - {as: customer, name: invoiced, when: {exists: invoices, of: {accounts: account}MORE}}\n"
INVOICED += "  - {as: lead, name: rest}\n"
ACCOUNTS = "id,name\n1,Alpha\n2,Beta"


@dataclass(frozen=True)
class Silent:
    """A few lines that once gave a wrong plan without a word.

    told: what people read in each report; json: a part of report.json that names it; code: of `plan`, 3 where a gate is
    for it; where none is, the families wait in review, or nothing is decided by it.
    """

    tables: dict[str, str]
    config: str
    told: str
    json: str
    code: int


CASES = {
    "a supplier spelled otherwise": Silent(
        {"accounts": "id,name,sup\n1,A,1\n2,B,TRUE\n3,C, 1\n4,D,1.0\n5,E,0"},
        SOURCE
        + "classify:\n  - {as: keep, name: supplier, when: {column: sup, equals: '1'}}\n  - {as: lead, name: rest}\n",
        "is another word for the same answer",
        '"value": "TRUE"',
        3,
    ),
    "an owner with a blank": Silent(
        {"accounts": "id,name,owner\n1,A,MM\n2,B,mm \n3,C,mm"},
        SOURCE
        + REST
        + "leads: {fields: {name: '{name}', salesperson: {column: owner, map: {mm: maria}, default: sales}}}\n",
        "leads.fields.salesperson",
        '"value": "MM"',
        3,
    ),
    "a flag with a word of its own": Silent(
        {"accounts": "id,name,stop\n1,A,maybe\n2,B,0"},
        SOURCE + REST + "leads: {fields: {name: '{name}', do_not_contact: {flag: stop}}}\n",
        "leads.fields.do_not_contact",
        '"value": "maybe"',
        3,
    ),
    "a flag that nobody has": Silent(
        {"accounts": "id,name,stop\n1,A,0\n2,B,"},
        SOURCE + REST + "leads: {fields: {name: '{name}', do_not_contact: {flag: stop}}}\n",
        "do_not_contact",
        '"consent"',
        0,
    ),
    "an opt-out in a column that nobody named": Silent(
        {"accounts": "id,name,Werbesperre\n1,A,x\n2,B,"},
        SOURCE + REST,
        "sounds like an opt-out and 1 row",
        '"column": "Werbesperre"',
        0,
    ),
    "an opt-out of a deleted duplicate": Silent(
        {"accounts": "id,name,mail,stop,deleted\n1,A,a@x.example,0,0\n2,B,b@x.example,0,0\n3,A,A@x.example,1,1"},
        SOURCE.replace("type: company, identity: {", "type: company, where: {deleted: '0'}, identity: {email: mail, ")
        + REST
        + "leads: {fields: {name: '{name}', email: '{mail}', do_not_contact: {flag: stop}}}\n",
        "leaves out opted out, and nobody may be contacted by its addresses",
        '"elsewhere": 1',
        0,
    ),
    "keys with other zeros": Silent(
        {"accounts": ACCOUNTS, "invoices": "no,account\nR1,001\nR2,002"},
        SOURCE + INVOICED.replace("MORE", ""),
        "leading zeros",
        '"steps": ["leading_zeros"]',
        3,
    ),
    "a table of links with other zeros": Silent(
        {"accounts": ACCOUNTS, "orders": "id,stage\n1,Won\n2,Won", "links": "no,account\n001,1\n002,2"},
        SOURCE
        + INVOICED.replace("exists: invoices", "exists: orders, key: id").replace(
            "accounts: account}MORE", "accounts: {through: {table: links, from: no, to: account}}}"
        ),
        "100%",
        '"without_record": 2',
        3,
    ),
    "joined values with other zeros": Silent(
        {"accounts": ACCOUNTS, "fin": "acc,class\n01,A\n02,A"},
        SOURCE.replace("type: company", "type: company, join: {fin: {key: acc}}")
        + "classify:\n  - {as: customer, name: A, when: {column: fin.class, equals: A}}\n  - {as: lead, name: rest}\n",
        "2 more rows would find their values",
        '"near": 2',
        3,
    ),
    "labels with other zeros": Silent(
        {"accounts": "id,name,st\n1,Alpha,1\n2,Beta,2", "states": "id,name\n01,Customer\n2,Prospect"},
        SOURCE.replace("type: company", "type: company, labels_of: {st: {from: states, key: id, show: name}}") + REST,
        "1 more row would find its values",
        '"near": 1',
        3,
    ),
    "a key that is merged into two records": Silent(
        {"accounts": ACCOUNTS, "merges": "old,new\n9,1\n9,2"},
        SOURCE.replace("type: company", "type: company, aliases: {from: merges, old: old, new: new}") + REST,
        "1 key is merged into several records",
        '"twice": 1',
        0,
    ),
    "a parent with other zeros": Silent(
        {"accounts": "id,name,up\n1,Alpha,02\n2,Beta,"},
        SOURCE.replace("type: company", "type: company, parent: {column: up, of: accounts, missing: ignore}") + REST,
        "leading zeros",
        '"near": 1',
        3,
    ),
    "joined rows that are not taken": Silent(
        {"accounts": ACCOUNTS, "mails": "acc,mail\n1,a@alpha.example\n1,b@alpha.example"},
        SOURCE.replace("type: company", "type: company, join: {mails: {key: acc}}") + REST,
        "1 row of the other table is not taken",
        '"not_taken": 1',
        0,
    ),
    "a date of another form": Silent(
        {"accounts": ACCOUNTS, "invoices": "no,account,day\nR1,1,31.10.2026"},
        SOURCE + INVOICED.replace("MORE", ", within: {column: day, last: 3 years}"),
        "date cannot be read",
        '"unreadable_dates": 1',
        3,
    ),
    "a date from the future": Silent(
        {"accounts": ACCOUNTS, "invoices": "no,account,day\nR1,1,9999-12-31"},
        SOURCE + INVOICED.replace("MORE", ", within: {column: day, last: 3 years}"),
        "date cannot be read",
        '"unreadable_dates": 1',
        3,
    ),
    "a placeholder as a VAT number": Silent(
        {"accounts": "id,name,vat\n1,Alpha Bau,DE123456789\n2,Beta,", "debtors": "no,name,vat\nD1,Nobody,DE123456789"},
        """source: {url: SOURCE, records: {accounts: {key: id, type: company, identity: {company: name, vat: vat}}}}
masters: {erp: {url: SOURCE, from: debtors, key: no, identity: {company: name, vat: vat}}}
classify:
  - {as: customer, name: same number, when: {matches: erp, same: vat}}
  - {as: lead, name: rest}
""",
        "prove",
        '"weak_numbers": 1',
        3,
    ),
    "a table that nobody named": Silent(
        {"accounts": ACCOUNTS, "payments": "id,account_id\nP1,1\nP2,2"},
        SOURCE + REST + "gates: {left_behind: 0}\n",
        "payments",
        '"table": "payments"',
        3,
    ),
    "soft deletes": Silent(
        {"accounts": "id,name,deleted\n1,A,0\n2,B,1"},
        SOURCE.replace("type: company", "type: company, where: {deleted: '0'}") + REST,
        "left out",
        '"left_out"',
        0,
    ),
    "a kind that no link takes": Silent(
        {"accounts": ACCOUNTS, "calls": "id,kind,of,text\n1,Account,1,a\n2,Accounts,2,b\n3,Invoice,9,c\n4,Invoice,8,d"},
        SOURCE.replace(
            "}}}\n", "}}, related: {calls: {key: id, of: {accounts: {column: of, where: {kind: Account}}}}}}\n"
        )
        + REST,
        "kind: Invoice (2)",
        '"other_kind": 3, "kinds": [{"kind": "kind: Invoice", "rows": 2}, {"kind": "kind: Accounts", "rows": 1}]',
        0,
    ),
    "rows below rows with other zeros": Silent(
        {"accounts": ACCOUNTS, "orders": "no,account\n5,1", "lines": "id,order,text\nL1,05,a\nL2,5,b"},
        SOURCE.replace("}}}\n", "}}, related: {orders: {key: no, of: {accounts: account}}, LINES}}\n").replace(
            "LINES", "lines: {key: id, under: {orders: order}}"
        )
        + REST,
        "orders: {normalize: [leading_zeros]}",
        '"kind": "under"',
        3,
    ),
    "a table of evidence without a row beside one with some": Silent(
        {"accounts": ACCOUNTS, "invoices": "id,account", "orders": "id,account\n1,1"},
        SOURCE
        + INVOICED.replace("MORE", "").replace(
            "  - {as: lead",
            "  - {as: customer, name: o, when: {exists: orders, of: {accounts: account}}}\n  - {as: lead",
        ),
        "not one row was read: check that the table is complete",
        '"name": "empty_tables"',
        3,
    ),
    "an entry without a row beside one with some": Silent(
        {"accounts": ACCOUNTS, "contacts": "id,account"},
        SOURCE.replace("}}}\n", "}, contacts: {key: id, type: person, parent: {column: account, of: accounts}}}}\n")
        + REST,
        "contacts: not one row was read.",
        '"name": "empty_tables"',
        3,
    ),
    "history and a joined table without a row": Silent(
        {"accounts": ACCOUNTS, "calls": "id,account", "mails": "account,mail"},
        SOURCE.replace(
            "}}}}\n",
            "}, join: {mail: {from: mails, key: account}}}}, related: {calls: {key: id, of: {accounts: account}}}}\n",
        )
        + REST,
        "not one row finds its row in the other table",
        '"dataset": "calls"',
        0,
    ),
    "no rule that makes a customer": Silent(
        {"accounts": ACCOUNTS},
        SOURCE + REST + "gates: {reject: 1%}\n",
        "No rule of the config makes a customer",
        '"name": "customers", "limit": "at least 1"',
        3,
    ),
    "rules by which nobody is a customer": Silent(
        {"accounts": ACCOUNTS, "invoices": "id,account,state\n1,9,x"},
        SOURCE + INVOICED.replace("MORE", "") + "gates: {customers: 0..2, evidence_without_record: 1}\n",
        "Not one record is a customer, although rules look for them",
        '"name": "customers", "limit": "at most 2"',
        0,
    ),
    "a table that nobody named, with other zeros": Silent(
        {"accounts": "id,name\n10001,Alpha\n10002,Beta", "payments": "id,account_id\nP1,010001\nP2,010002"},
        SOURCE + REST + "gates: {left_behind: 0}\n",
        "without regard to leading zeros",
        '"near": ["leading_zeros"]',
        3,
    ),
    "an empty cell beside a word for no": Silent(
        {"accounts": "id,name,deleted\n1,A,0\n2,B,\n3,C,1"},
        SOURCE.replace("type: company", "type: company, where: {deleted: '0'}") + REST,
        "is empty beside a word for no",
        '"by": "empty"',
        3,
    ),
    "rows whose links are empty": Silent(
        {"accounts": ACCOUNTS, "calls": "id,account,text\n1,,to nobody\n2,1,hello"},
        SOURCE.replace("}}}\n", "}}, related: {calls: {key: id, of: {accounts: account}}}}\n") + REST,
        "links are empty",
        '"not_linked": 1',
        0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_report_tells(tmp_path: Path, case: str) -> None:
    """Terminal, report.md, report.html and report.json name it, and the exit code is that of the gate it breaks."""
    silent = CASES[case]
    config = write(tmp_path, silent.tables, silent.config)

    ended = run("plan", config, "--out", tmp_path / "plan")

    assert silent.told in ended.stdout, ended.stdout + ended.stderr
    for report in ("report.md", "report.html"):
        text = (tmp_path / "plan" / report).read_text("utf-8")
        assert silent.told in re.sub(r"\\([^\w\s])|\\(_)", r"\1\2", text), report  # as Markdown is shown
    report = json.loads((tmp_path / "plan" / "report.json").read_text("utf-8"))
    assert silent.json in json.dumps(report, ensure_ascii=False)
    assert ended.returncode == silent.code, ended.stdout + ended.stderr


def test_check_tells_in_one_line_which_words_of_lists_nobody_has(tmp_path: Path) -> None:
    """A list may name words of other languages: each report counts them, and nothing needs to be done."""
    rules = "  - {as: keep, name: NAME, when: {column: kind, in: [partner, Partenaire, Partnerin]}}\n"
    config = write(
        tmp_path,
        {"accounts": "id,name,kind\n1,A,partner\n2,B,"},
        SOURCE
        + "classify:\n"
        + rules.replace("NAME", "a")
        + rules.replace("NAME", "b").replace("partner,", "partner, Socio,")
        + "  - {as: lead, name: rest}\n",
    )

    said = [line for line in run("check", config).stdout.splitlines() if "Partenaire" in line]

    assert len(said) == 1, said
    assert "2 places of the config name more values than rows have, which may well be right" in said[0]


def test_check_tells_what_nearly_meets_a_where(tmp_path: Path) -> None:
    """A row that its entry leaves out, or would but for the form of a value, is told before anything is planned."""
    config = write(
        tmp_path,
        {"accounts": "id,name,deleted\n1,A,0\n2,B,0.0\n3,C,1"},
        SOURCE.replace("type: company", "type: company, where: {deleted: '0'}") + REST,
    )

    ended = run("check", config)

    assert "source.records.accounts.where: accounts.deleted" in ended.stdout, ended.stdout
    assert "0.0" in ended.stdout
