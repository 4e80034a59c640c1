"""crm-cleanup why: everything about one record, and what would have to change for another decision."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, progress_bar


@click.command()
@click.argument("plan", metavar="PLAN|CONFIG", type=click.Path(path_type=Path, exists=True))
@click.argument("key")
@json_option
def why(plan: Path, key: str, as_json: bool) -> None:
    """Say why one record was decided as it was.

    It shows what the record holds, its family, what each rule says and by which value or row, the customers and
    records that it is like, the lead and note that it becomes, and what would have to change for another decision.

    PLAN is a plan's folder. For a config, its plan in ./plans is asked; if there is none, the config is planned in a
    temporary folder, which is deleted afterwards. KEY is a source key, such as accounts:1000, or the key alone if only
    one entry has it. The answer is in the language of the plan's reports. Nothing is written.

    \b
    Examples:
      crm-cleanup why plans/demo accounts:1000
      crm-cleanup why configs/demo.yaml 1000
      crm-cleanup why plans/demo contacts:2040 --json
    """
    from etl.cli.results.explaining import show_why
    from etl.pipeline.why import why as explain

    with progress_bar() as progress:
        result = explain(plan, key, progress=progress)
    show_why(result, as_json)
