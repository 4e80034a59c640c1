"""crm-cleanup approve: put a name under a plan."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument
from etl.cli.results import show_approved


@click.command()
@plan_argument
@click.option("--by", required=True, help="Who approves; written into the plan.")
@click.option("--note", default="", help="What the approval is given for, or on which condition.")
@json_option
def approve(plan: Path, by: str, note: str, as_json: bool) -> None:
    """Put a name under a plan, so that apply and retire accept it.

    Read report.html in the plan first; it is made anew with the name on it. The approval names the plan digest and the
    fingerprints of source and target: if one value of the plan changes, it counts no more. A config that says
    `approvals: 2` needs two different names.

    \b
    Examples:
      crm-cleanup approve plans/demo --by "Maria Muster"
      crm-cleanup approve plans/demo --by "Jan Beispiel" --note "Leipzig branch checked"
    """
    from etl.pipeline.approve import approve as put
    from etl.plan import Bundle

    show_approved(put(Bundle.open(plan), by=by, note=note), plan, as_json)
