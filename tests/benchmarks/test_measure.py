"""What the benchmark measures, and how it judges it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.config import load
from tests.benchmarks import pipeline
from tests.benchmarks.databases import NotGiven, copy, databases
from tests.benchmarks.measure import Failed, measure

HOLD = "import time; held = bytearray({mib} << 20); time.sleep(0.6)"
TREE = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD.format(mib=120)!r}])"


def test_memory_of_children_counts(tmp_path: Path) -> None:
    """What a command's child holds is the command's memory, and its time is the wall's."""
    measured = measure([sys.executable, "-c", TREE], tmp_path, os.environ)
    assert 120 << 20 < measured.peak < 240 << 20
    assert 0.6 < measured.seconds < 10


def test_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    """A failed command ends the benchmark with what it said."""
    with pytest.raises(Failed, match=r"exit code 3(.|\n)*no such thing"):
        measure([sys.executable, "-c", "print('no such thing'); exit(3)"], tmp_path, os.environ)


def test_a_failure_shows_no_password(tmp_path: Path) -> None:
    """The URL in a failed command is shown without its login."""
    with pytest.raises(Failed, match=r"\*\*\*@host/crm") as failed:
        measure([sys.executable, "-c", "exit(1)", "postgresql://crm:s3cret@host/crm"], tmp_path, os.environ)
    assert "s3cret" not in str(failed.value)


def test_the_floor_copies_every_row(fresh_database: str, tmp_path: Path) -> None:
    """The floor's copy holds the rows of its source, whatever its database."""
    source = f"sqlite:///{tmp_path / 'source.db'}"
    table = sa.Table("contacts", sa.MetaData(), sa.Column("id", sa.Text), sa.Column("name", sa.Text))
    rows = [{"id": f"{number:05d}", "name": None if number % 7 else "ß"} for number in range(45_001)]
    engine = sa.create_engine(source)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), rows)
    engine.dispose()

    assert copy(source, fresh_database, ("contacts",)) == len(rows)

    engine = sa.create_engine(fresh_database)
    with engine.connect() as connection:
        assert [dict(row) for row in connection.execute(table.select().order_by(table.c.id)).mappings()] == rows
    engine.dispose()


def test_no_server_is_said_clearly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a PostgreSQL the benchmark says how to give one."""
    monkeypatch.delenv("CRM_CLEANUP_POSTGRESQL", raising=False)
    with pytest.raises(NotGiven, match="set CRM_CLEANUP_POSTGRESQL"), databases("postgresql", tmp_path):
        pass


def test_the_config_is_the_demos(tmp_path: Path) -> None:
    """The config of the benchmark is the demo's with other URLs, and valid."""
    path = tmp_path / "bench.yaml"
    path.write_text(pipeline.config_text("sqlite:////a b.db", "postgresql+psycopg://u@h/d"), encoding="utf-8")
    config = load(path)
    assert (config.source.url, config.target.url) == ("sqlite:////a b.db", "postgresql+psycopg://u@h/d")
    assert set(pipeline.TABLES) == {*config.source.records, *config.source.related, *config.evidence()}


def figure(verb: str, records: int, seconds: float, mib: int = 500, ratio: float = 1.0) -> pipeline.Figure:
    """A figure of a SQLite run."""
    return pipeline.Figure("sqlite", records, verb, seconds, mib << 20, ratio)


@pytest.mark.parametrize(
    ("large", "missed"),
    [
        (figure("plan", 1_000_000, 110.0, mib=1024, ratio=6.0), set()),
        (figure("plan", 1_000_000, 110.0, mib=1025, ratio=6.0), {"sqlite, plan: memory, MiB"}),
        (figure("plan", 1_000_000, 110.0, ratio=6.1), {"sqlite, plan: × floor"}),
        (figure("verify", 1_000_000, 50.0, ratio=2.1), {"sqlite, verify: × floor"}),
        (figure("plan", 1_000_000, 111.0), {"sqlite, plan: time from 100,000 to 1,000,000 records, ×"}),
        (figure("plan", 200_000, 999.0, mib=9999, ratio=99.0), set()),
    ],
)
def test_targets_are_missed_where_they_are(large: pipeline.Figure, missed: set[str]) -> None:
    """Each limit holds up to and with its own value, and only for the sizes it is set for."""
    held = pipeline.targets([figure("plan", 100_000, 10.0, mib=9999, ratio=99.0), large])
    assert {target.name for target in held if not target.met} == missed
    assert pipeline.markdown([large], held).count("FAIL") == len(missed)
