"""What legacy records are called, for lists that people read: by their identity columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import Config
from etl.model import SOURCE_KEY_COLUMN
from etl.plan.damage import reading
from etl.plan.figures import DatasetFigures

KINDS = (("company",), ("first_name", "last_name"))
"""The identity fields that make a name; the first of these groups that says something is taken."""

LONGEST = 120
TEXT = pa.large_string()


@dataclass(frozen=True)
class Naming:
    """Where names stand: a file of the snapshot, and for each of KINDS its columns."""

    path: Path
    columns: tuple[tuple[str, ...], ...]


def namings(folder: Path, config: Config, datasets: Sequence[DatasetFigures]) -> list[Naming]:
    """One for each entry of a plan's folder; columns that notes leave out for a legal reason name nobody."""
    places = []
    for dataset in datasets:
        if dataset.kind == "entry":
            identity = config.source.records[dataset.name].identity
            columns = tuple(
                tuple(
                    column
                    for kind in kinds
                    for column in identity.get(kind, ())
                    if column in dataset.columns and config.omitted(dataset.name, column) is None
                )
                for kinds in KINDS
            )
            places.append(Naming(folder / "snapshot" / dataset.file, columns))
    return places


def names_in(namings: Iterable[Naming], groups: Mapping[str, int], keys: pa.Array) -> pa.Array:
    """The names of records of one chunk, null without one. groups: the row group that each file has in the chunk."""
    names = pa.nulls(len(keys), TEXT)
    for naming in namings:
        if naming.path.name in groups:
            with reading(naming.path), pq.ParquetFile(naming.path) as file:
                table = file.read_row_group(groups[naming.path.name], columns=_columns(naming))
            names = pc.coalesce(names, _taken(table, naming, keys))
    return names


def names_of(namings: Iterable[Naming], keys: Sequence[str]) -> dict[str, str]:
    """The names of some records, those without one left out."""
    wanted = pa.array(keys, TEXT)
    names_by_key: dict[str, str] = {}
    for naming in namings if keys else ():
        with reading(naming.path):
            table = pq.read_table(naming.path, columns=_columns(naming), filters=[(SOURCE_KEY_COLUMN, "in", keys)])
        names = _taken(table, naming, wanted).to_pylist()
        names_by_key |= {key: name for key, name in zip(keys, names, strict=True) if name}
    return names_by_key


def _columns(naming: Naming) -> list[str]:
    return [SOURCE_KEY_COLUMN, *dict.fromkeys(column for group in naming.columns for column in group)]


def _taken(table: pa.Table, naming: Naming, keys: pa.Array) -> pa.Array:
    """The name that a table has of each key, null where it has none."""
    names = pa.nulls(len(table), TEXT)
    for group in naming.columns:
        if group:
            texts = (pc.fill_null(table[column].combine_chunks().cast(TEXT), "") for column in group)
            joined = pc.binary_join_element_wise(*texts, pa.scalar(" ", TEXT))
            joined = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(joined), 0, LONGEST)
            names = pc.coalesce(names, pc.if_else(pc.equal(joined, ""), pa.scalar(None, TEXT), joined))
    places = pc.index_in(keys, value_set=table[SOURCE_KEY_COLUMN].combine_chunks().cast(keys.type))
    return pc.take(names, places)
