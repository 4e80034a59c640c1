"""crm-cleanup decide: take people's decisions into decisions.csv."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import config_argument, json_option
from etl.cli.results.planning import show_taken


@click.command()
@config_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", default="", help="Who decided, for rows that do not name anybody.")
@click.option("--dry-run", is_flag=True, help="Check and count the rows, but write nothing.")
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    help="The plan that FILE is about. Default: the one beside FILE, else plans/NAME.",
)
@json_option
def decide(config: Path, file: Path, by: str, dry_run: bool, plan: Path | None, as_json: bool) -> None:
    """Take over what people decided, into decisions.csv.

    The file decisions.csv is beside the config. FILE is the review.xlsx of a plan, filled in with Excel or LibreOffice,
    or its open-cases.csv. Every row is checked first, also against the plan: if any row is wrong, all wrong rows are
    named and nothing is changed. Rows without a decision stay open. A newer decision on a record replaces the older
    one. Make the plan again afterwards.

    \b
    Examples:
      crm-cleanup decide configs/demo.yaml plans/demo/review.xlsx
      crm-cleanup decide configs/demo.yaml review.xlsx --by "Maria Muster"
      crm-cleanup decide configs/demo.yaml open-cases.csv --dry-run
    """
    from etl.pipeline.decide import decide as take

    show_taken(take(config, file, by=by, dry_run=dry_run, plan=plan), config, as_json)
