"""Count what is active in the CRM after records were archived, and hold it against the plan's decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.connect import open_source
from etl.connect.archive import Archive
from etl.connect.datasets import Datasets
from etl.model import Decision
from etl.pipeline.apply import text_of
from etl.plan import Bundle
from etl.plan.sums import source_keys

ROWS = 100_000
STAYS = (Decision.CUSTOMER, Decision.KEEP, Decision.REVIEW, Decision.REJECT)


@dataclass(frozen=True)
class Active:
    """What is active in the CRM, as it was read anew.

    rows: of all entries, without those that this tool has archived. stays: decision -> active records with it, those
    that the plan leaves in the CRM. planned: the same as the plan has them. leads: active records that move by the
    plan: their families were skipped. before: active ones that an earlier plan moved. new: that the plan does not know;
    forgotten: of which it has nothing, as they must not move.
    """

    rows: int
    stays: dict[str, int]
    planned: dict[str, int]
    leads: int
    before: int
    new: int
    forgotten: int = 0

    @property
    def proven(self) -> bool:
        """Whether every record that stays is there, once, and all add up."""
        others = self.leads + self.before + self.new + self.forgotten
        return self.stays == self.planned and self.rows == sum(self.stays.values()) + others


def active(bundle: Bundle, archive: Archive) -> Active:
    """Read the keys of all entries anew, and count those that are not archived by their decisions.

    Raises SourceError where the source cannot be read.
    """
    decisions = _decisions(bundle)
    archived = _keys(archive, bundle.manifest.system)
    counts: Counter[str] = Counter()
    with open_source(bundle.config.source) as source:
        datasets = Datasets(source, bundle.config)
        for entry in bundle.config.source.records:
            for keys in _live(bundle, datasets, entry):
                counts[Decision.REJECT] += int(keys.isna().sum())
                left = keys[keys.notna() & ~keys.isin(archived)]
                named = left.map(decisions)
                unknown = left[named.isna()]
                counts.update(named.dropna().tolist())
                counts.update("forgotten" if key in bundle.forgotten else "new" for key in unknown)
    planned = _planned(bundle, archived)
    return Active(
        sum(counts.values()),
        {decision.value: counts[decision] for decision in STAYS},
        planned,
        counts[Decision.LEAD],
        counts[Decision.MOVED_BEFORE],
        counts["new"],
        counts["forgotten"],
    )


def _decisions(bundle: Bundle) -> pd.Series[str]:
    """The decision on each source key; records that share a key are rejects all."""
    table = pq.read_table(bundle.path / "decisions.parquet", columns=["source_key", "key", "decision"])
    frame = table.filter(pc.not_equal(table["key"], "")).to_pandas()
    by_key: pd.Series[str] = frame.drop_duplicates("source_key").set_index("source_key")["decision"]
    return by_key


def _planned(bundle: Bundle, archived: Collection[str]) -> dict[str, int]:
    """How many records should be active by decision; one that was archived before and is in review again is not."""
    table = pq.read_table(bundle.path / "decisions.parquet", columns=["source_key", "decision"])
    active = pc.invert(pc.is_in(table["source_key"], pa.array(sorted(archived), table["source_key"].type)))
    counts = Counter(table.filter(active)["decision"].to_pylist())
    return {decision.value: counts[decision] for decision in STAYS}


def _keys(archive: Archive, system: str) -> set[str]:
    tables = [table["source_key"] for table in archive.retired(system)]
    keys = pa.chunked_array([chunk for table in tables for chunk in table.chunks], pa.large_string())
    return set(keys.to_pylist())


def _live(bundle: Bundle, datasets: Datasets, entry: str) -> Iterator[pd.Series[str]]:
    """The source keys of an entry's records as they are now; one without a key is a reject."""
    key = bundle.config.source.records[entry].key
    for batch in datasets.read(entry, [key], ROWS, text_of):
        yield source_keys(entry, batch.data[key]).to_pandas()
