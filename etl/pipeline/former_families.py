"""The families of open cases as they were in the plan that a new one replaced: to tell what changed since.

They are beside the plan and no part of its digest. What is read back is held against its own hash.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import CleanupError
from etl.pipeline.family_states import FamilyState, family_states, open_cases_of
from etl.plan import Bundle
from etl.plan.damage import reading
from etl.plan.snapshot import COMPRESSION
from etl.rows.forgotten import lines_to_forget

FORMER = "former.parquet"
SCHEMA = pa.schema([("hash", pa.large_string()), ("rows", pa.large_string())])
"""rows: JSON, of each row its dataset, the source key of its record, and its cells."""


def keep_former(before: Path, new: Bundle) -> None:
    """Write into a new plan the families of those open cases that the plan in its place has and it has not.

    Nothing where somebody must be forgotten, for they may be in these families; nor where the older plan is another
    clean-up's, or cannot be read any more.
    """
    if new.manifest.forgotten.hashes or lines_to_forget(new.config):
        return
    try:
        old = Bundle.open(before)
        if old.manifest.name != new.manifest.name:
            return
        gone = open_cases_of(old) - open_cases_of(new)
        states = family_states(old, {key for case in gone for key in case[:2] if key}) if gone else {}
        kept = {state.hash: state for state in (*_read(before), *states.values())}
    except CleanupError:
        return
    if kept:
        rows = [{"hash": each.hash, "rows": json.dumps(each.rows)} for _, each in sorted(kept.items())]
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), new.path / FORMER, **COMPRESSION)


def former_families(bundle: Bundle, hashes: Collection[str]) -> dict[str, FamilyState]:
    """Those families of earlier plans, by their hashes, that a plan has kept. Raises PlanError where it is damaged."""
    return {state.hash: state for state in _read(bundle.path, hashes)}


def _read(folder: Path, hashes: Collection[str] | None = None) -> list[FamilyState]:
    path = folder / FORMER
    if not path.exists():
        return []
    with reading(path):
        table = pq.read_table(path, schema=SCHEMA)
        if hashes is not None:
            table = table.filter(pc.is_in(table["hash"], value_set=pa.array(sorted(hashes), pa.large_string())))
        states = [FamilyState.of(json.loads(rows)) for rows in table["rows"].to_pylist()]
    return [state for state, hash_ in zip(states, table["hash"].to_pylist(), strict=True) if state.hash == hash_]
