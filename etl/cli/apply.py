"""crm-cleanup apply: write the leads of a plan."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option, warn_of_plain_text
from etl.cli.results import show_applied


@click.command()
@plan_argument
@click.option("--limit", type=click.IntRange(1), help="Write so many leads at most, for a careful first batch.")
@threads_option
@json_option
def apply(plan: Path, limit: int | None, threads: int | None, as_json: bool) -> None:
    """Write the leads that an approved plan says into the target, each exactly once.

    Each family is read anew from the source just before it is written; one that is not as it was planned is skipped and
    named, for the next plan. A lead and its rows in the ledger are written in one transaction a batch. Run it again
    after any interruption: it goes on where it ended, and what the ledger has is never written twice. Ctrl-C ends it
    after the batch that is under way. A lead that the target refuses is named, and the rest goes on (exit code 1).

    \b
    Examples:
      crm-cleanup apply plans/demo --limit 10
      crm-cleanup apply plans/demo
      crm-cleanup apply plans/demo --json
    """
    from etl.pipeline.apply import apply as write
    from etl.plan import Bundle

    bundle = Bundle.open(plan)
    warn_of_plain_text(bundle.config)
    with progress_bar() as progress:
        applied = write(bundle, limit=limit, threads=threads or 0, progress=progress)
    show_applied(applied, plan, as_json)
