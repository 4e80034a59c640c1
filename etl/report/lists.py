"""The whole lists of a plan as CSV, for people who count and sort: `lists/` in the plan's folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from etl.model import Decision
from etl.plan.bundle import reading
from etl.report.csv_file import guarded_table

FOLDER = "lists"
BATCH = 20_000
DECIDED = (
    "source_key",
    "entry",
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


def write_lists(folder: Path) -> None:
    """Write each table of a plan as CSV, the decisions as one file each, in the plan's order.

    Text at the start of which a spreadsheet would see a formula gets an apostrophe before it; the Parquet files beside
    these have every value as it is. Raises PlanError where a table cannot be read.
    """
    (folder / FOLDER).mkdir()
    _write_decisions(folder)
    for name, columns in OTHERS.items():
        path = folder / f"{name}.parquet"
        if path.exists():
            _write_list(path, folder / FOLDER / f"{name}.csv", columns)


def _write_decisions(folder: Path) -> None:
    with ExitStack() as files:
        writers: dict[str, pa_csv.CSVWriter] = {}
        for rows in _batches(folder / "decisions.parquet", DECIDED):
            for decision in Decision:
                some = rows.filter(pc.equal(rows["decision"], decision.value))
                if decision not in writers:
                    path = folder / list_of(decision)
                    writers[decision] = files.enter_context(pa_csv.CSVWriter(path, some.schema))
                if len(some):
                    writers[decision].write(some)


def _write_list(path: Path, new: Path, columns: Sequence[str]) -> None:
    with reading(path), pq.ParquetFile(path) as file:
        names = columns or [name for name in file.schema_arrow.names if name != "note"]
    with ExitStack() as files:
        writer = None
        for rows in _batches(path, names):
            if writer is None:
                writer = files.enter_context(pa_csv.CSVWriter(new, rows.schema))
            writer.write(rows)


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Rows of a table as they stand in its list; at least one batch, an empty one where there are no rows."""
    with reading(path), pq.ParquetFile(path) as file:
        schema = pa.schema([file.schema_arrow.field(name) for name in columns])
        yield guarded_table(schema.empty_table())
        for batch in file.iter_batches(BATCH, columns=list(columns)):
            yield guarded_table(pa.Table.from_batches([batch]).select(list(columns)))
