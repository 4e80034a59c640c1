"""Records above others that are nearly named: nobody can say whether they are one family."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import numpy as np
import pyarrow as pa

from etl.classify.join import Joined
from etl.classify.near_keys import nearly_linked
from etl.classify.records import NONE, Numbers, Records
from etl.config import Config
from etl.plan.sums import source_keys
from etl.plan.tables import column_of


def nearly_parents(
    connection: duckdb.DuckDBPyConnection, joins: Iterable[tuple[str, Joined]], config: Config, records: Records
) -> Numbers:
    """The records on both sides of a link to one above that nearly meets: their own, or a further company's.

    joins: entry -> how rows that are its records are joined to those above them.
    """
    numbers = [np.zeros(0, dtype=np.int32)]
    for entry, joined in joins:
        rows, above = nearly_linked(connection, joined, np.ones(joined.dataset.rows, dtype=np.bool_))
        if rows.any():
            keys = column_of(joined.dataset.path, config.source.records[entry].key).filter(pa.array(rows))
            own = records.numbers(source_keys(entry, keys))
            numbers += [own[own != NONE], above]
    return np.unique(np.concatenate(numbers))
