"""Compare two lists of companies or persons, or one with itself, and write down which records are the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl import config as configs, matching
from etl.config import Match, MatchList
from etl.connect import TEXT, near, open_source
from etl.errors import ConfigError, PlanError, SourceError, excerpt
from etl.matching import Identity, Scored
from etl.matching.fields import Codes
from etl.model import Progress, no_progress

ROWS = 50_000
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Listed:
    """One list as it was read. where: who and where. rows: sorted by key; left_out: rows without a key of their own."""

    where: str
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
    left = read_list(config.left, progress)
    right = read_list(config.right, progress) if config.right else None
    identity, count = _identity(config, left, right), len(left.rows) + (len(right.rows) if right else 0)
    progress("match", 0, None)
    scored = matching.match(identity, count, len(left.rows))
    keys = [*left.rows["key"].to_pylist(), *(right.rows["key"].to_pylist() if right else ())]
    cluster = matching.clusters(count, scored.i, scored.j, scored.probability, config.at_least)
    try:
        pairs = _write_pairs(out, keys, scored, cluster, config)
        if clusters:
            _write_clusters(clusters, keys, len(left.rows), cluster)
    except OSError as error:
        raise PlanError(f"The result cannot be written: {error.strerror}.", where=error.filename) from None
    sizes = np.unique(cluster, return_counts=True)[1]
    return Matched(
        len(left.rows),
        len(right.rows) if right else None,
        left.left_out + (right.left_out if right else 0),
        len(scored.i),
        pairs,
        int(np.count_nonzero(sizes > 1)),
        scored.cut,
    )


def read_list(source: MatchList, progress: Progress = no_progress) -> Listed:
    """Read a list: column `key`, then one for each identity column, named `kind.number`; sorted by key.

    Rows that lack a key, share it, or cannot be read are left out and counted. Raises ConfigError for a column that the
    list does not have, and SourceError for a list without any identity.
    """
    table, sound, where = _read(source, progress)
    chosen = np.ones(len(table), dtype=bool)
    for column, values in source.where.items():
        chosen &= np.asarray(pc.is_in(table[column], pa.array(values, TEXT)))
    table, sound = table.filter(pa.array(chosen)), sound[chosen]
    sound &= _keyed(table[source.key])
    columns = {"key": table[source.key]}
    for kind, names in source.identity.items():
        columns |= {f"{kind}.{number}": table[name] for number, name in enumerate(names)}
    rows = pa.table(columns).filter(pa.array(sound)).sort_by("key").combine_chunks()
    if len(rows) and all(rows[name].null_count == len(rows) for name in rows.column_names[1:]):
        raise SourceError("None of the identity columns has a value.", where=where, next="name other columns")
    return Listed(where, rows, len(table) - len(rows))


def _read(source: MatchList, progress: Progress) -> tuple[pa.Table, Mask, str]:
    """The columns that a list names, which of its rows can be read, and who and where it is."""
    with open_source(source) as opened:
        present = opened.columns(source.from_)
        for name in source.columns():
            if name not in present:
                raise ConfigError(
                    f"The list {excerpt(source.from_)} has no column {excerpt(name)!r}; {near(name, present)}.",
                    where=opened.where,
                    next="name a column of the list in the config",
                )
        tables = [pa.table({name: pa.array([], TEXT) for name in source.columns()})]
        damaged, done = set[int](), 0
        for batch in opened.read(source.from_, "list", source.columns(), ROWS, lambda data: f"{len(data)} bytes"):
            damaged |= {fault.row for fault in batch.faults if fault.row is not None}
            tables.append(batch.data.select(tables[0].column_names))
            done += len(batch.data)
            progress(excerpt(source.from_), done, None)
        table = pa.concat_tables(tables).combine_chunks()
        sound = np.ones(len(table), dtype=bool)
        sound[list(damaged)] = False
        return table, sound, opened.where


def _keyed(key: pa.ChunkedArray) -> Mask:
    """Which rows have a key that no other row has."""
    counts = pc.value_counts(key.filter(pc.is_valid(key)).combine_chunks())
    several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    found: Mask = np.asarray(pc.is_valid(key)) & ~np.asarray(pc.is_in(key, several))
    return found


def _identity(config: Match, left: Listed, right: Listed | None) -> Identity:
    """The columns of the kinds that both lists have, the left list's records first."""
    kinds = [kind for kind in config.left.identity if config.right is None or kind in config.right.identity]
    if not kinds:
        raise ConfigError(
            "The two lists have no kind of identity column in common.",
            where=left.where,
            next="name the columns of both under identity: company, email, postcode …",
        )
    return {kind: list(_columns(kind, left, right)) for kind in kinds}


def _columns(kind: str, left: Listed, right: Listed | None) -> Iterator[pa.Array]:
    """The columns of one kind, left and right below each other; the list that has fewer is filled up with nulls."""
    lists = [left.rows, *([right.rows] if right else [])]
    number = 0
    while any(f"{kind}.{number}" in rows.column_names for rows in lists):
        parts = [
            rows[f"{kind}.{number}"].combine_chunks()
            if f"{kind}.{number}" in rows.column_names
            else pa.nulls(len(rows), TEXT)
            for rows in lists
        ]
        yield pa.concat_arrays([part.cast(TEXT) if isinstance(part, pa.Array) else part for part in parts])
        number += 1


def _write_pairs(path: Path, keys: list[str], scored: Scored, cluster: Codes, config: Match) -> int:
    """Write the pairs that are the same, the left list's key first, with the weight of each field in bits.

    A pair that is the same only through others, or a copy, has a probability and no weights.
    """
    found = _same(scored, cluster, config)
    ids = scored.i.astype(np.int64) * len(keys) + scored.j  # in order, as the pairs are
    wanted = np.array([a * len(keys) + b for a, b, _ in found], dtype=np.int64)
    places = np.minimum(np.searchsorted(ids, wanted), max(len(ids) - 1, 0))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["left_key", "right_key", "probability", "weight", *scored.names])
        for (a, b, probability), pair, place in zip(found, wanted.tolist(), places.tolist(), strict=True):
            weights = [""] * (len(scored.names) + 1)
            if ids[place] == pair and not np.isnan(scored.weight[place]):
                weights = [f"{weight:.2f}" for weight in (scored.weight[place], *scored.fields[place].tolist())]
            writer.writerow([keys[a], keys[b], f"{probability:.6f}", *weights])
    return len(found)


def _same(scored: Scored, cluster: Codes, config: Match) -> list[tuple[int, int, float]]:
    """The pairs, in order: of one list also those that are the same through others."""
    sure = scored.probability >= config.at_least
    own = zip(scored.i[sure].tolist(), scored.j[sure].tolist(), scored.probability[sure].tolist(), strict=True)
    found = {(a, b): probability for a, b, probability in own}
    if config.right is None:
        for a, b, probability in matching.with_chains(cluster, scored.i, scored.j, scored.probability, config.at_least):
            found[a, b] = max(found.get((a, b), 0.0), probability)
    return [(a, b, probability) for (a, b), probability in sorted(found.items())]


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
