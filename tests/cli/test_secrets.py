"""A password and the values of records stand nowhere but where they must."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests import running
from tests.conftest import throw_away
from tests.cutover.world import World

PASSWORD = "canary-Pw0rd-77"
VALUE = "Kanarienvogel"


@pytest.fixture
def crm(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A CRM in PostgreSQL whose URLs carry a password, and whose first lead carries a name."""
    with throw_away("postgresql", tmp_path_factory) as source, throw_away("postgresql", tmp_path_factory) as target:
        legacy, pipeline = (url.replace("://crm@", f"://crm:{PASSWORD}@") for url in (source, target))
        world = World(tmp_path, legacy, pipeline, approvals="1").create()
        world.do(f"UPDATE accounts SET name = '{VALUE} GmbH' WHERE id = 2")
        yield world
        world.close()


def run(*arguments: object, **environ: str) -> tuple[int, str]:
    """Run a command; gives its exit code and all that it said."""
    ended = running.run(*arguments, environ=environ)
    return ended.returncode, ended.stdout + ended.stderr


def watched(*arguments: object) -> tuple[int, str]:
    """Run a command as a user does, looking at the process list meanwhile; gives all that it said."""
    command = [sys.executable, "-m", "etl", *map(str, arguments)]
    with tempfile.TemporaryFile() as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        while process.poll() is None:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    assert PASSWORD.encode() not in path.read_bytes()
            time.sleep(0.1)
        out.seek(0)
        return process.returncode, out.read().decode()


def test_a_password_stands_nowhere(crm: World) -> None:
    """Not in what the commands say, also of what fails, and not in any file that they write."""
    config, plan = crm.config, crm.folder / "plan"
    said = [
        watched("check", config),
        watched("plan", config, "--out", plan),
        watched("approve", plan, "--by", "Maria Muster"),
        watched("apply", plan),
        watched("verify", plan, "--source"),
        watched("status", plan, "--json"),
        watched("retire", plan),
        watched("undo", plan),
    ]
    assert [code for code, _ in said] == [0] * 8, said
    right = config.read_text(encoding="utf-8")
    for wrong in (right.replace("127.0.0.1:", "127.0.0.1:1"), right.replace("/crm_cleanup_test", "/no_such_database")):
        config.write_text(wrong, encoding="utf-8")
        said += [run("plan", config, "--out", crm.folder / "none"), run("check", config)]
    config.write_text(right, encoding="utf-8")
    said += [run("apply", plan, CRM_CLEANUP_TEST_TARGET_PASSWORD=PASSWORD[:-1] + "8")]

    assert not [text for _, text in said if PASSWORD in text]
    files = [path for path in crm.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if PASSWORD.encode() in path.read_bytes()]
    assert not [text for _, text in said if VALUE in text]
    assert VALUE not in (plan / "journal.jsonl").read_text(encoding="utf-8")


def test_a_value_stands_in_the_plan_alone(crm: World) -> None:
    """In no message of a command that ends well or badly, in no journal or approval, in no file beside the plan."""
    config, plan = crm.config, crm.folder / "plan"
    said = [
        run(*arguments)
        for arguments in (
            ("check", config),
            ("plan", config, "--out", plan),
            ("approve", plan, "--by", "Maria Muster"),
            ("apply", plan, "--limit", "1"),
            ("apply", plan),
            ("verify", plan),
        )
    ]
    crm.do("UPDATE leads SET note = NULL, city = NULL", crm.target)
    said += [run("verify", plan), run("verify", plan, "--json"), run("status", plan)]
    leads = plan / "leads.parquet"
    leads.write_bytes(leads.read_bytes()[:-100])
    said += [run(verb, plan) for verb in ("apply", "verify", "retire", "undo", "status")]
    without_values = [plan / name for name in ("journal.jsonl", "approvals.json", "manifest.json", "skipped.json")]
    beside = [path for path in crm.folder.rglob("*") if path.is_file() and plan not in path.parents]

    assert [code for code, _ in said[:7]] == [0] * 6 + [5], said
    assert not [text for _, text in said if VALUE in text or "Traceback" in text or "a bug in" in text]
    assert not [path for path in (*without_values, *beside) if VALUE.encode() in path.read_bytes()]


@pytest.mark.parametrize("wrong", ["password", "host", "database"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_what_mariadb_refuses_shows_no_password(tmp_path: Path, mariadb: str, side: str, wrong: str) -> None:
    """A password that is wrong, a server that is away, a database that there is not: it says so, without the URL's."""
    url = make_url(mariadb).set(password=PASSWORD)
    url = url.set(port=1) if wrong == "host" else url.set(database="no_such_database") if wrong == "database" else url
    bad, good = url.render_as_string(hide_password=False), f"sqlite:///{tmp_path / 'good.db'}"
    world = World(tmp_path, good, good).create()
    world.close()
    world = World(tmp_path, bad if side == "source" else good, bad if side == "target" else good)
    said = [run("check", world.config), run("plan", world.config, "--out", tmp_path / "plan", "--json")]

    assert [code for code, _ in said] == [1, 1]
    assert not [text for _, text in said if PASSWORD in text or "Traceback" in text]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]


def test_all_files_are_their_owners(crm: World) -> None:
    """Folders 0700 and files 0600, in the plan and beside it, after each verb, whatever the mask says."""
    config, plan = crm.config, crm.folder / "plan"
    before = {*crm.folder.rglob("*"), crm.folder}
    mask = os.umask(0)
    try:
        for arguments in (
            ("plan", config, "--out", plan, "--threads", "2"),
            ("plan", config, "--out", plan, "--replace"),
            ("approve", plan, "--by", "M"),
            ("apply", plan),
            ("verify", plan),
            ("retire", plan),
            ("status", plan),
            ("find", "2", "--plan", plan),
            ("find", "--page", crm.folder / "find.html", "--plan", plan),
            ("undo", plan),
            ("purge", plan, "--yes"),
        ):
            of = watched if "--threads" in arguments else run  # worker processes take the mask that they start with
            code, text = of(*arguments)
            made = [path for path in crm.folder.rglob("*") if path not in before]
            open_ones = [
                path for path in made if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
            ]
            assert (code, open_ones) == (0, []), (arguments, text)
    finally:
        os.umask(mask)


@pytest.mark.parametrize("traceback", ["", "1"], ids=["one line", "traceback"])
def test_a_mistake_of_this_tool_shows_no_value(tmp_path: Path, traceback: str) -> None:
    """Neither the messages of unexpected errors nor their tracebacks do; where it happened is shown."""
    config = World(tmp_path, f"sqlite:///{tmp_path / 'in.db'}", f"sqlite:///{tmp_path / 'out.db'}").create().config
    script = (
        "import sys, etl.cli, etl.pipeline.check as room\n"
        f"url = 'postgresql://crm:' + '{PASSWORD[::-1]}'[::-1] + '@host/crm'\n"
        "def broken(*_, **__):\n"
        "    try: raise ValueError(url)\n"
        f"    except ValueError as error: raise RuntimeError('{VALUE}' + url) from error\n"
        "room.check = broken\nsys.argv[0] = 'crm-cleanup'\netl.cli.main()\n"
    )
    command = [sys.executable, "-c", script, "check", str(config)]
    environ = {**os.environ, "CRM_CLEANUP_TRACEBACK": traceback}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)

    assert ended.returncode == 1
    assert "bug in crm-cleanup" in ended.stderr
    assert "RuntimeError" in ended.stderr
    assert "where:   cli/check.py:" in ended.stderr
    assert ("Traceback" in ended.stderr and "ValueError" in ended.stderr) == bool(traceback)
    assert VALUE not in ended.stderr
    assert PASSWORD not in ended.stderr
