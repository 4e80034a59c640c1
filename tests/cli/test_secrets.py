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
    """Run a command as a user does, looking at the process list meanwhile; gives all that it said."""
    command = [sys.executable, "-m", "etl", *map(str, arguments)]
    with (
        tempfile.TemporaryFile() as out,
        subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environ}) as process,
    ):
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
        run("check", config),
        run("plan", config, "--out", plan),
        run("approve", plan, "--by", "Maria Muster"),
        run("apply", plan),
        run("verify", plan, "--source"),
        run("status", plan, "--json"),
        run("retire", plan),
        run("undo", plan),
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


def test_all_files_of_a_plan_are_its_owners(crm: World) -> None:
    """Folders 0700 and files 0600, whatever the mask says."""
    config, plan = crm.config, crm.folder / "plan"
    mask = os.umask(0)
    try:
        for arguments in (
            ("plan", config, "--out", plan),
            ("approve", plan, "--by", "M"),
            ("apply", plan),
            ("find", "2", "--plan", plan),
        ):
            run(*arguments)
    finally:
        os.umask(mask)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in plan.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (plan, *plan.rglob("*")) if path.is_dir()}

    assert (modes, folders) == ({0o600}, {0o700})


def test_a_mistake_of_this_tool_shows_no_value(crm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the message of an unexpected error nor its traceback is shown."""
    script = (
        "import sys, etl.cli, etl.pipeline.check as room\n"
        f"def broken(*_, **__): raise RuntimeError('{VALUE} {PASSWORD[::-1]}')\n"
        "room.check = broken\nsys.argv[0] = 'crm-cleanup'\netl.cli.main()\n"
    )
    command = [sys.executable, "-c", script, "check", str(crm.config)]
    monkeypatch.delenv("CRM_CLEANUP_TRACEBACK", raising=False)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "mistake in crm-cleanup" in ended.stderr
    assert "RuntimeError" in ended.stderr
    assert VALUE not in ended.stderr
    assert PASSWORD[::-1] not in ended.stderr
