"""Build the report of a plan from its tables and from what its stages counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from etl.config import Config, Duplicates, matches_of
from etl.matching.calibration import Calibration, calibrate
from etl.model import Decision
from etl.plan.figures import Figures, JoinFigures, JudgedPairs
from etl.report import gates, read, wording
from etl.report.coverage import coverage
from etl.report.model import EntryCount, ForgottenRows, GateResult, LeftOut, Report, RuleCount, TableRemark, Values
from etl.report.scores import scores
from etl.runner import typed


def build(
    plan: read.Tables, config: Config, figures: Figures, digest: str, *, shown: Path | None = None, approved: int = 0
) -> Report:
    """Read a plan's tables once and put all figures into one object.

    plan: its tables; digest: the plan's; shown: the folder as people will name it, where it has another name yet;
    approved: how many have approved it. The result depends on nothing else but the folder that commands are to be run
    from, which its `next` is written for.
    Raises PlanError where a table is missing or damaged.
    """
    entries = _entries(figures, read.decisions(plan))
    leads, leads_with_errors = read.leads(plan)
    checked = gates.check(
        config.gates,
        sum(entry.read for entry in entries),
        _together(entries),
        leads,
        leads_with_errors,
        figures,
    )
    return Report(
        name=config.name,
        approvals=config.approvals,
        digest=digest,
        as_of=figures.as_of,
        source=figures.source,
        target=figures.target,
        entries=entries,
        left_out=tuple(
            LeftOut(dataset.name, dataset.left_out, dataset.where or "")
            for dataset in figures.datasets
            if dataset.where
        ),
        forgotten=tuple(
            ForgottenRows(dataset.name, dataset.kind == "entry", dataset.forgotten, dataset.forgotten_shared)
            for dataset in figures.datasets
            if dataset.forgotten
        ),
        forget_unknown=figures.forget_unknown,
        rules=_rules(figures, read.reasons(plan)),
        undecided=figures.undecided,
        leads=leads,
        leads_with_errors=leads_with_errors,
        values=Values(figures.values.conserved, figures.values.omitted),
        review=read.review(plan),
        overrides=figures.overrides,
        joins=_joins(figures),
        masters=figures.masters,
        literals=tuple(literals for literals in figures.literals if literals.near or literals.rest or literals.never),
        scores=scores(plan, config, figures.steps),
        steps=figures.steps,
        least_sure=read.least_sure(plan, [rule.name for rule in config.classify if matches_of(rule.when)]),
        duplicates=figures.duplicates,
        calibration=_calibration(figures.judged, config.leads.duplicates),
        merged=read.merged(plan),
        conversion=figures.conversion,
        consent=figures.consent,
        unnamed=figures.unnamed,
        findings=read.findings(plan),
        rejects=read.rejects(plan),
        orphans=read.orphans(plan),
        blocked=read.blocked(plan),
        coverage=coverage(plan, config, figures.datasets),
        remarks=tuple(TableRemark(dataset.name, remark) for dataset in figures.datasets for remark in dataset.remarks),
        gates=checked,
        next=_next(shown or plan.folder, config, checked, approved),
    )


def _entries(figures: Figures, decisions: list[tuple[str, Decision, int]]) -> tuple[EntryCount, ...]:
    """One count an entry of the config, in its order, every decision in it."""
    counts: dict[str, dict[Decision, int]] = {}
    for entry, decision, records in decisions:
        counts.setdefault(entry, {})[decision] = records
    return tuple(
        EntryCount(
            dataset.name,
            dataset.rows + dataset.left_out + dataset.forgotten,
            {decision: counts.get(dataset.name, {}).get(decision, 0) for decision in Decision},
            dataset.left_out,
            dataset.forgotten,
        )
        for dataset in figures.datasets
        if dataset.kind == "entry"
    )


def _calibration(judged: JudgedPairs | None, settings: Duplicates | None) -> Calibration | None:
    if judged is None or settings is None:
        return None
    used = {"merge_at": settings.merge_at, "review_at": settings.review_at}
    return calibrate(judged.steps, judged.same, judged.different, judged.unmatched, used)


def _together(entries: tuple[EntryCount, ...]) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(entry.decisions)
    return counts


def _joins(figures: Figures) -> tuple[JoinFigures, ...]:
    """One join for all rules that ask a table for the same rows."""
    rules: dict[JoinFigures, list[str]] = {}
    for join in figures.joins:
        rules.setdefault(replace(join, rules=()), []).extend(join.rules)
    return tuple(replace(join, rules=tuple(dict.fromkeys(asking))) for join, asking in rules.items())


def _rules(figures: Figures, reasons: list[tuple[str, Decision, int]]) -> tuple[RuleCount, ...]:
    """The rules of the config in its order, then what else decided."""
    counts = {(name, decision): records for name, decision, records in reasons}
    own = [(rule.name, rule.decision) for rule in figures.rules]
    rules = [RuleCount(r.name, r.decision, "rule", r.held, counts.get((r.name, r.decision), 0)) for r in figures.rules]
    others = [
        RuleCount(name, decision, "other", None, n)
        for (name, decision), n in counts.items()
        if (name, decision) not in own
    ]
    return tuple(rules + others)


def _next(folder: Path, config: Config, checked: tuple[GateResult, ...], approved: int) -> str:
    """The command to run now: approve, apply where that is waived, or plan again once a broken gate is put right."""
    if all(gate.ok for gate in checked):
        plan = typed(folder)
        return f"crm-cleanup approve {plan} --by NAME" if approved < config.approvals else f"crm-cleanup apply {plan}"
    again = f"crm-cleanup plan {typed(config.path)} --out {typed(folder)} --replace"
    return wording.MEND + again
