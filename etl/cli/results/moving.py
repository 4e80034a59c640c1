"""Print the results of verbs that write into the target or the source; exit codes where they say failure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl.cli.results.printing import LISTED, name_left, show_json, show_list
from etl.errors import CleanupError, plural, printable

if TYPE_CHECKING:
    from etl.load import Applied
    from etl.pipeline.restore import Restored
    from etl.pipeline.retire import Retired, Scripted
    from etl.pipeline.undo import Undone


def show_applied(applied: Applied, plan: Path, as_json: bool) -> None:
    """Print what `apply` did. Raises CleanupError where the target refused a lead, or somebody stopped it."""
    if as_json:
        show_json(applied)
    else:
        click.echo(
            f"{plural(applied.leads, 'lead')} written, with {plural(applied.records, 'legacy record')}; "
            f"{applied.before:,} {'was' if applied.before == 1 else 'were'} already there."
        )
        if applied.guide:
            click.echo(f"{applied.guide} says how to import the files beside it.")
    if applied.stale:
        click.echo(
            f"{plural(len(applied.stale), 'lead')} skipped: the source changed after the plan was made.", err=True
        )
    for kind, some in (("Skipped", applied.stale), ("Refused", applied.refused)):
        for skipped in some[:LISTED]:
            click.echo(printable(f"{kind}: {skipped.lead}: {skipped.reason}"), err=True)
        if len(some) > LISTED:
            click.echo(f"… and {len(some) - LISTED:,} more, in {plan}/skipped.json.", err=True)
    for lead in applied.unlisted[:LISTED]:
        click.echo(printable(f"Not on the mail blacklist: {lead}: what opted out is no mail address."), err=True)
    if len(applied.unlisted) > LISTED:
        click.echo(f"… and {len(applied.unlisted) - LISTED:,} more leads.", err=True)
    if applied.stopped:
        raise CleanupError(
            f"Apply stopped on request. Still to be written: {plural(applied.left, 'lead')}.",
            written=f"{plural(applied.leads, 'lead')}, each complete and recorded in the ledger",
            next=f"crm-cleanup apply {plan} continues from there",
        )
    if applied.refused:
        raise CleanupError(
            f"The target refused {plural(len(applied.refused), 'lead')}.",
            written=plural(applied.leads, "lead"),
            next=f"correct what is named above, and run crm-cleanup apply {plan} again",
        )
    if not as_json:
        left = (
            f"Still to be written: {plural(applied.left, 'lead')}; crm-cleanup apply {plan} continues.\n"
            if applied.left
            else ""
        )
        click.echo(f"{left}Next: crm-cleanup verify {plan}")


def show_retired(retired: Retired, plan: Path, as_json: bool) -> None:
    """Print what `retire` did.

    Raises CleanupError where it was stopped, archived less than it should, or what is active does not add up.
    """
    if as_json:
        show_json(retired, proven=retired.active is not None and retired.active.proven)
    else:
        click.echo(
            f"{plural(retired.records, 'legacy record')} archived, of "
            f"{plural(retired.families, 'family', 'families')}; {retired.before:,} before. In {retired.where}."
        )
    name_left(retired.skipped, "Stays active", "")
    if retired.active is None:
        raise CleanupError(
            "The command stopped on request.",
            written=f"{plural(retired.records, 'legacy record')} archived, in whole families",
            next=f"crm-cleanup retire {plan} continues from there",
        )
    now = retired.active
    parts = [f"{count:,} {decision}" for decision, count in now.stays.items()]
    parts += [f"{now.leads:,} lead that stays for now"] if now.leads else []
    parts += [f"{now.before:,} moved by an earlier plan"] if now.before else []
    parts += [f"{now.forgotten:,} forgotten"] if now.forgotten else []
    parts += [f"{now.new:,} new since the plan"] if now.new else []
    if not as_json:
        click.echo(f"Active in the CRM: {now.rows:,} = {' + '.join(parts)}.")
    if not now.proven:
        planned = ", ".join(f"{count:,} {decision}" for decision, count in now.planned.items())
        raise CleanupError(
            f"The records that are active in the CRM differ from those that the plan leaves there: {planned}. Somebody "
            "may have deleted or added records since the plan was made.",
            written=f"{plural(retired.records, 'legacy record')} archived, in whole families",
            next=f"see with crm-cleanup plan CONFIG what is there now; crm-cleanup undo {plan} takes this plan back",
        )
    if not retired.whole:
        left = plural(retired.left or len(retired.skipped), "family", "families")
        raise CleanupError(
            f"Retire archived less than it should: {left} named above stayed active.",
            written=f"{plural(retired.records, 'legacy record')} archived, in whole families",
            next=f"correct what is named above and run crm-cleanup retire {plan} again; families that changed in the "
            "source go with a new plan",
        )
    if not as_json:
        click.echo(f"Next: crm-cleanup status {plan}")


def show_scripted(scripted: Scripted, plan: Path, as_json: bool) -> None:
    """Print what `retire --script` wrote."""
    if as_json:
        show_json(scripted)
    else:
        families = plural(scripted.families, "family", "families")
        click.echo(f"SQL for {plural(scripted.records, 'legacy record')} of {families} in {scripted.file}.")
        click.echo(
            f"Next: review the script and run it: {scripted.command}; then run crm-cleanup retire {plan}, which checks "
            "what is still active"
        )
    name_left(scripted.skipped, "Stays active", "")


def show_undone(undone: Undone, plan: Path, as_json: bool) -> None:
    """Print what `undo` did. Raises CleanupError where it was stopped."""
    if as_json:
        show_json(undone)
    else:
        gone = f"; {undone.gone:,} had already been deleted" if undone.gone else ""
        click.echo(
            f"{plural(undone.leads, 'lead')} taken back{gone}. {plural(undone.records, 'legacy record')} active again."
        )
        if undone.guide:
            click.echo(f"{undone.guide} says what to delete where the files were imported already.")
    name_left(undone.kept, "Kept", "Use --force KEY to take such a lead back all the same.")
    if undone.stopped:
        raise CleanupError(
            "The command stopped on request.",
            written=f"{plural(undone.leads, 'lead')} taken back",
            next=f"crm-cleanup undo {plan} continues from there",
        )


def show_restored(restored: Restored, plan: Path, as_json: bool) -> None:
    """Print what `restore` found or did. Raises CleanupError where Odoo refused something."""
    if as_json:
        show_json(restored)
    elif restored.undone:
        click.echo(f"{plural(restored.partners, 'customer')} and contacts: what restore wrote was taken back.")
        show_list("Stays", [f"{refusal.lead}: {refusal.reason}" for refusal in restored.kept])
    else:
        verb = "given" if restored.written else "to be given"
        click.echo(f"{plural(restored.leads, 'converted lead')} of this plan.")
        click.echo(
            f"{restored.compared:,} fields compared: {restored.equal:,} equal, {restored.values:,} values and "
            f"{restored.banks:,} bank accounts {verb} to {restored.partners:,} customers and contacts "
            f"({restored.made:,} new), {restored.other:,} with another value, which stays."
        )
        show_list("Given" if restored.written else "To be given", restored.examples)
        show_list("Refused", [f"{refusal.lead}: {refusal.reason}" for refusal in restored.refused])
        if not restored.written and restored.partners:
            click.echo(f"Next: crm-cleanup restore {plan} --write")
    if restored.refused:
        raise CleanupError(
            f"Odoo refused {plural(len(restored.refused), 'value')}.",
            written=f"{restored.values:,} others",
            next=f"correct what is named above, and run crm-cleanup restore {plan} --write again",
        )
