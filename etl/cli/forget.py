"""crm-cleanup forget: take one person out of a finished plan."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument
from etl.cli.results.removing import show_forgotten


@click.command()
@plan_argument
@click.argument("key")
@click.option("--by", required=True, help="Who takes the person out; written into the plan and forget.csv.")
@click.option("--why", default="", help="Why; written into forget.csv.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@json_option
def forget(plan: Path, key: str, by: str, why: str, dry_run: bool, as_json: bool) -> None:
    """Take one person out of a finished plan, and out of the leads that it wrote.

    KEY is the source key of a record. Its rows and history are taken out of the plan's files, its lists and its
    reports. Where its lead is written, the note gets a new block without it, what people wrote above or below stays,
    and fields get the next member's values. The record is added to forget.csv beside the config, so that no later plan
    moves it. The CRM is not changed. Approvals stay valid. After an interruption, run the command again.

    \b
    Examples:
      crm-cleanup forget plans/demo contacts:1042 --by "Dana Muster" --dry-run
      crm-cleanup forget plans/demo contacts:1042 --by "Dana Muster" --why "request of 30 October"
    """
    from etl.pipeline.forget import forget as take_out
    from etl.plan import Bundle

    show_forgotten(take_out(Bundle.open(plan, forgetting=True), key, by=by, why=why, dry_run=dry_run), plan, as_json)
