"""crm-cleanup restore: give converted customers what the CRM's conversion dropped."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar
from etl.cli.results.moving import show_restored


@click.command()
@plan_argument
@click.option(
    "--write", is_flag=True, help="Write the values. Without this option, the command only shows what it would write."
)
@click.option("--undo", is_flag=True, help="Take back what restore wrote, except values that were edited since.")
@json_option
def restore(plan: Path, write: bool, undo: bool, as_json: bool) -> None:
    """Fill in what Odoo dropped when it converted leads.

    When a lead of the plan becomes a customer, Odoo copies only a few fields into the new customer. The plan still
    knows the others: VAT number, reference, tags, industry, bank accounts, payment terms, website, and further contacts
    and addresses. A value is written only where the customer's field is empty or still holds what the conversion
    copied. What people entered stays as it is.

    \b
    Examples:
      crm-cleanup restore plans/odoo            shows what it would write
      crm-cleanup restore plans/odoo --write
      crm-cleanup restore plans/odoo --undo
    """
    from etl.pipeline.restore import restore as give_back
    from etl.plan import Bundle

    if write and undo:
        raise click.UsageError("--write and --undo cannot be used together")
    with progress_bar() as progress:
        restored = give_back(Bundle.open(plan), write=write, undo=undo, progress=progress)
    show_restored(restored, plan, as_json)
