"""The records as the engine compares them: of some entries, the columns of each kind, by source key."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Entry, TypeColumn
from etl.connect import TEXT
from etl.errors import ConfigError, excerpt
from etl.matching import Identity, Scored, identities, match
from etl.matching.model import Model
from etl.model import Dataset, damaged_rows
from etl.plan.tables import batches

Mask = npt.NDArray[np.bool_]


def comparable_records(
    config: Config,
    entries: Sequence[Dataset],
    takes_part: Callable[[Entry], bool],
    chosen: Callable[[Entry, pa.Table], Mask] | None = None,
) -> tuple[pa.ChunkedArray, pa.Table]:
    """The source keys of all records that can be compared, and their columns by kind; in the order of the keys.

    entries: as extract has copied them; takes_part: which of them; chosen: which rows of one, of the readable ones.
    """
    tables = [pa.table({"key": pa.array([], TEXT)})]
    for dataset in entries:
        entry = config.source.records[dataset.name]
        if not takes_part(entry):
            continue
        columns = [name for name in dataset.columns if name in entry.columns()]
        schema = pa.schema([(name, TEXT) for name in columns])
        table = pa.Table.from_batches(batches(dataset.path, columns), schema)
        readable = np.asarray(pc.is_valid(table[entry.key])) & ~damaged_rows(dataset.faults, dataset.rows)
        if chosen is not None:
            readable &= chosen(entry, table)
        keys = pc.binary_join_element_wise(pa.scalar(dataset.name, TEXT), table[entry.key], pa.scalar(":", TEXT))
        tables.append(identities.by_kind(table, entry.identity).append_column("key", keys).filter(pa.array(readable)))
    table = pa.concat_tables(tables, promote_options="default")
    order = ["key", *sorted(name for name in table.column_names if name != "key")]
    table = table.sort_by([(name, "ascending") for name in order]).combine_chunks()
    return table["key"], table.drop_columns("key")


def companies(entry: Entry, table: pa.Table) -> Mask:
    """Which rows of an entry are companies."""
    if isinstance(entry.type, TypeColumn):
        return np.asarray(pc.is_in(table[entry.type.column], pa.array(entry.type.company, TEXT)))
    return np.full(len(table), entry.type == "company")


def persons(entry: Entry, table: pa.Table) -> Mask:
    """Which rows of an entry are persons."""
    return ~companies(entry, table)


def scored(
    config: Config, identity: Identity, count: int, left: int, name: str, at_least: float, pinned: str | None
) -> Scored:
    """Match two lists, or one, with the model that was pinned, if one was.

    name: of the model. at_least: as `match` takes it. pinned: the file, seen from the config. Raises ConfigError where
    it does not fit, PlanError where the disk is full.
    """
    if pinned is None:
        return match(identity, count, left, at_least)
    path = config.path.parent / pinned
    try:
        model = Model.of(json.loads(path.read_text(encoding="utf-8"))[name])
        return match(identity, count, left, at_least, model)
    except (OSError, KeyError, TypeError, ValueError) as error:
        reason = excerpt(str(error), 200)
        if isinstance(error, OSError):
            reason = "the file cannot be read"
        elif isinstance(error, KeyError):
            reason = "the file has no model with this name"
        raise ConfigError(
            f"The model of {name} cannot be used: {reason}.",
            where=path,
            next="name the models.json of a plan with the same identity columns, or remove model from the config",
        ) from None
