"""Read the leads of a plan back from the target and compare them with the snapshot, value by value."""

from __future__ import annotations

from functools import partial

from etl import load
from etl.load import Verified
from etl.model import Progress, no_progress
from etl.pipeline.parallel import cores, workers
from etl.pipeline.target import open_planned_target
from etl.plan import Bundle
from etl.plan.bundle import refuse_changed
from etl.transform import sections


def verify(bundle: Bundle, *, threads: int = 0, progress: Progress = no_progress) -> Verified:
    """Compare the target with a plan; nothing is written.

    threads: worker processes, as many as there are cores if 0. Raises StalePlan where the target is another one
    than that which the plan was made for, or the plan was changed, and TargetError where it cannot be read.
    """
    open_planned_target(bundle).close()
    refuse_changed(bundle, ("leads.parquet", "decisions.parquet"))
    config = bundle.config
    with workers(min(threads or cores(), bundle.chunks)) as each:
        return load.verify(
            bundle,
            partial(open_planned_target, bundle),
            partial(sections, config=config),
            each=each,
            total=bundle.manifest.leads,
            progress=progress,
        )
