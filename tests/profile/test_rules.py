"""Rules of a first config: a row that could be a purchase counts, as the worst is to call a customer a lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from etl.pipeline.init import init
from etl.pipeline.plan import plan
from tests.profile.profiles import files_in

AS_OF = dt.date(2026, 11, 1)
COMPANIES = "id,name,city,email\n" + "".join(f"{n},Muster {n} GmbH,Köln,a{n}@x.example\n" for n in range(1, 21))


def customers(tmp_path: Path, tables: Mapping[str, str]) -> set[str]:
    """Who is no lead by the first config of companies and some tables; the keys."""
    out = tmp_path / "first.yaml"
    folder = files_in(tmp_path / "crm", {"accounts": COMPANIES, **tables})
    init(f"files:{folder}", out, target=f"sqlite:///{tmp_path / 'leads.db'}", as_of=AS_OF)
    out.write_text(out.read_text("utf-8").replace("\nsource:", f"\nas_of: {AS_OF}\nsource:", 1), "utf-8")
    plan(out, tmp_path / "plan")
    decided = pd.read_parquet(tmp_path / "plan" / "decisions.parquet", columns=["key", "decision"])
    return set(decided.loc[decided["decision"] != "lead", "key"])


def rows(name: str, *values: tuple[str, ...]) -> dict[str, str]:
    """A table whose rows name accounts 1, 2, 3 …, in turn. name: with its columns behind a colon."""
    table, _, columns = name.partition(":")
    lines = [f"R{n},{n},{','.join(row)}\n" for n, row in enumerate(values, 1)]
    return {table: f"id,account_id,{columns}\n" + "".join(lines)}


@pytest.mark.parametrize(
    ("table", "bought"),
    [
        (
            rows("invoices:date,state", ("2026-02-01", "posted"), ("2026-02-01", "draft"), ("2026-02-01", "")),
            {"1", "3"},
        ),
        (
            rows("invoices:date,state", ("2026-02-01", "posted"), ("2026-02-01", "pending"), ("2015-01-01", "posted")),
            {"1", "2"},
        ),
        (rows("invoices:date,is_paid", ("2026-02-01", "1"), ("2026-03-01", "0"), ("2026-04-01", "0")), {"1", "2", "3"}),
        (
            rows("orders:date,state", ("2026-02-01", "storniert"), ("2026-03-01", "Entwurf"), ("2026-04-01", "draft")),
            set(),
        ),
        (
            rows(
                "orders:date,state",
                ("2026-02-01", "geliefert"),
                ("2026-03-01", "Sonderfall 7"),
                ("2026-04-01", "storniert"),
            ),
            {"1", "2"},
        ),
        (
            rows(
                "contracts:start_date,state",
                ("2011-02-01", "active"),
                ("2012-03-01", "active"),
                ("2011-03-01", "cancelled"),
            ),
            {"1", "2"},
        ),
        (
            rows(
                "deals:close_date,stage",
                ("2026-02-01", "Closed Won"),
                ("2026-03-01", "Negotiation"),
                ("2026-04-01", "Closed Lost"),
            ),
            {"1"},
        ),
    ],
    ids=[
        "no state",
        "a state that may be one",
        "not paid yet",
        "none bought",
        "an unknown state",
        "what lasts",
        "deals",
    ],
)
def test_who_bought_is_a_customer(tmp_path: Path, table: Mapping[str, str], bought: set[str]) -> None:
    """Only rows that surely are no purchase do not count; a deal only if it was won."""
    assert customers(tmp_path, table) == bought


def test_a_day_of_deletion_that_all_rows_have_leaves_nobody_out(tmp_path: Path) -> None:
    """Some programs write a day that never was for those that are there."""
    people = "id,first_name,last_name,email,deleted_at\n" + "".join(
        f"{n},Anna,Muster{chr(96 + n)},p{n}@x.example,0000-00-00\n" for n in range(1, 21)
    )
    out = tmp_path / "first.yaml"
    init(f"files:{files_in(tmp_path / 'crm', {'people': people})}", out, as_of=AS_OF)

    assert "where" not in out.read_text("utf-8")
