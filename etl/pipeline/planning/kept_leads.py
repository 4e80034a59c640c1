"""Which leads of an earlier plan go on, and those that are made anew: of the families in which something changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl import __version__
from etl.classify import Decisions
from etl.classify.outcomes import DECISIONS, REJECT
from etl.classify.records import NONE, TYPES, Numbers
from etl.config import Config
from etl.matching.addresses import Addresses
from etl.matching.clusters import connected
from etl.model import SOURCE_KEY_COLUMN
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.leads import Job
from etl.plan import Bundle
from etl.plan.bundle import MEMBER_COLUMNS
from etl.plan.digest import digest_of
from etl.plan.reading import Reading, read_rows

TEXT = pa.large_string()
MOST = 0.4
"""From so large a share of records on of which something changed, all leads are made: that is no slower then."""
NOT_OF_LEADS: dict[str, Any] = {
    **dict.fromkeys(("approvals", "as_of", "classify", "decisions", "forget", "gates", "masters", "path"), True),
    **dict.fromkeys(("raw", "report", "retire"), True),
    "source": {"url"},
    "target": {"url"},
    "leads": {"duplicates": {"merge_at", "review_at", "model"}},
}
"""The parts of a config that leads are not made of; a URL may hold a secret, too."""
AT_HAND = 12
"""So many row groups of the earlier plan are kept at hand."""
TOGETHER = 4_000
"""So many records are worked on at a time."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Before:
    """How the records were decided in the earlier plan, by record number. chunk: the one that each was in."""

    decision: Numbers
    family: Numbers
    company: Numbers
    lead: Numbers
    type: Numbers
    into: pa.Array
    chunk: Numbers

    @staticmethod
    def read(bundle: Bundle, decisions: Decisions) -> Before:
        """Bring the plan's decisions to the numbers of its records."""
        records, parts = decisions.records, []
        with pq.ParquetFile(bundle.path / "decisions.parquet") as file:
            for chunk in range(bundle.chunks):
                part = file.read_row_group(chunk, MEMBER_COLUMNS)
                parts.append(part.append_column("chunk", pa.array(np.full(len(part), chunk, dtype=np.int32))))
        table = pa.concat_tables(parts)
        numbers = records.numbers(table["source_key"])
        names = pa.array([decision.value for decision in DECISIONS], TEXT)

        def by_record(values: Any) -> Numbers:
            placed = np.full(len(records), NONE, dtype=np.int32)
            placed[numbers] = np.asarray(values)
            return placed

        places = np.full(len(records), len(table), dtype=np.int64)
        places[numbers] = np.arange(len(table))
        into = pa.concat_arrays([*table["into"].cast(TEXT).chunks, pa.nulls(1, TEXT)]).take(pa.array(places))
        kinds = pa.array(list(TYPES), TEXT)
        return Before(
            decision=by_record(pc.index_in(table["decision"], value_set=names)),
            family=by_record(records.numbers(table["family"])),
            company=by_record(records.numbers(table["company"])),
            lead=by_record(records.numbers(table["lead"])),
            type=by_record(pc.fill_null(pc.index_in(table["type"], value_set=kinds), NONE)),
            into=into,
            chunk=by_record(table["chunk"]),
        )


@dataclass(frozen=True)
class KeptLeads:
    """What of an earlier plan's leads goes on. anew: the records whose leads are made anew, by number; recounted: the
    files of the snapshot of which more differs than rows of these."""

    bundle: Bundle
    reading: Reading
    before: Before
    anew: Mask
    recounted: frozenset[str]
    decided: Decided
    _at_hand: dict[tuple[str, int], pa.Table] = field(default_factory=dict)

    @cached_property
    def keys(self) -> pa.Array:
        """The source keys of the records whose leads are made anew."""
        return self.decided.decisions.records.source_key.filter(pa.array(self.anew))

    def rows(self, place: int) -> dict[str, pa.Table]:
        """The rows of the earlier plan's tables that go on in a chunk, by the name of the table."""
        numbers = self.decided.chunks[place].numbers
        lead = self.decided.decisions.outcome.lead[numbers]
        kept = np.unique(lead[(lead != NONE) & ~self.anew[numbers]])
        keys = self.decided.decisions.records.source_key.take(pa.array(kept))
        chunks = np.unique(self.before.chunk[kept]).tolist()
        return {name: self._rows(name, keys, chunks) for name in ("leads", "findings", "merged")}

    def _rows(self, name: str, keys: pa.Array, chunks: Sequence[int]) -> pa.Table:
        tables = [self._row_group(name, chunk) for chunk in chunks or [0]]
        table = pa.concat_tables(tables)
        return table.filter(pc.is_in(table["lead"], value_set=keys))

    def _row_group(self, name: str, chunk: int) -> pa.Table:
        """A table's rows of a chunk of the plan; the last ones stay at hand, as chunks are asked for in their order."""
        if (name, chunk) not in self._at_hand:
            if len(self._at_hand) == AT_HAND:
                del self._at_hand[next(iter(self._at_hand))]
            with pq.ParquetFile(self.bundle.path / f"{name}.parquet") as file:
                self._at_hand[name, chunk] = file.read_row_group(chunk)
        return self._at_hand[name, chunk]

    def chunks_before(self) -> Iterator[list[int]]:
        """The chunks of the earlier plan that had these records, some at a time."""
        return batches(self.before.chunk, self.anew)

    def chunks_after(self) -> Iterator[list[int]]:
        """The chunks that have them now, some at a time."""
        of = np.full(len(self.anew), NONE, dtype=np.int32)
        for place, chunk in enumerate(self.decided.chunks):
            of[chunk.numbers] = place
        return batches(of, self.anew)

    def job_before(self, chunks: Sequence[int], like: Job) -> Job:
        """These leads as the earlier plan made them: what its figures lose. like: a job of the new plan."""
        rows = pa.concat_tables([self._row_group("decisions", chunk) for chunk in chunks]).drop_columns("findings")
        return replace(
            like,
            snapshot=self.bundle.path / "snapshot",
            row_groups=tuple(self.bundle.manifest.chunks[chunk] for chunk in chunks),
            only=self.keys,
            decisions=rows.filter(pc.is_in(rows["source_key"], value_set=self.keys)),
            kinds={each.file: (each.kind, each.name) for each in self.bundle.manifest.figures.datasets},
        )

    def planned(self, leads: pa.Array, chunks: Sequence[int]) -> pa.Table:
        """Some leads as the earlier plan has them."""
        return self._rows("leads", leads, chunks)


def batches(chunk: Numbers, chosen: Mask) -> Iterator[list[int]]:
    """Chunks put together until so many of the chosen records are in them. chunk: of each record."""
    some, count = list[int](), 0
    for number, here in zip(*np.unique(chunk[chosen & (chunk != NONE)], return_counts=True), strict=True):
        if some and count + here > TOGETHER:
            yield some
            some, count = [], 0
        some, count = [*some, int(number)], count + int(here)
    if some:
        yield some


def kept_leads(config: Config, inputs: Inputs, decided: Decided, folder: Path) -> KeptLeads | None:
    """The leads of the plan whose snapshot is decided on again that go on; None where all are made anew.

    folder: the new plan's. They go on where this version made them of the same fields and options, for the same target,
    and no value was refused; and where record, history, family and lead are as they were.
    """
    bundle = inputs.earlier
    reading = bundle.manifest.reading if bundle else None
    if bundle is None or reading is None or not bundle.chunks or not decided.chunks:
        return None
    same = bundle.manifest.version == __version__ and reading.made_with == made_with(config, inputs, decided.opted_out)
    if not same or inputs.target.unique or pq.read_metadata(bundle.path / "blocked.parquet").num_rows:
        return None
    before = Before.read(bundle, decided.decisions)
    changed, recounted = _other_owners(bundle, inputs, decided, folder)
    anew = _with_all_beside(changed | _decided_otherwise(before, decided.decisions), before, decided.decisions)
    if np.count_nonzero(anew) > MOST * len(anew):
        return None
    return KeptLeads(bundle, reading, before, anew, recounted, decided)


def made_with(config: Config, inputs: Inputs, opted_out: Addresses) -> str:
    """A digest of what leads are made of beside their records: fields and options, the target, who opted out."""
    parts = config.model_dump(mode="json", exclude=NOT_OF_LEADS)
    limits = sorted((name, repr(limit)) for name, limit in inputs.target.limits.items())
    return digest_of([parts, limits, opted_out.keys.tobytes().hex()])


def _decided_otherwise(before: Before, decisions: Decisions) -> Mask:
    """The records that are another lead's or family's, or another decision's, than they were."""
    outcome, families = decisions.outcome, decisions.families
    into = decisions.duplicates.into
    changed: Mask = before.decision != outcome.decision
    changed |= (before.family != families.root) & (outcome.decision != REJECT)
    for was, now in (
        (before.company, families.company),
        (before.lead, outcome.lead),
        (before.type, decisions.records.type),
    ):
        changed |= was != np.where(now < 0, NONE, now)
    now_into = pa.array(map(into.get, outcome.lead.tolist()), TEXT)
    changed |= ~np.asarray(pc.equal(pc.fill_null(before.into, ""), pc.fill_null(now_into, "")))
    return changed


def _with_all_beside(changed: Mask, before: Before, decisions: Decisions) -> Mask:
    """Some records, and all that share, or shared, a family, a lead, or history with them."""
    number = np.arange(len(changed), dtype=np.int32)
    outcome = decisions.outcome
    i, j = [], []
    for other in (decisions.families.root, outcome.lead, outcome.group, before.family, before.lead):
        named = other >= 0
        i.append(number[named])
        j.append(np.asarray(other, dtype=np.int32)[named])
    together = connected(len(changed), np.concatenate(i), np.concatenate(j))
    beside: Mask = np.isin(together, np.unique(together[changed]))
    return beside


def _other_owners(bundle: Bundle, inputs: Inputs, decided: Decided, folder: Path) -> tuple[Mask, frozenset[str]]:
    """The records that gain or lose a row of another table; and the files of which other columns are kept, or a row
    that stood with nobody."""
    records = decided.decisions.records
    changed, recounted = np.zeros(len(records), dtype=np.bool_), set[str]()
    figures = {each.name: each for each in bundle.manifest.figures.datasets}
    rows = read_rows(bundle.path, list(figures))
    for dataset in inputs.datasets:
        was = bundle.path / "snapshot" / figures[dataset.name].file
        now = folder / "snapshot" / dataset.path.name
        old = _owners(was, rows[dataset.name], decided)
        new = _owners(now, decided.rows[dataset.name], decided)
        other = old != new
        changed[old[other & (old >= 0)]] = True
        changed[new[other & (new >= 0)]] = True
        if (other & ((old < 0) | (new < 0))).any() or pq.read_schema(was).names != pq.read_schema(now).names:
            recounted.add(dataset.path.name)
    return changed, frozenset(recounted)


def _owners(path: Path, rows: Numbers, decided: Decided) -> Numbers:
    """The record that each row of the source stands with. rows: the place in the source of each row of the file."""
    with pq.ParquetFile(path) as file:
        keys = file.read(columns=[SOURCE_KEY_COLUMN], use_threads=False)[SOURCE_KEY_COLUMN]
    owner = np.full(len(rows), NONE, dtype=np.int32)
    owner[rows] = decided.decisions.records.numbers(keys)
    return owner
