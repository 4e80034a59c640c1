"""Everything that a plan knows about one record, and what would have to change for another decision."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl import config as configs
from etl.classify import Linkage
from etl.classify.why import family_rules
from etl.config import RESERVED, Config
from etl.errors import CleanupError, excerpt
from etl.model import SOURCE_KEY_COLUMN, Dataset, Progress, no_progress, source_key
from etl.pipeline.plan import plan
from etl.plan import Bundle
from etl.plan.bundle import MANIFEST
from etl.plan.damage import reading
from etl.plan.explanation import FamilyRules, Row, Why
from etl.plan.family import datasets_of
from etl.plan.tables import database
from etl.rows.keys import normalized
from etl.rows.near_keys import LOOSEST

TEXT = pa.large_string()
MEANT = 3
"""So many keys that may be meant are named."""
SHOWN = 10
"""So many rows of history, matches and members stand in an answer."""


@contextmanager
def plan_of(path: Path, notices: list[str], progress: Progress = no_progress) -> Iterator[Bundle]:
    """The plan that a path means: itself, or the newest of a config; where there is none, one in a temporary folder.

    notices: gets a line where that is not what the config says now.
    """
    if path.is_dir():
        yield Bundle.open(path)
        return
    config = configs.load(path)
    folder = Path("plans") / config.name
    if (folder / MANIFEST).is_file():
        bundle = Bundle.open(folder)
        if bundle.manifest.config != config.raw:
            notices.append(f"{folder} was planned by another state of {path}; crm-cleanup plan {path} --from {folder}")
        yield bundle
        return
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name:
        notices.append(f"There is no plan in {folder}; this one was made for the question alone, and is gone.")
        yield Bundle.open(plan(path, Path(name) / "plan", progress=progress).folder)


def why(path: Path, key: str, *, progress: Progress = no_progress) -> Why:
    """Look one record up in a plan. path: the plan's, or a config's; key: its source key, or its key alone.

    Raises CleanupError where the plan has no such record, or several; PlanError where it is damaged. Neither source nor
    target is asked, unless the config has no plan yet.
    """
    notices: list[str] = []
    with plan_of(path, notices, progress) as bundle:
        return _why(bundle, key, notices)


def _why(bundle: Bundle, key: str, notices: Sequence[str]) -> Why:
    record, chunk = _record(bundle, key)
    name = record["source_key"]
    family = _filtered(bundle, "decisions", "family", [record["family"]])
    keys = [row["source_key"] for row in family]
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as folder:
        datasets = datasets_of(bundle, keys, Path(folder))
        rules = None if record["decision"] == "reject" else _rules(bundle, datasets, keys, name, Path(folder))
        values, history = _values(datasets, record, bundle.config), _history(bundle, name, chunk)
    lead = _first(_filtered(bundle, "leads", "lead", [record["lead"]], chunk)) if record["lead"] else None
    pairs = [*_filtered(bundle, "duplicates", "left", [name]), *_filtered(bundle, "duplicates", "right", [name])]
    return Why(
        plan=str(bundle.path),
        language=bundle.config.language,
        record=record,
        values=values,
        history=history,
        family=tuple(family),
        rules=rules,
        matches=tuple(_filtered(bundle, "matches", "source_key", [name])),
        duplicates=tuple(sorted(pairs, key=lambda row: -row["probability"])[:SHOWN]),
        existing=tuple(_filtered(bundle, "existing", "source_key", [name])),
        flips=tuple(_filtered(bundle, "flips", "source_key", [name])),
        findings=tuple(_filtered(bundle, "findings", "source_key", [name])),
        lead=lead and {field: value for field, value in lead.items() if value is not None and field != "note"},
        note=lead["note"] if lead else None,
        notices=tuple(notices),
    )


def _record(bundle: Bundle, key: str) -> tuple[Row, int | None]:
    """The record's row of the decisions, and the chunk that it is in."""
    entries = bundle.manifest.config["source"]["records"]
    names = [key] if key.partition(":")[0] in entries else [source_key(entry, key) for entry in entries]
    path, records = bundle.path / "decisions.parquet", dict[str, tuple[Row, int | None]]()
    with reading(path), pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            keys = file.read_row_group(group, ["source_key"])["source_key"]
            mine = pc.is_in(keys, value_set=pa.array(names, TEXT))
            if pc.any(mine).as_py():
                rows = file.read_row_group(group).filter(mine).to_pylist()
                records |= {row["source_key"]: (row, group if group < bundle.chunks else None) for row in rows}
    if len(records) == 1:
        return next(iter(records.values()))
    if records:
        listed = ", ".join(excerpt(name) for name in sorted(records))
        raise CleanupError(
            f"The plan has several records with this key: {listed}.", where=bundle.path, next="give one of these keys"
        )
    near = _nearly(bundle, key)
    raise CleanupError(
        f"The plan has no record with this key{'; did you mean ' if near else ''}{' or '.join(map(excerpt, near))}"
        f"{'?' if near else '.'}",
        where=bundle.path,
        next=f"crm-cleanup find NAME --plan {bundle.path} shows the source keys",
    )


def _nearly(bundle: Bundle, key: str) -> list[str]:
    """The first source keys that are this one in another form: of case, blanks, zeros, or of another entry."""
    path = bundle.path / "decisions.parquet"
    with reading(path):
        names = pq.read_table(path, columns=["source_key"])["source_key"].combine_chunks().cast(TEXT)
    asked = pa.array([key, key.partition(":")[2] or key], TEXT)
    own = pc.replace_substring_regex(names, r"^[^:]*:", "")
    met = [pc.is_in(normalized(own, steps), value_set=normalized(asked, steps).drop_null()) for steps in LOOSEST]
    return sorted(names.filter(pc.or_(*met)).to_pylist())[:MEANT]


def _rules(bundle: Bundle, datasets: Sequence[Dataset], keys: Sequence[str], key: str, folder: Path) -> FamilyRules:
    """Ask the rules about the family alone."""
    matches = pq.read_table(bundle.path / "matches.parquet")
    matches = matches.filter(pc.is_in(matches["source_key"], value_set=pa.array(keys, TEXT)))
    empty = (pq.read_schema(bundle.path / f"{name}.parquet").empty_table() for name in ("duplicates", "existing"))
    with database(folder, threads=1) as connection:
        return family_rules(connection, datasets, bundle.config, Linkage(matches, *empty), key)


def _values(datasets: Sequence[Dataset], record: Row, config: Config) -> dict[str, str]:
    """What the record holds, column by column, without what is made of it."""
    [dataset] = [dataset for dataset in datasets if dataset.name == record["entry"]]
    column = config.source.records[record["entry"]].key
    mine: dict[str, str | None] = next(
        (row for row in pq.read_table(dataset.path).to_pylist() if row[column] == record["key"]), {}
    )
    return {name: value for name, value in mine.items() if value is not None and not name.startswith(RESERVED)}


def _history(bundle: Bundle, key: str, chunk: int | None) -> dict[str, int]:
    """How many rows of each related table stand with the record."""
    counts: dict[str, int] = {}
    groups = bundle.manifest.chunks[chunk] if chunk is not None else {}
    for each in bundle.manifest.figures.datasets:
        if each.kind == "related" and each.file in groups:
            path = bundle.path / "snapshot" / each.file
            with reading(path), pq.ParquetFile(path) as file:
                owners = file.read_row_group(groups[each.file], [SOURCE_KEY_COLUMN])[SOURCE_KEY_COLUMN]
            count = pc.sum(pc.equal(owners, key)).as_py()
            if count:
                counts[each.name] = count
    return counts


def _filtered(bundle: Bundle, table: str, column: str, values: Sequence[str], group: int | None = None) -> list[Row]:
    """The rows of a plan's table that have one of some values, perhaps of one chunk alone."""
    path, rows = bundle.path / f"{table}.parquet", list[Row]()
    with reading(path), pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups) if group is None else [group]:
            mine = pc.is_in(file.read_row_group(number, [column])[column].cast(TEXT), value_set=pa.array(values, TEXT))
            if pc.any(mine).as_py():
                rows += file.read_row_group(number).filter(mine).to_pylist()
    return rows


def _first(rows: Sequence[Row]) -> dict[str, Any] | None:
    return dict(rows[0]) if rows else None
