"""crm-cleanup restore: give converted customers what the CRM's conversion dropped."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar
from etl.cli.results import show_restored


@click.command()
@plan_argument
@click.option("--write", is_flag=True, help="Write it; without this, it only says what it would write.")
@click.option("--undo", is_flag=True, help="Take back what restore has written, but for what was edited since.")
@json_option
def restore(plan: Path, write: bool, undo: bool, as_json: bool) -> None:
    """Give customers that came from leads of this plan what Odoo's conversion dropped.

    When a lead is converted, Odoo copies a few fields into the new customer. The plan still knows the others: VAT
    number, reference, tags, industry, bank accounts, payment terms, website, and further contacts and addresses. They
    are written where the customer's field is empty, or holds what conversion copied there; what people entered stays.

    \b
    Examples:
      crm-cleanup restore plans/odoo            says what it would write
      crm-cleanup restore plans/odoo --write
      crm-cleanup restore plans/odoo --undo
    """
    from etl.pipeline.restore import restore as give_back
    from etl.plan import Bundle

    if write and undo:
        raise click.UsageError("--write and --undo do not go together")
    with progress_bar() as progress:
        restored = give_back(Bundle.open(plan), write=write, undo=undo, progress=progress)
    show_restored(restored, plan, as_json)
