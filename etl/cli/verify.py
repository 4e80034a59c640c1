"""crm-cleanup verify: read the leads back and compare."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option
from etl.cli.results import show_verified


@click.command()
@plan_argument
@threads_option
@json_option
def verify(plan: Path, threads: int | None, as_json: bool) -> None:
    """Read every lead of a plan back from the target and compare it, value by value, with what was in the CRM.

    Text that people have written above or below the block in a note is no difference. A lead that is gone, a note that
    was edited, a field that was emptied: each is named with its source key and column (exit code 5).

    \b
    Examples:
      crm-cleanup verify plans/demo
      crm-cleanup verify plans/demo --json
    """
    from etl.pipeline.verify import verify as compare
    from etl.plan import Bundle

    with progress_bar() as progress:
        verified = compare(Bundle.open(plan), threads=threads or 0, progress=progress)
    show_verified(verified, plan, as_json)
