"""What Splink is given: normal forms and blocking keys of this project, one Parquet file a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import load_match
from etl.matching import identities
from etl.matching.candidates import MOST_PAIRS, Candidates
from etl.matching.features import Features, features
from etl.matching.fields import Several
from etl.matching.keys import keys_of
from etl.model import no_progress
from etl.pipeline.match import read_side
from tests.benchmarks.matching_cases import Case


def prepare(case: Case, folder: Path) -> tuple[dict[str, Any], str]:
    """Write normal forms and blocking keys, from the config that was matched with and stands in the folder; and say how
    many of the true pairs share a key."""
    config = load_match(folder / "match.yaml")
    sides = [read_side(one, folder / "match.yaml", side, no_progress)
             for side, one in (("left", config.left), ("right", config.right)) if one]  # fmt: skip
    rows = [side.rows for side in sides]
    keys = np.array([key for side in sides for key in side.keys.to_pylist()], dtype=object)
    identity = identities.two_lists(*rows) if len(rows) > 1 else identities.one_list(*rows)
    made = features(identity, len(keys), len(sides[0].keys))
    columns = _columns(made)
    blocking = _blocking(made)
    borders = [(0, made.left), (made.left, made.count)][: len(sides)]
    files = []
    for number, (first, last) in enumerate(borders):
        table = {"unique_id": pa.array(keys[first:last], pa.string()), "keys": blocking.slice(first, last - first)}
        table |= {name: column.slice(first, last - first) for name, column in columns.items()}
        files.append(str(folder / f"splink{number}.parquet"))
        pq.write_table(pa.table(table), files[-1])
    groups = [(case.other if n >= made.left else case.left).truth.get(key) for n, key in enumerate(keys)]
    codes = np.unique([group or "" for group in groups], return_inverse=True)[1]
    filled = np.array([bool(group) for group in groups])
    compared = true = 0
    for i, j in Candidates.of(made).parts():
        compared += len(i)
        true += int(((codes[i] == codes[j]) & filled[i]).sum())
    said = f"{case.name}: {compared:,} pairs compared hold {true / max(case.true_pairs(), 1):.4f} of the true ones"
    return {"lists": files, "columns": [*columns], "pairs": str(folder / "splink.parquet")}, said


def _columns(made: Features) -> dict[str, pa.Array]:
    """The normal forms as text, of several values the first; all of those as lists; and a company's words."""
    columns = {}
    for name, one in made.coded.items():
        columns[name] = pa.array(one.values, pa.string()).take(pa.array(one.codes, mask=one.codes < 0))
    for name, several in made.several.items():
        columns[name], columns[f"{name} all"] = _first(several, made.count), _all(several, made.count)
    if "company" in columns:
        words = [sorted(set(name.split())) if name else None for name in columns["company"].to_pylist()]
        columns["company words"] = pa.array(words, pa.list_(pa.string()))
        columns["company start"] = pa.array([of[0][:4] if of else None for of in words], pa.string())
        columns["company sorted"] = pa.array([" ".join(of) if of else None for of in words], pa.string())
    return {name.replace(" ", "_"): column for name, column in columns.items()}


def _first(several: Several, count: int) -> pa.Array:
    records, first = np.unique(several.record, return_index=True)
    found = np.full(count, -1, dtype=np.int64)
    found[records] = several.code[first]
    return pa.array(several.values, pa.string()).take(pa.array(found, mask=found < 0))


def _all(several: Several, count: int) -> pa.Array:
    order = np.argsort(several.record, kind="stable")
    offsets = np.searchsorted(several.record[order], np.arange(count + 1)).astype(np.int32)
    values = pa.array(several.values, pa.string()).take(pa.array(several.code[order].astype(np.int64)))
    lists = pa.ListArray.from_arrays(pa.array(offsets), values)
    return pc.if_else(pc.greater(pc.list_value_length(lists), 0), lists, pa.scalar(None, lists.type))


def _blocking(made: Features) -> pa.Array:
    """The keys of each record that are not too common, as lists: two records are compared if they share one."""
    records, keys = [], []
    for place, (_, of, mine) in enumerate(keys_of(made)):
        _, which, counts = np.unique(mine, return_inverse=True, return_counts=True)
        left = np.bincount(which, of < made.left, len(counts))
        pairs = counts * (counts - 1) // 2 if made.one_list else left * (counts - left)
        use = (pairs[which] <= MOST_PAIRS) & (pairs[which] > 0)
        records.append(of[use])
        keys.append(mine[use] ^ np.uint64(place * 0x9E3779B97F4A7C15 % 2**64))
    record, key = np.concatenate(records), np.concatenate(keys)
    order = np.argsort(record, kind="stable")
    offsets = np.searchsorted(record[order], np.arange(made.count + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(key[order]))
