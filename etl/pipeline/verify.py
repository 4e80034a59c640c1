"""Read the leads of a plan back from the target and compare them with the snapshot, value by value."""

from __future__ import annotations

from functools import partial

from etl import load
from etl.connect.targets import open_target
from etl.load import Verified
from etl.model import Progress, no_progress
from etl.pipeline.parallel import cores, workers
from etl.plan import Bundle
from etl.transform import sections


def verify(bundle: Bundle, *, threads: int = 0, progress: Progress = no_progress) -> Verified:
    """Compare the target with a plan; nothing is written.

    threads: worker processes, as many as there are cores if 0. Raises TargetError where the target cannot be read.
    """
    config = bundle.config
    with workers(min(threads or cores(), bundle.chunks)) as each:
        return load.verify(
            bundle,
            partial(open_target, config.target),
            partial(sections, config=config),
            each=each,
            total=bundle.manifest.leads,
            progress=progress,
        )
