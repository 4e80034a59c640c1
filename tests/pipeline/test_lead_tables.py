"""Existing lead tables of any shape: columns of their own, constants, ids, and what they refuse told by the plan."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from etl.errors import ConfigError
from etl.pipeline.apply import apply
from etl.pipeline.check import check
from etl.pipeline.plan import Settings, plan
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.conftest import throw_away
from tests.pipeline.small import without_password

CONFIG = """\
name: tables
as_of: 2026-11-01
source:
  url: "files:{folder}"
  records:
    accounts: {{key: id, type: company, identity: {{company: name}}}}
classify: [{{as: lead, name: all}}]
leads:
  fields:
{fields}
approvals: waived
gates: {{review: 100%, customers: 0%..100%}}
target: {{url: "{target}", table: leads, columns: {{{columns}}}{more}}}
"""


@dataclass
class Pipeline:
    """A table of leads in a database, and accounts in a CSV file that are to be written into it.

    fields: lead field -> what fills it; columns: lead field -> column; more: further keys of `target`.
    """

    folder: Path
    target: str
    plans: int = 0

    @property
    def kind(self) -> str:
        """sqlite, postgresql or mariadb."""
        return sa.make_url(self.target).get_backend_name()

    def do(self, *statements: str) -> None:
        """Run statements in the target; `{long}` and `{id}` are its types for notes and ids."""
        words = {
            "sqlite": {"long": "TEXT", "id": "INTEGER PRIMARY KEY"},
            "postgresql": {"long": "TEXT", "id": "SERIAL PRIMARY KEY"},
            "mariadb": {"long": "LONGTEXT CHARACTER SET utf8mb4", "id": "INTEGER AUTO_INCREMENT PRIMARY KEY"},
        }[self.kind]
        engine = open_engine(self.target)
        with engine.begin() as connection:
            for statement in statements:
                for name, word in words.items():
                    statement = statement.replace(f"{{{name}}}", word)
                connection.exec_driver_sql(statement)
        engine.dispose()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the target."""
        engine = open_engine(self.target)
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.exec_driver_sql(query)]
        engine.dispose()
        return rows

    def config(self, rows: str, more: str = "", columns: str = "", **fields: str) -> Path:
        """Write accounts, and a config that maps fields. rows: of the CSV file, the header first."""
        (self.folder / "accounts.csv").write_text(rows, encoding="utf-8")
        listed = "\n".join(f"    {name}: {source}" for name, source in {"name": '"{name}"', **fields}.items())
        target = without_password(self.target, "LEADS")
        mapped = ", ".join(filter(None, ("name: title, note: body", columns)))
        values = {"folder": self.folder, "fields": listed, "target": target, "columns": mapped, "more": more}
        path = self.folder / "tables.yaml"
        path.write_text(CONFIG.format(**values), encoding="utf-8")
        return path

    def plan(self, rows: str, **options: str) -> Bundle:
        """Make a plan of such a config."""
        self.plans += 1
        folder = self.folder / f"plan{self.plans}"
        return Bundle.open(plan(self.config(rows, **options), folder, settings=Settings(threads=1)).folder)


@pytest.fixture
def leads(fresh_database: str, tmp_path: Path) -> Pipeline:
    """An empty database of each kind."""
    return Pipeline(tmp_path, fresh_database)


@pytest.fixture(params=["postgresql", "mariadb"])
def served_leads(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """An empty database of each kind that has a server."""
    with throw_away(request.param, tmp_path_factory) as url:
        yield Pipeline(tmp_path, url)


def whole(bundle: Bundle) -> bool:
    """Whether a plan is written as a whole, is read back, and leaves no lead when it is undone."""
    applied = apply(bundle, threads=1)
    return (applied.leads, applied.refused) == (bundle.manifest.leads, ()) and verify(bundle, threads=1).holds


def blocked(bundle: Bundle) -> dict[str, tuple[str, str]]:
    """Lead -> field and reason of what the target cannot hold."""
    rows = pq.read_table(bundle.path / "blocked.parquet").to_pylist()
    return {row["lead"]: (row["field"], row["reason"]) for row in rows}


def reasons(bundle: Bundle) -> dict[str, str]:
    """Source key -> evidence of each record in review."""
    rows = pq.read_table(bundle.path / "decisions.parquet").to_pylist()
    return {row["source_key"]: str(row["evidence"]) for row in rows if row["decision"] == "review"}


def test_any_column_of_a_table_is_filled_and_constants_too(leads: Pipeline) -> None:
    """By names of the target's own; numbers, dates and flags come back as what they are, and undo takes all back."""
    flag = {"sqlite": "BOOLEAN", "postgresql": "BOOLEAN", "mariadb": "TINYINT(1)"}[leads.kind]
    leads.do(
        "CREATE TABLE leads (id {id}, title VARCHAR(40), body {long}, rating INTEGER, since TIMESTAMP NULL,"
        f" revenue NUMERIC(10, 2), vip {flag}, status VARCHAR(9) NOT NULL, kind INTEGER NOT NULL)"
    )
    bundle = leads.plan(
        "id,name,stars,since,vip\n1,Alpha GmbH,05,2024-03-01,true\n2,Beta GmbH,,,\n",
        columns="rating: rating, since: since, revenue: revenue, vip: vip",
        more=", values: {status: new, kind: '3'}",
        rating='"{stars}"',
        since='"{since}"',
        revenue='"12.5"',
        vip='"{vip}"',
    )

    assert blocked(bundle) == {}
    assert whole(bundle)
    [first, second] = leads.ask("SELECT title, rating, since, vip, status, kind, revenue FROM leads ORDER BY id")
    assert (first[0], int(first[1]), str(first[2])[:10], first[4], int(first[5])) == (
        "Alpha GmbH",
        5,
        "2024-03-01",
        "new",
        3,
    )
    assert str(first[3]).lower() in ("1", "true")
    assert second[1:4] == (None, None, None)
    assert float(first[6]) == 12.5
    leads.do("UPDATE leads SET status = 'won' WHERE title = 'Beta GmbH'")
    undone = undo(bundle)
    assert [kept.lead for kept in undone.kept] == ["accounts:2"]  # a constant that changed is work, too
    assert leads.ask("SELECT title FROM leads") == [("Beta GmbH",)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rating": '"{name}"'}, r"leads.fields: 'rating' is not a lead field; .*under target.columns"),
        ({"columns": "rating: stars"}, "target.columns: 'rating' is no lead field, and leads.fields does not fill it"),
        ({"columns": "citty: stars"}, "did you mean 'city'"),
        ({"columns": "family: stars", "family": '"{name}"'}, "'family' cannot be the name of a field"),
        ({"more": ", values: {title: x}"}, "the column 'title' is filled by id or columns already"),
        ({"more": ", values: {statuss: x}"}, "There is no column 'statuss'; there are status"),
        ({"more": ", values: {status: much too long}"}, "status cannot take 'much too long': it is too long"),
        (
            {"more": ", values: {stars: many}"},
            "stars cannot take 'many': it is nothing that a column of this",
        ),
    ],
)
def test_what_a_table_cannot_be_given_is_an_error_of_the_config(
    postgresql_leads: Pipeline, options: dict[str, str], said: str
) -> None:
    """It names what would be right, before anything is read."""
    config = postgresql_leads.config("id,name\n1,Alpha GmbH\n", **options)

    with pytest.raises(ConfigError, match=said):
        check(config)


@pytest.fixture(scope="module")
def postgresql_leads(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A table of leads on PostgreSQL that nothing is written into."""
    leads = Pipeline(tmp_path_factory.mktemp("leads"), postgresql)
    leads.do(
        "DROP TABLE IF EXISTS leads",
        "CREATE TABLE leads (id {id}, title TEXT, body {long}, stars INTEGER, status VARCHAR(5))",
    )
    return leads


IDS = {
    "sqlite": ["TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(16))))", "CHAR(36) PRIMARY KEY"],
    "postgresql": [
        "uuid PRIMARY KEY DEFAULT gen_random_uuid()",
        "uuid PRIMARY KEY",
        "char(36) PRIMARY KEY",
        "text PRIMARY KEY DEFAULT 'L' || nextval('numbers')",
    ],
    "mariadb": [
        "CHAR(36) PRIMARY KEY DEFAULT (uuid())",
        "UUID PRIMARY KEY DEFAULT uuid()",
        "CHAR(36) PRIMARY KEY DEFAULT ''",
        "BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY",
    ],
}


@pytest.mark.parametrize("number", range(4))
def test_ids_that_the_server_makes_in_any_type(leads: Pipeline, number: int) -> None:
    """UUIDs with a default and without, text from a sequence, numbers above 2^63: each lead is read back by its id."""
    of = IDS[leads.kind][number % len(IDS[leads.kind])]
    leads.do(
        *(["CREATE SEQUENCE numbers"] if leads.kind == "postgresql" else []),
        f"CREATE TABLE leads (id {of}, title VARCHAR(40), body {{long}})",
    )
    if "BIGINT" in of:
        leads.do(f"ALTER TABLE leads AUTO_INCREMENT = {2**63}")
    bundle = leads.plan("id,name\n1,Alpha GmbH\n2,Beta GmbH\n")

    assert whole(bundle)
    ids = {str(row[0]) for row in leads.ask("SELECT id FROM leads")}
    assert {row[0] for row in leads.ask("SELECT lead_id FROM crm_cleanup_ledger")} == ids
    if "36" in of or "uuid" in of.lower():
        assert all(str(uuid.UUID(own)) == own for own in ids)
    assert undo(bundle).leads == 2
    assert leads.ask("SELECT count(*) FROM leads") == [(0,)]


@pytest.mark.parametrize(("charset", "written"), [("latin1", "Ærø €"), ("utf8mb3", "Ærø €漢")])
def test_characters_that_a_column_cannot_hold_are_told_by_the_plan(
    mariadb_leads: Pipeline, charset: str, written: str
) -> None:
    """Of MariaDB's character sets, column by column; what fits is written."""
    mariadb_leads.do(
        "DROP TABLE IF EXISTS leads, crm_cleanup_ledger, crm_cleanup_former",
        f"CREATE TABLE leads (id {{id}}, title VARCHAR(40) CHARACTER SET {charset}, body {{long}})",
    )
    bundle = mariadb_leads.plan(f"id,name\n1,{written}\n2,Beta 😀\n")

    assert blocked(bundle) == {"accounts:2": ("name", "characters")}
    assert whole(bundle)
    assert mariadb_leads.ask("SELECT title FROM leads") == [(written,)]


@pytest.fixture
def mariadb_leads(mariadb: str, tmp_path: Path) -> Pipeline:
    """A database of MariaDB's."""
    return Pipeline(tmp_path, mariadb)


def test_values_that_must_be_unique_are_told_by_the_plan(leads: Pipeline) -> None:
    """Among the leads, and with those that are there: three planned and one written is two blocked, and one planned."""
    unique = {"postgresql": "CREATE UNIQUE INDEX u ON leads (lower(mail))"}.get(leads.kind)
    leads.do(
        "CREATE TABLE leads (id {id}, title VARCHAR(40), body {long},"
        f" mail VARCHAR(40) {'' if unique else 'UNIQUE' if leads.kind == 'mariadb' else 'UNIQUE COLLATE NOCASE'})",
        *([unique] if unique else []),
        "INSERT INTO leads (title, mail) VALUES ('Older', 'old@alpha.example')",
    )
    bundle = leads.plan(
        "id,name,mail\n1,Alpha,a@alpha.example\n2,Beta,A@alpha.example\n3,Gamma,OLD@alpha.example\n4,Delta,\n5,Epsilon,\n",
        columns="email: mail",
        email='"{mail}"',
    )

    assert blocked(bundle) == {"accounts:2": ("email", "taken"), "accounts:3": ("email", "taken")}
    assert "taken by accounts:1, and must be unique" in reasons(bundle)["accounts:2"]
    assert "taken by a lead that is there already" in reasons(bundle)["accounts:3"]
    assert bundle.manifest.leads == 3
    assert whole(bundle)


def test_a_value_that_its_type_does_not_take_is_told_by_the_plan(served_leads: Pipeline) -> None:
    """A word in a column of numbers, a number that is too large, a day that does not exist."""
    served_leads.do("CREATE TABLE leads (id {id}, title VARCHAR(40), body {long}, stars SMALLINT, since DATE)")
    bundle = served_leads.plan(
        "id,name,stars,since\n1,Alpha,7,2024-02-29\n2,Beta,many,\n3,Gamma,40000,\n4,Delta,,2023-02-29\n",
        columns="stars: stars, since: since",
        stars='"{stars}"',
        since='"{since}"',
    )

    expected = {"accounts:2": ("stars", "form"), "accounts:3": ("stars", "form"), "accounts:4": ("since", "form")}
    assert blocked(bundle) == expected
    assert whole(bundle)


OWNERS = "id,name,owner\n1,Alpha,mm\n2,Beta,xx\n3,Gamma,\n"
USERS = (
    "CREATE TABLE users (name VARCHAR(20) PRIMARY KEY)",
    "INSERT INTO users VALUES ('maria'), ('sales')",
    "CREATE TABLE leads (id {id}, title VARCHAR(40), body {long}, owner VARCHAR(20) REFERENCES users (name))",
    "ALTER TABLE leads ADD FOREIGN KEY (owner) REFERENCES users (name)",
)


def test_an_owner_that_the_target_does_not_know_is_the_default_or_in_review(leads: Pipeline) -> None:
    """By the foreign key on the owner's column: counted as a finding with a default, in review without one."""
    leads.do(*(USERS[:-1] if leads.kind != "mariadb" else USERS))
    owner = "{column: owner, map: {mm: Maria, xx: xaver}}"
    without = leads.plan(OWNERS, columns="salesperson: owner", salesperson=owner)
    with_default = leads.plan(
        OWNERS, columns="salesperson: owner", salesperson="{column: owner, map: {mm: Maria, xx: xaver}, default: sales}"
    )
    findings = pq.read_table(with_default.path / "findings.parquet").to_pylist()

    assert blocked(without) == {"accounts:2": ("salesperson", "unknown")}
    assert blocked(with_default) == {}
    assert [(row["source_key"], row["code"], row["value"], row["proposal"]) for row in findings] == [
        ("accounts:2", "unknown", "xaver", "sales")
    ]
    assert whole(with_default)
    assert leads.ask("SELECT title, owner FROM leads ORDER BY title") == [
        ("Alpha", "maria"),
        ("Beta", "sales"),
        ("Gamma", "sales"),
    ]


def test_a_default_that_the_target_does_not_know_is_an_error(leads: Pipeline) -> None:
    """It would be refused for each lead that gets it."""
    leads.do(*(USERS[:-1] if leads.kind != "mariadb" else USERS))
    source = "{column: owner, map: {mm: maria}, default: nobody}"
    config = leads.config(OWNERS, columns="salesperson: owner", salesperson=source)

    with pytest.raises(ConfigError, match="the target does not know the default 'nobody'"):
        check(config)
