"""The dry run: read, decide, and write down what would be done; nothing but the plan is written."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from etl import config as configs
from etl.errors import CleanupError, GateError
from etl.model import Progress, no_progress
from etl.pipeline.diff import diff
from etl.pipeline.former_families import keep_former
from etl.pipeline.planning.counting import count
from etl.pipeline.planning.deciding import decide
from etl.pipeline.planning.earlier import read_earlier
from etl.pipeline.planning.inputs import Inputs, read_inputs
from etl.pipeline.planning.linkage import link
from etl.pipeline.planning.run import Run
from etl.pipeline.planning.saving import make_manifest, report_on, save
from etl.pipeline.planning.tables import make_lead_tables
from etl.pipeline.settings import DEFAULT, Settings
from etl.plan import Bundle
from etl.plan.bundle import MANIFEST, new_folder
from etl.report import Report
from etl.report.diff.model import Diff

__all__ = ["Planned", "Settings", "plan"]


@dataclass(frozen=True)
class Planned:
    """A plan that was made: its folder, its report, and what is another than in the plan before it, if it was asked."""

    folder: Path
    report: Report
    diff: Diff | None = None

    def raise_for_gates(self) -> None:
        """Raise GateError, naming each limit that the plan does not keep."""
        broken = [gate for gate in self.report.gates if not gate.ok]
        if broken:
            gates = "; ".join(f"{gate.name} {gate.actual}, {gate.limit}: {gate.advice}" for gate in broken)
            raise GateError(
                f"The plan breaks {len(broken)} of its gates. {gates}.",
                where=self.folder,
                written="the plan and its reports",
                next=self.report.next,
            )


def plan(
    config_path: Path,
    folder: Path | None = None,
    *,
    replace: bool = False,
    from_plan: Path | None = None,
    compare: int = 0,
    settings: Settings = DEFAULT,
    progress: Progress = no_progress,
) -> Planned:
    """Make the plan of a clean-up in a new folder; `plans/NAME`, by the config's name, if left out.

    replace: an older plan in `folder` gives way. from_plan: the plan whose snapshot is decided on again; the source is
    not touched then. compare: with the plan that gives way, or else with `from_plan`; so many records and leads of each
    kind that changed are named. A plan that breaks a gate is
    written too, for people to read why; it cannot be applied. Raises ConfigError, SourceError, TargetError or
    PlanError, and then leaves no folder.
    """
    config = configs.load(config_path)
    folder = folder or Path("plans") / config.name
    with new_folder(folder, replace=replace) as new:
        run = Run(new, folder, config, settings, progress)
        report = _plan(run, read_earlier(run, from_plan) if from_plan else read_inputs(run))
        before = next((path for path in (folder, from_plan) if path and (path / MANIFEST).is_file()), None)
        if (folder / MANIFEST).is_file():
            keep_former(folder, Bundle.open(new))
        return Planned(folder, report, _changes(before, new, folder, compare) if compare and before else None)


def _changes(before: Path, new: Path, folder: Path, limit: int) -> Diff | None:
    """What changed since another plan; None where that is purged, damaged or of another version. folder: that the new
    one will have."""
    try:
        changes = diff(Bundle.open(before), Bundle.open(new), limit=limit)
    except CleanupError:
        return None
    return dataclasses.replace(changes, after=dataclasses.replace(changes.after, folder=str(folder)))


def _plan(run: Run, inputs: Inputs) -> Report:
    """The way of the data, from what was read to the plan."""
    run = run.fitting(inputs.size)
    linkage = link(run, inputs)
    decided = decide(run, inputs, linkage)
    leads = make_lead_tables(run, inputs, decided)
    run.progress("report", 0, None)
    figures = count(run, inputs, linkage, decided, leads)
    manifest = make_manifest(run, inputs, linkage, decided, leads, figures)
    report, manifest = report_on(run, decided, manifest)
    save(run, manifest, report)
    return report
