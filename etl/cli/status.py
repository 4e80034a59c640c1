"""crm-cleanup status: where a plan stands."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument
from etl.cli.results.planning import show_status


@click.command()
@plan_argument
@json_option
def status(plan: Path, as_json: bool) -> None:
    """Show how far a plan has come, and which command is next.

    It also lists who did what with the plan, and when. It writes nothing. The history comes from the plan's journal,
    the number of written leads from the ledger in the target. Where the two disagree, the command says so.

    \b
    Examples:
      crm-cleanup status plans/demo
      crm-cleanup status plans/demo --json
    """
    from etl.pipeline.status import raise_for_damage, status as look
    from etl.plan import Bundle

    bundle = Bundle.open(plan, purged=True)
    current = look(bundle)
    show_status(current, as_json)
    raise_for_damage(bundle, current)
