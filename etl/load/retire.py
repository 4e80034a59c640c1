"""Archive the moved records in the CRM: families whose leads were read back and that are as they were planned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from etl.config import Config
from etl.config.retire import filled
from etl.connect.archive import Archive, RetireRefused, Retiring
from etl.errors import CleanupError
from etl.load.apply import Refusal
from etl.load.live import Job as RereadJob
from etl.load.reread import reread_chunk
from etl.load.verify import Job as VerifyJob, compare_chunk
from etl.model import Progress, no_progress
from etl.plan import Bundle

RECORDS = 500
"""How many records are archived in one transaction, in whole families; one family may have more."""


@dataclass(frozen=True)
class Job:
    """The check of one chunk, as it is sent to a worker process."""

    verify: VerifyJob
    reread: RereadJob


@dataclass(frozen=True)
class Checked:
    """What of a chunk can be archived.

    families: in their order; skipped: family -> why it stays as it is; waiting: those of them whose leads were not
    written, or were deleted on purpose, so that they are not to be archived; deleted: the latter.
    """

    families: list[list[Retiring]]
    skipped: dict[str, str]
    waiting: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()


class Each(Protocol):
    """`map`, or that of a pool of processes."""

    def __call__(self, function: Callable[[Job], Checked], jobs: Iterable[Job], /) -> Iterable[Checked]:
        """Give the results in the order of the jobs."""


@dataclass
class Run:
    """One run of `retire`: what it has done so far, however it ends.

    records: archived now; before: by earlier runs. skipped: families that stay active; left: those of them that should
    have been archived; deleted: those whose lead was deleted on purpose.
    """

    stop: Callable[[], bool] = bool
    records: int = 0
    families: int = 0
    before: int = 0
    skipped: list[Refusal] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    @property
    def left(self) -> list[str]:
        """The families that should have been archived, and were not."""
        return [refusal.lead for refusal in self.skipped if refusal.lead not in self.waiting]


def check_chunk(job: Job) -> Checked:
    """Verify the leads of one chunk, read its families anew, and say which can be archived."""
    bundle, chunk = job.verify.bundle, job.verify.chunk
    compared, current = compare_chunk(job.verify), reread_chunk(job.reread)
    members = bundle.members(chunk)
    moved = members[members["lead"].notna() & ~members.index.isin(list(job.reread.skipped))]
    skipped, waiting, deleted = dict[str, str](), set[str](), set[str]()
    for key, row in moved.iterrows():
        lead = str(row["lead"])
        if lead in compared.accepted:
            skipped[str(row["family"])] = f"lead {lead} was deleted on purpose; the record stays in the CRM"
            deleted.add(str(row["family"]))
        elif lead not in compared.ids:
            skipped[str(row["family"])] = f"lead {lead} was not written"
            waiting.add(str(row["family"]))
        elif lead in compared.different:
            skipped[str(row["family"])] = f"lead {lead} (id {compared.ids[lead]}): {compared.different[lead]}"
        elif str(key) in current.stale:
            skipped[str(row["family"])] = f"it changed in the source after the plan was made: {current.stale[str(key)]}"
    left = moved[~moved["family"].isin(list(skipped))]
    families = [
        _family(rows, compared.ids, bundle.config, bundle.manifest.written_as)
        for _, rows in left.groupby("family", sort=False)
    ]
    return Checked(families, skipped, frozenset(waiting | deleted), frozenset(deleted))


def _family(rows: pd.DataFrame, ids: Mapping[str, str], config: Config, plan: str) -> list[Retiring]:
    return [
        Retiring(
            str(key),
            row["entry"],
            row["key"],
            row["family"],
            ids[row["lead"]],
            {
                column: filled(value, ids[row["lead"]], row["lead"], plan)
                for column, value in _set(config, row["entry"]).items()
            },
        )
        for key, row in rows.iterrows()
    ]


def _set(config: Config, entry: str) -> Mapping[str, str | None]:
    """The columns that archive the records of an entry; none where the source says so in another way."""
    return config.retire[entry].set_ if entry in config.retire else {}


def retire(
    bundle: Bundle,
    archive: Archive,
    checked: Iterable[Checked],
    run: Run,
    *,
    total: int | None = None,
    progress: Progress = no_progress,
) -> None:
    """Archive what was checked, some whole families in a transaction; `run` tells what was done, however it ends.

    Running it again goes on where it ended. A family that the source refuses is left as it is, and named.
    """
    system, plan = bundle.manifest.system, bundle.manifest.written_as
    try:
        for chunk in checked:
            run.skipped += [Refusal(family, reason) for family, reason in chunk.skipped.items()]
            run.waiting |= chunk.waiting
            run.deleted |= chunk.deleted
            for batch in _batches(chunk.families):
                _retire(archive, batch, run, system, plan)
                progress("records", run.records + run.before, total)
                if run.stop():
                    return
        archive.finish(system=system, plan=plan)
    except CleanupError as error:
        error.written = f"{run.records:,} records archived, in whole families" if run.records else "nothing"
        first = f"{error.next}; " if error.next and "run the command again" not in error.next else ""
        error.next = f"{first}crm-cleanup retire {bundle.path}, which continues from there"
        raise


def _retire(archive: Archive, families: Sequence[list[Retiring]], run: Run, system: str, plan: str) -> None:
    """Archive some families; if the source refuses them, halve them until the one that it refuses stands alone."""
    records = [record for family in families for record in family]
    try:
        done = archive.retire(records, system=system, plan=plan)
        run.records += done
        run.before += len(records) - done
        run.families += len(families)
    except RetireRefused as refusal:
        if len(families) == 1:
            run.skipped.append(Refusal(records[0].family, refusal.reason))
            return
        _retire(archive, families[: len(families) // 2], run, system, plan)
        _retire(archive, families[len(families) // 2 :], run, system, plan)


def _batches(families: Sequence[list[Retiring]]) -> Iterator[list[list[Retiring]]]:
    batch: list[list[Retiring]] = []
    records = 0
    for family in families:
        if batch and records + len(family) > RECORDS:
            yield batch
            batch, records = [], 0
        batch.append(family)
        records += len(family)
    if batch:
        yield batch
