"""Collect the figures of all steps of `plan` for the plan's manifest."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from etl.classify import Decisions
from etl.classify.literals import silent_columns
from etl.classify.outcomes import LEAD
from etl.classify.override_verdicts import OverrideOutcome
from etl.classify.reasons import (
    EXISTING_LEAD,
    MAYBE_SAME_AS_LEAD,
    MAYBE_SAME_AS_STAYING,
    SAME_AS_CUSTOMER,
    SAME_AS_KEPT,
)
from etl.config import RESERVED, Config, said
from etl.model import Dataset, Decision
from etl.pipeline.planning.conversion import conversion
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.judged_pairs import judged_pairs
from etl.pipeline.planning.linkage import LinkageFiles
from etl.pipeline.planning.run import Run
from etl.pipeline.planning.tables import LeadTables
from etl.plan.figures import (
    ComparedFigures,
    ConsentFigures,
    DatasetFigures,
    DuplicateFigures,
    Figures,
    OmittedFigures,
    OverrideFigures,
    RuleFigures,
    UnnamedFigures,
    ValueFigures,
)


def count(run: Run, inputs: Inputs, linkage: LinkageFiles, decided: Decided, leads: LeadTables) -> Figures:
    """The figures of a plan whose tables are written."""
    config, decisions = run.config, leads.decisions
    figures = Figures(
        as_of=config.as_of,
        source=_source(inputs),
        target=inputs.target.where,
        datasets=tuple(_dataset(dataset, config) for dataset in inputs.datasets),
        joins=(*decided.joins, *inputs.extracted.lookups),
        values=ValueFigures(leads.values, _omitted(config, leads)),
        rules=_rules(config, decisions),
        overrides=_overrides(decided.overrides),
        undecided=decisions.undecided,
        masters=linkage.masters,
        steps=decided.steps,
        literals=(
            *inputs.asked,
            *inputs.dates,
            *decided.literals,
            *(figures for master in inputs.masters for figures in master.literals),
        ),
        unnamed=tuple(_unnamed(inputs, decisions)),
        consent=_consent(config, inputs, decided, leads),
        duplicates=_duplicates(linkage.duplicates, decisions) if linkage.duplicates else None,
        forget_unknown=tuple(line.line for line in inputs.forget if line.source_key not in inputs.extracted.apart.met),
    )
    judged = judged_pairs(run.folder, config, inputs.overrides, decided.overrides, decisions)
    return replace(figures, judged=judged, conversion=conversion(run.folder, config, inputs.target.customers))


def _source(inputs: Inputs) -> str:
    """Who and where the source is; and when it was read, where an earlier plan's snapshot is decided on again."""
    if not inputs.read_at:
        return inputs.source
    return f"{inputs.source} (read {dt.datetime.fromisoformat(inputs.read_at):%Y-%m-%d %H:%M} UTC)"


def _unnamed(inputs: Inputs, decisions: Decisions) -> Iterator[UnnamedFigures]:
    """The tables that would stay behind without a word, and how many of their rows name a record that moves."""
    records, moving = decisions.records, decisions.outcome.decision == LEAD
    for pointer in inputs.unnamed:
        of_entry = records.entries.index(pointer.entry) if pointer.entry is not None else len(records.entries)
        mine = np.flatnonzero(moving & (records.entry == of_entry))
        rows = pointer.naming(records.key.take(pa.array(mine)))
        yield UnnamedFigures(pointer.table, pointer.column, pointer.entry, pointer.rows, rows, pointer.near)


def _consent(config: Config, inputs: Inputs, decided: Decided, leads: LeadTables) -> ConsentFigures | None:
    if not config.leads.consent and not inputs.unasked:
        return None
    done = leads.consent
    return ConsentFigures(
        records=decided.rows_out,
        leads=done.leads,
        reached=done.reached,
        replaced=done.replaced,
        elsewhere=done.elsewhere,
        left_out=inputs.extracted.left_out_opted_out,
        asked=bool(config.leads.consent),
        silent=silent_columns(decided.literals),
        unasked=tuple(inputs.unasked),
    )


def _dataset(dataset: Dataset, config: Config) -> DatasetFigures:
    related = config.source.related.get(dataset.name)
    table = config.source.records.get(dataset.name) or related
    counted = table is not None and not (related and related.is_made)  # else made of a part in which they count
    return DatasetFigures(
        name=dataset.name,
        kind=dataset.kind,
        table=dataset.table,
        file=dataset.path.name,
        columns=tuple(column for column in dataset.columns if not column.startswith(RESERVED)),
        rows=dataset.rows,
        damaged=len({fault.row for fault in dataset.faults}),
        remarks=dataset.remarks,
        left_out=dataset.left_out if counted else 0,
        where=said(table.where) if counted and table and table.where is not None else None,
        forgotten=dataset.forgotten,
        forgotten_shared=dataset.forgotten_shared,
    )


def _omitted(config: Config, leads: LeadTables) -> tuple[OmittedFigures, ...]:
    reason = _legal_reasons(config)
    return tuple(
        OmittedFigures(name, column, reason(name, column), values)
        for (name, column), values in sorted(leads.omitted.items())
    )


def _legal_reasons(config: Config) -> Callable[[str, str], str]:
    """The legal reason for which a dataset's column is left out of the notes."""
    return lambda name, column: config.omitted(name, column) or ""


def _rules(config: Config, decisions: Decisions) -> tuple[RuleFigures, ...]:
    return tuple(
        RuleFigures(rule.name, Decision(rule.as_), int(holds.sum()))
        for rule, holds in zip(config.classify, decisions.reasons.holds, strict=True)
    )


def _overrides(overrides: OverrideOutcome) -> OverrideFigures:
    return OverrideFigures(
        len(overrides.used),
        overrides.changed_since,
        overrides.unknown,
        overrides.conflicting,
        len(overrides.without_hash),
        overrides.outweighed,
        overrides.incomplete,
    )


def _duplicates(compared: ComparedFigures, decisions: Decisions) -> DuplicateFigures:
    merged, of = decisions.merged_leads
    rules = Counter(rule for rule, _ in decisions.reasons.verdicts.values())
    return DuplicateFigures(
        compared,
        merged,
        of,
        rules[SAME_AS_CUSTOMER] + rules[SAME_AS_KEPT],
        rules[MAYBE_SAME_AS_STAYING],
        rules[MAYBE_SAME_AS_LEAD],
        rules[EXISTING_LEAD],
        len(decisions.duplicates.into),
    )
