"""Compare two lists of companies or persons, or one with itself, and write down which records are the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl import config as configs, matching
from etl.config import MatchList
from etl.errors import ConfigError, PlanError, SourceError
from etl.extract import read_list
from etl.matching import identities
from etl.matching.calibration import Calibration
from etl.matching.fields import Codes
from etl.model import Progress, damaged_rows, no_progress
from etl.pipeline.match_labels import read_labels
from etl.pipeline.match_pairs import Same, names_of, write_pairs
from etl.report.safe_csv import write_csv
from etl.rows import answer

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Listed:
    """One list as it was read. where: who and where. keys, rows: in the order of the keys, the rows' columns by kind.
    left_out: rows without a key of their own."""

    where: str
    keys: pa.ChunkedArray
    rows: pa.Table
    left_out: int


@dataclass(frozen=True)
class Matched:
    """What a match found. compared: pairs of records; cut: kind of key -> keys that too many records share, and the
    pairs that were not compared for them alone. just_below: pairs that are not the same, but with a probability of 0.5
    or more. clusters: of two or more records. labels: what the pairs that people decided say of thresholds, and
    unknown_labels those of them that the lists do not have."""

    left: int
    right: int | None
    left_out: int
    compared: int
    pairs: int
    just_below: int
    clusters: int
    cut: dict[str, tuple[int, int]]
    labels: Calibration | None = None
    unknown_labels: int = 0


def match(
    config_path: Path,
    out: Path,
    clusters: Path | None = None,
    labels: Path | None = None,
    *,
    progress: Progress = no_progress,
) -> Matched:
    """Match the lists of a config and write the pairs, and the clusters if asked for, as CSV.

    labels: a file that says of some pairs whether they are the same. Raises ConfigError, SourceError for a list that
    cannot be read, PlanError where a file cannot be written.
    """
    config = configs.load_match(config_path)
    left = read_side(config.left, config_path, "left", progress)
    right = read_side(config.right, config_path, "right", progress) if config.right else None
    identity = identities.two_lists(left.rows, right.rows) if right else identities.one_list(left.rows)
    if not identity:
        raise ConfigError(
            "The two lists have no identity column of the same kind.",
            where=left.where,
            next="name columns of the same kind under identity in both lists: company, email, postcode …",
        )
    count = len(left.keys) + (len(right.keys) if right else 0)
    progress("match", 0, None)
    scored = matching.match(identity, count, len(left.keys), config.at_least)
    lists = [left, right] if right else [left]
    keys = pa.concat_arrays([identities.array(side.keys) for side in lists])
    people = read_labels(labels, keys, len(left.keys)) if labels else None
    names = pa.concat_arrays([names_of(side.rows) for side in lists])
    cluster = matching.clusters(count, scored.i, scored.j, scored.probability, config.at_least)
    same = Same.of(scored, cluster, config.at_least, one_list=right is None)
    try:
        write_pairs(out, keys, names, same, scored, config.language)
        if clusters:
            _write_clusters(clusters, keys, len(left.keys), cluster)
    except OSError as error:
        raise PlanError(f"The result cannot be written: {error.strerror}.", where=error.filename) from None
    sizes = np.unique(cluster, return_counts=True)[1]
    return Matched(
        len(left.keys),
        len(right.keys) if right else None,
        left.left_out + (right.left_out if right else 0),
        scored.compared,
        len(same.i),
        same.just_below(scored, config.at_least),
        int(np.count_nonzero(sizes > 1)),
        scored.cut,
        people.calibrate(scored, count, config.at_least) if people else None,
        people.unknown if people else 0,
    )


def read_side(config: MatchList, path: Path, side: str, progress: Progress) -> Listed:
    """Read a list: its rows that have a key of their own and can be read, sorted by key; the others are counted."""
    read = read_list(config, path, ("match", side), side, progress=progress)
    chosen = answer(read.table, config.where).holds
    sound = ~damaged_rows(read.faults, len(read.table))
    table, sound = read.table.filter(pa.array(chosen)), sound[chosen]
    sound &= _keyed(table[config.key])
    rows = identities.by_kind(table, config.identity).append_column("key", table[config.key])
    rows = rows.filter(pa.array(sound)).sort_by("key").combine_chunks()
    listed = Listed(read.where, rows["key"], rows.drop_columns("key"), len(table) - len(rows))
    if len(rows) and not identities.filled(listed.rows).any():
        raise SourceError("None of the identity columns has a value.", where=read.where, next="name other columns")
    return listed


def _keyed(key: pa.ChunkedArray) -> Mask:
    """Which rows have a key that no other row has."""
    counts = pc.value_counts(key.filter(pc.is_valid(key)).combine_chunks())
    several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    has_own_key: Mask = np.asarray(pc.is_valid(key)) & ~np.asarray(pc.is_in(key, several))
    return has_own_key


def _write_clusters(path: Path, keys: pa.Array, left: int, cluster: Codes) -> None:
    """Write every record with its cluster, which is called after the least key; of two lists with the list's name."""
    if left < len(keys):
        text = pa.large_string()
        side = pa.array(["left:", "right:"], text).take(pa.array((np.arange(len(keys)) >= left).astype(np.int8)))
        keys = pc.binary_join_element_wise(side, keys.cast(text), pa.scalar("", text))
    write_csv(path, pa.table({"key": keys, "cluster": keys.take(pa.array(cluster))}))
