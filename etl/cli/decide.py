"""crm-cleanup decide: take people's decisions into decisions.csv."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import config_argument, from_option, is_quiet, json_option, progress_bar, stage_lines
from etl.cli.results.planning import show_decided_again, show_taken
from etl.model import no_progress


@click.command()
@config_argument
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--by", default="", help="Who decided, for rows that do not name anybody.")
@click.option(
    "--prefer",
    multiple=True,
    metavar="NAME",
    help="Where people contradict each other, take what this person, or this FILE, says. The first one goes first.",
)
@click.option(
    "--without-stale", is_flag=True, help="Leave out decisions on records that changed since, and take the others."
)
@click.option("--dry-run", is_flag=True, help="Check and count the rows, but write nothing.")
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    help="The plan that FILE is about. Default: the one beside FILE, else plans/NAME.",
)
@from_option("Plan again at once, on the records that this plan has read, and show what changed.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="With --from: the folder for the new plan. Default: it replaces PLAN.",
)
@json_option
def decide(
    config: Path,
    files: tuple[Path, ...],
    by: str,
    prefer: tuple[str, ...],
    without_stale: bool,
    dry_run: bool,
    plan: Path | None,
    from_plan: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Take over what people decided, into decisions.csv.

    The file decisions.csv is beside the config. Each FILE is what somebody saved from review.html, the review.xlsx of a
    plan, filled in with Excel or LibreOffice, or its open-cases.csv. Every row is checked first, also against the plan:
    if any row is wrong, all wrong rows are named and nothing is changed. Rows without a decision stay open. A newer
    decision on a record replaces the older one. Make the plan again afterwards.

    Several FILEs are taken together. Who agrees counts once, with all names; of what one person decided twice, the
    later one counts. Where people contradict each other, all decisions on the case are listed side by side, and nothing
    is changed until --prefer chooses. So it is where records changed since somebody decided: what changed is told.

    --from PLAN makes the plan anew with the decisions, as `plan --from` does, without touching the source, and shows
    what changed from PLAN to it.

    \b
    Examples:
      crm-cleanup decide configs/demo.yaml plans/demo/review.xlsx
      crm-cleanup decide configs/demo.yaml review.xlsx --by "Maria Muster"
      crm-cleanup decide configs/demo.yaml decisions-*.json --dry-run
      crm-cleanup decide configs/demo.yaml maria.json jan.xlsx --prefer "Maria Muster"
      crm-cleanup decide configs/demo.yaml maria.json --from plans/demo    # and plan again
    """
    from etl.pipeline.decide import People, decide as take
    from etl.pipeline.decide_again import decide_again

    people = People(by, prefer, without_stale, plan)
    if from_plan is None:
        if out is not None:
            raise click.UsageError("--out is the folder of the plan that --from PLAN makes.")
        show_taken(take(config, files, people, dry_run=dry_run), config, as_json)
        return
    if dry_run:
        raise click.UsageError("--dry-run writes nothing, so no plan can be made --from PLAN.")
    with progress_bar(no_progress if as_json or is_quiet() else stage_lines()) as progress:
        again = decide_again(config, files, people, from_plan, out, progress=progress)
    show_decided_again(again, as_json)
    again.planned.raise_for_gates()
