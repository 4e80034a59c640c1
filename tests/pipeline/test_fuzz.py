"""Damaged inputs: a plan with rejects, or a clear error; never a traceback, never a record unaccounted for."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.errors import CleanupError
from etl.pipeline.plan import Planned, Settings, plan
from tests.pipeline import small

Damage = Callable[[random.Random, bytes], bytes]
NOISE = [
    b'"',
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\r",
    b"\n",
    b",",
    b";",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\t",
    b"'",
    b"\x1a",
    b"=",
    b"{",
    b": ",
]


def _insert(random: random.Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(NOISE) * random.choice([1, 1, 1, 3]) + data[at:]


def _delete(random: random.Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + data[at + random.choice([1, 1, 5, 80]) :]


def _flip(random: random.Random, data: bytes) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _line_twice(random: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    at = random.randrange(len(lines))
    return b"".join([*lines[:at], lines[at] * random.choice([0, 2]), *lines[at:][1:]])


def _swap(random: random.Random, data: bytes) -> bytes:
    old, new = random.sample([b",", b"\n", b"0", b"1", b"e", b"a", b": ", b"}", b"]", b"id"], 2)
    return data.replace(old, new, random.choice([1, 1, -1]))


def _cut(random: random.Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data))]


def _recode(random: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(random.choice(["utf-16", "cp1252", "latin-1"]), "replace")


KINDS = ("csv", "csv", "xlsx", "parquet", "sqlite")
DAMAGES: list[Damage] = [_insert, _insert, _delete, _flip, _line_twice, _swap, _cut, _recode]


def records_in(folder: Path) -> int | None:
    """How many records another reader sees in the entries; None where it cannot say."""
    count = {"csv": _csv_rows, "xlsx": _xlsx_rows, "parquet": _parquet_rows, "sqlite": _sqlite_rows}[folder.name]
    found = [count(folder, name) for name in ("accounts", "contacts")]
    return None if None in found else sum(rows for rows in found if rows)


def _csv_rows(folder: Path, name: str) -> int | None:
    """Rows by the rules of CSV, where no quote makes that a matter of opinion."""
    data = (folder / f"{name}.csv").read_bytes()
    if any(mark in data for mark in (b'"', b"\r", b"\x00", b"\xff\xfe", b"\xfe\xff")):
        return None
    rows = [row for row in csv.reader(data.decode("latin-1").split("\n")) if row]
    return max(0, len(rows) - 1)


def _xlsx_rows(folder: Path, name: str) -> int | None:
    """Row elements below the first that have a cell, where the sheet is whole."""
    try:
        with zipfile.ZipFile(folder / f"{name}.xlsx") as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        return None
    rows = re.findall(r'<row r="(\d+)"[^>]*>(?:<c r="[A-Z]+\d+"[^>]*>.*?</c>)+</row>', sheet)
    whole = sheet.endswith("</worksheet>") and sheet.count("<row") == sheet.count("</row>") == len(rows)
    return len(rows) - 1 if whole and rows[:1] == ["1"] and len(set(rows)) == len(rows) else None


def _parquet_rows(folder: Path, name: str) -> int | None:
    try:
        return int(pq.read_metadata(folder / f"{name}.parquet").num_rows)
    except (pa.ArrowException, OSError):
        return None


def _sqlite_rows(folder: Path, name: str) -> int | None:
    try:
        with closing(sqlite3.connect(folder / "crm.db")) as connection:
            return len(connection.execute(f"SELECT * FROM {name}").fetchall())
    except sqlite3.Error:
        return None


def _in_a_member(random: random.Random, data: bytes) -> bytes:
    """Damage one file within a zip archive, such as a workbook's sheet, and pack it again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(sorted(members))
    members[name] = random.choice(DAMAGES)(random, members[name])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return packed.getvalue()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small CRM, undamaged, in a folder for each kind of source; in the CSV files without line breaks in cells."""
    folder = tmp_path_factory.mktemp("sound")
    tables = {n: [[c.replace("\n", " ") if c else c for c in row] for row in rows] for n, rows in small.TABLES.items()}
    small.write_csv(folder / "csv", tables)
    small.write_xlsx(folder / "xlsx")
    small.write_parquet(folder / "parquet")
    (folder / "sqlite").mkdir()
    small.write_sql(f"sqlite:///{folder / 'sqlite' / 'crm.db'}")
    return folder


ALL = 2000
"""The damaged inputs of `make fuzz`; a smaller number of them is a share that `--fuzz-seed` picks."""
PARTS = 2
SOME = 20
"""Of so many damaged inputs some are whole enough for a plan, whatever the seed."""
ENOUGH = ALL // PARTS
"""All damaged inputs leave some of each kind whole enough for a plan; in a share, one kind may have none."""


def seeds(many: int, share: int) -> list[int]:
    """So many damaged inputs: the next share begins where this one ends, and after the last input comes the first."""
    first = share % -(-ALL // many) * many
    return [seed % ALL for seed in range(first, first + many)]


@pytest.mark.parametrize("many", [60, 200])
def test_every_damaged_input_is_in_some_share(many: int) -> None:
    """Whichever share a commit's hash picks, all shares together are all inputs, and each has as many."""
    assert sorted({seed for share in range(99) for seed in seeds(many, share)}) == list(range(ALL))
    assert {len(set(seeds(many, share))) for share in range(99)} == {many}


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_inputs_give_a_plan_or_a_clear_error(
    sound: Path, tmp_path: Path, pytestconfig: pytest.Config, part: int
) -> None:
    """Seeded damage to files and configs; `--fuzz N` says how many."""
    made = Counter[str]()
    for seed in seeds(pytestconfig.getoption("--fuzz"), pytestconfig.getoption("--fuzz-seed"))[part::PARTS]:
        random_ = random.Random(seed)
        kind = KINDS[seed % len(KINDS)]
        folder = tmp_path / kind
        shutil.copytree(sound / kind, folder, dirs_exist_ok=True)
        config = small.write_config(
            tmp_path, f"sqlite:///{folder / 'crm.db'}" if kind == "sqlite" else f"files:{folder}"
        )
        in_config = kind == "csv" and random_.random() < 0.5
        victim = config if in_config else random_.choice(sorted(folder.iterdir()))
        data, inside = victim.read_bytes(), kind == "xlsx" and random_.random() < 0.8
        for _ in range(random_.choice([1, 1, 2, 4])):
            data = (_in_a_member if inside else random_.choice(DAMAGES))(random_, data) if data else data
        victim.write_bytes(data)
        made[kind] += _plans_or_says_why(config, tmp_path / "plan", seed, None if in_config else folder)

    tried = pytestconfig.getoption("--fuzz") // PARTS
    assert tried < SOME or made.total() > 0, "no damaged input gave a plan"
    assert tried < ENOUGH or all(made[kind] > 0 for kind in KINDS), f"of one kind no damaged input gave a plan: {made}"


def _plans_or_says_why(config: Path, out: Path, seed: int, folder: Path | None) -> bool:
    """Whether a plan was made of a damaged input. folder: of the source, where its config is sound."""
    planned = _planned(config, out)
    if isinstance(planned, CleanupError):
        assert planned.exit_code in (1, 2), seed
        assert planned.message.rstrip()[-1] in ".:…?)" or "\n" in planned.message, (seed, planned.message)
        return False
    report = planned.report
    decided = pq.ParquetFile(out / "decisions.parquet").metadata.num_rows
    assert report.sum_is_right, seed
    assert decided == report.read, seed
    expected = records_in(folder) if folder else None
    assert expected is None or expected == report.read, (seed, expected, report.read)
    return True


def _planned(config: Path, out: Path) -> Planned | CleanupError:
    """The plan, or the error that says why there is none."""
    try:
        return plan(config, out, replace=True, settings=Settings(threads=1))
    except CleanupError as error:
        return error
