"""crm-cleanup review: the page on which people decide the open cases, also one for each salesperson."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, plan_argument
from etl.cli.results.reviewing import show_pages


@click.command()
@plan_argument
@click.option("--by", type=click.Choice(["owner"]), help="Write a page for each owner, with only their open cases.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write to.")
@json_option
def review(plan: Path, by: str | None, out: Path, as_json: bool) -> None:
    """Write the page on which people decide the open cases of a plan.

    The plan has it already as review.html. With --by owner, each owner gets a page with only their open cases:
    review-OWNER.html. Owners are what the config takes the lead field `salesperson` from; cases without one are in
    review-nobody.html. The pages work in any browser, without a network and server, and hold values of persons. Take
    in the files that they save with crm-cleanup decide.

    \b
    Examples:
      crm-cleanup review plans/demo --by owner --out pages
      crm-cleanup review plans/demo --out pages --json
    """
    from etl.pipeline.review import write_pages
    from etl.plan import Bundle

    show_pages(write_pages(Bundle.open(plan), out, by_owner=by == "owner"), as_json)
