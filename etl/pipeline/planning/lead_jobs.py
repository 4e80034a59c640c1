"""What a worker needs to know to make the leads of some chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify import Decisions
from etl.classify.plan_rows import decision_rows
from etl.classify.records import Numbers
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.leads import Job
from etl.pipeline.planning.run import Run
from etl.plan.snapshot import ChunkPlace
from etl.transform.unique import Taken


def job_of(
    run: Run,
    inputs: Inputs,
    decided: Decided,
    chunks: Sequence[ChunkPlace],
    taken: Mapping[str, Taken] | None = None,
    only: npt.NDArray[np.bool_] | None = None,
) -> Job:
    """The work on some chunks. taken: lead -> the value that another lead has, too. only: by number, the records that
    leads are made of; whole groups of families."""
    decisions = decided.decisions
    numbers = np.concatenate([place.numbers for place in chunks])
    numbers = numbers if only is None else numbers[only[numbers]]
    return Job(
        run.folder / "snapshot",
        tuple(place.row_groups for place in chunks),
        decision_rows(decisions, numbers, run.config),
        _groups(decisions, numbers),
        _customer_rows(decisions, numbers),
        {dataset.path.name: (dataset.kind, dataset.name) for dataset in inputs.datasets},
        inputs.columns,
        run.config,
        inputs.target.limits,
        decided.opted_out,
        taken or {},
        None if only is None else decisions.records.source_key.take(pa.array(numbers)),
    )


def _groups(decisions: Decisions, numbers: Numbers) -> dict[str, str]:
    """The families of a chunk that share history with another, each with its group, by source keys."""
    roots = np.unique(decisions.families.root[numbers])
    groups, places, sizes = np.unique(decisions.outcome.group[roots], return_inverse=True, return_counts=True)
    shared = sizes[places] > 1
    name = decisions.records.name
    return {name(int(root)): name(int(groups[at])) for root, at in zip(roots[shared], places[shared], strict=True)}


def _customer_rows(decisions: Decisions, numbers: Numbers) -> dict[str, list[bytes]]:
    """The digests of customers' rows that the hashes of matched families cover, by the families' source keys."""
    roots = np.unique(decisions.families.root[numbers]).tolist()
    digests = decisions.hashes.customer_rows
    return {decisions.records.name(root): digests[root] for root in roots if root in digests}
