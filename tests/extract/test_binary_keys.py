"""Keys that are binary values are refused before anything is decided by them, and work as hexadecimal digits."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from tests.conftest import KINDS, throw_away
from tests.pipeline.small import without_password
from tests.running import run

TYPE = {"sqlite": "BLOB", "postgresql": "bytea", "mariadb": "BINARY(16)"}
DIGITS = {"sqlite": "lower(hex({}))", "postgresql": "encode({}, 'hex')", "mariadb": "lower(hex({}))"}
KEYS = [bytes.fromhex(first + "112233445566778899aabbccddee00") for first in ("00", "ff")]
CONFIG = """\
name: binary
as_of: 2026-11-01
approvals: waived
source: {url: "SOURCE", records: {accounts: {ENTRY, type: company}}, related: {calls: {CALLS}}, ignore: {rel: links}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}"}}
gates: {customers: 0%..100%}
target: {url: "sqlite:///FOLDER/leads.db"}
"""
REFUSED = (
    ("key: id", "key: no, of: {accounts: acc}"),
    ("key: [no, id]", "key: no, of: {accounts: [no, acc]}"),
    ("key: no", "key: no, of: {accounts: {column: acc, none: [x]}}"),
    ("key: no", "key: no, of: {accounts: {through: {table: rel, from: c, to: a}}}"),
    ("key: no, join: {j: {from: rel, key: a}}", "key: no, of: {accounts: no}"),
)

ORDERED = (
    ("key: no, join: {j: {from: rel, key: c, order_by: a}}", "key: no, of: {accounts: no}"),
    ("key: no", "key: no, of: {accounts: {through: {table: rel, from: c, to: c, order_by: a}}}"),
)
"""Rows of another table, put in order by a binary column."""


def fill(source: str, kind: str) -> None:
    """Make two companies with keys of 16 bytes, a call of each, and links between them."""
    engine = open_engine(source)
    with engine.begin() as connection:
        for table in (
            f"accounts (id {TYPE[kind]}, no INTEGER, name VARCHAR(20))",
            f"calls (no INTEGER, acc {TYPE[kind]}, words VARCHAR(20))",
            f"rel (c INTEGER, a {TYPE[kind]})",
        ):
            connection.execute(sa.text(f"CREATE TABLE {table}"))
        rows = [{"key": key, "no": number, "name": f"Company {number}"} for number, key in enumerate(KEYS)]
        connection.execute(sa.text("INSERT INTO accounts VALUES (:key, :no, :name)"), rows)
        connection.execute(sa.text("INSERT INTO calls VALUES (:no, :key, 'hello')"), rows)
        connection.execute(sa.text("INSERT INTO rel VALUES (:no, :key)"), rows)
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_binary_keys_are_refused_and_their_digits_work(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    """Of an entry, a link, a table of links, a join, what retire looks for, and `order_by`; digits meet each other."""
    with throw_away(kind, tmp_path_factory) as source:
        fill(source, kind)
        text = CONFIG.replace("SOURCE", without_password(source, "SOURCE")).replace("FOLDER", str(tmp_path))

        def ended(verb: str, entry: str, calls: str, more: str = "") -> tuple[int, str]:
            (tmp_path / "c.yaml").write_text(text.replace("ENTRY", entry).replace("CALLS", calls) + more, "utf-8")
            plan = ("--out", "plan") if verb == "plan" else ()
            done = run(verb, "c.yaml", *plan, folder=tmp_path)
            return done.returncode, done.stderr

        for number, (entry, calls) in enumerate(REFUSED):
            verb = "plan" if number == 1 else "check"
            code, said = ended(verb, entry, calls)
            assert code != 0, (entry, calls)
            assert "binary values as keys" in said, said
            assert "hexadecimal digits" in said
        for entry, calls in ORDERED:
            code, said = ended("check", entry, calls)
            assert (code != 0, "as keys" in said) == (True, False), (entry, calls, said)
            assert "`order_by` names the column a, which has binary values" in said, said

        accounts = f'key: id, from: "SELECT {DIGITS[kind].format("id")} AS id, name FROM accounts"'
        calls = (
            f'key: no, of: {{accounts: acc}}, from: "SELECT no, {DIGITS[kind].format("acc")} AS acc, words FROM calls"'
        )
        assert ended("plan", accounts, calls)[0] == 0
        leads = pq.read_table(tmp_path / "plan" / "leads.parquet").to_pylist()
        assert [lead["lead"] for lead in leads] == [f"accounts:{key.hex()}" for key in KEYS]
        assert all("hello" in lead["note"] for lead in leads)

        retire = "retire: {accounts: {table: accounts, key: id, set: {name: gone}}}\n"
        code, said = ended("check", accounts, calls, retire)
        assert (code, "retire: accounts has binary values in 'id'" in said) == (2, True), said
