"""Field coverage: each legacy column, how often it is filled, and where it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.config import AnyColumn, ColumnCondition, Config, FieldSource, First, Flag, Mapped
from etl.config.leads import TEMPLATE_COLUMN
from etl.model import SOURCE_KEY_COLUMN
from etl.note import Labels
from etl.plan.figures import DatasetFigures
from etl.report.model import ColumnCoverage
from etl.report.read import Tables, parquet


def coverage(plan: Tables, config: Config, datasets: Sequence[DatasetFigures]) -> tuple[ColumnCoverage, ...]:
    """Count the columns of all entries and related tables, in the order of the config and of the source.

    Evidence tables are not in it: their rows do not move.
    """
    moving = [dataset for dataset in datasets if dataset.kind != "evidence" and _is_told(dataset, config)]
    labels = Labels.of(config, {dataset.name: dataset.columns for dataset in moving})
    columns = []
    for dataset in moving:
        rows, rows_moved, filled = _filled(plan, dataset)
        omitted, taken = labels[dataset.name].omitted, _taken(config, dataset)
        for column, (everywhere, moved) in zip(dataset.columns, filled, strict=True):
            fields, reason = taken.get(column, ()), omitted.get(column)
            columns.append(ColumnCoverage(dataset.name, column, rows, everywhere, rows_moved, moved, fields, reason))
    return tuple(columns)


def _is_told(dataset: DatasetFigures, config: Config) -> bool:
    """Rows of joined tables that are not taken, and those of tables of links, are told where there are any."""
    related = config.source.related.get(dataset.name)
    return dataset.rows > 0 or related is None or not (related.further_of or related.linking)


def _filled(plan: Tables, dataset: DatasetFigures) -> tuple[int, int, list[tuple[int, int]]]:
    """Rows in the snapshot, those of moved records, and for each column how many of both have a value."""
    names = [column.replace('"', '""') for column in dataset.columns]
    counts = ["count(*)", *(f'count(s."{name}")' for name in names)]
    snapshot = parquet(plan.folder / "snapshot" / dataset.file)
    counted = {
        moves: numbers
        for moves, *numbers in plan.rows(
            f"""SELECT d.source_key IS NOT NULL, {", ".join(counts)} FROM {snapshot} s
                LEFT JOIN (SELECT source_key FROM decisions WHERE decision = 'lead') d
                ON s.{SOURCE_KEY_COLUMN} = d.source_key
                GROUP BY 1"""
        )
    }
    nothing = [0] * len(counts)
    moved, stays = counted.get(True, nothing), counted.get(False, nothing)
    together = [(a + b, a) for a, b in zip(moved, stays, strict=True)]
    return together[0][0], together[0][1], together[1:]


def _taken(config: Config, dataset: DatasetFigures) -> dict[str, tuple[str, ...]]:
    """Column -> the lead fields made from it. A related table's columns go into the note alone."""
    if dataset.kind != "entry":
        return {}
    kind = config.source.records[dataset.name].type
    other = {"company": "contact", "person": "company"}.get(kind) if isinstance(kind, str) else None
    fields_of: dict[str, dict[str, None]] = {}
    for field, source in config.leads.fields.items():
        for text in _references(source):
            role, dot, name = text.partition(".")
            column = name if dot and role in ("contact", "company") else text
            if column in dataset.columns and (column == text or role != other):
                fields_of.setdefault(column, {})[field] = None
    return {column: tuple(fields) for column, fields in fields_of.items()}


def _references(source: FieldSource) -> Iterator[str]:
    """The columns that a lead field is made from, as the config writes them: `x`, `contact.x` or `company.x`."""
    match source:
        case Mapped() | ColumnCondition() | Flag():
            yield source.column
        case AnyColumn(any=tests):
            yield from (test.column for test in tests)
        case First(first=templates) | (tuple() as templates):
            for template in templates:
                yield from _references(template)
        case _:
            yield from TEMPLATE_COLUMN.findall(source.replace("{{", "").replace("}}", ""))
