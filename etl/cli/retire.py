"""crm-cleanup retire: archive the moved records in the CRM."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option, warn_of_plain_text
from etl.cli.results import show_retired, show_scripted


@click.command()
@plan_argument
@click.option(
    "--script", type=click.Path(path_type=Path, dir_okay=False), help="Write SQL to review and run, and nothing else."
)
@threads_option
@json_option
def retire(plan: Path, script: Path | None, threads: int | None, as_json: bool) -> None:
    """Archive the moved records in the CRM, each family whole; nothing is ever deleted.

    A family is archived when its leads were read back from the target and hold every value, and when it is still in the
    source as it was planned; others are named and stay. The config says which columns are set, and what they held
    before is kept for `undo`. From files, new files of the remaining records are written beside the old ones. In the
    end all that is active in the CRM is counted and held against the plan. Run it again after any interruption.

    \b
    Examples:
      crm-cleanup retire plans/demo
      crm-cleanup retire plans/demo --script retire.sql
      crm-cleanup retire plans/demo --json
    """
    from etl.pipeline.retire import retire as archive, script as write_script
    from etl.plan import Bundle

    bundle = Bundle.open(plan)
    warn_of_plain_text(bundle.config)
    if script is not None:
        with progress_bar() as progress:
            show_scripted(write_script(bundle, script, threads=threads or 0, progress=progress), plan, as_json)
        return
    with progress_bar() as progress:
        retired = archive(bundle, threads=threads or 0, progress=progress)
    show_retired(retired, plan, as_json)
