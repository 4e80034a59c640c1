"""Read a list to be compared: the columns that the config names, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from etl.config import MatchList
from etl.connect import TEXT, open_source
from etl.empties import emptied
from etl.errors import excerpt
from etl.extract.columns import At, check_list
from etl.model import Fault, Progress, Remark, no_progress

ROWS = 50_000


@dataclass(frozen=True)
class ReadList:
    """A list as it was read.

    where, fingerprint: who and where it is. table: the columns that the config names, text, in the list's order.
    faults: of rows that cannot be read. hints: what may be wrong with how it is read, each a sentence.
    remarks: what of it is read otherwise than it may seem.
    """

    where: str
    fingerprint: Mapping[str, str]
    table: pa.Table
    faults: tuple[Fault, ...]
    hints: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()


def read_list(match_list: MatchList, config: Path, at: At, name: str, *, progress: Progress = no_progress) -> ReadList:
    """Read a list whole; binary values are named by their length.

    config: the file, and at: the place in it, that errors name. name: what faults call the list. Raises ConfigError
    for a column that it does not have, and SourceError where it cannot be read.
    """
    with open_source(match_list) as source:
        check_list(config, at, match_list, source)
        columns = list(match_list.columns())
        tables = [pa.table({column: pa.array([], TEXT) for column in columns})]
        faults: list[Fault] = []
        done = 0
        for batch in source.read(match_list.from_, name, columns, ROWS, lambda value: f"{len(value)} bytes"):
            faults += batch.faults
            tables.append(_emptied(batch.data.select(columns), match_list))
            done += len(batch.data)
            progress(excerpt(match_list.from_), done, None)
        hints = tuple(source.suggest(match_list.from_))
        remarks = tuple(source.remarks(match_list.from_))
        table = pa.concat_tables(tables).combine_chunks()
        return ReadList(source.where, source.fingerprint(), table, tuple(faults), hints, remarks)


def _emptied(rows: pa.Table, match_list: MatchList) -> pa.Table:
    """Rows without the words that stand for an empty value."""
    columns = [emptied(column, match_list.none) for column in rows.columns]
    return pa.table(columns, rows.column_names)
