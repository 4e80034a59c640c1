"""crm-cleanup diff: what changed between two dry runs."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, progress_bar
from etl.cli.results.planning import show_diff


@click.command()
@click.argument("before", type=click.Path(path_type=Path), metavar="PLAN_A")
@click.argument("after", type=click.Path(path_type=Path), metavar="PLAN_B")
@click.option(
    "--format", "shape", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True,
    help="The output format; markdown suits a pull request.",
)  # fmt: skip
@click.option(
    "--limit",
    type=click.IntRange(0, 10_000),
    default=10,
    show_default=True,
    help="Name at most this many of each kind.",
)
@click.option("--exit-code", is_flag=True, help="End with 1 where the plans differ, as `git diff` does.")
@json_option
def diff(before: Path, after: Path, shape: str, limit: int, exit_code: bool, as_json: bool) -> None:
    """Show what changed from the dry run PLAN_A to the dry run PLAN_B. Nothing is written.

    First come the records whose decision changed, with the rule and the evidence, grouped by how dangerous the change
    is: customers that would now become leads are at the top. Then come the leads that were added, removed or changed,
    with the fields and note values that differ, and the figures, gates and settings of both plans.

    \b
    Examples:
      crm-cleanup diff plans/monday plans/tuesday
      crm-cleanup diff plans/monday plans/tuesday --format markdown > diff.md
      crm-cleanup diff plans/monday plans/tuesday --exit-code --quiet     # did anything change?
    """
    from etl.pipeline.diff import diff as compare
    from etl.plan import Bundle

    with progress_bar() as progress:
        comparison = compare(Bundle.open(before), Bundle.open(after), limit=limit, progress=progress)
    show_diff(comparison, "json" if as_json else shape)
    if exit_code and not comparison.same:
        click.get_current_context().exit(1)
