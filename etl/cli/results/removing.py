"""Print the results of verbs that take personal data out of a plan: forget and purge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl.cli.results.printing import show_json
from etl.errors import CleanupError, plural, printable

if TYPE_CHECKING:
    from etl.pipeline.forget import ForgottenOne
    from etl.pipeline.purge import Purged


def show_forgotten(forgotten: ForgottenOne, plan: Path, as_json: bool) -> None:
    """Print what `forget` did, or would do. Raises CleanupError where the target still has values of the record."""
    if as_json:
        show_json(forgotten)
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
        show_json(purged)
    else:
        click.echo(
            f"{plural(purged.files, 'file')} removed, {purged.bytes / 1e6:,.1f} MB. Kept: {', '.join(purged.kept)}."
        )
        click.echo(f"Next: crm-cleanup status {plan}")
