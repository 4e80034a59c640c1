"""Rows that name records by another column than their key: by a code, a mail address, or a name."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from etl.pipeline.init import Initial, init
from etl.pipeline.plan import plan
from tests.profile.profiles import files_in, profiled

AS_OF = dt.date(2026, 11, 1)
COMPANIES = "id,name,city,email,ledger_code,vip\n" + "".join(
    f"{n},Muster {n} GmbH,Köln,office{n}@x{n}.example,{f'MUS{n:03}' if n > 10 else ''},no\n" for n in range(1, 41)
)
LAST = ("Vogel", "Krause", "Brandt", "Lorenz")
PEOPLE = "id,first_name,last_name,email,employer\n" + "".join(
    f"{n},Anna,{LAST[n % 4]},anna{n}@y.example,muster {1 + n % 40} gmbh\n" for n in range(1, 81)
)
CODES = ("MUS{n:03}", "mus{n:03}", "MUS{n:03} ")
LEDGER = "no,account,date,amount\n" + "".join(
    f"I{n},{CODES[n % 3].format(n=11 + n % 20)},2026-0{1 + n % 9}-01,{n}.50\n" for n in range(60)
)


def others(tmp_path: Path, **tables: str) -> list[tuple[str, str, str, str | None]]:
    """Table and column, the table that it names, and by which column, of some tables."""
    with profiled(f"files:{files_in(tmp_path / 'crm', tables)}", tmp_path / "copies") as profile:
        return [(link.table, link.columns[0], link.to, link.by) for link in profile.graph.links]


def first(tmp_path: Path, *, masters: dict[str, str] | None = None, **tables: str) -> tuple[Initial, dict[str, Any]]:
    """A first config of some tables, and source key -> decision of its plan."""
    out = tmp_path / "first.yaml"
    folder = files_in(tmp_path / "crm", tables)
    lists = [f"files:{files_in(tmp_path / name, {name: text})}" for name, text in (masters or {}).items()]
    made = init(f"files:{folder}", out, target=f"sqlite:///{tmp_path / 'leads.db'}", masters=lists, as_of=AS_OF)
    out.write_text(out.read_text("utf-8").replace("\nsource:", f"\nas_of: {AS_OF}\nsource:", 1), "utf-8")
    plan(out, tmp_path / "plan")
    decided = pq.read_table(tmp_path / "plan" / "decisions.parquet", columns=["source_key", "decision"]).to_pylist()
    return made, {row["source_key"]: row["decision"] for row in decided}


def test_who_stands_in_a_ledger_by_a_code_is_no_lead(tmp_path: Path) -> None:
    """However the code is written; the numbers of the question count them, and the link is marked."""
    made, decided = first(tmp_path, accounts=COMPANIES, invoices=LEDGER)
    text = (tmp_path / "first.yaml").read_text("utf-8")

    assert {key for key, decision in decided.items() if decision == "customer"} == {
        f"accounts:{n}" for n in range(11, 31)
    }
    assert "invoices: 20 within 1, 20 within 2" in text
    assert (
        "source.related.invoices: account: 60 of 60 meet ledger_code of accounts, which is not its key. "
        "Do the rows name these records by it?" in made.unsure
    )


def test_records_that_no_row_names_by_their_code_are_no_fault(tmp_path: Path) -> None:
    """The table of records leads from the code to the key; most of them have no row."""
    first(tmp_path, accounts=COMPANIES, invoices=LEDGER)

    assert "keys that no record has" not in (tmp_path / "plan" / "report.md").read_text("utf-8")


def test_persons_belong_to_the_company_that_they_name(tmp_path: Path) -> None:
    """By its name, where no column has its key."""
    made, decided = first(tmp_path, accounts=COMPANIES, people=PEOPLE, invoices=LEDGER)

    assert made.draft.config["source"]["records"]["people"]["parent"] == {
        "column": "employer",
        "of": "accounts",
        "through": {"table": "accounts", "from": "name", "to": "id", "normalize": ["upper"]},
        "missing": "ignore",
    }
    customers = {f"people:{n}" for n in range(1, 81) if 11 <= 1 + n % 40 <= 30}
    assert {key for key in decided if key.startswith("people:") and decided[key] == "customer"} == customers


def test_orders_of_a_shop_name_persons_by_their_address(tmp_path: Path) -> None:
    """Beside a name that companies have as well, the address is the surer one."""
    orders = "no,email,firm,date,amount\n" + "".join(
        f"O{n},anna{1 + n % 50}@y.example,Muster {1 + n % 40} GmbH,2026-03-01,9.90\n" for n in range(60)
    )

    assert ("orders", "email", "people", "email") in others(tmp_path, accounts=COMPANIES, people=PEOPLE, orders=orders)


def shop(companies: int, people: int, strangers: int) -> str:
    """The orders of a shop by mail addresses, so many of companies, of persons, and of nobody who is known."""
    mails = [
        *(f"office{n}@x{n}.example" for n in range(1, companies + 1)),
        *(f"anna{n}@y.example" for n in range(1, people + 1)),
        *(f"nobody{n}@z.example" for n in range(strangers)),
    ]
    return "no,mail,date,amount\n" + "".join(f"O{n},{mail},2026-03-01,9.90\n" for n, mail in enumerate(mails))


def test_orders_of_a_shop_where_most_are_of_strangers_make_customers_of_companies_and_persons(tmp_path: Path) -> None:
    """The marks say how many addresses meet."""
    made, decided = first(tmp_path, accounts=COMPANIES, people=PEOPLE, orders=shop(6, 7, 87))

    # each person is of the company muster {1 + n % 40} gmbh
    assert {key for key, decision in decided.items() if decision == "customer"} >= {
        *(f"accounts:{n}" for n in range(1, 9)),
        *(f"people:{n}" for n in range(1, 8)),
    }
    assert [line.split(": ", 1)[1] for line in made.unsure if "related.orders: mail: " in line] == [
        "mail: 7 of 100 meet email of people, which is not its key; 93 do not, for example nobody0@z.example. "
        "Do the rows name these records by it?",
        "mail: 6 of 100 meet email of accounts, which is not its key; 94 do not, for example anna1@y.example. "
        "Do the rows name these records by it?",
        "mail: 87 of 100 name no record. Do they name rows of another table?",
    ]


def test_a_few_addresses_of_a_shop_are_no_link(tmp_path: Path) -> None:
    """Four may be there by chance."""
    assert others(tmp_path, accounts=COMPANIES, orders=shop(4, 0, 96)) == []


def test_companies_name_the_one_above_them(tmp_path: Path) -> None:
    """Only a column that says so does: a city that is called as a company is no link."""
    rows = [line.split(",") for line in COMPANIES.splitlines()[1:]]
    text = "id,name,city,parent_account\n" + "".join(
        f"{row[0]},{row[1]},{row[1]},{'Muster 3 GmbH' if int(row[0]) % 2 else 'Muster 4 GmbH'}\n" for row in rows
    )
    text += "41,Muster 41 GmbH,Köln,Muster 5 GmbH\n"

    assert others(tmp_path, accounts=text) == [("accounts", "parent_account", "accounts", "name")]


@pytest.mark.parametrize(
    "column",
    [
        "Muttergesellschaft",
        "Hauptfirma",
        "Konzernmutter",
        "Zentrale",
        "Parent company",
        "Maison mère",
        "Casa madre",
        "Empresa matriz",
    ],
)
@pytest.mark.parametrize("by", ["id", "name"])
def test_the_company_above_is_known_in_five_languages_by_number_and_by_name(
    tmp_path: Path, column: str, by: str
) -> None:
    """Also where the numbers have no gaps; another column of such numbers is none."""
    rows = [(str(n), f"Muster {n} GmbH") for n in range(1, 61)]
    text = f"id,name,city,{column},rank\n" + "".join(
        f"{key},{name},Köln,{rows[n % 5][by == 'name'] if n > 40 else ''},{1 + n % 9}\n"
        for n, (key, name) in enumerate(rows)
    )

    assert others(tmp_path, accounts=text) == [("accounts", column, "accounts", None if by == "id" else "name")]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("state", [f"{('new', 'open', 'done')[n % 3]}" for n in range(60)]),
        ("seat", [f"{100 + n % 40}" for n in range(60)]),
        ("town", ["Köln"] * 60),
    ],
)
def test_words_and_counts_are_no_codes(tmp_path: Path, column: str, values: list[str]) -> None:
    """Numbers without gaps meet those of another count by chance; a few words are no records."""
    companies = "id,name,city,email,number\n" + "".join(
        f"A{n},Muster {n} GmbH,Köln,a{n}@x.example,{100 + n}\n" for n in range(40)
    )
    log = f"row,{column}\n" + "".join(f"L{n},{value}\n" for n, value in enumerate(values))

    assert others(tmp_path, accounts=companies, log=log) == []


def test_a_table_whose_rows_name_records_by_their_key_is_asked_for_no_other_link(tmp_path: Path) -> None:
    """The key says it all, even where names agree as well."""
    visits = "no,account_id,firm\n" + "".join(f"V{n},{1 + n % 30},Muster {1 + n % 30} GmbH\n" for n in range(60))
    tables = {"accounts": COMPANIES, "visits": visits}

    assert others(tmp_path, **tables) == [("visits", "account_id", "accounts", None)]


def test_a_customer_of_the_master_is_known_by_the_code_that_the_crm_has(tmp_path: Path) -> None:
    """Under another name and at no address: the number alone says who it is, and this guess is marked."""
    debtors = "code,firm,city,email\n" + "".join(f"MUS{n:03},The Holding No {n} Ltd,London,\n" for n in range(11, 31))
    made, decided = first(tmp_path, masters={"erp": debtors}, accounts=COMPANIES)

    assert {key for key, decision in decided.items() if decision == "customer"} == {
        f"accounts:{n}" for n in range(11, 31)
    }
    assert (
        "masters.erp.identity: accounts.ledger_code: 20 of 30 stand in code. "
        "Is who has such a number this customer?" in made.unsure
    )


def test_two_lists_that_count_on_their_own_share_no_number(tmp_path: Path) -> None:
    """Both begin at 10001, and that says nothing."""
    own = "id,name,city,email\n" + "".join(f"{10000 + n},Muster {n} GmbH,Köln,a{n}@x.example\n" for n in range(1, 41))
    debtors = "no,firm,city,email\n" + "".join(f"{10000 + n},Andere {n} AG,Bonn,b{n}@z.example\n" for n in range(1, 41))
    made, _ = first(tmp_path, masters={"erp": debtors}, accounts=own)

    assert "number" not in made.draft.config["masters"]["erp"]["identity"]


@pytest.mark.parametrize(
    ("column", "number", "debtor"),
    [
        ("ledger_code", "70{n:03}", "00000070{n:03}"),
        ("debitor", "70{n:03}", "70{n:03}"),
        ("erp", "0070{n:03}", "70{n:03}"),
    ],
)
def test_numbers_given_one_after_the_other_are_shared_where_something_else_says_so(
    tmp_path: Path, column: str, number: str, debtor: str
) -> None:
    """Some have one name as well, or the column is called so; zeros before a number come and go. All are customers."""
    own = f"id,name,city,email,{column}\n" + "".join(
        f"A{n},Muster {n} GmbH,Köln,a{n}@x.example,{number.format(n=n) if n > 20 else ''}\n" for n in range(1, 61)
    )
    debtors = "no,firm,city\n" + "".join(
        f"{debtor.format(n=n)},{f'Muster {n} GmbH' if n % 4 == 0 else f'Umbenannt {n} AG'},Köln\n"
        for n in range(21, 61)
    )
    _, decided = first(tmp_path, masters={"debitoren": debtors}, accounts=own)

    assert {key for key, decision in decided.items() if decision == "customer"} == {
        f"accounts:A{n}" for n in range(21, 61)
    }


@pytest.mark.parametrize(
    ("header", "rows", "key"),
    [
        ("Codice,Denominazione,CAP", [f"C{500 + n - (n == 9)},Muster {n} Srl,20{n:03}" for n in range(30)], "Codice"),
        ("account,name,postcode,town", [f"{n * 7},Muster {n} Ltd,BS{n} 2AB,Bath" for n in range(30)], "account"),
        ("Konto,Name,PLZ,Ort", [f"00000 7{n:04},Muster {n} GmbH,5{n:04},Jena" for n in range(30)], "Konto"),
    ],
)
def test_a_list_of_customers_has_one_column_that_names_each(
    tmp_path: Path, header: str, rows: list[str], key: str
) -> None:
    """A code is there twice, or called as rows of another table are, or has blanks: the config runs, with a mark."""
    made, _ = first(tmp_path, masters={"ledger": "\n".join([header, *rows])}, accounts=COMPANIES)

    assert made.draft.config["masters"]["ledger"]["key"] == key
    assert any(line.startswith("masters.ledger.key: ") for line in made.unsure)


def test_a_key_that_only_happens_to_differ_is_marked(tmp_path: Path) -> None:
    """A postcode tells these companies apart, and is no key beside a number of the customer."""
    rows = [f"Muster {n} GmbH,5{n:04},Köln,{n * 3}" for n in range(30)]
    named = others_key(tmp_path / "a", "firma,plz,ort,konto", rows)
    unnamed = others_key(tmp_path / "b", "firma,plz,ort", [row.rpartition(",")[0] for row in rows])

    assert named == ("konto", ())
    assert unnamed[1] == (
        "source.records.clients.key: all 30 values differ, but nothing is called like a key. "
        "Will these values always stay as they are?",
    )


def test_persons_without_a_key_and_strangers_among_buyers_give_a_config_that_runs(tmp_path: Path) -> None:
    """That persons name their company is marked, as only a key of one column lets them; orders of strangers pass."""
    given = ("Anna", "Jan", "Lea", "Tim", "Ida", "Max", "Eva", "Ben")
    people = "first_name,last_name,employer\n" + "".join(
        f"{given[n % 8]},{LAST[n // 8 % 4]},Muster {1 + n % 32} GmbH\n" for n in range(32)
    )
    orders = "no,email,date,amount\n" + "".join(
        f"O{n},{f'OFFICE{n}@x{n}.example' if n % 3 == 0 else f'who{n}@z.example'},2026-03-01,9.90\n"
        for n in range(1, 61)
    )
    made, decided = first(tmp_path, accounts=COMPANIES, people=people, orders=orders)

    assert {key for key, decision in decided.items() if decision != "lead"} == {
        f"accounts:{n}" for n in range(3, 41, 3)
    }
    assert any("A key of one column would let it name the company" in line for line in made.unsure)
    assert any(line.startswith("gates.evidence_without_record: ") for line in made.unsure)


def others_key(folder: Path, header: str, rows: list[str]) -> tuple[str, tuple[str, ...]]:
    """The key of a table of companies by its first config, and what is marked of it."""
    folder.mkdir()
    made = init(f"files:{files_in(folder / 'crm', {'clients': chr(10).join([header, *rows])})}", folder / "first.yaml")
    key = made.draft.config["source"]["records"]["clients"]["key"]
    return key, tuple(line for line in made.unsure if ".key: " in line)


@pytest.mark.parametrize(
    ("key", "named"),
    [("{n:06}", "{n}"), ("Ab{n:03}x", "AB{n:03}X"), ("{n:06}", "{n:08}"), (" {n}00", "{n}00")],
)
def test_keys_that_meet_only_in_one_form_name_records_by_it(tmp_path: Path, key: str, named: str) -> None:
    """Zeros or capitals on the side of the records: the key stays, and who bought is a customer. `0` names nobody."""
    accounts = "account_id,name,city,email\n" + "".join(
        f"{key.format(n=n * 37)},Muster {n} GmbH,Köln,a{n}@x.example\n" for n in range(1, 41)
    )
    invoices = "no,account_id,date,amount\n" + "".join(
        f"I{n},{named.format(n=n % 20 * 37) if n % 20 else 0},2026-03-01,9.90\n" for n in range(60)
    )
    made, decided = first(tmp_path, accounts=accounts, invoices=invoices)
    report = json.loads((tmp_path / "plan" / "report.json").read_text("utf-8"))

    assert made.draft.config["source"]["records"]["accounts"]["key"] == "account_id"
    assert sum(decision == "customer" for decision in decided.values()) == 19
    assert [gate["name"] for gate in report["gates"] if not gate["ok"]] == []
