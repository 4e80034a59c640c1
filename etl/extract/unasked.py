"""Columns whose name sounds as if it said who opted out, and that the config does not ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.config import Config, Flag, TypeColumn
from etl.config.leads import ROLES
from etl.config.links import RESERVED
from etl.config.opt_out_words import sounds_like_opt_out
from etl.matching.opted_out import kind_asked, own_test
from etl.model import Dataset
from etl.plan.figures import UnaskedFigures
from etl.plan.tables import batches
from etl.rows import ask


def unasked_columns(datasets: Sequence[Dataset], config: Config) -> Iterator[UnaskedFigures]:
    """Those of the copied entries and related tables that have a row which does not clearly say no."""
    for dataset in datasets:
        related = config.source.related.get(dataset.name)
        again = related is not None and (related.records_of is not None or related.further_of is not None)
        if dataset.kind == "evidence" or again:
            continue
        columns = [name for name in dataset.columns if _sounds(name) and not _is_asked(dataset, name, config)]
        rows = dict.fromkeys(columns, 0)
        for batch in batches(dataset.path, columns) if columns else ():
            for name, values in zip(columns, batch.columns, strict=True):
                rows[name] += int(ask(Flag(flag=name), values).possible.sum())
        yield from (UnaskedFigures(dataset.name, name, count) for name, count in rows.items() if count)


def _sounds(column: str) -> bool:
    return not column.startswith(RESERVED) and sounds_like_opt_out(column)


def _is_asked(dataset: Dataset, column: str, config: Config) -> bool:
    """Whether the config asks it of records of the entry; that of one kind alone, of entries with such records.

    A table that an entry joins is asked by the columns that the join gives.
    """
    return (dataset.table, column) in set(_joined(config)) or _is_asked_of_records(dataset, column, config)


def _joined(config: Config) -> Iterator[tuple[str, str]]:
    """The tables that entries join, each with a column of it that is asked."""
    asked = {test.column.removeprefix(f"{role}.") for test in config.leads.consent for role in ("", *ROLES)}
    for entry in config.source.records.values():
        for name, join in entry.join.items():
            for column in asked:
                if column.startswith(f"{name}."):
                    yield join.from_ or name, column.removeprefix(f"{name}.")


def _is_asked_of_records(dataset: Dataset, column: str, config: Config) -> bool:
    entry = config.source.records.get(dataset.name)
    if entry is None:
        return False
    kinds = ["company", "person"] if isinstance(entry.type, TypeColumn) else [entry.type]
    return any(own_test(test, (column,)) and kind_asked(test) in (None, *kinds) for test in config.leads.consent)
