"""crm-cleanup undo: take a plan back."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, warn_of_plain_text
from etl.cli.results.moving import show_undone


@click.command()
@plan_argument
@click.option(
    "--lead",
    "leads",
    multiple=True,
    help="Take back only this lead, named by its key or id. Can be used several times.",
)
@click.option(
    "--force", multiple=True, help="Take this lead back even if somebody has worked with it. Can be used several times."
)
@json_option
def undo(plan: Path, leads: tuple[str, ...], force: tuple[str, ...], as_json: bool) -> None:
    """Take a plan back: reactivate its records, remove its leads.

    Archived records get their former values again, and leads that nobody has worked with are removed. A lead that
    somebody has worked with since (a new stage, a message, an edited field or note) is kept and named, and its record
    stays archived. Use --force to take it back all the same. After an interruption, run the command again.

    \b
    Examples:
      crm-cleanup undo plans/demo
      crm-cleanup undo plans/demo --lead accounts:1046 --lead 17
      crm-cleanup undo plans/demo --force accounts:1046
    """
    from etl.pipeline.undo import undo as take_back
    from etl.plan import Bundle

    bundle = Bundle.open(plan)
    warn_of_plain_text(bundle.config)
    with progress_bar() as progress:
        undone = take_back(bundle, leads=leads, force=force, progress=progress)
    show_undone(undone, plan, as_json)
