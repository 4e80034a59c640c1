"""Print the results of verbs: for people as a few lines, for machines as JSON; exit codes where they say failure."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from etl.errors import CleanupError, VerifyError, plural, printable

if TYPE_CHECKING:
    from etl.load import Applied, Refusal, Verified
    from etl.pipeline.approve import Approved
    from etl.pipeline.check import Checked
    from etl.pipeline.decide import Taken
    from etl.pipeline.find import Hit, SearchResult
    from etl.pipeline.find_page import Page
    from etl.pipeline.forget import ForgottenOne
    from etl.pipeline.match import Matched
    from etl.pipeline.purge import Purged
    from etl.pipeline.restore import Restored
    from etl.pipeline.retire import Retired, Scripted
    from etl.pipeline.status import Status
    from etl.pipeline.undo import Undone
    from etl.pipeline.verify import SourceChanged
    from etl.report.diff.model import Diff

LISTED = 20
"""How many differences or refusals are printed."""


ABOUT = {
    "joined": "take values from the table",
    "labels": "take values from the table",
    "links": "meet the table of links",
    "merges": "name a record",
}
"""What rows do that meet another table than that of records."""


def _json(result: Any, **more: object) -> None:
    from etl.report.machine import json_text

    click.echo(json_text({**(result if isinstance(result, dict) else asdict(result)), **more}, indent=1))


def show_checked(checked: Checked, config: Path, as_json: bool) -> None:
    """Print what `check` found."""
    if as_json:
        _json(checked)
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
        _json(taken)
        return
    counts = f"{taken.added:,} added, {taken.replaced:,} replaced, {taken.unchanged:,} as before"
    click.echo(f"Decisions in {taken.path}: {counts}; {plural(taken.undecided, 'row')} undecided.")
    if taken.written:
        out = f" --out {taken.plan}" if taken.plan and Path(taken.plan) != Path("plans") / taken.name else ""
        click.echo(f"Next: crm-cleanup plan {config}{out} --replace")
    else:
        click.echo("Nothing was written.")


def show_approved(approved: Approved, plan: Path, as_json: bool) -> None:
    """Print what `approve` did."""
    if as_json:
        _json(approved)
        return
    click.echo(f"Approved by {', '.join(approved.names)}: digest {approved.digest[:16]}.")
    missing = approved.needed - len(approved.names)
    if missing > 0:
        click.echo(
            f"The config requires {plural(missing, 'more approval')}.\nNext: crm-cleanup approve {plan} --by NAME"
        )
    else:
        click.echo(f"Next: crm-cleanup apply {plan}")


def show_applied(applied: Applied, plan: Path, as_json: bool) -> None:
    """Print what `apply` did. Raises CleanupError where the target refused a lead, or somebody stopped it."""
    if as_json:
        _json(applied)
    else:
        click.echo(
            f"{plural(applied.leads, 'lead')} written, with {plural(applied.records, 'legacy record')}; "
            f"{applied.before:,} {'was' if applied.before == 1 else 'were'} already there."
        )
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
        _json(retired, proven=retired.active is not None and retired.active.proven)
    else:
        click.echo(
            f"{plural(retired.records, 'legacy record')} archived, of "
            f"{plural(retired.families, 'family', 'families')}; {retired.before:,} before. In {retired.where}."
        )
    _name(retired.skipped, "Stays active", "")
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
        _json(scripted)
    else:
        families = plural(scripted.families, "family", "families")
        click.echo(f"SQL for {plural(scripted.records, 'legacy record')} of {families} in {scripted.file}.")
        click.echo(
            f"Next: review the script and run it: {scripted.command}; then run crm-cleanup retire {plan}, which checks "
            "what is still active"
        )
    _name(scripted.skipped, "Stays active", "")


def show_undone(undone: Undone, plan: Path, as_json: bool) -> None:
    """Print what `undo` did. Raises CleanupError where it was stopped."""
    if as_json:
        _json(undone)
    else:
        gone = f"; {undone.gone:,} had already been deleted" if undone.gone else ""
        click.echo(
            f"{plural(undone.leads, 'lead')} taken back{gone}. {plural(undone.records, 'legacy record')} active again."
        )
    _name(undone.kept, "Kept", "Use --force KEY to take such a lead back all the same.")
    if undone.stopped:
        raise CleanupError(
            "The command stopped on request.",
            written=f"{plural(undone.leads, 'lead')} taken back",
            next=f"crm-cleanup undo {plan} continues from there",
        )


def show_restored(restored: Restored, plan: Path, as_json: bool) -> None:
    """Print what `restore` found or did. Raises CleanupError where Odoo refused something."""
    if as_json:
        _json(restored)
    elif restored.undone:
        click.echo(f"{plural(restored.partners, 'customer')} and contacts: what restore wrote was taken back.")
        _list("Stays", [f"{refusal.lead}: {refusal.reason}" for refusal in restored.kept])
    else:
        verb = "given" if restored.written else "to be given"
        click.echo(f"{plural(restored.leads, 'converted lead')} of this plan.")
        click.echo(
            f"{restored.compared:,} fields compared: {restored.equal:,} equal, {restored.values:,} values and "
            f"{restored.banks:,} bank accounts {verb} to {restored.partners:,} customers and contacts "
            f"({restored.made:,} new), {restored.other:,} with another value, which stays."
        )
        _list("Given" if restored.written else "To be given", restored.examples)
        _list("Refused", [f"{refusal.lead}: {refusal.reason}" for refusal in restored.refused])
        if not restored.written and restored.partners:
            click.echo(f"Next: crm-cleanup restore {plan} --write")
    if restored.refused:
        raise CleanupError(
            f"Odoo refused {plural(len(restored.refused), 'value')}.",
            written=f"{restored.values:,} others",
            next=f"correct what is named above, and run crm-cleanup restore {plan} --write again",
        )


def _list(what: str, lines: Sequence[str]) -> None:
    for line in lines[:LISTED]:
        click.echo(printable(f"{what}: {line}"))
    if len(lines) > LISTED:
        click.echo(f"… and {len(lines) - LISTED:,} more; --json lists all.")


def show_status(status: Status, as_json: bool) -> None:
    """Print where a plan stands."""
    if as_json:
        _json(status)
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


def show_forgotten(forgotten: ForgottenOne, plan: Path, as_json: bool) -> None:
    """Print what `forget` did, or would do. Raises CleanupError where the target still has values of the record."""
    if as_json:
        _json(forgotten)
    else:
        _show_taken_out(forgotten, plan)
    if forgotten.remaining and forgotten.written:
        raise CleanupError(
            f"The target still holds values of the record: {'; '.join(forgotten.remaining)}.",
            written="the record is out of the plan, and out of all that this tool wrote",
            next="remove them there by hand, as people have written or made them; "
            f"crm-cleanup status {plan} names them again",
        )


def _show_taken_out(forgotten: ForgottenOne, plan: Path) -> None:
    """Print what was taken out, or would be."""
    verb = "taken out" if forgotten.written else "to be taken out"
    shared = f", {forgotten.shared:,} of which name other records, too" if forgotten.shared else ""
    click.echo(printable(f"{forgotten.source_key} {verb} of the plan, with {plural(forgotten.rows, 'row')}{shared}."))
    click.echo(
        f"{plural(len(forgotten.leads), 'lead')} in the target {'changed' if forgotten.written else 'to change'}."
    )
    for lead, names in forgotten.kept.items():
        click.echo(printable(f"Kept: {lead}: people have changed {', '.join(names)}; look at it"), err=True)
    if not forgotten.written:
        for place in forgotten.remaining:
            click.echo(printable(f"Would still be held: {place}"), err=True)
        click.echo("Nothing was written.")
        return
    if forgotten.listed is None:
        click.echo(f"Note: the config's folder was not found; add {forgotten.source_key} to forget.csv.", err=True)
    click.echo(f"Digest {forgotten.before[:16]} became {forgotten.digest[:16]}.\nNext: crm-cleanup status {plan}")


def show_purged(purged: Purged, plan: Path, as_json: bool) -> None:
    """Print what `purge` did; where else the same data is, on standard error."""
    for folder in purged.left:
        click.echo(f"Warning: an interrupted or running plan command left the same personal data in {folder}", err=True)
    if as_json:
        _json(purged)
    else:
        click.echo(
            f"{plural(purged.files, 'file')} removed, {purged.bytes / 1e6:,.1f} MB. Kept: {', '.join(purged.kept)}."
        )
        click.echo(f"Next: crm-cleanup status {plan}")


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


def _name(some: Sequence[Refusal], what: str, advice: str) -> None:
    """Name on standard error what was left as it was, and why."""
    for refusal in some[:LISTED]:
        click.echo(printable(f"{what}: {refusal.lead}: {refusal.reason}"), err=True)
    if len(some) > LISTED:
        click.echo(f"… and {len(some) - LISTED:,} more; --json lists all.", err=True)
    if some and advice:
        click.echo(advice, err=True)


def show_verified(
    verified: Verified, plan: Path, as_json: bool, source: SourceChanged | None = None, *, expected: bool = True
) -> None:
    """Print what `verify` found. Raises VerifyError where the target, or the live source, is not what the plan says.

    expected: whether leads should be there, by the plan's journal.
    """
    if as_json:
        _json(verified.to_dict(), holds=verified.holds, source=None if source is None else asdict(source))
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

        _name([Refusal(key, reason) for key, reason in source.changed.items()], "Changed in the source", "")
        raise VerifyError(
            f"{plural(len(source.changed), 'record')} changed in the source after the plan was made.",
            next=f"make a new plan; its report lists these records, and {plan} stays as it is",
        )


def show_matched(matched: Matched, out: Path, as_json: bool) -> None:
    """Print what `match` found."""
    if as_json:
        _json(matched)
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


def show_found(result: SearchResult, as_json: bool) -> None:
    """Print what `find` found; what could not be asked on standard error."""
    for notice in result.notices:
        click.echo(notice, err=True)
    if as_json:
        _json(result)
        return
    for number, hit in enumerate(result.hits, 1):
        click.echo("\n".join(_hit(number, hit, several=len(result.plans) > 1)) + "\n")
    if not result.hits:
        click.echo(f"Nothing found in {plural(result.records, 'legacy record')}. Try fewer words.")
    elif result.count > len(result.hits):
        click.echo(f"{plural(result.count, 'record')} found, the best {len(result.hits):,} shown; --limit shows more.")


def _hit(number: int, hit: Hit, *, several: bool) -> list[str]:
    from etl.report.text import shown

    name = ", ".join(shown(part, 100) for part in (hit.name, hit.company, hit.city) if part) or "without a name"
    lines = [
        f"{number}. {name} [{shown(hit.source_key, 200)}]",
        f"   {shown(hit.state, 200)}",
        f"   decision: {hit.decision}, by the rule: {shown(hit.rule or 'none', 200)}",
    ]
    lines += [f"   evidence: {shown(hit.evidence, 300)}"] if hit.evidence else []
    lines += [f"   plan:     {hit.plan}"] if several else []
    return lines + [f"   | {shown(line, 120).replace(chr(92) + 'x20', ' ')}" for line in hit.note]


def show_page(page: Page, as_json: bool) -> None:
    """Print where the page of `find` is."""
    for notice in page.notices:
        click.echo(notice, err=True)
    if as_json:
        _json(page)
        return
    click.echo(f"{plural(page.records, 'record')} in {page.path}, which only you can read. It holds names of persons.")
