"""crm-cleanup undo: take a plan back."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, warn_of_plain_text
from etl.cli.results import show_undone


@click.command()
@plan_argument
@click.option(
    "--lead", "leads", multiple=True, help="Only this lead, by its key or its id; can be given several times."
)
@click.option("--force", multiple=True, help="Take this lead back although somebody has touched it.")
@json_option
def undo(plan: Path, leads: tuple[str, ...], force: tuple[str, ...], as_json: bool) -> None:
    """Take back what a plan has done: archived records get their former values, untouched leads are removed.

    A lead that somebody has worked with since (another stage, a message, an edited field or note) is kept and named,
    unless --force names it, and its record stays archived. Run it again after any interruption.

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
