"""The whole lists of a plan as CSV, for people who count and sort: `lists/` in the plan's folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import Config
from etl.model import Decision
from etl.plan.bundle import Manifest
from etl.plan.damage import reading
from etl.report.names import Naming, names_in, namings
from etl.report.safe_csv import Form

FOLDER = "lists"
BATCH = 20_000
DECIDED = (
    "source_key",
    "entry",
    "name",
    "decision",
    "rule",
    "evidence",
    "decided_by",
    "family",
    "lead",
    "match",
    "score",
    "findings",
)
STORED = tuple(name for name in DECIDED if name != "name")
OTHERS: Mapping[str, Sequence[str]] = {
    "leads": (),
    "findings": ("code", "severity", "lead", "source_key", "field", "value", "proposal", "message"),
    "duplicates": ("left", "right", "probability", "weight", "words"),
    "orphans": ("dataset", "code", "place", "key", "reason", "advice"),
    "blocked": ("lead", "field", "reason", "length", "limit"),
    "flips": ("rule", "at_least", "source_key", "decision", "would_be"),
    "matches": ("source_key", "master", "how", "customer", "probability", "weight", "doubt", "other", "words"),
}
"""Table -> the columns of its list; no columns: all but the note."""


def list_of(decision: Decision) -> str:
    """The file, by its way from the plan's folder, that has all records with a decision."""
    return f"{FOLDER}/{decision.replace(' ', '-')}.csv"


def write_lists(folder: Path, config: Config, manifest: Manifest) -> None:
    """Write each table of a plan as CSV, the decisions as one file each, in the plan's order; older lists give way.

    manifest: with the plan's datasets and chunks.

    Sentences are in the language of the report. Text at the start of which a spreadsheet would see a formula gets an
    apostrophe before it; the Parquet files beside these have every value as it is. Raises PlanError where a table
    cannot be read.
    """
    new = folder / f".{FOLDER}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    form = Form.of(config)
    _write_decisions(folder, new, namings(folder, config, manifest.figures.datasets), manifest.chunks, form)
    for name, columns in OTHERS.items():
        path = folder / f"{name}.parquet"
        if path.exists():
            _write_list(path, new / f"{name}.csv", columns, form)
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    new.rename(folder / FOLDER)


def _write_decisions(
    folder: Path, new: Path, namings: Sequence[Naming], chunks: Sequence[Mapping[str, int]], form: Form
) -> None:
    path = folder / "decisions.parquet"
    with ExitStack() as files, reading(path), pq.ParquetFile(path) as file:
        schema = form.table(_named(file.schema_arrow.empty_table().select(STORED), [], {})).schema
        writers = {
            decision: files.enter_context(form.writer(new / Path(list_of(decision)).name, schema))
            for decision in Decision
        }
        for number in range(file.num_row_groups):
            groups = chunks[number] if number < len(chunks) else {}
            rows = form.table(_named(file.read_row_group(number, [*STORED]), namings, groups))
            for decision, writer in writers.items():
                some = rows.filter(pc.equal(rows["decision"], decision.value))
                if len(some):
                    writer.write(some)


def _named(rows: pa.Table, namings: Sequence[Naming], groups: Mapping[str, int]) -> pa.Table:
    """Decisions of one chunk, with the records' names."""
    return rows.append_column("name", names_in(namings, groups, rows["source_key"].combine_chunks())).select(DECIDED)


def _write_list(path: Path, new: Path, columns: Sequence[str], form: Form) -> None:
    with reading(path), pq.ParquetFile(path) as file:
        names = columns or [name for name in file.schema_arrow.names if name != "note"]
    with ExitStack() as files:
        writer = None
        for rows in _batches(path, names, form):
            if writer is None:
                writer = files.enter_context(form.writer(new, rows.schema))
            writer.write(rows)


def _batches(path: Path, columns: Sequence[str], form: Form) -> Iterator[pa.Table]:
    """Rows of a table as they stand in its list; at least one batch, an empty one where there are no rows."""
    with reading(path), pq.ParquetFile(path) as file:
        schema = pa.schema([file.schema_arrow.field(name) for name in columns])
        yield form.table(schema.empty_table())
        for batch in file.iter_batches(BATCH, columns=list(columns)):
            yield form.table(pa.Table.from_batches([batch]).select(list(columns)))
