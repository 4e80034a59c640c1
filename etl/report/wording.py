"""The sentences that terminal and Markdown share, so that both say the same of a number."""

from __future__ import annotations

from etl.errors import plural
from etl.model import Decision
from etl.plan.figures import ConversionFigures, DuplicateFigures, JoinFigures, MasterFigures
from etl.report.model import BlockedValue, ColumnCoverage, FindingExample, Report
from etl.report.text import number, percent

MEND = "mend what broke a gate, then "
"""What `next` of a report begins with where a gate is broken; a command follows."""


def the_sum(report: Report) -> str:
    """The conservation of records as a sum: what they divide into, in the order of Decision, and what was read."""
    parts = " + ".join(number(report.decided(decision)) for decision in Decision)
    total = sum(entry.decided for entry in report.entries)
    if report.sum_is_right:
        return f"The sum is right: {parts} = {number(report.read)} records read."
    return f"THE SUM IS WRONG: {parts} = {number(total)}, but {plural(report.read, 'record')} were read."


def waived(report: Report) -> str | None:
    """What stands first in every report of a plan that nobody needs to approve; None where somebody must."""
    return None if report.approvals else "Approval is waived by the config: this is a test or a demo."


def nothing_read(report: Report) -> str | None:
    """What stands first where the source had not one record; None where it had some."""
    return None if report.read else "No legacy record was read: look at url, from and where of the config's source."


def leads(report: Report) -> str:
    """How many leads there will be."""
    text = f"{plural(report.leads, 'lead')} to be written"
    if report.leads_with_errors:
        text += f"; {number(report.leads_with_errors)} with a finding of severity error"
    return text


def values(report: Report) -> str:
    """The conservation of values."""
    text = f"{plural(report.values.conserved, 'value')} conserved in notes"
    return f"{text}; {number(report.values.left_out)} omitted"


def undecided(report: Report) -> str:
    """How many records no evidence speaks for or against."""
    return f"{plural(report.undecided, 'record')} decided by the last rule alone: no rule with evidence held for them"


def to_decide(report: Report) -> str:
    """What waits for people."""
    records = plural(report.decided(Decision.REVIEW), "record")
    return f"{plural(report.review_families, 'family', 'families')} in review, {records}"


def overrides(report: Report) -> list[str]:
    """What became of people's decisions, a sentence each; nothing where there are none."""
    people = report.overrides
    sentences = [f"{plural(people.used, 'decision')} of a person used"] if people.used else []
    if people.without_hash:
        sentences.append(
            f"{plural(people.without_hash, 'decision')} of a person without a hash: a later change is not seen"
        )
    if people.changed:
        sentences.append(
            f"{plural(len(people.changed), 'decision')} of a person on records that changed since: back in review"
        )
    if people.unknown:
        sentences.append(
            f"{plural(len(people.unknown), 'decision')} of a person on records that the source does not have, or "
            "`moved before` of one that never moved"
        )
    if people.outweighed:
        sentences.append(
            f"{plural(len(people.outweighed), 'decision')} of a person that cannot be followed: a member of the family "
            "cannot be processed, or there is evidence that was not seen; mend that first"
        )
    if people.conflicting:
        sentences.append(
            f"{plural(len(people.conflicting), 'decision')} of a person that contradict each other in one family"
        )
    return sentences


def hints(join: JoinFigures) -> list[str]:
    """What looks like keys that do not meet, or dates that are not read, in one table; a sentence each."""
    sentences = []
    if join.would_meet_trimmed:
        sentences.append(f"trimming blanks around the keys would make {_more(join.would_meet_trimmed)} meet")
    if join.would_meet_without_zeros > join.would_meet_trimmed:
        more = _more(join.would_meet_without_zeros)
        sentences.append(f"leaving out blanks around and zeros before the keys would make {more} meet")
    if join.unreadable_dates:
        dates = plural(join.unreadable_dates, "date")
        sentences.append(
            f"{dates} cannot be read: declare their format; the families of records they name are in review"
        )
    if join.would_pass_alike:
        sentences.append(spelled_otherwise(join.would_pass_alike))
    if join.rows_read and not join.rows and join.kind == "evidence":
        sentences.append(f"none of {plural(join.rows_read, 'row')} passes `where`")
    elif join.rows and not join.joined:
        sentences.append("no row meets a record: are the right columns joined?")
    return sentences


def spelled_otherwise(rows: int) -> str:
    """What is said of rows whose values only look like those that `where` names."""
    return f"{_more(rows)} would pass `where` if case and blanks did not count: name each spelling in `where`"


def master_hints(master: MasterFigures) -> list[str]:
    """What people should know of how one list of customers was matched; a sentence each."""
    sentences = []
    if master.damaged:
        sentences.append(f"{plural(master.damaged, 'row')} cannot be read: customers in them are not known")
    if master.nameless:
        sentences.append(f"{plural(master.nameless, 'row')} has nothing in the identity columns")
    if master.would_pass_alike:
        sentences.append(spelled_otherwise(master.would_pass_alike))
    if master.names_differ:
        records = plural(master.names_differ, "record")
        sentences.append(f"{records} with the number of a customer whose name has nothing in common with theirs")
    return sentences


def customers(master: MasterFigures) -> str:
    """What matching with one list came to."""
    matches = f"{number(master.matched)} of {plural(master.records, 'record')} match"
    return f"{matches} one of {plural(master.rows, 'customer')}, {number(master.doubtful)} not for certain"


def duplicates(figures: DuplicateFigures) -> str:
    """What comparing the records with each other came to."""
    leads, of = plural(figures.merged, "lead"), number(figures.of)
    families, waiting = (
        plural(figures.follow, "family", "families"),
        number(figures.staying + figures.unsure + figures.there),
    )
    return f"{leads} made of {of}; {families} decided as their twin that stays, {waiting} for a person"


def steps(report: Report) -> list[str]:
    """What the next lower and the next higher probability would do, a sentence for each rule that asks for one."""
    sentences = []
    for rule, master in dict.fromkeys((step.rule, step.master) for step in report.steps):
        mine = [step for step in report.steps if (step.rule, step.master) == (rule, master)]
        now = next(place for place, step in enumerate(mine) if step.now)
        near = [mine[place] for place in (now - 1, now + 1) if 0 <= place < len(mine)]
        other = ", ".join(f"{number(step.changed)} with {step.at_least:g}" for step in near)
        asks = f"{rule} asks for {mine[now].at_least:g}"
        sentences.append(f"{asks}; decided otherwise: {other}" if other else asks)
    return sentences


def _more(rows: int) -> str:
    return plural(rows, "more row", "more rows")


def join_counts(join: JoinFigures) -> tuple[int, int, int, str, int]:
    """One table's cells: rows read, those that pass `where`, joined, without a record (share), records with a row."""
    without = f"{number(join.without_record)} ({percent(join.without_record, join.rows)})"
    return join.rows_read, join.rows, join.joined, without, join.records_with_row


def example(finding: FindingExample) -> str:
    """A finding's place and its proposal; the source key first."""
    place = f"{finding.source_key} {finding.field}" if finding.field else finding.source_key
    value = f": {finding.value}" if finding.value is not None else ""
    return place + value + (f" → {proposal(finding)}" if finding.proposal is not None else "")


def proposal(finding: FindingExample) -> str | None:
    """What a value could be instead; None without a proposal."""
    return "(leave it empty)" if finding.proposal == "" else finding.proposal


def goes_to(column: ColumnCoverage) -> str:
    """Where a legacy column goes, in words."""
    fields = ", ".join(column.fields)
    if column.omitted is not None:
        return f"{fields}; not in the note: {column.omitted}" if fields else f"omitted: {column.omitted}"
    return f"{fields} and note" if fields else "note only"


def conversion(figures: ConversionFigures) -> str:
    """What an Odoo's wizard would do wrongly by default."""
    if not (figures.by_email or figures.by_name or figures.merged):
        return "no lead would be linked to another customer, or merged"
    return (
        f"Odoo would link {plural(figures.by_email, 'lead')} to another customer by e-mail and "
        f"{number(figures.by_name)} by name, and merge {number(figures.merged)} that share an address: conversion.csv"
    )


def blocked(value: BlockedValue) -> str:
    """Why the target cannot hold a value."""
    match value.reason:
        case "too long":
            return f"{value.field} too long: {number(value.length or 0)} of at most {number(value.limit or 0)}"
        case "empty":
            return f"{value.field} is empty and required"
        case "unknown":
            return f"{value.field} names nothing that the target has"
    return f"{value.field} has characters it cannot take"


def field_coverage(report: Report) -> str:
    """How many legacy columns fill lead fields, stand in notes only, or are omitted."""
    taken = sum(bool(column.fields) for column in report.coverage)
    omitted = sum(column.omitted is not None and not column.fields for column in report.coverage)
    note = len(report.coverage) - taken - omitted
    columns = plural(len(report.coverage), "legacy column")
    return f"{columns}: {taken} in lead fields, {note} in the note only, {omitted} omitted"
