"""Print the results of what is done before anything moves: check, decide, approve, status, diff, match."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl.cli.results.printing import LISTED, show_json
from etl.errors import plural, printable

if TYPE_CHECKING:
    from etl.pipeline.approve import Approved
    from etl.pipeline.check import Checked
    from etl.pipeline.decide import Taken
    from etl.pipeline.decide_again import DecidedAgain
    from etl.pipeline.match import Matched
    from etl.pipeline.status import Status
    from etl.report.diff.model import Diff

ABOUT = {
    "joined": "take values from the table",
    "labels": "take values from the table",
    "links": "meet the table of links",
    "under": "meet the rows above them",
    "merges": "name a record",
}
"""What rows do that meet another table than that of records."""


def show_checked(checked: Checked, config: Path, as_json: bool) -> None:
    """Print what `check` found."""
    if as_json:
        show_json(checked)
        return
    click.echo(f"Source: {checked.source}\nTarget: {checked.target}\n")
    for name, (rows, damaged) in checked.datasets.items():
        click.echo(f"  {name:<28} {rows:>12,} rows" + (f", {damaged:,} damaged" if damaged else ""))
    for name, (rows, others, damaged) in checked.masters.items():
        left_out = f", {others:,} left out by where" if others else ""
        click.echo(f"  {name:<28} {rows:>12,} customers{left_out}" + (f", {damaged:,} damaged" if damaged else ""))
    click.echo("")
    for join in checked.joins:
        about = f"used by {', '.join(join.rules)}" if join.rules else {"related": "history"}.get(join.kind, join.kind)
        what = ABOUT.get(join.kind, "belong to a record")
        click.echo(f"  {join.dataset:<28} {join.joined:>12,} of {join.rows:,} rows {what} ({about})")
    click.echo("")
    for hint in checked.hints:
        click.echo(printable(f"Please check: {hint}"))
    click.echo(f"The config fits the source and the target.\nNext: crm-cleanup plan {config}")


def show_taken(taken: Taken, config: Path, as_json: bool) -> None:
    """Print what `decide` did."""
    if taken.plan is None:
        click.echo(
            f"Note: there is no plan beside the file or in plans/{taken.name}, so nobody checked whether the records "
            "exist and can follow these decisions. --plan PLAN names the plan.",
            err=True,
        )
    if as_json:
        show_json(taken)
        return
    _show_counts(taken)
    if taken.written:
        out = f" --out {taken.plan}" if taken.plan and Path(taken.plan) != Path("plans") / taken.name else ""
        click.echo(f"Next: crm-cleanup plan {config}{out} --replace")
    else:
        click.echo("Nothing was written.")


def show_decided_again(again: DecidedAgain, as_json: bool) -> None:
    """Print what `decide --from` did: the decisions, and what is another in the plan that was made with them."""
    from etl.report.diff.model import to_dict

    taken, report, diff = again.taken, again.planned.report, again.planned.diff
    if as_json:
        plan = {"folder": str(again.planned.folder), "digest": report.digest, "open_cases": report.open_cases}
        show_json({"taken": asdict(taken), "plan": plan, "diff": diff and to_dict(diff), "next": report.next})
        return
    _show_counts(taken)
    click.echo("")
    if diff is not None:
        show_diff(diff, "text")
    left = plural(report.open_cases, "open case")
    click.echo(f"\nThe new plan is in {again.planned.folder}; {left} left to decide.\nNext: {report.next}")


def _show_counts(taken: Taken) -> None:
    counts = f"{taken.added:,} added, {taken.replaced:,} replaced, {taken.unchanged:,} as before"
    click.echo(f"Decisions in {taken.path}: {counts}; {plural(taken.undecided, 'row')} undecided.")
    for line in _told_of_people(taken):
        click.echo(printable(f"  {line}"))


def _told_of_people(taken: Taken) -> Iterator[str]:
    """What became of the decisions of several people, or of those on records that changed since."""
    if taken.agreed:
        yield f"{plural(taken.agreed, 'decision')} of several people who agree."
    if taken.changed:
        yield f"{plural(taken.changed, 'decision')} gave way to a later one of the same person."
    if taken.left_open:
        yield f"{plural(taken.left_open, 'time')} somebody left a case open, and somebody else decided it."
    if taken.overruled:
        yield f"{plural(taken.overruled, 'decision')} gave way to a preferred one."
    if taken.stale:
        yield "Left out, as the records changed since:"
        yield from taken.stale


def show_approved(approved: Approved, plan: Path, as_json: bool) -> None:
    """Print what `approve` did."""
    if as_json:
        show_json(approved)
        return
    click.echo(f"Approved by {', '.join(approved.names)}: digest {approved.digest[:16]}.")
    missing = approved.needed - len(approved.names)
    if missing > 0:
        click.echo(
            f"The config requires {plural(missing, 'more approval')}.\nNext: crm-cleanup approve {plan} --by NAME"
        )
    else:
        click.echo(f"Next: crm-cleanup apply {plan}")


def show_status(status: Status, as_json: bool) -> None:
    """Print where a plan stands."""
    if as_json:
        show_json(status)
        return
    click.echo(f"Plan {status.name}, {status.digest[:16]}, made {status.created}: {status.state}.")
    applied = "unknown" if status.applied is None else f"{status.applied:,}"
    click.echo(
        f"  {plural(status.records, 'legacy record')}; {applied} of {plural(status.leads, 'lead')} in the target"
    )
    if status.skipped:
        click.echo(f"  {plural(status.skipped, 'lead')} skipped by the last apply, in skipped.json")
    names = "; ".join(status.approvals) or "nobody"
    approvals = f"{status.needed} needed" if status.needed else "waived by the config: this is a test or a demo"
    click.echo(printable(f"  approved by {names} ({approvals})"))
    if status.unreachable:
        click.echo(f"  The target could not be reached: {status.unreachable}")
    for note in status.notes:
        click.echo(f"  Note: {note}")
    for event in status.happened[-LISTED:]:
        counts = ", ".join(f"{count:,} {name}" for name, count in event.counts.items())
        click.echo(printable(f"    {event.at}  {event.command:<10} {event.ended:<10} {event.who}  {counts}").rstrip())
    click.echo(f"Next: {status.next}")


def show_diff(diff: Diff, shape: str) -> None:
    """Print what `diff` found, as text, Markdown or JSON."""
    if shape == "json":
        from etl.report.diff.model import to_dict
        from etl.report.machine import json_text

        click.echo(json_text(to_dict(diff), indent=1))
    elif shape == "markdown":
        from etl.report.diff.markdown import to_markdown

        click.echo(to_markdown(diff), nl=False)
    else:
        from etl.report.diff.terminal import show
        from etl.report.screen import wants_color

        click.echo(show(diff, wants_color(sys.stdout)), nl=False)


def show_matched(matched: Matched, out: Path, as_json: bool) -> None:
    """Print what `match` found."""
    if as_json:
        show_json(matched)
        return
    right = "" if matched.right is None else f" and {matched.right:,}"
    click.echo(f"{matched.left:,}{right} records, {plural(matched.compared, 'pair')} compared.")
    click.echo(f"{plural(matched.pairs, 'pair')} of the same company or person, in {out}.")
    click.echo(f"{plural(matched.just_below, 'pair')} just below at_least, with a probability of 0.5 or more.")
    if matched.left_out:
        click.echo(
            f"{plural(matched.left_out, 'row')} left out, because the key is missing or not unique "
            "or the row is damaged."
        )
    for kind, (keys, pairs) in matched.cut.items():
        click.echo(
            f"Not compared by {kind} alone, as too many records share it: "
            f"{plural(keys, 'value')}, {plural(pairs, 'pair')}."
        )
    if matched.unknown_labels:
        click.echo(f"{plural(matched.unknown_labels, 'label')} left out, as the lists have no such pair of keys.")
    if matched.labels:
        from etl.report.screen import wants_color
        from etl.report.terminal import show_calibration

        click.echo("\n" + show_calibration(matched.labels, wants_color(sys.stdout)), nl=False)
