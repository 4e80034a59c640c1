"""Retiring as SQL: reviewed and run by somebody else, it does what `retire` does, and only to what is as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from etl.errors import ConfigError, PlanError
from etl.pipeline import restore as restore_verb, retire as retire_verb
from etl.pipeline.apply import apply
from etl.pipeline.restore import restore
from etl.pipeline.retire import retire, script
from etl.pipeline.undo import undo
from tests.cutover.world import World


def run_script(world: World, file: Path) -> None:
    """Run a script as a client does; in MariaDB's, whose texts are hexadecimal, no value has a semicolon."""
    text = file.read_bytes().decode("utf-8")
    world.close()
    engine = sa.create_engine(world.source).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        raw: Any = connection.connection.cursor()
        if engine.name == "sqlite":
            raw.executescript(text)
        elif engine.name == "postgresql":
            raw.execute(text)
        else:
            for statement in filter(None, (part.strip() for part in text.split(";\n"))):
                raw.execute(statement)
        raw.close()
    engine.dispose()


def run_in_client(world: World, file: Path) -> None:
    """Run a script as its reader is told to, in a terminal that is not in UTF-8; an error or a warning is a failure."""
    world.close()
    url = make_url(world.source)
    name, *options = {
        "sqlite": lambda: ["sqlite3", str(url.database)],
        "postgresql": lambda: [
            *("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file)),
            url.set(drivername="postgresql").render_as_string(hide_password=False),
        ],
        "mysql": lambda: [
            *("mariadb", "--no-defaults", "--default-character-set=latin1", f"--host={url.host}", f"--port={url.port}"),
            *(f"--user={url.username}", f"--password={url.password}", str(url.database)),
        ],
    }[url.get_backend_name().replace("mariadb", "mysql")]()
    if not (client := shutil.which(name)):
        pytest.skip(f"no {name} on PATH")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PGCLIENTENCODING": "LATIN1"}
    with file.open("rb") as script:
        ended = subprocess.run([client, *options], stdin=script, capture_output=True, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_script_there_and_back(world: World, tmp_path: Path) -> None:
    """It archives what `retire` would, run twice it does nothing more, and undo takes it back."""
    before = world.dump(world.source)
    bundle = world.plan()
    apply(bundle)
    written = script(bundle, tmp_path / "retire.sql", threads=1)
    untouched = world.dump(world.source)
    run_script(world, tmp_path / "retire.sql")
    once = world.dump(world.source)
    run_script(world, tmp_path / "retire.sql")
    retired = retire(bundle, threads=1)

    assert (written.families, written.skipped) == (7, ())
    assert untouched == before
    assert world.ask("SELECT count(*) FROM accounts WHERE active = 0", world.source) == [(7,)]
    assert (retired.records, retired.before, retired.skipped) == (0, written.records, ())
    assert retired.active is not None
    assert (retired.active.proven, retired.active.leads) == (True, 0)
    assert world.dump(world.source) == once
    undo(bundle)
    assert world.dump(world.source) == before


EDITS = {
    "a record": "UPDATE accounts SET city = 'Bonn' WHERE id = 2",
    "a new contact": "INSERT INTO contacts VALUES ('P5-9', 5, 'Neu', NULL, 1)",
    "new history": "INSERT INTO activities VALUES (999, NULL, 'P8-0', '2026', 'neu')",
    "new evidence": "INSERT INTO invoices VALUES ('N1', 11, 'posted')",
}
"""What people change in a CRM, each in a family of its own: 2, 5, 8 and 11."""


def test_a_family_that_changed_before_the_script_was_run(world: World, tmp_path: Path) -> None:
    """It stays whole as it is; the others are archived."""
    bundle = world.plan()
    apply(bundle)
    script(bundle, tmp_path / "retire.sql", threads=1)
    for edit in EDITS.values():
        world.do(edit)
    run_script(world, tmp_path / "retire.sql")

    archived = [own for (own,) in world.ask("SELECT id FROM accounts WHERE active = 0 ORDER BY id", world.source)]
    contacts = "SELECT count(*) FROM contacts WHERE account_id IN (2, 5, 8, 11) AND active = 0"
    assert archived == [4, 7, 10]
    assert world.ask(contacts, world.source) == [(0,)]


def test_a_forgotten_member_neither_holds_its_family_nor_stands_in_the_script(world: World, tmp_path: Path) -> None:
    """Its row and its history may change, and of them the script has the key alone; what others say still counts.

    Nor does a company hold the contacts that it leaves, when they lose the link to it.
    """
    for number in (5, 8, 11):
        world.do(f"UPDATE contacts SET last_name = 'Vergissmeinnicht' WHERE id = 'P{number}-0'")
        call = f"({number}, {number}, 'P{number}-0', '2025', 'Ein Geheimnis')"
        world.do(f"INSERT INTO activities VALUES {call}")
    forgotten = "accounts:2,Dana\n" + "".join(f"contacts:P{number}-0,Dana\n" for number in (5, 8, 11))
    (world.folder / "forget.csv").write_text(f"source_key,who\n{forgotten}", "utf-8")
    bundle = world.plan()
    apply(bundle)
    written = script(bundle, tmp_path / "retire.sql", threads=1)
    world.do("UPDATE contacts SET last_name = 'Neu' WHERE id = 'P5-0'")
    world.do("INSERT INTO activities VALUES (998, 8, 'P8-0', '2026', 'neu')")
    world.do("UPDATE activities SET contact_id = NULL WHERE id = 11")
    world.do("UPDATE contacts SET account_id = NULL WHERE account_id = 2")
    run_script(world, tmp_path / "retire.sql")

    text = (tmp_path / "retire.sql").read_text("utf-8")
    assert [word for word in ("Vergissmeinnicht", "Geheimnis", "p5.0@") if word in text] == []
    assert written.skipped == ()
    archived = [own for (own,) in world.ask("SELECT id FROM accounts WHERE active = 0 ORDER BY id", world.source)]
    assert archived == [4, 5, 7, 8, 10]
    whose = "account_id IN (5, 8) OR id LIKE 'P2-%'"
    left = world.ask(f"SELECT id FROM contacts WHERE ({whose}) AND (active = 1 OR active IS NULL)", world.source)
    assert sorted(left) == [("P5-0",), ("P8-0",)]


HIDDEN = ["\r", "\r\n", "\n", "\t", "\x0b", "\x1b[2J", "\x7f", "\x85", "\u202e", "\u2028", "\ufeff", "\r{13}"]
VISIBLE = ["\\", "\\'", "'", '"', "`", "%s", ":x", "{13}", "$$", "; --", "E'\\r'", "ü", "u\u0308", "😀", "\\q"]
MIXED = ["x'; DELETE -- \\", ";\n;", "\\u000d\r", "--\r\nDROP x;", "\\q\n\\q", "'\r'"]


@pytest.mark.parametrize("run", [run_script, run_in_client])
def test_a_script_archives_whatever_characters_a_key_has(
    world: World, tmp_path: Path, run: Callable[[World, Path], None]
) -> None:
    """A quote, a comment or a line end in a key ends nothing and stands in no line unseen; no record is left out."""
    none = ["\0", "\0\r"] if not world.source.startswith("postgresql") else []  # which PostgreSQL cannot hold
    keys = [f"{n}{one}z" for n, one in enumerate([*HIDDEN, *VISIBLE, *MIXED, *none])]
    rows = [{"key": key, "name": f"Hostile {key}"} for key in keys]
    with world.begin(world.source) as connection:
        connection.execute(sa.text("INSERT INTO contacts VALUES (:key, 2, :name, NULL, 1)"), rows)
    before = world.dump(world.source)
    bundle = world.plan()
    apply(bundle)
    written = script(bundle, tmp_path / "retire.sql", threads=1)
    text = (tmp_path / "retire.sql").read_bytes().decode("utf-8")
    run(world, tmp_path / "retire.sql")
    left = world.ask("SELECT id FROM contacts WHERE last_name LIKE 'Hostile%' AND active = 1", world.source)
    retired = retire(bundle, threads=1)

    assert {c for c in text if not c.isprintable()} == {"\n"}
    assert written.skipped == ()
    assert left == []
    assert (retired.records, retired.skipped) == (0, ())
    undo(bundle)
    assert world.dump(world.source) == before


def test_what_follows_a_nul_is_guarded_too(sqlite: World, tmp_path: Path) -> None:
    """SQLite's own `quote` ends at the first one: a value that changed behind it would not be seen."""
    sqlite.do("INSERT INTO contacts VALUES ('N', 2, 'a' || char(0) || 'b', NULL, 1)")
    bundle = sqlite.plan()
    apply(bundle)
    script(bundle, tmp_path / "retire.sql", threads=1)
    sqlite.do("UPDATE contacts SET last_name = 'a' || char(0) || 'c' WHERE id = 'N'")
    run_script(sqlite, tmp_path / "retire.sql")

    assert sqlite.ask("SELECT active FROM contacts WHERE id = 'N'", sqlite.source) == [(1,)]


def test_files_have_no_sql(files: World, tmp_path: Path) -> None:
    """It says what to run instead."""
    bundle = files.plan()

    with pytest.raises(ConfigError, match="no SQL for this source"):
        script(bundle, tmp_path / "retire.sql")


def test_a_damaged_plan_is_named_before_the_source_is_opened(
    sqlite: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that cannot be opened, such as one without a driver, does not hide that the plan is damaged."""

    def opened(*_: object, **__: object) -> None:
        raise ConfigError("The source cannot be opened.")

    bundle = sqlite.plan()
    (bundle.path / "leads.parquet").write_bytes(b"cut")
    monkeypatch.setattr(retire_verb, "open_script", opened)
    monkeypatch.setattr(restore_verb, "open_restoration", opened)
    monkeypatch.setattr(restore_verb, "conversion_loses_values", lambda *_: True)

    with pytest.raises(PlanError, match=r"leads\.parquet"):
        script(bundle, tmp_path / "retire.sql")
    with pytest.raises(PlanError, match=r"leads\.parquet"):
        restore(bundle)
