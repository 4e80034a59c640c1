"""The report as Markdown, for a pull request: tables that people read, long lists folded away."""

from __future__ import annotations

from collections.abc import Iterator

from etl.errors import plural, shown_chance
from etl.model import Decision
from etl.report import wording
from etl.report.markup import Cell, fitted, folded as _folded, listed as _listed, table as _table
from etl.report.model import FaultyRows, Report
from etl.report.text import code, number, percent, prose

DECIDED = (Decision.CUSTOMER, Decision.KEEP, Decision.REVIEW, Decision.LEAD)


def to_markdown(report: Report) -> str:
    """Draw a report as Markdown of at most BYTES bytes; lists that would not fit show their first rows only.

    A report whose every list has hundreds of very long names gets them one row each; it may then be longer.
    """
    return fitted(lambda rows: _parts(report, rows))


def _parts(report: Report, rows: int) -> Iterator[str]:
    """The report's paragraphs and tables, with at most `rows` rows of each list."""
    if waived := wording.waived(report):
        yield f"**{waived}**"
    if nothing := wording.nothing_read(report):
        yield f"**{nothing}**"
    yield f"# Dry run: {prose(report.name)}"
    yield _summary(report)
    yield from _gates(report)
    yield from _records(report)
    yield from _decisions(report, rows)
    yield from _review(report, rows)
    yield from _joins(report, rows)
    yield from _customers(report, rows)
    yield from _duplicates(report, rows)
    yield from _conversion(report, rows)
    yield from _values(report, rows)
    yield from _findings(report, rows)
    yield from _left_behind(report, rows)
    yield from _coverage(report, rows)
    yield from _plan(report)


def _summary(report: Report) -> str:
    broken = plural(len(report.broken_gates), "gate is", "gates are")
    state = f"**{broken} broken.**" if report.broken_gates else "All gates are kept."
    return (
        f"Of {plural(report.read, 'legacy record')}, {number(report.decided(Decision.LEAD))} move into "
        f"{plural(report.leads, 'lead')}, and {number(report.decided(Decision.REVIEW))} wait for a person. {state}"
    )


def _gates(report: Report) -> Iterator[str]:
    if not report.gates:
        return
    yield "## Gates"
    yield _table(
        ("gate", "", "limit", "is", "what to do"),
        [
            (
                f"`{gate.name}`",
                "kept" if gate.ok else "**broken**",
                gate.limit,
                prose(gate.actual),
                "" if gate.ok else prose(gate.advice),
            )
            for gate in report.gates
        ],
    )


def _records(report: Report) -> Iterator[str]:
    yield "## Legacy records"
    rows: list[tuple[Cell, ...]] = [
        (code(entry.entry), entry.read, *(entry.decisions[d] for d in Decision)) for entry in report.entries
    ]
    rows.append(("**together**", report.read, *(report.decided(d) for d in Decision)))
    yield _table(("entry", "read", *Decision), rows)
    yield wording.the_sum(report)


def _decisions(report: Report, rows: int) -> Iterator[str]:
    yield "## Decisions by rule"
    yield "A rule *held for* records themselves; it *decided* whole families, where it was the strongest in one."
    yield from _listed(
        ("rule", "decision", "held for", "decided"),
        [(prose(rule.name), rule.decision, rule.applies_to, rule.decided) for rule in report.rules],
        rows,
    )
    if report.rules_without_record:
        yield "Held for no record: " + ", ".join(prose(name) for name in report.rules_without_record[:rows]) + "."
    yield wording.undecided(report) + "."


def _review(report: Report, rows: int) -> Iterator[str]:
    yield "## People must decide"
    yield wording.to_decide(report) + "."
    yield from _listed(
        ("reason", "families", "records", "the first"),
        [
            (
                prose(reason.reason),
                reason.families,
                reason.records,
                " ".join(code(f.family) for f in reason.first[:rows]),
            )
            for reason in report.review
        ],
        rows,
    )
    yield from _folded(
        "The first families of each reason, with the evidence",
        ("family", "records", "reason", "evidence"),
        [
            (code(family.family), family.records, prose(reason.reason), code(family.evidence or "", 200))
            for reason in report.review
            for family in reason.first
        ],
        rows,
    )
    if sentences := wording.overrides(report):
        yield "\n".join(f"- {sentence}" for sentence in sentences)
    overrides = report.overrides
    keys = (*(("changed", key) for key in overrides.changed), *(("unknown", key) for key in overrides.unknown),
            *(("conflicting", key) for key in overrides.conflicting),
            *(("cannot be followed", key) for key in overrides.outweighed))  # fmt: skip
    yield from _folded(
        "Decisions of people that do not count", ("why", "record"), [(why, code(key)) for why, key in keys], rows
    )


def _joins(report: Report, rows: int) -> Iterator[str]:
    if not report.joins:
        return
    yield "## Evidence joins"
    yield from _listed(
        ("table", "kind", "asked by", "read", "asked", "joined", "without record", "records with a row"),
        [
            (
                code(join.dataset),
                join.kind,
                ", ".join(prose(rule) for rule in join.rules[:rows]),
                *wording.join_counts(join),
            )
            for join in report.joins
        ],
        rows,
    )
    hints = [f"- **{code(join.dataset)}**: {hint}" for join in report.joins for hint in wording.hints(join)]
    if hints:
        yield "\n".join(hints[:rows])


def _customers(report: Report, rows: int) -> Iterator[str]:
    if not report.masters:
        return
    yield "## Known customers"
    yield from _listed(
        ("list", "customers", "records", "pairs compared", "pairs cut off", "matched", "not certain"),
        [(prose(m.name), m.rows, m.records, m.compared, m.cut, m.matched, m.doubtful) for m in report.masters],
        rows,
    )
    if any(m.cut for m in report.masters):
        yield "Pairs are cut off that share nothing but what too many have, such as a usual word."
    hints = [f"- {prose(m.name)}: {prose(hint)}." for m in report.masters for hint in wording.master_hints(m)]
    if hints:
        yield "\n".join(hints)
    if report.steps:
        yield "What another probability would do, and how many records it would decide otherwise than now:"
        yield from _listed(
            ("rule", "at least", *(d for d in DECIDED), "otherwise"),
            [
                (prose(s.rule), f"**{s.at_least:g}**" if s.now else f"{s.at_least:g}",
                 s.customer, s.keep, s.review, s.lead, s.changed)
                for s in report.steps
            ],
            rows,
        )  # fmt: skip
    yield from _folded(
        "The least sure of the matches that made a customer",
        ("record", "probability", "evidence"),
        [
            (code(match.source_key), shown_chance(match.probability), code(match.evidence or "", 400))
            for match in report.least_sure
        ],
        rows,
    )


def _duplicates(report: Report, rows: int) -> Iterator[str]:
    duplicates = report.duplicates
    if duplicates is None:
        return
    compared = duplicates.compared
    yield "## Duplicates"
    yield from _listed(
        ("records", "pairs compared", "pairs cut off", "leads of several", "which would have been", "stay with a twin",
         "may be one that stays", "may be another lead"),
        [(compared.records, compared.compared, compared.cut, duplicates.merged, duplicates.of, duplicates.follow,
          duplicates.staying, duplicates.unsure)],
        rows,
    )  # fmt: skip
    yield "The last three are families; the last two wait for a person, in `open-cases.csv`."
    if compared.leads:
        leads, waiting = plural(compared.leads, "lead"), plural(duplicates.there, "family", "families")
        yield (
            f"In the pipeline already: {leads}. Waiting because they may be one of them: {waiting}. "
            f"To be added to one of them: {plural(duplicates.into, 'lead')}."
        )
    yield from _folded(
        "The least sure of the pairs that are one lead",
        ("lead", "records", "probability", "evidence"),
        [
            (code(pair.lead), f"{code(pair.left)} {code(pair.right)}", shown_chance(pair.probability),
             code(pair.evidence, 400))
            for pair in report.merged
        ],
        rows,
    )  # fmt: skip


def _conversion(report: Report, rows: int) -> Iterator[str]:
    """What an Odoo's wizard would do wrongly."""
    conversion = report.conversion
    if conversion is None:
        return
    yield "## When leads are converted"
    sentence = wording.conversion(conversion)
    yield f"{sentence[0].upper()}{sentence[1:]}."
    if conversion.first:
        yield from _listed(
            ("lead", "what Odoo would do", "by", "customer or lead"),
            [(code(lead.lead), code(lead.what), code(lead.by), code(lead.other)) for lead in conversion.first],
            rows,
        )


def _values(report: Report, rows: int) -> Iterator[str]:
    yield "## Leads and values"
    yield f"{wording.leads(report)}. {wording.values(report)}."
    yield from _listed(
        ("omitted column", "values", "reason"),
        [
            (code(f"{column.dataset}.{column.column}"), column.values, prose(column.reason))
            for column in report.values.omitted
        ],
        rows,
    )


def _findings(report: Report, rows: int) -> Iterator[str]:
    if not report.findings:
        return
    yield "## Quality findings"
    cells_of: list[tuple[Cell, ...]] = []
    for finding in report.findings:
        e, proposed = finding.example, wording.proposal(finding.example)
        cells = (
            code(e.source_key),
            code(e.value or ""),
            code(proposed or ""),
            prose(f"{e.field or ''} {e.message}".strip()),
        )
        cells_of.append((f"`{finding.code}`", finding.severity, finding.findings, finding.leads, *cells))
    head = ("finding", "severity", "findings", "leads", "for example", "value", "proposal", "what is wrong")
    yield from _listed(head, cells_of, rows)


def _left_behind(report: Report, rows: int) -> Iterator[str]:
    yield from _faulty("Rejects", report.rejects, rows, "rejects.csv")
    yield from _faulty("Orphans", report.orphans, rows, "orphans.parquet")
    if report.blocked.total:
        yield "## What the target cannot hold"
        values, leads = plural(report.blocked.total, "value"), plural(report.blocked.leads, "lead")
        yield f"{values} of {leads}; nothing is cut, they are in review."
        yield from _folded(
            "The first of them",
            ("lead", "why"),
            [(code(value.lead), wording.blocked(value)) for value in report.blocked.first],
            rows,
        )


def _faulty(title: str, faulty: FaultyRows, rows: int, whole: str) -> Iterator[str]:
    """What cannot be processed: counts, the first rows, and the file of the plan that has all of them."""
    if not faulty.total:
        return
    yield f"## {title}"
    yield from _listed(
        ("dataset", "fault", "how often"),
        [(code(count.dataset), f"`{count.code}`", count.faults) for count in faulty.by_code],
        rows,
    )
    yield from _folded(
        f"The first of {number(faulty.total)}; all of them are in {whole}",
        ("row", "place", "column", "reason", "what to do"),
        [
            (code(row.key or ""), code(row.place), code(row.column or ""), prose(row.reason), prose(row.advice))
            for row in faulty.first
        ],
        rows,
    )


def _coverage(report: Report, rows: int) -> Iterator[str]:
    yield "## Field coverage"
    yield wording.field_coverage(report) + "."
    cells_of: list[tuple[Cell, ...]] = []
    for column in report.coverage:
        moved = f"{number(column.filled_moved)} ({percent(column.filled_moved, column.rows_moved)})"
        filled = f"{number(column.filled)} ({percent(column.filled, column.rows)})"
        cells_of.append((code(f"{column.dataset}.{column.column}"), filled, moved, prose(wording.goes_to(column))))
    head = ("legacy column", "filled", "filled, of moved records", "goes to")
    yield from _folded(plural(len(cells_of), "legacy column"), head, cells_of, rows)


def _plan(report: Report) -> Iterator[str]:
    yield "## Plan"
    yield _table(
        ("", ""),
        [
            ("as of", report.as_of.isoformat()),
            ("source", code(report.source, 200)),
            ("target", code(report.target, 200)),
            ("digest", f"`{report.digest}`"),
            ("next", code(report.next, 400)),
        ],
    )
