"""Sources that are not as one would have them: each gives a config that runs, with its guesses marked."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from etl.errors import ConfigError
from etl.pipeline.check import check
from etl.pipeline.init import init
from etl.pipeline.plan import plan
from tests.profile.profiles import files_in

COMPANIES = [(n, f"Muster {n} GmbH", "Köln", f"a{n}@x.example", f"{50000 + n}") for n in range(1, 60)]
COLUMNS = "(id int primary key, name text, city text, email text, zip text)"


def first(
    tmp_path: Path, *statements: str, **rows: Sequence[tuple[Any, ...]]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The first config of a SQLite database, which check and plan take, and what is not sure. rows: of a table."""
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        for table, some in rows.items():
            connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(some[0]))})', some)
        connection.commit()
    out = tmp_path / "first.yaml"
    target = f"sqlite:///{tmp_path / 'leads.db'}"
    made = init(f"sqlite:///{tmp_path / 'crm.db'}", out, target=target, as_of=dt.date(2026, 11, 1))
    check(out)
    plan(out, tmp_path / "plan")
    return YAML(typ="safe").load(out.read_text(encoding="utf-8")), made.unsure


def test_names_in_cyrillic_are_told_by_what_the_columns_hold(tmp_path: Path) -> None:
    """Legal forms and addresses say what they are; that it is no more than likely is marked."""
    said, unsure = first(
        tmp_path,
        'CREATE TABLE "Компании" ("Код" int primary key, "Название" text, "Город" text, "Почта" text, "Индекс" text)',
        Компании=COMPANIES,
    )
    [entry] = said["source"]["records"].values()

    assert entry["from"] == "Компании"
    assert entry["identity"] == {"company": "Название", "email": "Почта"}
    assert len(unsure) == 3


def test_reserved_words_and_blanks_in_names_are_only_names(tmp_path: Path) -> None:
    """A table called Order, columns called null, true and `a: b`, a blank at an end."""
    said, _ = first(
        tmp_path,
        'CREATE TABLE "Customer List " ("key" int primary key, "name" text, "city " text, "e-mail address" text,'
        ' "null" text, "true" text DEFAULT 1, "a: b" text DEFAULT 2, "#x" text DEFAULT 3)',
        'CREATE TABLE "order" ("group" int primary key, "select" text, "from where" text)',
        'INSERT INTO "order" VALUES (1, "x", "2026-01-01")',
        *(
            f'INSERT INTO "Customer List " ("key", "name", "city ", "e-mail address", "null") VALUES {row}'
            for row in COMPANIES
        ),
    )

    assert said["source"]["records"]["Customer_List"]["identity"]["city"] == "city "


def test_of_two_tables_that_a_column_could_mean_the_named_one_is_taken_and_a_tie_is_marked(tmp_path: Path) -> None:
    """Each link says its own column: three columns are not one key of three."""
    said, unsure = first(
        tmp_path,
        f"CREATE TABLE accounts {COLUMNS}",
        f"CREATE TABLE companies {COLUMNS}",
        "CREATE TABLE invoices (id int, account_id int, company_id int, customer_id int, date text, status text)",
        accounts=COMPANIES,
        companies=COMPANIES,
        invoices=[(n, n, n, n, "2026-03-04", "paid") for n in range(1, 50)],
    )

    assert said["source"]["related"]["invoices"]["of"] == {
        "accounts": [{"column": "account_id"}, {"column": "customer_id"}],
        "companies": "company_id",
    }
    assert "source.related.invoices: customer_id: accounts, or companies? Both fit." in unsure


def test_companies_without_legal_forms_have_names_all_the_same(tmp_path: Path) -> None:
    """By the table's name; without any column of names, leads are called by their keys, and that is marked."""
    out = tmp_path / "first.yaml"
    folder = files_in(tmp_path / "crm", {"accounts": "id,name,city,email\n1,Alpha,Köln,a@a.example\n"})
    named = init(f"files:{folder}", out, as_of=dt.date(2026, 11, 1))
    files_in(tmp_path / "crm", {"accounts": "id,plz,city,email\n1,50667,Köln,a@a.example\n"})
    nameless = init(f"files:{folder}", out, replace=True, as_of=dt.date(2026, 11, 1))

    assert named.draft.config["source"]["records"]["accounts"]["identity"]["company"] == "name"
    assert named.unsure[1:] == ("source.records.accounts.identity: name seems to hold the names of companies.",)
    assert nameless.draft.config["leads"]["fields"]["name"] == "{id}"
    assert [line for line in nameless.unsure if line.startswith("leads.fields.name")]
    check(out)


def test_zeros_bring_two_lists_together_only_where_the_column_is_a_link(tmp_path: Path) -> None:
    """Keys of two lists that count on their own say nothing; all rows are counted, not the first few thousand."""
    numbered = [(f"{n}", f"Muster {n} GmbH", "Köln", f"a{n}@x.example", "50667") for n in range(1, 2501)]
    said, _ = first(
        tmp_path,
        f"CREATE TABLE accounts {COLUMNS.replace('int primary key', 'text')}",
        "CREATE TABLE customers (customer_no text, firm text, city text, email text, zip text)",
        "CREATE TABLE visits (id int, account_id text, day text)",
        accounts=numbered,
        customers=[(f"{n:07}", *row[1:]) for n, row in enumerate(numbered, 1)],
        visits=[(n, f"{n:07}", "2026-01-01") for n in range(1, 2501)],
    )

    assert "parent" not in said["source"]["records"]["customers"]
    assert said["source"]["related"]["visits"]["of"] == {
        "accounts": {"column": "account_id", "normalize": ["leading_zeros"]}
    }
    assert "account_id: 2,500 of 2,500 meet accounts." in (tmp_path / "first.yaml").read_text(encoding="utf-8")


def test_a_list_of_debtors_beside_the_companies_is_a_master(tmp_path: Path) -> None:
    """Its rows are no leads, and who is on it is a customer; this guess is marked. Alone, it holds the records."""
    debtors = [(f"D{n}", *rest) for n, *rest in COMPANIES[:20]]
    tables = {
        "accounts": "id,name,city,email,zip\n" + "".join(f"{','.join(map(str, row))}\n" for row in COMPANIES),
        "debtors": "debtor_no,name,city,email,zip\n" + "".join(f"{','.join(row)}\n" for row in debtors),
    }
    out, folder = tmp_path / "first.yaml", files_in(tmp_path / "crm", tables)
    made = init(f"files:{folder}", out, target=f"sqlite:///{tmp_path / 'leads.db'}", as_of=dt.date(2026, 11, 1))
    plan(out, tmp_path / "plan")
    decided = pq.read_table(tmp_path / "plan" / "decisions.parquet").to_pylist()

    assert made.entries == {"accounts": 59}
    assert "masters.debtors: By its name, debtors lists who is a customer already. Is it so?" in made.unsure
    assert {row["source_key"] for row in decided if row["decision"] == "lead"} == {
        f"accounts:{n}" for n in range(21, 60)
    }
    (folder / "accounts.csv").unlink()
    assert init(f"files:{folder}", out, replace=True).entries == {"debtors": 20}


def test_what_looks_like_a_test_in_many_names_is_no_rule(tmp_path: Path) -> None:
    """A company of that name would send half of the records to people; that no rule asks is marked."""
    said, unsure = first(
        tmp_path,
        f"CREATE TABLE accounts {COLUMNS}",
        accounts=[(n, f"Test {name}" if n % 2 else name, *rest) for n, name, *rest in COMPANIES],
    )

    assert [rule["as"] for rule in said["classify"]] == ["lead"]
    assert "51% of its values look like names of test records" in " ".join(unsure)


def test_two_thousand_tables_give_a_config(tmp_path: Path) -> None:
    """With those that name the companies; what has no rows is left out."""
    further = [f"CREATE TABLE t{n} (id int primary key, account_id int, note text)" for n in range(2000)]
    filled = [f"INSERT INTO t{n} VALUES (1, {1 + n % 59}, 'a'), (2, 3, 'b'), (3, 7, 'c')" for n in range(0, 2000, 50)]
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection:
        for statement in (f"CREATE TABLE accounts {COLUMNS}", *further, *filled):
            connection.execute(statement)
        connection.executemany("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", COMPANIES)
        connection.commit()
    made = init(f"sqlite:///{tmp_path / 'crm.db'}", tmp_path / "first.yaml", as_of=dt.date(2026, 11, 1))

    assert made.entries == {"accounts": 59}
    assert len(made.draft.config["source"]["related"]) == 40


def test_variables_in_a_url_are_filled_in_and_stand_in_the_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a config has them: the password is in the environment alone. One that is not set is named."""
    folder = files_in(tmp_path / "crm", {"accounts": "id,name,city,email\n1,Alpha GmbH,Köln,a@a.example\n"})
    monkeypatch.setenv("MY_FOLDER", str(folder))
    made = init("files:${MY_FOLDER}", tmp_path / "first.yaml", as_of=dt.date(2026, 11, 1))

    assert made.draft.config["source"]["url"] == "files:${MY_FOLDER}"
    monkeypatch.delenv("MY_FOLDER")
    with pytest.raises(ConfigError, match="MY_FOLDER is not set"):
        init("files:${MY_FOLDER}", tmp_path / "second.yaml")
