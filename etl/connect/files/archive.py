"""Retire records that stand in files: write new files of the remaining records beside the old ones, which stay."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from etl import config
from etl.connect.archive import Retiring
from etl.connect.files.csv_file import CsvFile
from etl.connect.files.parquet_file import ParquetFile
from etl.connect.files.source import FileSource
from etl.errors import SourceError
from etl.rows.keys import normalized, together

REMAINING = "remaining"
MOVED, STATE = "moved.csv", "retired.json"
ROWS = 20_000


class FilesArchive:
    """A folder whose moved records are left out of new files, in `remaining/` or where the config says. `Archive` says
    what methods promise.

    A CSV file keeps its lines as they are, a Parquet file its types; a workbook's sheet becomes a CSV file in UTF-8.
    `moved.csv` there lists the records that moved, with their leads.
    """

    def __init__(self, source: config.Source) -> None:
        self._source = source
        self._folder = Path(source.url.removeprefix("files:")).expanduser().absolute()
        named = source.remaining
        self._remaining = Path(named).expanduser().absolute() if named else self._folder / REMAINING
        self._new: dict[str, Retiring] = {}
        self._restored: set[str] = set()

    @property
    def where(self) -> str:
        """The folder of the new files."""
        return str(self._remaining)

    def prepare(self) -> None:
        """Refuse a folder of that name that this tool did not make."""
        folder = self._remaining
        if folder.exists() and not (folder / STATE).exists():
            raise SourceError(
                "The folder for the remaining records exists already, and crm-cleanup did not make it.",
                where=folder,
                next="give that folder another name, and run the command again",
            )

    def rehearse(self, _entry: str, _records: Sequence[Retiring], /) -> tuple[str, ...]:
        """Nothing: new files are written, and no column is set."""
        return ()

    def moved_columns(self, _system: str, /) -> dict[str, tuple[str, ...]]:
        """None: the old files stay as they are."""
        return {}

    def retire(self, records: Sequence[Retiring], *, system: str, plan: str) -> int:  # noqa: ARG002  the files say it
        """Remember records; the files are written when all are known."""
        new = [record for record in records if record.source_key not in self._moved(system)]
        self._new |= {record.source_key: record for record in new}
        return len(new)

    def finish(self, *, system: str, plan: str) -> None:
        """Write the new files, in the place of those of an earlier run, whole or not at all."""
        rows = list(self._moved(system).values())
        rows += [[record.source_key, record.entry, record.key, record.lead_id, plan] for record in self._new.values()]
        self._write(sorted(rows), system)
        self._new.clear()

    def restore(self, keys: Sequence[str], *, system: str, plan: str) -> tuple[int, dict[str, str]]:
        """Remember which records come back; the files are written when all are known."""
        moved = self._moved(system)
        restored = {key for key in keys if key in moved and moved[key][4] == plan}
        self._restored |= restored
        return len(restored), {}

    def unfinish(self, *, system: str, plan: str) -> None:  # noqa: ARG002  `restore` knows it
        """Write the files anew without the records that came back, or take them away when none is left."""
        if not self._restored:
            return
        rows = [row for key, row in self._moved(system).items() if key not in self._restored]
        if rows:
            self._write(rows, system)
        else:
            shutil.rmtree(self._remaining)
            self.__dict__.pop("_state", None)
        self._restored.clear()

    def known(self, system: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of some records that the new files leave out."""
        moved = self._moved(system)
        return frozenset(key for key in keys if key in moved)

    def retired(self, system: str, plan: str | None = None) -> Iterator[pa.Table]:
        """The records that the new files leave out."""
        rows = [row for row in self._moved(system).values() if plan is None or row[4] == plan]
        keys, entries = [row[0] for row in rows], [row[1] for row in rows]
        yield pa.table({"source_key": pa.array(keys, pa.large_string()), "entry": pa.array(entries, pa.large_string())})

    def close(self) -> None:
        """Nothing is open."""

    def _moved(self, system: str) -> dict[str, list[str]]:
        """The rows of `moved.csv` by source key, if it is of this source system."""
        known, rows = self._state
        return rows if known == system else {}

    @cached_property
    def _state(self) -> tuple[str, dict[str, list[str]]]:
        folder = self._remaining
        if not (folder / STATE).exists():
            return "", {}
        try:
            system = json.loads((folder / STATE).read_text(encoding="utf-8"))["system"]
            with (folder / MOVED).open(encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file))[1:]
        except (OSError, ValueError, KeyError) as error:
            raise SourceError(
                f"The list of records that moved cannot be read: {type(error).__name__}.",
                where=folder,
                next=f"delete {folder}; the command makes it again",
            ) from None
        return system, {row[0]: row for row in rows}

    def _write(self, rows: Sequence[list[str]], system: str) -> None:
        folder = self._remaining
        new = folder.with_name(f".{folder.name}.{os.getpid()}.new")
        mask = os.umask(0o077)
        try:
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(mode=0o700, parents=True)
            by_entry: dict[str, set[str]] = {name: set() for name in self._source.records}
            for _, of, key, *_ in rows:
                by_entry[of].add(key)
            with FileSource(self._folder, self._source.csv, self._source.formats) as source:
                for name, entry in self._source.records.items():
                    _remaining(source, entry.from_ or name, _Moved(entry.key_columns, by_entry[name]), new)
            with (new / MOVED).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([["source_key", "entry", "key", "lead_id", "plan"], *rows])
            (new / STATE).write_text(json.dumps({"system": system}) + "\n", encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
        except OSError as error:
            raise SourceError(
                f"The files of the remaining records cannot be written: {error.strerror or error}.", where=folder
            ) from None
        finally:
            os.umask(mask)
            shutil.rmtree(new, ignore_errors=True)
        self.__dict__.pop("_state", None)


@dataclass(frozen=True)
class _Moved:
    """The records of an entry that moved, by their keys: of one column or several, and in whatever form they meet."""

    key: config.KeyColumns
    keys: set[str]

    def among(self, columns: Sequence[pa.Array]) -> pa.Array:
        """Which of some rows moved. columns: those of the key."""
        texts = [pa.array(column, pa.large_string()) for column in columns]
        made = normalized(together(texts), self.key.normalize)
        return pc.is_in(made, pa.array(sorted(self.keys), pa.large_string()))

    def in_lists(self, columns: Sequence[Sequence[str]]) -> list[bool]:
        """The same for lists of texts."""
        moved: list[bool] = self.among([pa.array(column, pa.large_string()) for column in columns]).to_pylist()
        return moved


def _remaining(source: FileSource, table: str, moved: _Moved, folder: Path) -> None:
    """Write a table's rows but those that moved."""
    file = source.table(table)
    if isinstance(file, CsvFile):
        names = file.columns()
        key = [names.index(column) for column in moved.key.columns]
        file.write_without(key, moved.in_lists, folder / file.path.name)
    elif isinstance(file, ParquetFile):
        _parquet_without(source, file, table, moved, folder)
    else:
        _sheet_without(source, table, moved, folder)


def _parquet_without(source: FileSource, file: ParquetFile, table: str, moved: _Moved, folder: Path) -> None:
    from pyarrow import parquet

    columns = list(moved.key.columns)
    stored = parquet.ParquetFile(file.path)
    with stored, parquet.ParquetWriter(folder / file.path.name, stored.schema_arrow) as writer:
        gone = pa.chunked_array(
            [
                moved.among([read.data[column].combine_chunks() for column in columns])
                for read in source.read(table, table, columns, ROWS, str)
            ],
            pa.bool_(),
        )
        first = 0
        for batch in stored.iter_batches(ROWS):
            stays = pc.invert(gone.slice(first, len(batch))).combine_chunks()
            writer.write_batch(batch.filter(stays))
            first += len(batch)


def _sheet_without(source: FileSource, table: str, moved: _Moved, folder: Path) -> None:
    names = source.columns(table)
    with (folder / f"{table.replace('/', ' ')}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for batch in source.read(table, table, None, ROWS, str):
            if uncalculated := [fault for fault in batch.faults if fault.code == "uncalculated"]:
                raise SourceError(
                    "A cell has a formula that was never calculated, so its value cannot be written.",
                    where=uncalculated[0].where,
                    next=uncalculated[0].advice,
                )
            gone = moved.among([batch.data[column].combine_chunks() for column in moved.key.columns]).to_pylist()
            for row, is_gone in zip(batch.data.to_pylist(), gone, strict=True):
                if not is_gone:
                    writer.writerow(["" if row[name] is None else row[name] for name in names])
