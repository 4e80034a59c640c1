"""The families of a plan as people saw them: their records and evidence rows, and the hash over them."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify import family_hash, row_digest
from etl.classify.facts import gather_facts
from etl.classify.hashes import family_rows
from etl.classify.ties import NO_TIES
from etl.config import RESERVED, Config
from etl.config.tables import links_of
from etl.errors import excerpt, plural
from etl.model import Dataset, source_key
from etl.plan import Bundle
from etl.plan.damage import reading
from etl.plan.family import datasets_of
from etl.plan.tables import database

TEXT = pa.large_string()
CELLS = 3
"""So many cells tell which row of evidence is meant."""
Cells = tuple[tuple[str, str], ...]
"""The filled cells of a row, by column."""


Rows = Sequence[tuple[str, str, Mapping[str, str | None]]]
"""Of each row that a family's hash is over its dataset, the source key of its record, and its cells by column."""


@dataclass(frozen=True)
class FamilyState:
    """A family of a plan. hash: of its records and evidence rows. records: source key -> its cells; evidence: dataset
    and cells of each row that names one of them, with how often."""

    hash: str
    rows: Rows
    records: Mapping[str, Cells]
    evidence: Counter[tuple[str, Cells]]

    @staticmethod
    def of(rows: Rows) -> FamilyState:
        """The state of the family that has these rows."""
        cells = [(dataset, key, _cells(row)) for dataset, key, row in rows]
        return FamilyState(
            family_hash(row_digest(dataset, row) for dataset, _, row in rows),
            rows,
            {key: own for dataset, key, own in cells if key.startswith(f"{dataset}:")},
            Counter((dataset, own) for dataset, key, own in cells if not key.startswith(f"{dataset}:")),
        )

    def changes_from(self, before: FamilyState) -> Iterator[str]:
        """What is another than before, in words: columns with both values, records, and rows of evidence."""
        for key in dict.fromkeys([*self.records, *before.records]):
            if key not in before.records:
                yield f"{excerpt(key)} is new in the family"
            elif key not in self.records:
                yield f"{excerpt(key)} is not in the family any more"
            else:
                was, now = dict(before.records[key]), dict(self.records[key])
                for column in sorted({*was, *now}):
                    if was.get(column) != now.get(column):
                        yield f"{excerpt(key)}: {column} was {_value(was, column)}, is {_value(now, column)}"
        for what, some in (("is new", self.evidence - before.evidence), ("is gone", before.evidence - self.evidence)):
            for (dataset, cells), count in sorted(some.items()):
                told = ", ".join(f"{column} {excerpt(value)!r}" for column, value in cells[:CELLS])
                yield f"{plural(count, 'row')} of {dataset} {what if count == 1 else what.replace('is', 'are')}: {told}"


def _value(row: Mapping[str, str], column: str) -> str:
    return repr(excerpt(row[column])) if column in row else "empty"


def family_states(bundle: Bundle, keys: Collection[str]) -> dict[str, FamilyState]:
    """The families of some records in a plan, by source key; those that the plan does not have are left out.

    Raises PlanError where a file of the plan cannot be read.
    """
    members = _members(bundle, keys)
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as folder:
        own = datasets_of(bundle, members, Path(folder))
        if further := _further(bundle.config, own):
            own = datasets_of(bundle, members | further, Path(folder))
        matches = _matches(bundle, members)
        with database(Path(folder), threads=1) as connection:
            facts = gather_facts(connection, own, bundle.config, None, matches, NO_TIES)
        root_of = {key: int(facts.families.root[facts.records.number(key)]) for key in sorted(keys) if key in members}
        rows: dict[int, list[tuple[str, str, dict[str, str | None]]]] = defaultdict(list)
        datasets = (*own, *_masters(bundle))
        of_families = family_rows(root_of.values(), facts.records, facts.families, datasets, facts.hashed_pairs)
        for dataset, owner, row in of_families:
            rows[int(facts.families.root[owner])].append((dataset, facts.records.name(owner), row))
        states = {root: FamilyState.of(rows[root]) for root in {*root_of.values()}}
        return {key: states[root] for key, root in root_of.items()}


def _further(config: Config, datasets: Sequence[Dataset]) -> set[str]:
    """The records that persons belong to beside their own: only where these are there, too, are such rows hashed."""
    keys, links = set[str](), links_of(config)
    for dataset in datasets:
        related = config.source.related.get(dataset.name)
        if related and related.records_of:
            table = pq.read_table(dataset.path)
            for entry, column in links.get(dataset.name, ()):
                keys |= {source_key(entry, key) for key in table[column].drop_null().to_pylist()}
    return keys


def _cells(row: Mapping[str, str | None]) -> Cells:
    """What the source has in a row, without what the config makes of it."""
    return tuple((name, value) for name, value in row.items() if value is not None and not name.startswith(RESERVED))


def _members(bundle: Bundle, keys: Collection[str]) -> set[str]:
    """All members of the families that some records are in."""
    path = bundle.path / "decisions.parquet"
    with reading(path):
        table = pq.read_table(path, columns=["source_key", "family"])
    mine = table.filter(pc.is_in(table["source_key"], value_set=pa.array(sorted(keys), table["source_key"].type)))
    members = table.filter(pc.is_in(table["family"], value_set=mine["family"].combine_chunks()))
    return set(members["source_key"].to_pylist())


def _matches(bundle: Bundle, keys: Collection[str]) -> pa.Table:
    path = bundle.path / "matches.parquet"
    with reading(path):
        matches = pq.read_table(path)
    return matches.filter(pc.is_in(matches["source_key"], value_set=pa.array(list(keys), TEXT)))


def _masters(bundle: Bundle) -> Iterator[Dataset]:
    """The customers of each master as the plan has compared them."""
    for name in bundle.config.masters:
        path = bundle.path / "masters" / f"{name}.parquet"
        with reading(path):
            columns = tuple(pq.read_schema(path).names)
        yield Dataset(name, "evidence", name, path, columns, 0, 0)


def open_cases_of(bundle: Bundle) -> set[tuple[str, str, str]]:
    """Of each open case of a plan its source key, the other one or an empty text, and the hash."""
    path = bundle.path / "cases.parquet"
    with reading(path):
        table = pq.read_table(path, columns=["source_key", "other", "hash"])
    columns = (pc.fill_null(table[name], "").to_pylist() for name in table.column_names)
    return set(zip(*columns, strict=True))
