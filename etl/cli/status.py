"""crm-cleanup status: where a plan stands."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument
from etl.cli.results import show_status


@click.command()
@plan_argument
@json_option
def status(plan: Path, as_json: bool) -> None:
    """Say where a plan stands, what was done with it when and by whom, and what to run next.

    What was done comes from the plan's journal, what is there from the target's ledger; where the two differ, it says
    so. Nothing is written.

    \b
    Examples:
      crm-cleanup status plans/demo
      crm-cleanup status plans/demo --json
    """
    from etl.pipeline.status import raise_for_damage, status as look
    from etl.plan import Bundle

    bundle = Bundle.open(plan, purged=True)
    found = look(bundle)
    show_status(found, as_json)
    raise_for_damage(bundle, found)
