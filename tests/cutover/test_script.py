"""Retiring as SQL: reviewed and run by somebody else, it does what `retire` does, and only to what is as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.errors import ConfigError
from etl.pipeline.apply import apply
from etl.pipeline.retire import retire, script
from etl.pipeline.undo import undo
from tests.cutover.world import World


def run_script(world: World, file: Path) -> None:
    """Run a script as a client does, one statement after the other; none of ours has a semicolon at a line's end."""
    text = "\n".join(line for line in file.read_text(encoding="utf-8").split("\n") if not line.startswith("--"))
    world.close()
    engine = sa.create_engine(world.source).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in filter(str.strip, text.split(";\n")):
            raw = connection.connection.cursor()
            raw.execute(statement)
            raw.close()
    engine.dispose()


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
    assert (retired.records, retired.before, retired.skipped) == (0, 0, ())
    assert retired.active is not None
    assert (retired.active.proven, retired.active.leads) == (True, 0)
    assert world.dump(world.source) == once
    undo(bundle)
    assert world.dump(world.source) == before


EDITS = {
    "a record": "UPDATE accounts SET city = 'Bonn' WHERE id = 2",
    "a new contact": "INSERT INTO contacts VALUES ('P2-9', 2, 'Neu', NULL, 1)",
    "new history": "INSERT INTO activities VALUES (999, NULL, 'P2-0', '2026', 'neu')",
    "new evidence": "INSERT INTO invoices VALUES ('N1', 2, 'posted')",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_family_that_changed_before_the_script_was_run(world: World, tmp_path: Path, edit: str) -> None:
    """It stays whole as it is; the others are archived."""
    bundle = world.plan()
    apply(bundle)
    script(bundle, tmp_path / "retire.sql", threads=1)
    world.do(edit)
    run_script(world, tmp_path / "retire.sql")

    archived = [own for (own,) in world.ask("SELECT id FROM accounts WHERE active = 0 ORDER BY id", world.source)]
    assert archived == [4, 5, 7, 8, 10, 11]
    assert world.ask("SELECT count(*) FROM contacts WHERE account_id = 2 AND active = 0", world.source) == [(0,)]


def test_hostile_values_stand_in_a_script_as_text(world: World, tmp_path: Path) -> None:
    """A quote, a backslash or a comment in a key ends nothing."""
    values = {"key": "x'; DELETE -- \\", "name": "O'Hara \\"}
    with world.begin(world.source) as connection:
        connection.execute(sa.text("INSERT INTO contacts VALUES (:key, 2, :name, NULL, 1)"), values)
    before = world.dump(world.source)
    bundle = world.plan()
    apply(bundle)
    script(bundle, tmp_path / "retire.sql", threads=1)
    run_script(world, tmp_path / "retire.sql")

    assert world.ask("SELECT active FROM contacts WHERE last_name LIKE 'O%'", world.source) == [(0,)]
    undo(bundle)
    assert world.dump(world.source) == before


def test_files_have_no_sql(files: World, tmp_path: Path) -> None:
    """It says what to run instead."""
    bundle = files.plan()

    with pytest.raises(ConfigError, match="no SQL for this source"):
        script(bundle, tmp_path / "retire.sql")
