"""crm-cleanup purge: remove a finished plan's personal data."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etl.cli.options import is_quiet, json_option, plan_argument
from etl.cli.results.removing import show_purged


@click.command()
@plan_argument
@click.option(
    "--yes",
    is_flag=True,
    help="Do not ask for confirmation. Afterwards the plan cannot be verified, retired or undone.",
)
@click.option(
    "--with-files",
    is_flag=True,
    help="Also delete files (binary values) of leads that stand nowhere but in the plan.",
)
@json_option
def purge(plan: Path, yes: bool, with_files: bool, as_json: bool) -> None:
    """Delete the personal data of a finished plan.

    Use it when the retention time is over. The digest, counts and journal are kept. Snapshot, decisions, leads,
    reports, attachments and indexes are deleted, and so is everything in the plan's copy of the config that can name a
    value. The leads in the target and their notes stay as they are. Afterwards the plan can no longer be applied,
    verified, retired or undone; if one of these may still be needed, the command warns first. After an interruption,
    run the command again.

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
        question = f"Delete the personal data in {plan}? Afterwards, undo is no longer possible"
        if is_quiet() or not sys.stdin.isatty():
            raise ConfigError(
                "Purge asks for confirmation, and there is no terminal to ask on.",
                where=plan,
                next=f"crm-cleanup purge {plan} --yes",
            )
        click.confirm(question, abort=True, err=True)
    show_purged(remove(bundle, with_files=with_files), plan, as_json)
