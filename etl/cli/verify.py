"""crm-cleanup verify: read the leads back and compare."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option, warn_of_plain_text
from etl.cli.results import show_verified


@click.command()
@plan_argument
@click.option("--source", is_flag=True, help="Compare the live source, read anew, as well.")
@threads_option
@json_option
def verify(plan: Path, source: bool, threads: int | None, as_json: bool) -> None:
    """Read every lead of a plan back from the target and compare it, value by value, with what was in the CRM.

    Text that people have written above or below the block in a note is no difference. A lead that is gone, a note that
    was edited, a field that was emptied: each is named with its source key and column (exit code 5). With --source, the
    records are read anew from the live source, too: one that was edited there since the plan was made is named.

    \b
    Examples:
      crm-cleanup verify plans/demo
      crm-cleanup verify plans/demo --source
      crm-cleanup verify plans/demo --json
    """
    from etl.pipeline.verify import compare_source, verify as compare
    from etl.plan import Bundle

    bundle = Bundle.open(plan)
    warn_of_plain_text(bundle.config)
    with progress_bar() as progress:
        verified = compare(bundle, threads=threads or 0, progress=progress)
        changed = compare_source(bundle, threads=threads or 0, progress=progress) if source else None
    show_verified(verified, plan, as_json, changed)
