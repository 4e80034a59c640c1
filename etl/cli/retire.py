"""crm-cleanup retire: archive the moved records in the CRM."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument, progress_bar, threads_option, warn_of_plain_text
from etl.cli.results.moving import show_retired, show_scripted


@click.command()
@plan_argument
@click.option(
    "--script",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Archive nothing, but write an SQL script to this file, to be reviewed and run by hand.",
)
@threads_option
@json_option
def retire(plan: Path, script: Path | None, threads: int | None, as_json: bool) -> None:
    """Archive the moved records in the CRM.

    Records are archived in whole families, and never deleted. A family is archived only when its leads were read back
    from the target and hold every value, and when its records have not changed since the plan was made. All other
    families are named and stay active. The config says which columns are set; their former values are kept for `undo`.
    If the source is a folder of files, new files with the remaining records are written beside the old ones. At the
    end, everything that is still active in the CRM is counted and compared with the plan. After an interruption, run
    the command again.

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
