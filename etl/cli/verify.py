"""crm-cleanup verify: read the leads back and compare."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option, warn_of_plain_text
from etl.cli.results import show_verified


@click.command()
@plan_argument
@click.option("--source", is_flag=True, help="Also read the live source again and compare it.")
@threads_option
@json_option
def verify(plan: Path, source: bool, threads: int | None, as_json: bool) -> None:
    """Read the leads back from the target and compare every value.

    Each lead is compared with the CRM's records, value by value. Text that people wrote above or below the block in a
    note does not count as a difference. A missing lead, an edited note or an emptied field does: each is named with its
    source key and column (exit code 5). With --source, the live source is read again as well, and records that were
    edited there since the plan was made are named.

    \b
    Examples:
      crm-cleanup verify plans/demo
      crm-cleanup verify plans/demo --source
      crm-cleanup verify plans/demo --json
    """
    from etl.pipeline.verify import compare_source, expects_leads, verify as compare
    from etl.plan import Bundle

    bundle = Bundle.open(plan)
    warn_of_plain_text(bundle.config)
    with progress_bar() as progress:
        verified = compare(bundle, threads=threads or 0, progress=progress)
        changed = compare_source(bundle, threads=threads or 0, progress=progress) if source else None
    show_verified(verified, plan, as_json, changed, expected=expects_leads(bundle))
