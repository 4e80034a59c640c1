"""crm-cleanup verify: read the leads back and compare."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option, warn_of_plain_text
from etl.cli.results.verifying import show_verified


@click.command()
@plan_argument
@click.option("--source", is_flag=True, help="Also read the live source again and compare it.")
@click.option(
    "--export",
    "exports",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Compare what the CRM has exported after the import of the files, CSV or XLSX. Can be used several times.",
)
@click.option(
    "--accept-deleted",
    "deleted",
    multiple=True,
    metavar="KEY",
    help="Accept that this lead, named by its key or id, was deleted in the target on purpose. Can be used several "
    "times.",
)
@click.option("--by", help="Who accepts that; needed with --accept-deleted.")
@threads_option
@json_option
def verify(
    plan: Path,
    source: bool,
    exports: tuple[Path, ...],
    deleted: tuple[str, ...],
    by: str | None,
    threads: int | None,
    as_json: bool,
) -> None:
    """Read the leads back from the target and compare every value.

    Each lead is compared with the CRM's records, value by value. Text that people wrote above or below the block in a
    note does not count as a difference. A missing lead, an edited note or an emptied field does: each is named with its
    source key and column (exit code 5). With --source, the live source is read again as well, and records that were
    edited there since the plan was made are named.

    Where the leads go into a CRM by import files, these are compared. With --export, it is what the CRM has exported
    after the import: only that proves the leads, and retire needs it.

    A lead that somebody has deleted on purpose is a missing lead, too, until --accept-deleted says so. Then it is
    counted apart, no later plan writes it again, and its record stays as it is in the CRM.

    \b
    Examples:
      crm-cleanup verify plans/demo
      crm-cleanup verify plans/demo --source
      crm-cleanup verify plans/demo --json
      crm-cleanup verify plans/demo --export leads-of-the-crm.csv
      crm-cleanup verify plans/demo --accept-deleted accounts:1046 --by "Maria Muster"
    """
    from etl.pipeline.accept import accept_deleted
    from etl.pipeline.verify import compare_source, expects_leads, verify as compare
    from etl.plan import Bundle

    if deleted and not by:
        raise click.UsageError("--accept-deleted needs the name of who accepts it: --by NAME.")
    bundle = Bundle.open(plan)
    warn_of_plain_text(bundle.config)
    if deleted and by:
        accept_deleted(bundle, deleted, by=by, exports=exports)
    with progress_bar() as progress:
        verified = compare(bundle, exports=exports, threads=threads or 0, progress=progress)
        changed = compare_source(bundle, threads=threads or 0, progress=progress) if source else None
    show_verified(verified, plan, as_json, changed, expected=expects_leads(bundle))
