"""crm-cleanup apply: write the leads of a plan."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar
from etl.cli.results import show_applied


@click.command()
@plan_argument
@json_option
def apply(plan: Path, as_json: bool) -> None:
    """Write the leads that a plan says into the target, each exactly once.

    A lead and its rows in the ledger are written in one transaction a batch. Run it again after any interruption: it
    goes on where it ended, and what the ledger has is never written twice. A lead that the target refuses is named, and
    the rest goes on (exit code 1).

    \b
    Examples:
      crm-cleanup apply plans/demo
      crm-cleanup apply plans/demo --json
    """
    from etl.pipeline.apply import apply as write
    from etl.plan import Bundle

    with progress_bar() as progress:
        applied = write(Bundle.open(plan), progress=progress)
    show_applied(applied, plan, as_json)
