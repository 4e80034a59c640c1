"""Take people's decisions, plan again on the records that a plan has read, and say what that changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.errors import CleanupError
from etl.model import Progress, no_progress
from etl.pipeline.decide import People, Taken, decide
from etl.pipeline.plan import Planned, plan
from etl.pipeline.settings import DEFAULT, Settings
from etl.plan import Bundle
from etl.plan.bundle import refuse_folder

NAMED = 10
"""So many records, leads and values of each kind the diff names."""


@dataclass(frozen=True)
class DecidedAgain:
    """The decisions that were taken, and the plan that was made with them, with what is another than before."""

    taken: Taken
    planned: Planned


def decide_again(
    config_path: Path,
    files: Sequence[Path],
    people: People,
    from_plan: Path,
    folder: Path | None = None,
    *,
    settings: Settings = DEFAULT,
    progress: Progress = no_progress,
) -> DecidedAgain:
    """Take decisions as `decide` does, and make a plan of them on the snapshot of another.

    from_plan: that one; if `people` name none, the decisions are held against it. folder: of the new plan; in the place
    of `from_plan` if left out. Raises what `decide` and `plan` do; where no plan could be made, the error says that the
    decisions are taken.
    """
    Bundle.open(from_plan)
    refuse_folder(folder or from_plan, replace=folder is None)
    taken = decide(config_path, files, dataclasses.replace(people, plan=people.plan or from_plan))
    try:
        planned = plan(
            config_path,
            folder or from_plan,
            replace=folder is None,
            from_plan=from_plan,
            compare=NAMED,
            settings=settings,
            progress=progress,
        )
    except CleanupError as error:
        if taken.written:
            error.written = f"the decisions, in {taken.path}"
        raise
    return DecidedAgain(taken, planned)
