"""What changed between two dry runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from etl.errors import PlanError
from etl.model import Decision, Progress, no_progress
from etl.plan import Bundle
from etl.plan.damage import reading
from etl.plan.intact import refuse_changed
from etl.plan.tables import database
from etl.report.diff.config import config_changes
from etl.report.diff.leads import leads
from etl.report.diff.model import Diff, FigureChange, GateChange, Leads, Records, RuleChange, Side
from etl.report.diff.notes import Notes
from etl.report.diff.records import records
from etl.report.model import Report

COMPARED = ("decisions.parquet", "leads.parquet")


def diff(before: Bundle, after: Bundle, *, limit: int = 10, progress: Progress = no_progress) -> Diff:
    """Compare two plans; nothing is written. limit: how many records, leads and values of each kind are named.

    Raises StalePlan where a plan is not as it was made, and PlanError where a file of it is missing or damaged.
    """
    progress("check", 0, None)
    for bundle in (before, after):
        refuse_changed(bundle, COMPARED)
    was, now = report_of(before), report_of(after)
    old, new = before.manifest, after.manifest
    changed_records, changed_leads = _tables(before, after, limit, progress)
    return Diff(
        before=_side(before, was),
        after=_side(after, now),
        figures=tuple(_figures(was, now)),
        gates=tuple(_gates(was, now)),
        rules=tuple(_rules(was, now)),
        findings=tuple(_findings(was, now)),
        config=tuple(config_changes(old.config, new.config)),
        fingerprints=tuple(
            name
            for name in sorted({*old.fingerprints, *new.fingerprints})
            if old.fingerprints.get(name) != new.fingerprints.get(name)
        ),
        records=changed_records,
        leads=changed_leads,
    )


def report_of(bundle: Bundle) -> Report:
    """The report that was written with a plan. Raises PlanError where it is missing, damaged, or another plan's."""
    path = bundle.path / "report.json"
    advice = f"make the plan anew: crm-cleanup plan {bundle.manifest.config_path} --out {bundle.path} --replace"
    try:
        with reading(path):
            report: Report = TypeAdapter(Report).validate_json(path.read_bytes())
    except ValidationError:
        raise PlanError("The plan's report is damaged, or of another version.", where=path, next=advice) from None
    if report.digest != bundle.manifest.digest:
        raise PlanError("The report is of another plan than the one it stands in.", where=path, next=advice)
    return report


def _tables(before: Bundle, after: Bundle, limit: int, progress: Progress) -> tuple[Records, Leads]:
    """Compare decisions and leads; where both plans have one digest, there is nothing to compare."""
    if before.manifest.digest == after.manifest.digest:
        return Records(0, 0, 0, 0, ()), Leads(0, 0, 0, 0, (), (), (), ())
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as folder, database(Path(folder)) as connection:
        progress("records", 0, None)
        changed_records = records(connection, before.path, after.path, limit)
        progress("leads", 0, None)
        return changed_records, leads(connection, before.path, after.path, limit, Notes(before, after).compare)


def _side(bundle: Bundle, report: Report) -> Side:
    return Side(str(bundle.path), report.name, report.digest, report.as_of, report.source, report.target)


def _figures(was: Report, now: Report) -> Iterator[FigureChange]:
    """The numbers that both reports have."""
    yield FigureChange("legacy records read", was.read, now.read)
    for decision in Decision:
        yield FigureChange(decision, was.decided(decision), now.decided(decision))
    yield FigureChange("open cases", was.open_cases, now.open_cases)
    yield FigureChange("families in review", was.review_families, now.review_families)
    yield FigureChange("leads", was.leads, now.leads)
    yield FigureChange("leads with errors", was.leads_with_errors, now.leads_with_errors)
    yield FigureChange("values conserved", was.values.conserved, now.values.conserved)
    yield FigureChange("values omitted", was.values.left_out, now.values.left_out)
    yield FigureChange("rejects", was.rejects.total, now.rejects.total)
    yield FigureChange("orphans", was.orphans.total, now.orphans.total)


def _gates(was: Report, now: Report) -> Iterator[GateChange]:
    """Each limit that one of them sets."""
    old, new = ({gate.name: gate for gate in report.gates} for report in (was, now))
    for name in dict.fromkeys([*new, *old]):
        yield GateChange(name, old.get(name), new.get(name))


def _rules(was: Report, now: Report) -> Iterator[RuleChange]:
    """Each reason that decides another number of records."""
    old, new = ({(rule.name, rule.decision): rule.decided for rule in report.rules} for report in (was, now))
    for name, decision in dict.fromkeys([*new, *old]):
        before, after = old.get((name, decision)), new.get((name, decision))
        if before != after:
            yield RuleChange(name, decision, before, after)


def _findings(was: Report, now: Report) -> Iterator[FigureChange]:
    """Each quality finding that is found another number of times."""
    old, new = _by_code(was), _by_code(now)
    for code in dict.fromkeys(chain(new, old)):
        if old.get(code, 0) != new.get(code, 0):
            yield FigureChange(code, old.get(code, 0), new.get(code, 0))


def _by_code(report: Report) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for finding in report.findings:
        counts[finding.code] = counts.get(finding.code, 0) + finding.findings
    return counts
