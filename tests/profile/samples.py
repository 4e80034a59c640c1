"""The samples of known systems: databases in SQLite, and folders of files."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from etl.pipeline.init import Answers, Initial, init
from etl.profile.known import Columns
from tests.systems.truth import EXPORTS

SYSTEMS = Path(__file__).parents[1] / "systems"
AS_OF = dt.date(2026, 11, 1)


def sample(system: str, folder: Path, *statements: str, renamed: tuple[str, str] = ("", "")) -> str:
    """Make a system's sample below a folder; gives its URL. statements: SQL that changes it; renamed: a prefix."""
    if system in EXPORTS:
        shutil.copytree(SYSTEMS / "exports" / system, folder / "export")
        return f"files:{folder / 'export'}"
    script = (SYSTEMS / f"{system}.sql").read_text("utf-8").replace(*renamed)
    with closing(sqlite3.connect(folder / "crm.db")) as connection:
        connection.executescript(script + "\n" + ";\n".join(statements) + ";")
        connection.commit()
    return f"sqlite:///{folder / 'crm.db'}"


def schema_of(system: str) -> tuple[str, Columns]:
    """How a sample's URL begins, and the columns of its tables."""
    if system in EXPORTS:
        paths = (SYSTEMS / "exports" / system).glob("*.csv")
        return "files:export", {path.stem: frozenset(_rows(path)[0]) for path in paths}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript((SYSTEMS / f"{system}.sql").read_text("utf-8"))
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "sqlite:///crm.db", {
            table: frozenset(row[1] for row in connection.execute(f"PRAGMA table_info(`{table}`)")) for table in tables
        }


def in_other_words(folder: Path, words: Mapping[str, str], names: Iterable[str]) -> None:
    """Give each file of an export another name, and headers in another language."""
    for path, name in zip(sorted(folder.glob("*.csv")), names, strict=False):
        header, *rows = _rows(path)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[words.get(column, column) for column in header], *rows])
        path.rename(folder / f"{name}.csv")


def first_config(url: str, folder: Path, **answers: Any) -> Initial:
    """The config that `init` makes; `as_of` is the day of the samples. answers: other than the usual ones."""
    out = folder / "first.yaml"
    target = f"sqlite:///{folder / 'leads.db'}"
    made = init(url, out, target=target, ask=lambda _, usual: Answers(**{**vars(usual), **answers}), as_of=AS_OF)
    text = out.read_text(encoding="utf-8")
    out.write_text(re.sub("^source:", f"as_of: {AS_OF}\nsource:", text, count=1, flags=re.MULTILINE), encoding="utf-8")
    return made


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
