"""People's answers on records that were edited in the source after they moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from etl.classify.overrides import Overridden, Override
from etl.model import Decision

EDITED = "edited after it moved"


@dataclass(frozen=True)
class Answered:
    """What people's answers come to.

    moved: as given, `edited` null where a person has seen that edit. others: the decisions on other records. used,
    stale, unknown: source keys of answers that count, of those on an older state, and of records that never moved.
    """

    moved: pa.Table | None
    others: tuple[Override, ...]
    used: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def added_to(self, overridden: Overridden) -> Overridden:
        """Count these answers with people's decisions."""
        return replace(
            overridden,
            used=tuple(sorted((*overridden.used, *self.used))),
            changed_since=tuple(sorted((*overridden.changed_since, *self.stale))),
            unknown=tuple(sorted((*overridden.unknown, *self.unknown))),
        )


def answered(moved: pa.Table | None, overrides: Sequence[Override]) -> Answered:
    """Let records be as they moved of which a person says so.

    moved: columns source_key, lead_id and perhaps edited, by which an answer's hash says which state was seen; an
    answer without a hash is about any.
    """
    mine = {one.source_key: one for one in overrides if one.decision is Decision.MOVED_BEFORE}
    others = tuple(one for one in overrides if one.decision is not Decision.MOVED_BEFORE)
    if not mine or moved is None or "edited" not in moved.column_names:
        return Answered(moved, others, unknown=tuple(mine))
    keys, edited = moved["source_key"].to_pylist(), moved["edited"].to_pylist()
    used, stale, known = list[str](), list[str](), set[str]()
    for place, key in enumerate(keys):
        if key in mine:
            known.add(key)
            seen = edited[place] is None or mine[key].hash in ("", edited[place])
            (used if seen else stale).append(key)
            edited[place] = None if seen else edited[place]
    column = moved.column_names.index("edited")
    moved = moved.set_column(column, "edited", pa.array(edited, pa.large_string()))
    return Answered(moved, others, tuple(used), tuple(stale), tuple(sorted(mine.keys() - known)))
