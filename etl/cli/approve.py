"""crm-cleanup approve: put a name under a plan."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument
from etl.cli.results.planning import show_approved


@click.command()
@plan_argument
@click.option("--by", required=True, help="The name of the person who approves; it is written into the plan.")
@click.option(
    "--note", default="", help="A remark, for example what was checked or on which condition the approval is given."
)
@json_option
def approve(plan: Path, by: str, note: str, as_json: bool) -> None:
    """Approve a plan under a name, so that apply and retire accept it.

    Read report.html in the plan first; it is written again with the name on it. The approval holds for exactly this
    plan, source and target: if any value of the plan changes, the approval no longer counts. If the config says
    `approvals: 2`, two different people have to approve.

    \b
    Examples:
      crm-cleanup approve plans/demo --by "Maria Muster"
      crm-cleanup approve plans/demo --by "Jan Beispiel" --note "Leipzig branch checked"
    """
    from etl.pipeline.approve import approve as put
    from etl.plan import Bundle

    show_approved(put(Bundle.open(plan), by=by, note=note), plan, as_json)
