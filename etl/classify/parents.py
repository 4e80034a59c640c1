"""Parents that cannot be: a word for none, the record itself, one that does not exist, a circle of records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Families
from etl.classify.records import MISSING, NONE, Records
from etl.config import Config
from etl.model import Dataset
from etl.plan.figures import ParentCounts
from etl.plan.tables import column_of

NOBODY = r"-1|[0-]*0[0-]*"
"""How systems write that there is no parent: `0`, `-1`, a GUID of zeros."""


def parent_counts(
    records: Records, families: Families, datasets: Sequence[Dataset], config: Config
) -> Iterator[ParentCounts]:
    """Count them for each entry whose records name a parent."""
    own = records.parent == np.arange(len(records))
    by_name = {dataset.name: dataset for dataset in datasets}
    for name, entry in config.source.records.items():
        if entry.parent is None:
            continue
        mine = records.entry == records.entries.index(name)
        lost = _missing(by_name[name], entry.parent.column, records) if entry.parent.missing == "reject" else {}
        none = {value: rows for value, rows in sorted(lost.items()) if re.fullmatch(NOBODY, value)}
        cut = entry.parent.circle == "cut"
        yield ParentCounts(
            name,
            none,
            int(np.count_nonzero(mine & own & families.circle)),
            sum(lost.values()) - sum(none.values()),
            0 if cut else int(np.count_nonzero(mine & ~own & families.circle)),
        )


def _missing(dataset: Dataset, column: str, records: Records) -> dict[str, int]:
    """The parents that rows of an entry name and that do not exist, with their rows."""
    numbers = records.rows[dataset.name]
    lost = np.r_[records.parent, NONE][numbers] == MISSING  # a row without a key has the number NONE, the last place
    counts = pc.value_counts(column_of(dataset.path, column).filter(pa.array(lost)).drop_null())
    return dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))
