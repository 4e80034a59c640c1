"""The report as Markdown, for a pull request: tables that people read, long lists folded away."""

from __future__ import annotations

from collections.abc import Iterator

from etl.errors import shown_chance
from etl.model import Decision
from etl.report import advice, calibration, join_advice, wording
from etl.report.alarms import alarms
from etl.report.consent import consent
from etl.report.markup import Cell, fitted, folded as _folded, listed as _listed, table as _table
from etl.report.model import FaultyRows, Report
from etl.report.text import code, number, percent, prose
from etl.texts import t, tn

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
    yield from (f"**{prose(alarm)}**" for alarm in alarms(report))
    yield f"# {t('Dry run')}: {prose(report.name)}"
    yield _summary(report)
    yield from _gates(report)
    yield from _records(report)
    yield from _decisions(report, rows)
    yield from _review(report, rows)
    yield from _remarks(report, rows)
    yield from _joins(report, rows)
    yield from _literals(report, rows)
    yield from _customers(report, rows)
    yield from _duplicates(report, rows)
    yield from _conversion(report, rows)
    yield from _values(report, rows)
    yield from _findings(report, rows)
    yield from _left_behind(report, rows)
    yield from _coverage(report, rows)
    yield from _plan(report)


def _summary(report: Report) -> str:
    broken, waiting = len(report.broken_gates), report.decided(Decision.REVIEW)
    summary = (
        tn(report.read, "Of {n} legacy record,", "Of {n} legacy records,"),
        tn(report.decided(Decision.LEAD), "{n} moves", "{n} move"),
        tn(report.leads, "into {n} lead,", "into {n} leads,"),
        tn(waiting, "and {n} waits for a person.", "and {n} wait for a person."),
        f"**{tn(broken, '{n} gate is broken.', '{n} gates are broken.')}**" if broken else t("All gates are kept."),
    )
    return " ".join(summary)


def _gates(report: Report) -> Iterator[str]:
    if not report.gates:
        return
    yield f"## {t('Gates')}"
    yield _table(
        (t("gate"), t("state"), t("limit"), t("measured"), t("what to do")),
        [
            (
                f"`{gate.name}`",
                t("kept") if gate.ok else f"**{t('broken')}**",
                gate.limit,
                prose(gate.actual),
                "" if gate.ok else prose(t(gate.advice)),
            )
            for gate in report.gates
        ],
    )


def _records(report: Report) -> Iterator[str]:
    yield f"## {t('Legacy records')}"
    rows: list[tuple[Cell, ...]] = [
        (code(entry.entry), entry.read, *wording.divided(report, entry)) for entry in report.entries
    ]
    rows.append((f"**{t('together')}**", report.read, *wording.divided(report)))
    yield _table((t("entry"), t("read"), *wording.parts_of_the_sum(report)), rows)
    yield wording.the_sum(report)
    if sentences := wording.left_out(report):
        yield "\n".join(f"- {prose(sentence)}" for sentence in sentences)


def _decisions(report: Report, rows: int) -> Iterator[str]:
    yield f"## {t('Decisions by rule')}"
    yield t("A rule applies to single records. The strongest rule in a family decides for the whole family.")
    yield from _listed(
        (t("rule"), t("decision"), t("applies to"), t("decided")),
        [(prose(wording.reason(rule.name)), t(rule.decision), rule.applies_to, rule.decided) for rule in report.rules],
        rows,
    )
    if report.rules_without_record:
        unused = ", ".join(prose(name) for name in report.rules_without_record[:rows])
        yield t("These rules apply to no record:") + f" {unused}."
    yield wording.undecided(report) + "."


def _review(report: Report, rows: int) -> Iterator[str]:
    yield f"## {t('People must decide')}"
    yield wording.to_decide(report) + "."
    yield from _listed(
        (t("reason"), t("open cases"), t("families"), t("records"), t("the first")),
        [
            (
                prose(wording.reason(reason.reason)),
                reason.cases,
                reason.families,
                reason.records,
                " ".join(code(wording.case(case)) for case in reason.first[:rows]),
            )
            for reason in report.review
        ],
        rows,
    )
    yield from _folded(
        t("The first cases of each reason, with the evidence"),
        (t("record"), t("other record"), t("records"), t("reason"), t("evidence")),
        [
            (
                code(case.source_key),
                code(case.other or ""),
                case.records,
                prose(wording.reason(reason.reason)),
                code(case.evidence or "", 200),
            )
            for reason in report.review
            for case in reason.first
        ],
        rows,
    )
    if sentences := wording.overrides(report):
        yield "\n".join(f"- {sentence}" for sentence in sentences)
    words = {
        "changed": t("the record has changed"),
        "unknown": t("no such record"),
        "conflicting": t("contradicts another decision"),
        "outweighed": t("cannot be applied"),
        "incomplete": t("hash or other is missing"),
    }
    yield from _folded(
        t("Decisions of people that were not applied"),
        (t("why"), t("record")),
        [(words[why], code(key)) for why, keys in report.overrides.not_applied.items() for key in keys],
        rows,
    )


def _remarks(report: Report, rows: int) -> Iterator[str]:
    if report.remarks:
        yield f"## {t('How tables were read')}"
        said = [f"- **{code(remark.dataset)}**: {prose(advice.remark(remark.remark))}" for remark in report.remarks]
        yield "\n".join(said[:rows])


def _joins(report: Report, rows: int) -> Iterator[str]:
    if not report.joins and not report.unnamed:
        return
    yield f"## {t('Evidence joins')}"
    yield from _listed(
        (t("table"), t("kind"), t("used by"), *(t(name) for name in wording.JOINED)),
        [
            (
                code(join.dataset),
                t(join.kind),
                ", ".join(prose(rule) for rule in join.rules[:rows]),
                *wording.join_counts(join),
            )
            for join in report.joins
        ],
        rows,
    )
    hints = [f"- **{code(tables)}**: {prose(hint, 400)}" for tables, hint in join_advice.hints_of_joins(report.joins)]
    hints += [f"- **{code(table.table)}**: {prose(join_advice.unnamed(table), 400)}" for table in report.unnamed]
    if hints:
        yield "\n".join(hints[:rows])


def _literals(report: Report, rows: int) -> Iterator[str]:
    if not report.literals:
        return
    yield f"## {t('Where config and data do not meet')}"
    yield from _listed(
        (t("in the config"), t("table"), t("column"), t("rows"), t("what does not meet")),
        [
            (
                prose(literals.at),
                code(literals.dataset),
                code(literals.column),
                literals.rows,
                prose("; ".join(advice.literal_hints(literals)), 400),
            )
            for literals in report.literals
        ],
        rows,
    )


def _customers(report: Report, rows: int) -> Iterator[str]:
    if not report.masters:
        return
    yield f"## {t('Known customers')}"
    yield from _listed(
        (
            t("list"),
            t("customers"),
            t("records"),
            t("pairs compared"),
            t("pairs skipped"),
            t("matched"),
            t("not certain"),
        ),
        [(prose(m.name), m.rows, m.records, m.compared, m.cut, m.matched, m.doubtful) for m in report.masters],
        rows,
    )
    if any(m.cut for m in report.masters):
        yield t("Pairs are skipped that have nothing in common but what too many records have, such as a common word.")
    hints = [f"- {prose(m.name)}: {prose(hint)}." for m in report.masters for hint in advice.master_hints(m)]
    if hints:
        yield "\n".join(hints)
    if report.steps:
        yield t("For each rule: how many records would be decided differently if its threshold were lower or higher.")
        yield from _listed(
            (t("rule"), t("at least"), *(t(decision) for decision in DECIDED), t("decided differently")),
            [
                (prose(s.rule), f"**{s.at_least:g}**" if s.now else f"{s.at_least:g}",
                 s.customer, s.keep, s.review, s.lead, s.changed)
                for s in report.steps
            ],
            rows,
        )  # fmt: skip
    yield from _folded(
        t("The least certain matches with a customer"),
        (t("record"), t("probability"), t("evidence")),
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
    yield f"## {t('Duplicates')}"
    yield from _listed(
        (t("records"), t("pairs compared"), t("pairs skipped"), t("leads that combine several"),
         t("duplicates in them"), t("stay with a duplicate"), t("may be one that stays"), t("may be another lead")),
        [(compared.records, compared.compared, compared.cut, duplicates.merged, duplicates.of, duplicates.follow,
          duplicates.staying, duplicates.unsure)],
        rows,
    )  # fmt: skip
    yield t(
        "The last three columns count families; those of the last two wait for a decision, in {file}.",
        file="`open-cases.csv`",
    )
    if compared.leads:
        yield " ".join(
            (
                t("Leads already in the pipeline: {n}.", n=number(compared.leads)),
                t("Families that may be one of them and wait for a decision: {n}.", n=number(duplicates.there)),
                t("Leads that will be added to one of them: {n}.", n=number(duplicates.into)),
            )
        )
    if report.calibration:
        yield f"### {t(calibration.TITLE)}"
        yield from _listed(
            tuple(t(name) for name in calibration.HEAD), list(calibration.rows(report.calibration)), rows
        )
        yield "\n".join(f"- {prose(sentence, 600)}." for sentence in calibration.sentences(report.calibration))
    yield from _folded(
        t("The least certain pairs that become one lead"),
        (t("lead"), t("records"), t("probability"), t("evidence")),
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
    yield f"## {t('When leads are converted in Odoo')}"
    sentence = wording.conversion(conversion)
    yield f"{sentence[0].upper()}{sentence[1:]}."
    if conversion.first:
        yield from _listed(
            (t("lead"), t("what Odoo would do"), t("by"), t("customer or lead")),
            [(code(lead.lead), code(t(lead.what)), code(t(lead.by)), code(lead.other)) for lead in conversion.first],
            rows,
        )


def _values(report: Report, rows: int) -> Iterator[str]:
    yield f"## {t('Leads and values')}"
    yield f"{wording.leads(report)}. {wording.values(report)}."
    if report.consent:
        yield f"{t('Do not contact')}: {prose(consent(report.consent), 4000)}."
    yield from _listed(
        (t("legacy column"), t("values"), t("reason")),
        [
            (code(f"{column.dataset}.{column.column}"), column.values, prose(column.reason))
            for column in report.values.omitted
        ],
        rows,
    )


def _findings(report: Report, rows: int) -> Iterator[str]:
    if not report.findings:
        return
    yield f"## {t('Quality findings')}"
    cells_of: list[tuple[Cell, ...]] = []
    for finding in report.findings:
        e, proposed = finding.example, wording.proposal(finding.example)
        cells = (
            code(e.source_key),
            code(e.value or ""),
            code(proposed or ""),
            prose(f"{e.field or ''} {e.message}".strip()),
        )
        cells_of.append((f"`{finding.code}`", t(finding.severity), finding.findings, finding.leads, *cells))
    head = (t("finding"), t("severity"), t("findings"), t("leads"), t("for example"), t("value"), t("proposal"),
            t("what is wrong"))  # fmt: skip
    yield from _listed(head, cells_of, rows)


def _left_behind(report: Report, rows: int) -> Iterator[str]:
    yield from _faulty(t("Rejects"), report.rejects, rows, "rejects.csv")
    yield from _faulty(t("Orphans"), report.orphans, rows, "orphans.parquet")
    if report.blocked.total:
        yield f"## {t('What the target cannot hold')}"
        values, leads = number(report.blocked.total), number(report.blocked.leads)
        yield t(
            "{values} values of {leads} leads do not fit. Nothing is cut off; these leads are in review.",
            values=values,
            leads=leads,
        )
        yield from _folded(
            t("The first rows"),
            (t("lead"), t("why")),
            [(code(value.lead), wording.blocked(value)) for value in report.blocked.first],
            rows,
        )


def _faulty(title: str, faulty: FaultyRows, rows: int, whole: str) -> Iterator[str]:
    """What cannot be processed: counts, the first rows, and the file of the plan that has all of them."""
    if not faulty.total:
        return
    yield f"## {title}"
    yield from _listed(
        (t("table"), t("fault"), t("how often")),
        [(code(count.dataset), f"`{count.code}`", count.faults) for count in faulty.by_code],
        rows,
    )
    yield from _folded(
        t("The first of {n}; all of them are in {file}", n=number(faulty.total), file=whole),
        (t("row"), t("place"), t("column"), t("reason"), t("what to do")),
        [
            (code(row.key or ""), code(row.place), code(row.column or ""), prose(row.reason), prose(row.advice))
            for row in faulty.first
        ],
        rows,
    )


def _coverage(report: Report, rows: int) -> Iterator[str]:
    yield f"## {t('Where each legacy column goes')}"
    yield wording.field_coverage(report) + "."
    cells_of: list[tuple[Cell, ...]] = []
    for column in report.coverage:
        moved = f"{number(column.filled_moved)} ({percent(column.filled_moved, column.rows_moved)})"
        filled = f"{number(column.filled)} ({percent(column.filled, column.rows)})"
        cells_of.append((code(f"{column.dataset}.{column.column}"), filled, moved, prose(wording.goes_to(column))))
    head = (t("legacy column"), t("filled"), t("filled in moved records"), t("goes to"))
    yield from _folded(tn(len(cells_of), "{n} legacy column", "{n} legacy columns"), head, cells_of, rows)


def _plan(report: Report) -> Iterator[str]:
    yield f"## {t('Plan')}"
    yield _table(
        ("", ""),
        [
            (t("As of"), report.as_of.isoformat()),
            (t("source"), code(report.source, 200)),
            (t("target"), code(report.target, 200)),
            (t("Digest"), f"`{report.digest}`"),
            (t("Next"), code(report.next, 400)),
        ],
    )
