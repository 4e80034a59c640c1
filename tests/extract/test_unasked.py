"""A column that sounds like an opt-out and that the config does not ask is told, by `check` and in every report."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest

from etl.config.opt_out_words import ENGLISH, FRENCH, GERMAN, ITALIAN, SPANISH, sounds_like_opt_out
from tests.running import run
from tests.told import write

CONFIG = """
source: {url: SOURCE, records: {accounts: {key: id, type: company, identity: {company: name}}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}"ASKED}}
"""
TOLD = (
    "'accounts.do_not_call' sounds like an opt-out and 2 rows do not say no there, but do_not_contact does not ask it"
)


@pytest.mark.parametrize("asked", ["", ", do_not_contact: {flag: stop}"])
def test_it_is_told_with_its_rows(tmp_path: Path, asked: str) -> None:
    """Whether the config asks another column or none; an empty value is a no, and a value that is neither is told."""
    accounts = "id,name,stop,do_not_call,opt_out_fax\n1,A,1,1,0\n2,B,0,2026-01-01,\n3,C,0,no,no\n4,D,,,"
    config = write(tmp_path, {"accounts": accounts}, CONFIG.replace("ASKED", asked))

    checked, planned = run("check", config), run("plan", config, "--out", tmp_path / "plan")

    assert (checked.returncode, planned.returncode) == (0, 0)
    assert TOLD in checked.stdout
    assert "opt_out_fax" not in checked.stdout
    assert TOLD in " ".join(planned.stdout.split())
    for report in ("report.md", "report.html"):
        assert TOLD in unescape((tmp_path / "plan" / report).read_text("utf-8").replace("\\_", "_"))
    figures = json.loads((tmp_path / "plan" / "report.json").read_text("utf-8"))["consent"]
    assert figures["unasked"] == [{"dataset": "accounts", "column": "do_not_call", "rows": 2}]
    assert figures["asked"] == bool(asked)


def test_one_that_is_asked_is_not_told(tmp_path: Path) -> None:
    """Nor is one beside it in `any`."""
    asked = ", do_not_contact: {any: [{flag: stop}, {flag: company.do_not_call}]}"
    accounts = "id,name,stop,do_not_call\n1,A,1,1"
    config = write(tmp_path, {"accounts": accounts}, CONFIG.replace("ASKED", asked))

    assert "sounds like" not in run("check", config).stdout


def test_a_table_whose_column_is_asked_by_a_join_is_not_told(tmp_path: Path) -> None:
    """Though its rows stand in the notes as history as well."""
    tables = {"accounts": "id,name\n1,A\n2,B", "roles": "id,account_id,opt_out\nr1,1,1\nr2,1,0\nr3,2,0"}
    config = write(
        tmp_path,
        tables,
        """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, join: {role: {from: roles, key: account_id}}, identity: {company: name}}
  related: {roles: {key: id, of: {accounts: account_id}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", do_not_contact: {flag: role.opt_out}}}
""",
    )

    assert "sounds like" not in run("check", config).stdout


@pytest.mark.parametrize(
    ("column", "sounds"),
    [
        *((column, True) for column in ("opt_out", "do_not_call", "DoNotEmail", "HasOptedOutOfEmail", "unsubscribed")),
        *(
            (column, True)
            for column in ("is_blacklisted", "Werbesperre", "Keine Werbung!", "emailoptout", "Kontakt-Sperre")
        ),
        *((column, True) for column in ("non_contattare", "disiscritto_nl", "no_llamar", "rgpd_baja", "Désabonné")),
        *((column, False) for column in ("consenso_mkt", "iscritto_nl", "acepta_publicidad", "baja", "abonné")),
        *((column, False) for column in ("email", "opt_in", "newsletter", "blocked", "gesperrt", "notes", "contact")),
    ],
)
def test_names_of_columns(column: str, sounds: bool) -> None:
    """Case, and what is no letter, do not count."""
    assert sounds_like_opt_out(column) is sounds


def test_the_words_stand_in_the_docs() -> None:
    """In docs/config.md, so that people know which names are found."""
    docs = (Path(__file__).parents[2] / "docs" / "config.md").read_text("utf-8")

    assert [word for word in (*ENGLISH, *GERMAN, *ITALIAN, *SPANISH, *FRENCH) if f"`{word}`" not in docs] == []
