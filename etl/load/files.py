"""The files that belong to leads: binary values of their records and history, which the plan has put away."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.connect.target import LeadFile
from etl.plan import Bundle
from etl.plan.damage import changed, reading
from etl.plan.intact import file_hash

STANDS_FOR = re.compile(r"attachments/([0-9a-f]{2}/[0-9a-f]{64}) \([\d,]+ bytes, SHA-256 [0-9a-f]{64}\)")
NAMES = ("name", "file_name", "filename", "title")
"""Columns that say what people called a file, the first that a row has."""


def files_of(bundle: Bundle, chunk: int, members: pd.DataFrame, snapshot: Path | None = None) -> tuple[LeadFile, ...]:
    """The files of the records of a chunk that move, each by the lead that its record goes into.

    snapshot: the folder that has another snapshot of the plan, if that is to be read.
    """
    folder = bundle.path / "attachments"
    if not folder.is_dir():
        return ()
    lead_of = members["lead"].dropna().to_dict()
    files: dict[LeadFile, None] = {}
    whole = (bundle if snapshot is None else replace(bundle, path=snapshot)).chunk(chunk, members)
    for dataset in (whole.records, whole.related):
        for frame in dataset.values():
            for column in frame.columns:
                for row in _rows(frame[column]):
                    path = folder / STANDS_FOR.fullmatch(frame[column].iloc[row])[1]  # type: ignore[index]
                    lead = lead_of.get(frame.index[row])
                    if lead is not None and path.is_file():
                        _refuse_changed(path)
                        files[LeadFile(lead, _name(frame, row, str(column)), path)] = None
    return tuple(files)


def _refuse_changed(path: Path) -> None:
    """Raise StalePlan for a file that does not hold what its name is the hash of."""
    with reading(path):
        same = file_hash(path) == path.name
    if not same:
        raise changed(path)


def _rows(values: pd.Series[str]) -> list[int]:
    """The rows of a column in which a file stands."""
    array = pa.array(values, pa.large_string())
    likely = pc.indices_nonzero(pc.fill_null(pc.starts_with(array, "attachments/"), False)).to_pylist()
    return [row for row in likely if STANDS_FOR.fullmatch(array[row].as_py())]


def _name(frame: pd.DataFrame, row: int, column: str) -> str:
    for name in NAMES:
        if name in frame and not column.startswith("image") and isinstance(frame[name].iloc[row], str):
            return str(frame[name].iloc[row])
    return column
