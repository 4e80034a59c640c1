"""A few records and leads, shown whole: chosen so that each rule and each finding is seen at work."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import RESERVED
from etl.model import SOURCE_KEY_COLUMN, Decision
from etl.plan.damage import reading
from etl.plan.figures import DatasetFigures
from etl.report.html.rows import READ
from etl.report.read import Tables

LEADS, RECORDS = 20, 20
"""How many leads, and how many records of rules that move nothing, are shown at the most."""

CANDIDATES = 8
"""How many leads of each finding are looked at to find those that show several at once."""

VALUE, NOTE, HISTORY, ROWS = 400, 8_000, 6, 30
"""The longest value and note, in characters; the most rows of a record's history, and of a lead, that are shown."""

DECISION = ["source_key", "decided_by", "lead", "rule", "decision", "evidence"]
NOT_SHOWN = ("lead", "family", "into", "note")

Cells = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Legacy:
    """One row of the legacy CRM: where it stands, and its filled columns; None for a value that notes leave out."""

    source_key: str
    dataset: str
    cells: Cells


@dataclass(frozen=True)
class Example:
    """A lead as it will be written beside the legacy records in it; or one record that does not move, without a lead.

    shows: rules, codes of findings, and other words for what can be seen here. left_out: rows that are not shown;
    length: of the whole note, in characters.
    """

    source_key: str
    decision: Decision
    rule: str
    evidence: str | None
    shows: tuple[str, ...]
    fields: tuple[tuple[str, str | bool], ...]
    note: str | None
    length: int
    legacy: tuple[Legacy, ...]
    left_out: int


@dataclass(frozen=True)
class _Chunk:
    """One chunk of a plan: its number, and the row group that each file of the snapshot has in it.

    omitted: the columns whose values the notes leave out for a legal reason; the page does not show them either.
    """

    plan: Tables
    datasets: Sequence[DatasetFigures]
    omitted: Collection[tuple[str, str]]
    number: int
    groups: Mapping[str, int]


def examples(
    plan: Tables,
    datasets: Sequence[DatasetFigures],
    chunks: Sequence[Mapping[str, int]],
    omitted: Collection[tuple[str, str]] = (),
) -> tuple[Example, ...]:
    """Choose and read them: leads first, then records of the rules that move nothing.

    chunks: as the manifest has them; omitted: dataset and column of values that are not shown. Only the row groups in
    which a chosen record stands are read whole.
    """
    leads, records = _leads(plan), _records(plan)
    drawn: dict[str, Example] = {}
    for number, groups in enumerate(chunks):
        decisions = _row_group(plan, "decisions", number, DECISION)
        mine = pc.is_in(decisions["lead"], pa.array(list(leads), pa.large_string()))
        alone = pc.is_in(decisions["source_key"], pa.array(list(records), pa.large_string()))
        if pc.any(mine).as_py() or pc.any(alone).as_py():
            members = decisions.filter(pc.or_(pc.fill_null(mine, False), alone)).to_pylist()
            drawn |= dict(_of_chunk(_Chunk(plan, datasets, omitted, number, groups), members, leads, records))
    order = [*leads, *(key for key in records if key not in leads)]
    return tuple(drawn[key] for key in order if key in drawn)


def _leads(plan: Tables) -> dict[str, tuple[str, ...]]:
    """The leads to show, each with what it shows: first as few as show all, then more of the same."""
    shows: dict[str, dict[str, None]] = {}
    for tag, lead in plan.rows(
        f"""SELECT rule, unnest(arg_min(lead, lead, {LEADS})) FROM
            (SELECT DISTINCT rule, lead FROM decisions WHERE decision = 'lead') GROUP BY 1 UNION ALL
            SELECT code, unnest(arg_min(lead, lead, {CANDIDATES}))
            FROM (SELECT DISTINCT code, lead FROM findings) GROUP BY 1
            UNION ALL SELECT 'duplicates', unnest(arg_min(lead, lead, 3)) FROM
            (SELECT lead FROM decisions WHERE lead IS NOT NULL AND type = 'company' GROUP BY 1 HAVING count(*) > 1)
            ORDER BY 1, 2"""
    ):
        shows.setdefault(lead, {})[tag] = None
    shown: set[str] = set()
    chosen: dict[str, tuple[str, ...]] = {}
    while shows and len(chosen) < LEADS:
        lead = min(shows, key=lambda lead: (-sum(tag not in shown for tag in shows[lead]), lead))
        tags = shows.pop(lead)
        shown.update(tags)
        chosen[lead] = tuple(tags)
    return chosen


def _records(plan: Tables) -> dict[str, tuple[str, ...]]:
    """The first record of each rule that moves nothing, the rules that decided most first."""
    rules = plan.rows(
        """SELECT min(source_key) FILTER (WHERE decided_by = source_key) AS first, rule, count(*) AS n FROM decisions
           WHERE decision NOT IN ('lead', 'reject') GROUP BY rule, decision ORDER BY n DESC, 1, 2"""
    )
    return {key: (rule,) for key, rule, _ in rules[:RECORDS] if key is not None}


def _of_chunk(
    chunk: _Chunk,
    members: Sequence[Mapping[str, str | None]],
    leads: Mapping[str, tuple[str, ...]],
    records: Mapping[str, tuple[str, ...]],
) -> Iterator[tuple[str, Example]]:
    """The examples in one chunk. members: rows of its decisions: of the chosen leads, and the chosen records."""
    legacy = _legacy(chunk, [str(member["source_key"]) for member in members])
    written = {str(row["lead"]): row for row in _written(chunk, leads)}

    def lead_of(member: Mapping[str, str | None]) -> str:
        return str(member["lead"] if member["lead"] in leads else member["source_key"])

    for key, some in groupby(sorted(members, key=lead_of), key=lead_of):
        together = sorted(some, key=lambda member: (member["source_key"] != key, member["source_key"]))
        rows = [row for member in together for row in legacy.get(str(member["source_key"]), ())]
        yield key, _example(together[0], written.get(key, {}), rows, leads.get(key) or records.get(key, ()))


def _example(
    own: Mapping[str, str | None], lead: Mapping[str, Any], rows: Sequence[Legacy], shows: tuple[str, ...]
) -> Example:
    """One example. own: the row of decisions of the record that it is about; lead: empty for one that does not move."""
    note = lead.get("note")
    return Example(
        source_key=str(own["source_key"]),
        decision=Decision(str(own["decision"])),
        rule=str(own["rule"]),
        evidence=(own["evidence"] or "")[:READ] or None,
        shows=shows,
        fields=tuple((name, value) for name, value in lead.items() if value is not None and name not in NOT_SHOWN),
        note=None if note is None else note[:NOTE],
        length=len(note or ""),
        legacy=tuple(rows[:ROWS]),
        left_out=max(len(rows) - ROWS, 0),
    )


def _written(chunk: _Chunk, leads: Mapping[str, object]) -> list[dict[str, Any]]:
    table = _row_group(chunk.plan, "leads", chunk.number)
    rows: list[dict[str, Any]] = table.filter(
        pc.is_in(table["lead"], pa.array(list(leads), pa.large_string()))
    ).to_pylist()
    return rows


def _legacy(chunk: _Chunk, keys: Sequence[str]) -> dict[str, list[Legacy]]:
    """Source key -> the record's own row, then its history, as far as it is shown."""
    rows_of: dict[str, list[Legacy]] = {}
    wanted = pa.array(keys, pa.large_string())
    for dataset in chunk.datasets:
        if dataset.kind == "evidence" or dataset.file not in chunk.groups:
            continue
        table = _row_group(chunk.plan, f"snapshot/{dataset.file.removesuffix('.parquet')}", chunk.groups[dataset.file])
        for row in table.filter(pc.is_in(table[SOURCE_KEY_COLUMN], wanted)).to_pylist():
            key = row.pop(SOURCE_KEY_COLUMN)
            row = {column: value for column, value in row.items() if not column.startswith(RESERVED)}
            cells = tuple(
                (name, None if (dataset.name, name) in chunk.omitted else value[: VALUE + 1])
                for name, value in row.items()
                if value
            )
            rows_of.setdefault(key, []).append(Legacy(key, dataset.name, cells))
    return {key: _first_of_each(rows) for key, rows in rows_of.items()}


def _first_of_each(rows: Sequence[Legacy]) -> list[Legacy]:
    return [row for _, some in groupby(rows, key=lambda row: row.dataset) for row in list(some)[:HISTORY]]


def _row_group(plan: Tables, name: str, number: int, columns: list[str] | None = None) -> pa.Table:
    path = plan.folder / f"{name}.parquet"
    with reading(path), pq.ParquetFile(path) as file:
        return file.read_row_group(number, columns=columns)
