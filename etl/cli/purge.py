"""crm-cleanup purge: remove a finished plan's personal data."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etl.cli.options import is_quiet, json_option, plan_argument
from etl.cli.results import show_purged


@click.command()
@plan_argument
@click.option("--yes", is_flag=True, help="Do not ask; after it, nothing can be verified, retired or undone.")
@json_option
def purge(plan: Path, yes: bool, as_json: bool) -> None:
    """Remove all that a plan holds of legacy records, after the retention time; keep its digest, counts and journal.

    Snapshot, decisions, leads, reports, attachments, indexes and all other files go, and of the config, as the manifest
    has it, all that can name a value. The leads in the target and their notes stay as they are. Without the snapshot
    the plan can no more be applied, verified, retired or undone; where one of these may yet be wanted, it says so. Run
    it again if it was interrupted.

    \b
    Examples:
      crm-cleanup purge plans/demo
      crm-cleanup purge plans/demo --yes
    """
    from etl.errors import ConfigError
    from etl.pipeline.purge import losses, purge as remove
    from etl.plan import Bundle

    bundle = Bundle.open(plan, purged=True)
    for loss in losses(bundle):
        click.echo(f"Warning: {loss}", err=True)
    if not yes:
        question = f"Remove the personal data in {plan}? After it, undo is not possible any more"
        if is_quiet() or not sys.stdin.isatty():
            raise ConfigError(
                "Nobody can be asked here whether the plan's data may be removed.",
                where=plan,
                next=f"crm-cleanup purge {plan} --yes",
            )
        click.confirm(question, abort=True, err=True)
    show_purged(remove(bundle), plan, as_json)
