"""Hold a plan's figures against the limits of its config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from etl.config import Gate, Gates, TableLimits
from etl.plan.figures import Figures, JoinFigures, LiteralFigures
from etl.report.model import GateResult
from etl.texts import mark, stored

ADVICE = {
    "review": mark("decide the families in review in decisions.csv, or change the rule that sends them there"),
    "reject": mark("correct the rejected rows in the CRM; each one says where it is and what to do"),
    "customers": mark("check the evidence joins: if keys do not match, customers look like leads"),
    "empty_tables": mark(
        "see why the table is empty, as an export may have failed; where it may be empty, give it the limit 1 in this "
        "gate"
    ),
    "near_misses": mark(
        "name each value as the data have it, or add fold: true to ignore case and blanks; fold: false says that a "
        "value which looks alike is really another one; normalize brings keys of links, parents, joins and labels to "
        "one form"
    ),
    "evidence_without_record": mark(
        "compare the keys on both sides: blanks, leading zeros, another entry, deleted records"
    ),
    "unreadable_dates": mark(
        "set the format in which the dates are written, under within, changed or order_by, or correct them in the CRM"
    ),
    "left_behind": mark(
        "add the tables that name records under source.related, or under source.ignore with the reason"
    ),
    "master_unusable": mark(
        "correct the rows of the list that cannot be read, or name more of its columns under identity"
    ),
    "weak_numbers": mark(
        "decide the records in decisions.csv, or clear the placeholders and wrong numbers in the CRM and in the list"
    ),
    "forget_unknown": mark(
        "correct the keys in the list of records to forget, or delete its lines of records that the CRM no longer has"
    ),
    "quality_errors": mark("correct the values that the quality findings name in the CRM"),
}

OTHER_KEYS = mark(
    "many of these keys are those of another table: see under the joins which one it is, and which line of the config "
    "joins the rows to it"
)
SILENT = mark("check `where`: no row has the values that the rules look for, so they recognise no customer")
NOTHING_ASKED = stored("no row of any evidence table matches `where`")


@dataclass(frozen=True)
class Measure:
    """What one gate measures: count of total, which is 0 where there is none; table: where, if in one of several."""

    count: int
    total: int = 0
    table: str = ""


def check(
    gates: Gates,
    records: int,
    decisions: Mapping[str, int],
    leads: int,
    leads_with_errors: int,
    figures: Figures,
) -> tuple[GateResult, ...]:
    """Check every gate that the config sets, in the order of the design; that of joins where there are some.

    records: all that were read; decisions: how many have which. leads_with_errors: those with a finding of severity
    error. figures: what the stages counted. Of several tables or masters the worst one counts; where rules ask for
    evidence and not one row of any table was used, `evidence_without_record` has measured nothing and is broken.
    """
    joins, masters = figures.joins, figures.masters
    evidence = [join for join in joins if join.kind == "evidence"]
    measures: dict[str, list[Measure]] = {
        "review": [Measure(decisions.get("review", 0), records)],
        "reject": [Measure(decisions.get("reject", 0), records)],
        "customers": [Measure(decisions.get("customer", 0), records)] if records else [],
        "empty_tables": [Measure(1, table=table) for table in _empty_tables(figures)],
        "near_misses": [Measure(rows_nearly_met(figures.literals) + rows_nearly_linked(joins))],
        "evidence_without_record": [
            Measure(join.without_record, join.rows, join.dataset)
            for join in joins
            if join.kind in ("related", "evidence")
        ],
        "unreadable_dates": [
            *(Measure(join.unreadable_dates, join.rows, join.dataset) for join in evidence),
            *(Measure(each.rows, each.meeting + each.rows, each.dataset) for each in figures.literals if each.dates),
        ],
        "left_behind": [Measure(sum(table.moving for table in figures.unnamed))],
        "master_unusable": [
            Measure(master.damaged + master.nameless, master.damaged + master.rows, master.name) for master in masters
        ],
        "weak_numbers": [Measure(master.weak_numbers, master.records, master.name) for master in masters],
        "quality_errors": [Measure(leads_with_errors, leads)],
        "forget_unknown": [Measure(len(figures.forget_unknown))] if figures.forget_unknown else [],
    }
    results = []
    for name in Gate.NAMES:
        worst = _worst(getattr(gates, name), measures[name])
        if worst is not None:
            result = _result(name, *worst)
            if name == "evidence_without_record" and records and evidence and not any(join.rows for join in evidence):
                result = replace(result, ok=False, actual=NOTHING_ASKED, advice=SILENT)
            elif name == "evidence_without_record" and any(j.keys_of for j in joins if j.dataset == worst[1].table):
                result = replace(result, advice=OTHER_KEYS)
            results.append(result)
    return tuple(results)


def _empty_tables(figures: Figures) -> list[str]:
    """The entries and tables of evidence of which not one row was read."""
    entries = [
        dataset.name
        for dataset in figures.datasets
        if dataset.kind == "entry" and not dataset.rows + dataset.left_out + dataset.forgotten
    ]
    asked = [join.dataset for join in figures.joins if join.kind == "evidence" and not join.rows_read]
    return list(dict.fromkeys([*entries, *asked]))


def _worst(limits: Gate | TableLimits | None, measures: Sequence[Measure]) -> tuple[Gate, Measure] | None:
    """The measure that is furthest over its limit, with that limit; None where nothing is limited or measured."""
    if limits is None:
        return None
    limited = [(limits.of(m.table) if isinstance(limits, TableLimits) else limits, m) for m in measures]
    return max(limited, key=lambda pair: _badness(*pair), default=None)


def rows_nearly_met(literals: Sequence[LiteralFigures]) -> int:
    """The rows with a value that nearly meets what the config names; a value counts once, however often it is asked."""
    by_column: dict[tuple[str, str], dict[str | None, int]] = {}
    for figures in (each for each in literals if not each.dates):
        values = by_column.setdefault((figures.dataset, figures.column), {})
        values.update({near.value: near.rows for near in figures.near})
        values[None] = max(values.get(None, 0), figures.rest)
    return sum(rows for values in by_column.values() for rows in values.values())


def rows_nearly_linked(joins: Sequence[JoinFigures]) -> int:
    """The rows whose key meets none and would if keys were brought to one form, any: in whatever way they are linked.

    A table counts once, however often it is asked.
    """
    by_table: dict[str, int] = {}
    for join in joins:
        by_table[join.dataset] = max(by_table.get(join.dataset, 0), join.near)
    return sum(by_table.values())


def _badness(gate: Gate, measure: Measure) -> tuple[bool, Fraction, int, str]:
    """What ranks tables: whether the limit is broken, then what is measured, then how many rows, then their names."""
    measured = _measured(gate, measure)
    return not gate.allows(measured), measured, measure.count, measure.table


def _measured(gate: Gate, measure: Measure) -> Fraction:
    """What a gate compares with its limit: a count, or per cent; of nothing 0."""
    if not gate.share:
        return Fraction(measure.count)
    return Fraction(100 * measure.count, measure.total) if measure.total else Fraction(0)


def _result(name: str, gate: Gate, measure: Measure) -> GateResult:
    measured = _measured(gate, measure)
    ok = gate.allows(measured)
    actual = _counted(measure.count, measure.total, measure.table)
    if gate.share:
        actual = stored("{share} ({told})", share=f"{_percent(measured)}%", told=actual)
    return GateResult(name, str(gate), measure.count, measure.total, actual, ok, ADVICE[name])


def _counted(count: int, total: int, dataset: str) -> str:
    """A count, of all there are, in the table where they were counted; no part that there is nothing to say of."""
    if not total:
        return stored("{n} in {dataset}", n=f"{count:,}", dataset=dataset) if dataset else f"{count:,}"
    words = stored("{n} of {n_total} in {dataset}") if dataset else stored("{n} of {n_total}")
    return words.format(n=f"{count:,}", n_total=f"{total:,}", dataset=dataset)


def _percent(share: Fraction) -> str:
    """Two digits after the point, or the exact end of the scale: nothing that is not 0 is shown as 0."""
    if 0 < share < Fraction(1, 100):
        return "<0.01"
    return f"{float(share):.2f}".rstrip("0").rstrip(".")
