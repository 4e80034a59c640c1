"""crm-cleanup apply: write the leads of a plan."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option, warn_of_plain_text
from etl.cli.results.moving import show_applied


@click.command()
@plan_argument
@click.option(
    "--limit", type=click.IntRange(1), help="Write at most this many leads, for example for a careful first batch."
)
@threads_option
@json_option
def apply(plan: Path, limit: int | None, threads: int | None, as_json: bool) -> None:
    """Write the leads of an approved plan into the target.

    Each lead is written exactly once. Just before a family is written, its records are read again from the source. A
    family that has changed since the plan was made is skipped and named, so that the next plan can take it. Each batch
    of leads and its ledger rows are written in one transaction. After an interruption, run the command again: it
    continues where it stopped and writes no lead twice. Ctrl-C stops it after the current batch. A lead that the target
    refuses is named, and the others are written (exit code 1).

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
