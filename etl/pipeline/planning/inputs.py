"""Read all that a plan is made from: people's decisions, the target's state, the masters, the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.classify import Override, read_overrides
from etl.classify.literals import figures_of
from etl.config.forgotten import ForgetLine
from etl.connect import open_source, open_target
from etl.connect.overwritten import overwritten
from etl.errors import PlanError
from etl.extract import Extracted, Pointer, check_columns, extract, unasked_columns, unnamed_tables
from etl.matching.addresses import Addresses
from etl.model import Dataset
from etl.pipeline.planning.existing_leads import read_existing, still_there
from etl.pipeline.planning.key_forms import refuse_another_form
from etl.pipeline.planning.masters import ReadMaster, read_masters
from etl.pipeline.planning.retiring import Rehearsed, rehearse_retire
from etl.pipeline.planning.run import Run
from etl.pipeline.planning.target_state import TargetState, read_target
from etl.plan.bundle import MANIFEST, Bundle, Manifest
from etl.plan.figures import LiteralFigures, UnaskedFigures
from etl.plan.intact import contents_of
from etl.plan.journal import Journal
from etl.plan.sums import retired_columns
from etl.rows.forgotten import Forgotten, lines_to_forget


@dataclass(frozen=True)
class Inputs:
    """All that a plan is made from, copied into its folder.

    source: who and where it is; columns: dataset -> the source's columns. existing_leads: a file of the leads that are
    in the pipeline, None where duplicates do not count. retiring: what a rehearsal of `retire` has shown. unnamed:
    tables that name records and that the config does not; unasked: columns that sound like an opt-out and that the
    config does not ask. forget: the lines of the records that must not move, of which
    `extracted` has nothing. asked: how the values that each `where` of the source names met the rows, and dates: what
    of the columns that put rows in order is no date. existing: a digest of the existing leads. met: the addresses that
    rows opted out with which are read no further, and that records have; None where that is not known. earlier: the
    plan whose snapshot this is; None where the source itself was read. read_at: when it was, if not for this plan.
    """

    overrides: Sequence[Override]
    target: TargetState
    existing_leads: Path | None
    masters: Sequence[ReadMaster]
    source: str
    columns: dict[str, list[str]]
    extracted: Extracted
    retiring: Rehearsed
    unnamed: Sequence[Pointer]
    unasked: Sequence[UnaskedFigures] = ()
    forget: Sequence[ForgetLine] = ()
    asked: Sequence[LiteralFigures] = ()
    dates: Sequence[LiteralFigures] = ()
    existing: str = ""
    met: Addresses | None = None
    earlier: Bundle | None = None
    read_at: str = ""

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """The datasets of the source, in the order of the config."""
        return self.extracted.datasets

    @property
    def entries(self) -> list[Dataset]:
        """The datasets that hold the legacy records."""
        return [dataset for dataset in self.datasets if dataset.kind == "entry"]

    @property
    def size(self) -> int:
        """Bytes of text in all tables that were copied."""
        return sum(dataset.size for dataset in (*self.datasets, *(master.dataset for master in self.masters)))


def read_inputs(run: Run) -> Inputs:
    """Copy source and masters, and look at the target. Raises ConfigError, SourceError, TargetError or PlanError."""
    config, folder = run.config, run.folder
    overrides, forget = read_overrides(config), lines_to_forget(config)
    forgotten = Forgotten(frozenset(line.source_key for line in forget))
    with open_source(config.source) as source:
        columns = {name: list(names) for name, names in check_columns(config, source).items()}
        state = look_at_target(run, overrides)
        masters = read_masters(config, folder / "masters", progress=run.progress)
        extracted = extract(
            config,
            source,
            folder / "staging",
            rows=run.settings.rows,
            forgotten=forgotten,
            overwritten=overwritten(config, retired_columns(config), state.moved["source_key"].combine_chunks()),
            progress=run.progress,
        )
        refuse_another_form(state.moved, extracted.datasets, config)
        existing_leads = copy_existing(run, state, extracted)
        unnamed = unnamed_tables(config, source, extracted)
        where = source.where
    unasked = tuple(unasked_columns(extracted.datasets, config))
    retiring = rehearse_retire(config, extracted.datasets, state.lead_id)
    others = [left for override in overrides if (left := override.without(forgotten))]
    return Inputs(
        overrides=others,
        target=state,
        existing_leads=existing_leads,
        masters=masters,
        source=where,
        columns=columns,
        extracted=extracted,
        retiring=retiring,
        unnamed=unnamed,
        unasked=unasked,
        forget=tuple(forget),
        asked=tuple(map(figures_of, extracted.asked)),
        dates=tuple(map(figures_of, extracted.dates)),
        existing=contents_of(existing_leads) if existing_leads else "",
    )


def look_at_target(run: Run, overrides: Sequence[Override]) -> TargetState:
    """The target's state. Raises TargetError, ConfigError, and PlanError where the plan to replace was applied."""
    target = open_target(run.config.target)
    try:
        state = read_target(target, run.config, overrides)
    finally:
        target.close()
    _refuse_to_lose_an_applied_plan(run.name, state)
    return state


def copy_existing(run: Run, state: TargetState, extracted: Extracted) -> Path | None:
    """Copy the leads that are in the pipeline into the plan's folder; None where the config does not compare them."""
    if not run.config.leads.duplicates:
        return None
    target = open_target(run.config.target)
    try:
        return read_existing(target, still_there(state.moved, extracted.datasets, run.config), run.folder / "pipeline")
    finally:
        target.close()


def _refuse_to_lose_an_applied_plan(folder: Path, target: TargetState) -> None:
    """Refuse to replace a plan that was applied, here or elsewhere: without its snapshot nothing could be verified."""
    if not (folder / MANIFEST).is_file():
        return
    manifest = Manifest.read(folder)
    journal = Journal(folder, manifest.digest)
    applied = any(event.command == "apply" for event in journal.events())
    if applied or manifest.written_as in target.plans:
        raise PlanError(
            "This plan was applied and is not replaced: verify, retire and undo need its folder.",
            where=folder,
            next="keep this folder, and write the new plan into another: crm-cleanup plan CONFIG --out FOLDER",
        )
    if gap := journal.gap():
        raise PlanError(
            f"Nobody can say whether the plan in this folder was applied. {gap}",
            where=folder,
            next="crm-cleanup plan CONFIG --out another folder, and keep this one",
        )
