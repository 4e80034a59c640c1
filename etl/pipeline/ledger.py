"""Ask the ledger of a plan's target which records were written, and go on without it where it cannot be asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from etl.connect.target import DELETED, Target
from etl.errors import CleanupError
from etl.pipeline.target import open_planned_target
from etl.plan import Bundle

Moved = dict[tuple[str, str], tuple[str, str]]
"""Source system and source key -> the id of its lead, DELETED where somebody has deleted it on purpose, and the digest
of the plan that wrote it."""


class Ledger:
    """The ledger of a plan's target. Where it cannot be asked, it says so once and knows nothing."""

    def __init__(self, bundle: Bundle, notices: dict[Path, str]) -> None:
        self._bundle, self._notices = bundle, notices
        self._target: Target | None = None

    def __enter__(self) -> Ledger:
        try:
            self._target = open_planned_target(self._bundle)
        except CleanupError as error:
            self._give_up(error)
        return self

    def __exit__(self, *_: object) -> None:
        if self._target is not None:
            self._target.close()
            self._target = None

    def of(self, keys: Sequence[str]) -> Moved:
        """The lead ids of some source keys, each with the plan that wrote it."""
        system = self._bundle.manifest.system
        if self._target is None or not keys:
            return {}
        try:
            rows = self._target.ledger_of(system, keys)
        except CleanupError as error:
            self._give_up(error)
            return {}
        lead_ids = rows["lead_id"].where(rows["state"] != DELETED, DELETED)
        columns = (rows.index, lead_ids, rows["plan"])
        return {(system, str(key)): (str(lead), str(plan)) for key, lead, plan in zip(*columns, strict=True)}

    def known(self, ids: Sequence[str]) -> dict[str, pa.Array]:
        """The source keys of the records whose leads have these ids."""
        if self._target is None or not ids:
            return {}
        try:
            rows = self._target.ledger_by_id(self._bundle.manifest.system, ids)
        except CleanupError as error:
            self._give_up(error)
            return {}
        return {lead_id: pa.array(rows.index[rows["lead_id"] == lead_id], pa.large_string()) for lead_id in ids}

    def _give_up(self, error: CleanupError) -> None:
        self.__exit__()
        reason = " ".join(error.message.split())
        notice = f"The target of {self._bundle.path} could not be read, so lead ids are missing: {reason}"
        self._notices.setdefault(self._bundle.path, notice)
