"""The sentences that terminal, Markdown, workbook and page share, so that all say the same of a number."""

from __future__ import annotations

from etl.model import Decision
from etl.plan.figures import (
    ConversionFigures,
    DuplicateFigures,
    JoinFigures,
    MasterFigures,
)
from etl.report.advice import forget_unknown
from etl.report.codes import REASONS
from etl.report.model import (
    BlockedValue,
    ColumnCoverage,
    EntryCount,
    FindingExample,
    ForgottenRows,
    GateResult,
    OpenCase,
    Report,
)
from etl.report.text import number, percent
from etl.texts import mark, spoken, t, tn

ENDS = (mark("at most"), mark("at least"))
"""What a gate's limit says where it has one end."""

MEND = "correct what broke a gate, then run "
"""What `next` of a report begins with where a gate is broken; a command follows."""

JOINED = (
    mark("rows read"),
    mark("used"),
    mark("with record"),
    mark("without record"),
    mark("records with a row"),
)
"""What `join_counts` counts; a terminal is too narrow for the first and the last, and says `read` and `records`."""


def reason(name: str) -> str:
    """What decided, where no rule of the config did; a rule's name stays as it is."""
    return t(name) if name in REASONS else name


def limit(gate: GateResult) -> str:
    """A gate's limit as a sentence has it."""
    least, dots, most = gate.limit.partition("..")
    if dots:
        return spoken().share(least) + t("..") + spoken().share(most)
    end, _, most = gate.limit.rpartition(" ")
    return f"{t(end)} {spoken().share(most)}" if end else spoken().share(most)


def parts_of_the_sum(report: Report) -> list[str]:
    """What the records that were read divide into: their decisions and, where there are any, those without one."""
    left_out = [t("left out")] if report.records_left_out else []
    return [*(t(part) for part in Decision), *left_out, *([t("forgotten")] if report.records_forgotten else [])]


def divided(report: Report, entry: EntryCount | None = None) -> list[int]:
    """How many records fall to each of these parts, of one entry or of all."""
    counts = [entry.decisions.get(part, 0) if entry else report.decided(part) for part in Decision]
    left_out = [entry.left_out if entry else report.records_left_out] if report.records_left_out else []
    forgotten = [entry.forgotten if entry else report.records_forgotten] if report.records_forgotten else []
    return [*counts, *left_out, *forgotten]


def the_sum(report: Report) -> str:
    """The conservation of records as a sum: what they divide into, in the order of Decision, and what was read."""
    parts = " + ".join(map(number, divided(report)))
    total = sum(entry.decided for entry in report.entries)
    if report.sum_is_right:
        return t("The sum is right: {parts} = {read} records read.", parts=parts, read=number(report.read))
    return tn(
        report.read,
        "THE SUM IS WRONG: {parts} = {total}, but {n} record was read.",
        "THE SUM IS WRONG: {parts} = {total}, but {n} records were read.",
        parts=parts,
        total=number(total),
    )


def left_out(report: Report) -> list[str]:
    """Which rows the config, or `forget.csv`, leaves out, a sentence for each table."""
    return [
        *_left_out_by_where(report),
        *map(_forgotten, report.forgotten),
        *map(forget_unknown, report.forget_unknown),
    ]


def _forgotten(table: ForgottenRows) -> str:
    """Which rows are left out for records that must not move; of the records nothing is said but how many they are."""
    if table.records:
        return tn(
            table.rows,
            "{table}: {n} record is forgotten, as somebody asked for",
            "{table}: {n} records are forgotten, as somebody asked for",
            table=table.dataset,
        )
    text = tn(
        table.rows,
        "{table}: {n} row is left out with a forgotten record",
        "{table}: {n} rows are left out with forgotten records",
        table=table.dataset,
    )
    if table.shared:
        text += ", " + tn(
            table.shared, "{n} of which names another record, too", "{n} of which name other records, too"
        )
    return text


def _left_out_by_where(report: Report) -> list[str]:
    return [
        tn(
            table.rows,
            "{table}: {n} row is left out, because it does not meet: {where}",
            "{table}: {n} rows are left out, because they do not meet: {where}",
            table=table.dataset,
            where=table.where,
        )
        for table in report.left_out
    ]


def waived(report: Report) -> str | None:
    """What stands first in every report of a plan that nobody needs to approve; None where somebody must."""
    return None if report.approvals else t("Approval is waived by the config: this is a test or a demo.")


def leads(report: Report) -> str:
    """How many leads there will be."""
    text = tn(report.leads, "{n} lead will be written", "{n} leads will be written")
    if report.leads_with_errors:
        errors = report.leads_with_errors
        text += ", " + tn(errors, "{n} of them with a data error", "{n} of them with data errors")
    return text


def values(report: Report) -> str:
    """The conservation of values."""
    conserved = tn(report.values.conserved, "{n} value stands in a note", "{n} values stand in notes")
    return conserved + ", " + tn(report.values.left_out, "{n} is left out", "{n} are left out")


def undecided(report: Report) -> str:
    """How many records no evidence speaks for or against."""
    return tn(
        report.undecided,
        "{n} record has no evidence: the last rule decided it",
        "{n} records have no evidence: the last rule decided them",
    )


def case(asked: OpenCase) -> str:
    """The records that an open case names."""
    return " = ".join(filter(None, (asked.source_key, asked.other))) + ("?" if asked.other else "")


def to_decide(report: Report) -> str:
    """What waits for people."""
    records = report.decided(Decision.REVIEW)
    return ", ".join(
        (
            tn(report.open_cases, "{n} open case", "{n} open cases"),
            tn(report.review_families, "{n} family waits for a decision", "{n} families wait for a decision"),
            tn(records, "{n} record", "{n} records"),
        )
    )


def overrides(report: Report) -> list[str]:
    """What became of people's decisions, a sentence each; nothing where there are none."""
    people = report.overrides
    sentences = (
        (people.used, tn(people.used, "{n} decision of a person was applied", "{n} decisions of people were applied")),
        (
            people.without_hash,
            tn(
                people.without_hash,
                "{n} decision of a person has no hash, so nobody will notice if the record changes later",
                "{n} decisions of people have no hash, so nobody will notice if the records change later",
            ),
        ),
        (
            len(people.changed),
            tn(
                len(people.changed),
                "{n} decision of a person is outdated: its record has changed since and is in review again",
                "{n} decisions of people are outdated: their records have changed since and are in review again",
            ),
        ),
        (
            len(people.unknown),
            tn(
                len(people.unknown),
                "{n} decision of a person names a record that the source does not have, or calls a record that never "
                "moved `moved before`",
                "{n} decisions of people name records that the source does not have, or call records that never moved "
                "`moved before`",
            ),
        ),
        (
            len(people.outweighed),
            tn(
                len(people.outweighed),
                "{n} decision of a person cannot be applied: a member of the family cannot be processed, or there is "
                "evidence that the person did not see; correct that first",
                "{n} decisions of people cannot be applied: a member of the family cannot be processed, or there is "
                "evidence that the people did not see; correct that first",
            ),
        ),
        (
            len(people.incomplete),
            tn(
                len(people.incomplete),
                "{n} decision of a person was not applied: the record may be a duplicate, and the line does not "
                "say what the person saw; copy hash and other from the case in open-cases.csv",
                "{n} decisions of people were not applied: the records may be duplicates, and the lines do not "
                "say what the people saw; copy hash and other from the cases in open-cases.csv",
            ),
        ),
        (
            len(people.conflicting),
            tn(
                len(people.conflicting),
                "{n} decision of a person contradicts another one in the same family",
                "{n} decisions of people contradict each other within one family",
            ),
        ),
    )
    return [sentence for count, sentence in sentences if count]


def customers(master: MasterFigures) -> str:
    """What matching with one list came to."""
    return t(
        "{matched} of {records} records match one of {customers} customers; {uncertain} of the matches are uncertain",
        matched=number(master.matched),
        records=number(master.records),
        customers=number(master.rows),
        uncertain=number(master.doubtful),
    )


def duplicates(figures: DuplicateFigures) -> str:
    """What comparing the records with each other came to."""
    waiting = figures.staying + figures.unsure + figures.there
    return ", ".join(
        (
            tn(
                figures.merged,
                "{n} lead combines {of} records",
                "{n} leads combine {of} records",
                of=number(figures.of),
            ),
            tn(figures.follow, "{n} family stays with a duplicate", "{n} families stay with a duplicate"),
            tn(waiting, "{n} needs a decision", "{n} need a decision"),
        )
    )


def steps(report: Report) -> list[str]:
    """What the next lower and the next higher probability would do, a sentence for each rule that asks for one."""
    sentences = []
    for rule, master in dict.fromkeys((step.rule, step.master) for step in report.steps):
        mine = [step for step in report.steps if (step.rule, step.master) == (rule, master)]
        now = next(place for place, step in enumerate(mine) if step.now)
        near = [mine[place] for place in (now - 1, now + 1) if 0 <= place < len(mine)]
        others = [t("{n} at {threshold}", n=number(step.changed), threshold=f"{step.at_least:g}") for step in near]
        needs = t("{rule} needs {threshold}", rule=rule, threshold=f"{mine[now].at_least:g}")
        changes = t("records that change: {others}", others=", ".join(others))
        sentences.append(f"{needs}; {changes}" if others else needs)
    return sentences


def join_counts(join: JoinFigures) -> tuple[int, int, int, str, int]:
    """One table's cells: rows read, those that pass `where`, with and without record, records with a row."""
    without = f"{number(join.without_record)} ({percent(join.without_record, join.rows)})"
    if join.kind == "joined":
        without = tn(join.without_record, "{n} has none there", "{n} have none there")
    return join.rows_read, join.rows, join.joined, without, join.records_with_row


def example(finding: FindingExample) -> str:
    """A finding's place and its proposal; the source key first."""
    place = f"{finding.source_key} {finding.field}" if finding.field else finding.source_key
    value = f": {finding.value}" if finding.value is not None else ""
    return place + value + (f" → {proposal(finding)}" if finding.proposal is not None else "")


def proposal(finding: FindingExample) -> str | None:
    """What a value could be instead; None without a proposal."""
    return t("(leave it empty)") if finding.proposal == "" else finding.proposal


def goes_to(column: ColumnCoverage) -> str:
    """Where a legacy column goes, in words."""
    fields, reason = ", ".join(column.fields), column.omitted
    if reason is not None:
        kept = t("{fields}; not in the note: {reason}", fields=fields, reason=reason)
        return kept if fields else t("left out: {reason}", reason=reason)
    return t("{fields} and the note", fields=fields) if fields else t("only the note")


def conversion(figures: ConversionFigures) -> str:
    """What an Odoo's wizard would do wrongly by default."""
    if not (figures.by_email or figures.by_name or figures.merged):
        return t("no lead would be linked to another customer, or merged")
    return t(
        "Odoo would link {email} leads to another customer by e-mail and {name} by name, and merge {merged} that share "
        "an address: see conversion.csv",
        email=number(figures.by_email),
        name=number(figures.by_name),
        merged=number(figures.merged),
    )


def blocked(value: BlockedValue) -> str:
    """Why the target cannot hold a value."""
    match value.reason:
        case "too long":
            length, limit = number(value.length or 0), number(value.limit or 0)
            return t("{field} is too long: {length}, at most {limit}", field=value.field, length=length, limit=limit)
        case "empty":
            return t("{field} is required, but empty", field=value.field)
        case "unknown":
            return t("{field} names a record that the target does not have", field=value.field)
        case "form":
            return t("{field} has a value that the type of its column does not take", field=value.field)
        case "taken":
            return t("{field} must be unique, and another lead has the same value", field=value.field)
    return t("{field} has unsupported characters", field=value.field)


def field_coverage(report: Report) -> str:
    """How many legacy columns fill lead fields, stand in notes only, or are omitted."""
    taken = sum(bool(column.fields) for column in report.coverage)
    omitted = sum(column.omitted is not None and not column.fields for column in report.coverage)
    return tn(
        len(report.coverage),
        "{n} legacy column: {taken} in lead fields, {note} only in the note, {omitted} left out",
        "{n} legacy columns: {taken} in lead fields, {note} only in the note, {omitted} left out",
        taken=taken,
        note=len(report.coverage) - taken - omitted,
        omitted=omitted,
    )
