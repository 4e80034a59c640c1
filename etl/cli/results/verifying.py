"""Print what `verify` found; exit codes where it says failure."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from etl.cli.results.printing import LISTED, name_left, show_json
from etl.errors import VerifyError, plural, printable

if TYPE_CHECKING:
    from etl.load import Verified
    from etl.pipeline.verify import SourceChanged


def show_verified(
    verified: Verified, plan: Path, as_json: bool, source: SourceChanged | None = None, *, expected: bool = True
) -> None:
    """Print what `verify` found. Raises VerifyError where the target, or the live source, is not what the plan says.

    expected: whether leads should be there, by the plan's journal.
    """
    if as_json:
        show_json(verified.to_dict(), holds=verified.holds, source=None if source is None else asdict(source))
    else:
        click.echo(
            f"{verified.conserved:,} of {plural(verified.values, 'value')} found in {plural(verified.leads, 'lead')}; "
            f"{plural(verified.fields, 'lead field')} compared."
        )
        if verified.omitted:
            click.echo(f"{plural(verified.omitted, 'value')} left out of the notes, as the config says.")
        if verified.waiting:
            click.echo(f"{plural(verified.waiting, 'lead')} not written yet: skipped, or still to be applied.")
        if verified.accepted:
            click.echo(f"{plural(verified.accepted, 'lead')} deleted in the target on purpose (accepted).")
        if verified.added:
            click.echo(f"Notes to which people added text: {verified.added:,}.")
    if verified.holds and (verified.ledger or not verified.waiting):
        _show_source(source, plan, as_json)
        return
    planned = verified.leads + verified.waiting
    if not verified.ledger:
        _raise_for_no_leads(planned, plan, expected)
    for difference in verified.differences[:LISTED]:
        place = " ".join(
            str(part)
            for part in (difference.source_key, difference.dataset, difference.row, difference.column)
            if part is not None
        )
        click.echo(
            printable(
                f"Difference: lead {difference.lead} (id {difference.lead_id}): {difference.kind} {place}"
            ).rstrip(),
            err=True,
        )
    if verified.different > LISTED:
        click.echo(f"… and {verified.different - LISTED:,} more; --json lists up to 1,000.", err=True)
    lost = verified.values - verified.conserved
    cure = (
        "look at what is named above; restore the target from its backup, or correct the leads by hand"
        if lost or verified.missing
        else "look at what is named above: where sales has worked with these leads, leave them as they are, and "
        "correct the others by hand"
    )
    raise VerifyError(
        f"{plural(verified.different, 'difference')}: {plural(lost, 'value')} lost or different, "
        f"{plural(verified.missing, 'lead')} missing. Nothing was changed.",
        next=f"{cure}; then run crm-cleanup verify {plan} again",
    )


def _raise_for_no_leads(planned: int, plan: Path, expected: bool) -> NoReturn:
    """Say that the ledger has no lead of the plan: a loss where some were written, else what is still to be done."""
    if not expected:
        raise VerifyError(
            f"None of the plan's {plural(planned, 'lead')} is in the target: the plan was not applied yet, or all of "
            "it was taken back. Nothing was changed.",
            next=f"crm-cleanup status {plan} says what to do",
        )
    raise VerifyError(
        f"The target's ledger has none of the plan's {plural(planned, 'lead')}, although its journal does not rule out "
        "that it was applied. If the ledger is lost, applying again would write every lead a second time. Nothing was "
        "changed.",
        next=f"restore the table crm_cleanup_ledger; crm-cleanup status {plan} says what happened to the plan",
    )


def _show_source(source: SourceChanged | None, plan: Path, as_json: bool) -> None:
    """Print what the live source says. Raises VerifyError where records were edited there."""
    if source is None:
        return
    if not as_json:
        same = source.records - len(source.changed)
        click.echo(f"{same:,} of {plural(source.records, 'record')} are unchanged in the source.")
    if source.changed:
        from etl.load import Refusal

        name_left([Refusal(key, reason) for key, reason in source.changed.items()], "Changed in the source", "")
        raise VerifyError(
            f"{plural(len(source.changed), 'record')} changed in the source after the plan was made.",
            next=f"make a new plan; its report lists these records, and {plan} stays as it is",
        )
