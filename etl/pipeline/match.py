"""Compare two lists of companies or persons, or one with itself, and write down which records are the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl import config as configs, matching
from etl.config import Match, MatchList
from etl.errors import ConfigError, PlanError, SourceError
from etl.extract import read_list
from etl.matching import Scored, identities
from etl.matching.fields import Codes
from etl.model import Progress, damaged_rows, no_progress
from etl.rows import answer

AT_ONCE = 100_000
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
    pairs that were not compared for them alone. clusters: of two or more records."""

    left: int
    right: int | None
    left_out: int
    compared: int
    pairs: int
    clusters: int
    cut: dict[str, tuple[int, int]]


def match(config_path: Path, out: Path, clusters: Path | None = None, *, progress: Progress = no_progress) -> Matched:
    """Match the lists of a config and write the pairs, and the clusters if asked for, as CSV.

    Raises ConfigError, SourceError for a list that cannot be read, PlanError where a file cannot be written.
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
    scored = matching.match(identity, count, len(left.keys))
    keys = [*left.keys.to_pylist(), *(right.keys.to_pylist() if right else ())]
    cluster = matching.clusters(count, scored.i, scored.j, scored.probability, config.at_least)
    try:
        pairs = _write_pairs(out, keys, scored, cluster, config)
        if clusters:
            _write_clusters(clusters, keys, len(left.keys), cluster)
    except OSError as error:
        raise PlanError(f"The result cannot be written: {error.strerror}.", where=error.filename) from None
    sizes = np.unique(cluster, return_counts=True)[1]
    return Matched(
        len(left.keys),
        len(right.keys) if right else None,
        left.left_out + (right.left_out if right else 0),
        len(scored.i),
        pairs,
        int(np.count_nonzero(sizes > 1)),
        scored.cut,
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


def _write_pairs(path: Path, keys: list[str], scored: Scored, cluster: Codes, config: Match) -> int:
    """Write the pairs that are the same, the left list's key first, with the weight of each field in bits.

    A pair that is the same only through others, or a copy, has a probability and no weights.
    """
    same = _same(scored, cluster, config)
    weighed = _weighed(scored, same, len(keys))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["left_key", "right_key", "probability", "weight", *scored.judge.names])
        nothing = [""] * (len(scored.judge.names) + 1)
        for (a, b, probability), weights in zip(same, weighed, strict=True):
            columns = nothing if weights is None else [f"{weight:.2f}" for weight in weights]
            writer.writerow([keys[a], keys[b], f"{probability:.6f}", *columns])
    return len(same)


def _weighed(scored: Scored, pairs: Sequence[tuple[int, int, float]], count: int) -> Iterator[list[float] | None]:
    """The weight of each of these pairs, whole and by field; None of those that were not compared."""
    ids = scored.i.astype(np.int64) * count + scored.j  # in order, as the pairs are
    for first in range(0, len(pairs), AT_ONCE):
        i, j = np.array([pair[:2] for pair in pairs[first : first + AT_ONCE]], dtype=np.int32).T
        wanted = i.astype(np.int64) * count + j
        places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1) if len(ids) else np.zeros(len(i), np.int64)
        compared = (ids[places] == wanted) & ~np.isnan(scored.weight[places]) if len(ids) else np.zeros(len(i), bool)
        weighed = scored.judge.weigh(i, j)
        rows = np.column_stack([weighed.weight, weighed.fields]).tolist()
        yield from (row if known else None for row, known in zip(rows, compared.tolist(), strict=True))


def _same(scored: Scored, cluster: Codes, config: Match) -> list[tuple[int, int, float]]:
    """The pairs, in order: of one list also those that are the same through others."""
    sure = scored.probability >= config.at_least
    own = zip(scored.i[sure].tolist(), scored.j[sure].tolist(), scored.probability[sure].tolist(), strict=True)
    probabilities = {(a, b): probability for a, b, probability in own}
    if config.right is None:
        for a, b, probability in matching.with_chains(cluster, scored.i, scored.j, scored.probability, config.at_least):
            probabilities[a, b] = max(probabilities.get((a, b), 0.0), probability)
    return [(a, b, probability) for (a, b), probability in sorted(probabilities.items())]


def _write_clusters(path: Path, keys: list[str], left: int, cluster: Codes) -> None:
    """Write every record with its cluster, which is called after the least key; of two lists with the list's name."""
    names = keys
    if left < len(keys):
        sides = ["left"] * left + ["right"] * (len(keys) - left)
        names = [f"{side}:{key}" for side, key in zip(sides, keys, strict=True)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["key", "cluster"])
        writer.writerows((names[record], names[first]) for record, first in enumerate(cluster.tolist()))
