"""crm-cleanup decide: take people's decisions into decisions.csv."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import config_argument, json_option
from etl.cli.results import show_taken


@click.command()
@config_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", default="", help="Who decided, for the rows that do not say it.")
@click.option("--dry-run", is_flag=True, help="Check the rows and count, and write nothing.")
@json_option
def decide(config: Path, file: Path, by: str, dry_run: bool, as_json: bool) -> None:
    """Take what people decided into decisions.csv beside the config: a filled-in review.xlsx, or CSV.

    FILE is the workbook of a plan, filled in with Excel or LibreOffice, or its open-cases.csv. Every row is checked;
    where one cannot be taken, all that are wrong are named and nothing is changed. Rows without a decision stay
    undecided. A later decision on a record replaces an earlier one. Then plan again.

    \b
    Examples:
      crm-cleanup decide configs/demo.yaml plans/demo/review.xlsx
      crm-cleanup decide configs/demo.yaml review.xlsx --by "Maria Muster"
      crm-cleanup decide configs/demo.yaml open-cases.csv --dry-run
    """
    from etl.pipeline.decide import decide as take

    show_taken(take(config, file, by=by, dry_run=dry_run), config, as_json)
