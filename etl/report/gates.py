"""Hold a plan's figures against the limits of its config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from etl.config import Gate, Gates, TableLimits
from etl.plan.figures import JoinFigures, LiteralFigures, MasterFigures
from etl.report.model import GateResult
from etl.texts import mark, stored

ADVICE = {
    "review": mark("decide the families in review in decisions.csv, or change the rule that sends them there"),
    "reject": mark("correct the rejected rows in the CRM; each one says where it is and what to do"),
    "customers": mark("check the evidence joins: if keys do not match, customers look like leads"),
    "near_misses": mark(
        "name each value as the data have it, or add fold: true to ignore case and blanks; fold: false says that a "
        "value which looks alike is really another one; normalize brings the keys of joins and labels to one form"
    ),
    "evidence_without_record": mark(
        "compare the keys on both sides: blanks, leading zeros, another entry, deleted records"
    ),
    "master_unusable": mark(
        "correct the rows of the list that cannot be read, or name more of its columns under identity"
    ),
    "quality_errors": mark("correct the values that the quality findings name in the CRM"),
}

SILENT = mark("check `where`: no row has the values that the rules look for, so they recognise no customer")
NOTHING_ASKED = stored("no row of any evidence table matches `where`")


def check(
    gates: Gates,
    records: int,
    decisions: Mapping[str, int],
    joins: Sequence[JoinFigures],
    masters: Sequence[MasterFigures],
    leads: int,
    leads_with_errors: int,
    literals: Sequence[LiteralFigures] = (),
) -> tuple[GateResult, ...]:
    """Check every gate that the config sets, in the order of the design; that of joins where there are some.

    records: all that were read; decisions: how many have which. leads_with_errors: those with a finding of severity
    error. The gate `evidence_without_record` looks at the worst join, of evidence or of history; where rules ask for
    evidence and not one row of any table was used, it has measured nothing and is broken. `near_misses` counts values
    and the keys of joins and labels. The gate `master_unusable`
    looks at the worst list of customers: its rows that cannot be read, or that say nothing that could be compared.
    """
    worst, unusable = _worst_join(gates, joins), _least_usable(gates, masters)
    counts = {
        "review": (decisions.get("review", 0), records),
        "reject": (decisions.get("reject", 0), records),
        "customers": (decisions.get("customer", 0), records),
        "near_misses": (rows_nearly_met(literals) + rows_nearly_linked(joins), 0),
        **({"evidence_without_record": (worst.without_record, worst.rows)} if worst else {}),
        **({"master_unusable": (_unusable(unusable), unusable.damaged + unusable.rows)} if unusable else {}),
        "quality_errors": (leads_with_errors, leads),
    }
    tables = {
        "evidence_without_record": worst.dataset if worst else "",
        "master_unusable": unusable.name if unusable else "",
    }
    results = []
    for name in Gate.NAMES:
        gate = _limit(gates, name, worst)
        if gate is not None and name in counts:
            result = _result(name, gate, *counts[name], tables.get(name, ""))
            if name == "evidence_without_record" and records and _nothing_asked(joins):
                result = replace(result, ok=False, actual=NOTHING_ASKED, advice=SILENT)
            results.append(result)
    return tuple(results)


def _limit(gates: Gates, name: str, worst: JoinFigures | None) -> Gate | None:
    """The limit of a gate; that of joins is the one of the table that is looked at."""
    limit: Gate | TableLimits | None = getattr(gates, name)
    return limit.of(worst.dataset if worst else "") if isinstance(limit, TableLimits) else limit


def rows_nearly_met(literals: Sequence[LiteralFigures]) -> int:
    """The rows with a value that nearly meets what the config names; a value counts once, however often it is asked."""
    by_column: dict[tuple[str, str], dict[str | None, int]] = {}
    for figures in literals:
        values = by_column.setdefault((figures.dataset, figures.column), {})
        values.update({near.value: near.rows for near in figures.near})
        values[None] = max(values.get(None, 0), figures.rest)
    return sum(rows for values in by_column.values() for rows in values.values())


def rows_nearly_linked(joins: Sequence[JoinFigures]) -> int:
    """The rows of evidence that name no record and would by the form of the key that helps most; each table once.

    And the rows that would take values of a joined table, or labels, by any form.
    """
    by_table: dict[str, int] = {}
    for join in joins:
        if join.kind == "evidence" and join.would_meet:
            by_table[join.dataset] = max(by_table.get(join.dataset, 0), join.would_meet[0].rows)
    return sum(by_table.values()) + sum(join.near for join in joins)


def _worst_join(gates: Gates, joins: Sequence[JoinFigures]) -> JoinFigures | None:
    """The table of evidence or history whose rows miss their records most; a parent that is missing is a reject."""
    return max(
        (join for join in joins if join.kind in ("related", "evidence")),
        key=lambda join: _badness(gates.evidence_without_record.of(join.dataset), join),
        default=None,
    )


def _least_usable(gates: Gates, masters: Sequence[MasterFigures]) -> MasterFigures | None:
    """The list of customers of whose rows most cannot be used."""

    def rank(master: MasterFigures) -> tuple[Fraction, int, int, str]:
        unusable, rows = _unusable(master), master.damaged + master.rows
        return Fraction(unusable, rows if gates.master_unusable.share else 1), unusable, rows, master.name

    return max(masters, key=rank, default=None)


def _unusable(master: MasterFigures) -> int:
    """The rows of a list that cannot be read, or that have nothing to compare."""
    return master.damaged + master.nameless


def _nothing_asked(joins: Sequence[JoinFigures]) -> bool:
    """Whether rules ask for evidence, and no table has a row that could be any."""
    rows = [join.rows for join in joins if join.kind == "evidence"]
    return bool(rows) and not any(rows)


def _badness(gate: Gate, join: JoinFigures) -> tuple[bool, Fraction, int]:
    """What ranks tables: whether the limit is broken, then what is measured, then how many rows."""
    measured = _exceeds(gate, join)
    return (100 if gate.share else 1) * measured > Fraction(str(gate.high)), measured, join.without_record


def _exceeds(gate: Gate, join: JoinFigures) -> Fraction:
    """What the gate measures of one table: the share without a record, or their count."""
    if not gate.share:
        return Fraction(join.without_record)
    return Fraction(join.without_record, join.rows) if join.rows else Fraction(0)


def _result(name: str, gate: Gate, count: int, total: int, table: str) -> GateResult:
    measured = Fraction(100 * count, total) if gate.share and total else Fraction(0 if gate.share else count)
    ok = Fraction(str(gate.low)) <= measured <= Fraction(str(gate.high))
    actual = _counted(count, total, table)
    if gate.share:
        actual = stored("{share} ({told})", share=f"{_percent(measured)}%", told=actual)
    return GateResult(name, str(gate), count, total, actual, ok, ADVICE[name])


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
