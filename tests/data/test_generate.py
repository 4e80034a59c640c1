"""The generator: the same rows everywhere, in small memory, and never over what stands there."""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
import stdnum.at.uid
import stdnum.ch.vat
import stdnum.de.vat
import stdnum.fr.tva
import stdnum.gb.vat
import stdnum.it.iva
import stdnum.lu.tva
import stdnum.nl.btw
import stdnum.pl.nip
from generate import generate, main
from generator import numbers, sinks
from generator.chance import Chance
from generator.families import Families
from generator.tables import TABLES, Row
from hypothesis import given, settings, strategies as st

from tests.data.conftest import DATA, Sample
from tests.profiles import examples

AS_OF = dt.date(2026, 11, 1)


class Memory:
    """A sink that keeps rows, for tests."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {table: [] for table in TABLES}

    def write(self, table: str, rows: Sequence[Row]) -> None:
        """Keep the rows."""
        self.rows[table] += rows


def made(records: int, seed: int = 1, related: int | None = None) -> dict[str, list[Row]]:
    """The tables of a small CRM."""
    sink = Memory()
    buffer = sinks.Buffer(sink, TABLES)
    Families(Chance(seed), buffer, records, AS_OF, related).write()
    buffer.close()
    return sink.rows


@settings(max_examples=examples(60))
@given(st.integers(1, 300), st.integers(0, 2**32), st.none() | st.integers(1, 5))
def test_as_many_records_as_asked_for(records: int, seed: int, related: int | None) -> None:
    """Companies and contacts are 3 to 5, those aside that somebody deleted; each record has one row of truth. With
    --related each has exactly so many rows, and there is nothing beside them."""
    rows = made(records, seed, related)
    kept = {table: [row for row in rows[table] if row[-1] != "1"] for table in ("accounts", "contacts")}

    assert (len(kept["accounts"]), len(kept["contacts"])) == (round(records * 3 / 8), records - round(records * 3 / 8))
    assert len(rows["truth_records"]) == sum(len(rows[table]) for table in ("accounts", "contacts", "prospects"))
    if related:
        assert len(rows["truth_records"]) == records
        assert not any(rows[table] for table in ("accounts_contacts", "notes", "prospects", "visits"))
    history = rows["activities"] + rows["orders"] + rows["invoices"]
    if related:
        assert len(history) == related * records


def test_related_rows_are_spread_evenly() -> None:
    """With --related 3 each record is the home of three rows, by the order in which the demo's config looks for it."""
    rows = made(3_000, related=3)
    homes: Counter[tuple[str, str | None]] = Counter()
    for table, order in (("activities", (2, 1)), ("orders", (1, 2)), ("invoices", (1, 2))):
        for row in rows[table]:
            place = next(place for place in order if row[place] is not None)
            homes["account" if place == 1 else "contact", row[place]] += 1
    keys = Counter(("account", row[0]) for row in rows["accounts"]) + Counter(
        ("contact", row[0]) for row in rows["contacts"]
    )

    assert homes == {key: 3 * times for key, times in keys.items()}


def test_the_seed_decides() -> None:
    """The same seed gives the same rows; another one gives others."""
    assert made(200, seed=5) == made(200, seed=5) != made(200, seed=6)


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_no_hash_seed_decides(tmp_path: Path, hash_seed: str) -> None:
    """Another process with another hash seed, locale and time zone writes the same bytes."""
    generate(f"files:{tmp_path / 'here'}", 300, 9, AS_OF, None, False)
    call = [
        sys.executable,
        str(DATA / "generate.py"),
        "--records",
        "300",
        "--seed",
        "9",
        "--to",
        f"files:{tmp_path / 'there'}",
    ]
    environ = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run(call, check=True, env=environ, capture_output=True)

    for table in TABLES:
        name = sinks.place(table)
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_dates_count_back_from_the_as_of_date() -> None:
    """No invoice is dated after the as-of date, also where that is a leap day."""
    sink = Memory()
    buffer = sinks.Buffer(sink, TABLES)
    Families(Chance(3), buffer, 500, dt.date(2028, 2, 29), None).write()
    buffer.close()
    dates = [row[3] or "" for row in sink.rows["invoices"]]

    assert max(dates) <= "2028-02-29"
    assert max(date for date in dates if date <= "2025-03-31") >= "2025-02-28"


def test_tables_hold_what_files_hold(fresh_database: str, tmp_path: Path) -> None:
    """Each database gets the rows of the CSV files, NULL where they are empty, and keeps them until told to replace."""
    generate(f"files:{tmp_path}", 400, 2, AS_OF, None, False)
    generate(fresh_database, 400, 2, AS_OF, None, False)
    with pytest.raises(sinks.Refused, match=r"exists.*--replace"):
        generate(fresh_database, 400, 3, AS_OF, None, False)
    generate(fresh_database, 400, 2, AS_OF, None, True)

    engine = sa.create_engine(fresh_database)
    with engine.connect() as connection:
        for table in TABLES:
            dialect = sinks.DIALECTS.get(table, sinks.PLAIN)
            with (tmp_path / sinks.place(table)).open(encoding=dialect.encoding, newline="") as file:
                header, *rows = csv.reader(file, delimiter=dialect.delimiter)
            found = connection.execute(sa.select(sa.Table(table, sa.MetaData(), autoload_with=connection)))
            assert list(found.keys()) == header
            assert Counter(tuple(row) for row in found) == Counter(tuple(v or None for v in row) for row in rows)
    engine.dispose()


def test_files_are_not_overwritten_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second call says what is in the way and how to go on; nothing is changed."""
    call = ["--records", "20", "--to", f"files:{tmp_path}"]
    assert main(call) == 0
    before = (tmp_path / "legacy/accounts.csv").read_bytes()

    assert main([*call, "--seed", "2"]) == 2
    assert "--replace" in capsys.readouterr().err
    assert (tmp_path / "legacy/accounts.csv").read_bytes() == before
    assert main([*call, "--seed", "2", "--replace"]) == 0
    assert (tmp_path / "legacy/accounts.csv").read_bytes() != before
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("wrong", [["--records", "0"], ["--records", "9", "--related", "0"], ["--records", "x"]])
def test_a_wrong_call_is_refused(wrong: list[str], tmp_path: Path) -> None:
    """Less than one record or row is no CRM: exit code 2, nothing written."""
    with pytest.raises(SystemExit) as left:
        main([*wrong, "--to", f"files:{tmp_path / 'new'}"])
    assert left.value.code == 2
    assert not (tmp_path / "new").exists()


def test_memory_does_not_grow_with_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the records need less than one and a half times the memory."""
    monkeypatch.setattr(sinks, "BATCH", 200)
    monkeypatch.setattr("generator.families.WAITING", 20)

    class Nowhere:
        def write(self, table: str, rows: Sequence[Row]) -> None: ...

    def peak(records: int) -> int:
        tracemalloc.start()
        Families(Chance(1), sinks.Buffer(Nowhere(), TABLES), records, AS_OF, None).write()
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(500)
    assert peak(8_000) < 1.5 * peak(2_000)


def test_vat_numbers_have_right_check_digits() -> None:
    """Another library finds every made-up VAT number valid in its country."""
    checks = {
        "DE": stdnum.de.vat, "AT": stdnum.at.uid, "CH": stdnum.ch.vat, "NL": stdnum.nl.btw, "FR": stdnum.fr.tva,
        "IT": stdnum.it.iva, "PL": stdnum.pl.nip, "GB": stdnum.gb.vat, "LU": stdnum.lu.tva,
    }  # fmt: skip
    assert checks.keys() == numbers.VAT.keys()
    chance = Chance(1)
    for country, check in checks.items():
        assert all(check.is_valid(numbers.vat(chance, country)) for _ in range(200)), country


def test_most_vat_numbers_in_the_sample_are_right(sample: Sample) -> None:
    """Some German VAT numbers are broken, as in every CRM; most are not."""
    german = [row["vat_id"] for row in sample.accounts if row["vat_id"].upper().startswith("DE")]
    right = sum(stdnum.de.vat.is_valid(text) for text in german)
    assert 0.9 * len(german) < right < len(german)


def test_help_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    """--help shows whole calls for files and for a database."""
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "--to files:data" in shown
    assert "--to sqlite:" in shown
