"""The index in which `find` searches: `find.parquet` and `find-words.parquet` in the plan's folder.

It is built by the first search of a plan, not while the plan is written: nothing that decides or writes needs it, plans
that were made before have it too, and a plan that nobody searches has one copy of its personal data less. It is no part
of the digest; it names the digest it was built from, and is built anew where that, or its own form, is another one. The
files get their names only when they are whole: a search that was stopped, or runs beside another, does no harm.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config.identity import IDENTITY_FIELDS
from etl.matching.fields import joined
from etl.matching.search import COLUMNS
from etl.matching.searchable import TEXT, numbers, plain
from etl.model import SOURCE_KEY_COLUMN, Progress, no_progress
from etl.plan import Bundle
from etl.plan.damage import reading
from etl.plan.intact import refuse_changed
from etl.plan.snapshot import COMPRESSION

FORM = b"2"
RECORDS, WORDS = "find.parquet", "find-words.parquet"
ROWS = 20_000
SEARCHED = ("company", "first_name", "last_name", "postcode", "city", "email", "vat", "company_number", "number")
DECIDED = ["decision", "rule", "evidence", "lead", "into"]
NUMBERS = ("vat", "company_number", "number")
SHOWN = ["source_key", "name", "city", "company", "numbers", *DECIDED]
"""company: the name of a person's company; numbers: those that identify a record, such as a customer number."""
SCHEMA = pa.schema(
    [*((n, TEXT) for n in (*SHOWN, "text", "key", "phone")), ("person", pa.bool_()), ("chunk", pa.int32())]
)
WORD_SCHEMA = pa.schema([("word", TEXT)])
SEARCHABLE = r"^\p{L}{3,40}$"
"""Words in which a typing error is looked for."""
Identities = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Entry -> kind of column -> the columns that hold it."""


@dataclass(frozen=True)
class Index:
    """The index of one plan. Everything in it is streamed."""

    folder: Path

    def searched(self) -> Iterator[pa.RecordBatch]:
        """Stream what is searched, all records in the order of the plan."""
        yield from _stream(self.folder / RECORDS, COLUMNS)

    def shown(self) -> Iterator[pa.RecordBatch]:
        """Stream what is shown of each record, and the chunk that it is in."""
        yield from _stream(self.folder / RECORDS, [*SHOWN, "chunk"])

    def words(self) -> Iterator[pa.Array]:
        """Stream all distinct words."""
        for batch in _stream(self.folder / WORDS, ["word"]):
            yield batch["word"]

    def rows(self, numbers: Iterable[int]) -> list[dict[str, Any]]:
        """What is shown of some records, by their places, and the chunk that each is in; in the order given."""
        wanted = list(numbers)
        shown: dict[int, dict[str, Any]] = {}
        with _index(self.folder / RECORDS) as file:
            first = 0
            for group in range(file.num_row_groups):
                last = first + file.metadata.row_group(group).num_rows
                if mine := [number for number in wanted if first <= number < last]:
                    table = file.read_row_group(group, columns=[*SHOWN, "chunk"])
                    rows = table.take([number - first for number in mine]).to_pylist()
                    shown |= dict(zip(mine, rows, strict=True))
                first = last
        return [shown[number] for number in wanted]

    @property
    def records(self) -> int:
        """How many records it has."""
        count: int = pq.read_metadata(self.folder / RECORDS).num_rows
        return count


@contextmanager
def _index(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a file of the index, each of its pages held against its checksum. Raises PlanError where it is damaged."""
    with (
        reading(path, next=f"delete {path}: the next search builds it anew"),
        pq.ParquetFile(path, page_checksum_verification=True) as file,
    ):
        yield file


def _stream(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    with _index(path) as file:
        yield from file.iter_batches(100_000, columns=columns)


def open_index(bundle: Bundle, identities: Identities, progress: Progress = no_progress) -> Index:
    """Open a plan's index; build it where there is none that fits. Raises PlanError where the plan is damaged."""
    mark = {b"form": FORM, b"digest": bundle.manifest.digest.encode()}
    if not all(_fits(bundle.path / name, mark) for name in (RECORDS, WORDS)):
        refuse_changed(bundle)
        _build(bundle, identities, mark, progress)
    return Index(bundle.path)


def _fits(path: Path, mark: Mapping[bytes, bytes]) -> bool:
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    return all(metadata.get(key) == value for key, value in mark.items())


def _build(bundle: Bundle, identities: Identities, mark: Mapping[bytes, bytes], progress: Progress) -> None:
    words = pa.array([], TEXT)
    with _new(bundle.path / RECORDS) as path, pq.ParquetWriter(path, SCHEMA.with_metadata(mark), **COMPRESSION) as file:
        for table in _together(_records(bundle, identities, progress)):
            file.write_table(table)
            words = pc.unique(pa.concat_arrays([words, _words_of(table["text"].combine_chunks())]))
    with _new(bundle.path / WORDS) as path:
        pq.write_table(pa.table([words], WORD_SCHEMA.with_metadata(mark)), path, row_group_size=100_000, **COMPRESSION)


@contextmanager
def _new(path: Path) -> Iterator[Path]:
    """A new file that only its owner can read, which gets its name when it is whole, and is gone after an error."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    try:
        yield new
        new.rename(path)
    finally:
        new.unlink(missing_ok=True)


def _together(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Put small tables together to row groups of a fair size."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= ROWS:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _words_of(texts: pa.Array) -> pa.Array:
    words = pc.unique(pc.list_flatten(pc.split_pattern(texts, " ")))
    return words.filter(pc.match_substring_regex(words, SEARCHABLE))


def _records(bundle: Bundle, identities: Identities, progress: Progress) -> Iterator[pa.Table]:
    """Each chunk's records: what identifies them, beside what was decided on them."""
    decisions, entries = bundle.path / "decisions.parquet", _entries(bundle, identities)
    with reading(decisions), pq.ParquetFile(decisions) as file:
        for number, groups in enumerate(bundle.manifest.chunks):
            decided = file.read_row_group(number, columns=["source_key", "type", "company", *DECIDED])
            tables = [
                _identified(bundle.path / "snapshot" / name, groups[name], columns)
                for name, columns in entries.items()
                if name in groups
            ]
            for rows in tables:
                yield _with_decisions(rows, decided, pa.concat_tables(tables), number)
            progress("index", number + 1, bundle.chunks)


def _entries(bundle: Bundle, identities: Identities) -> dict[str, dict[str, list[str]]]:
    """The snapshot's files of entries, and the columns of each kind that they have."""
    return {
        dataset.file: {
            kind: [column for column in identities.get(dataset.name, {}).get(kind, ()) if column in dataset.columns]
            for kind in IDENTITY_FIELDS
        }
        for dataset in bundle.manifest.figures.datasets
        if dataset.kind == "entry"
    }


def _identified(path: Path, group: int, columns: Mapping[str, list[str]]) -> pa.Table:
    """The records of one row group of the snapshot: source_key, name, city, numbers, text, key, phone."""
    wanted = sorted({column for kind in (*SEARCHED, "phone") for column in columns[kind]})
    with reading(path), pq.ParquetFile(path) as file:
        rows = file.read_row_group(group, columns=[SOURCE_KEY_COLUMN, *wanted]).combine_chunks()
    keys = rows[SOURCE_KEY_COLUMN].combine_chunks()
    of = {kind: _kind(rows, names) for kind, names in columns.items() if kind in (*SEARCHED, "phone")}
    person = joined([of["first_name"], of["last_name"]])
    columns_found = {
        "source_key": keys,
        "name": pc.coalesce(of["company"], person),
        "city": of["city"],
        "numbers": joined([of[kind] for kind in NUMBERS]),
        "text": plain(joined([of[kind] for kind in SEARCHED])),
        "key": plain(keys),
        "phone": numbers(of["phone"]),
    }
    return pa.table(columns_found)


def _kind(rows: pa.Table, columns: list[str]) -> pa.Array:
    """What a record says in the columns of one kind, cut where it is no name any more; null where it says nothing."""
    if not columns:
        return pa.nulls(len(rows), TEXT)
    cut = [pc.utf8_slice_codeunits(rows[column].combine_chunks(), 0, 200) for column in columns]
    return joined([pc.if_else(pc.equal(texts, ""), pa.scalar(None, TEXT), texts) for texts in cut])


def _with_decisions(rows: pa.Table, decided: pa.Table, all_rows: pa.Table, chunk: int) -> pa.Table:
    """Rows of one entry with what was decided on them. all_rows: of all entries of the chunk, by which companies are
    named: a family is in one chunk."""
    places = pc.index_in(rows["source_key"], value_set=decided["source_key"].combine_chunks())
    person = pc.fill_null(pc.equal(decided["type"].take(places), "person"), False)
    company = pc.index_in(decided["company"].take(places), value_set=all_rows["source_key"].combine_chunks())
    name = pc.if_else(person, all_rows["name"].take(company), pa.scalar(None, TEXT))
    rows = rows.append_column("company", name).append_column("person", person)
    for name in DECIDED:
        rows = rows.append_column(name, decided[name].take(places))
    return rows.append_column("chunk", pa.array([chunk] * len(rows), pa.int32())).select(SCHEMA.names).cast(SCHEMA)
