"""crm-cleanup plan: the dry run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etl.cli.options import (
    config_argument,
    from_option,
    in_a_folder,
    is_quiet,
    json_option,
    progress_bar,
    stage_lines,
    threads_option,
    warn_of_plain_text,
)
from etl.model import no_progress


@click.command()
@config_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder for the plan. Default: plans/NAME, with the name from the config.",
)
@click.option("--replace", is_flag=True, help="Replace an older plan in that folder.")
@from_option("Decide again on the records that this plan has read; the source is not touched.")
@threads_option
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=20_000,
    show_default=True,
    help="How many rows to read from the source at a time.",
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=in_a_folder,
    help="Also write gates and quality findings to this file as JUnit XML, for CI.",
)
@json_option
def plan(
    config: Path,
    out: Path | None,
    replace: bool,
    from_plan: Path | None,
    threads: int | None,
    rows: int,
    junit: Path | None,
    as_json: bool,
) -> None:
    """Make the dry run: write a plan and its reports.

    It decides on every record, and changes neither the source nor the target. The plan is a folder. It holds the
    records as they were read, each decision with its reason, and the leads exactly as they will be written. Read
    report.html in it and decide the open families in review.html or review.xlsx; then take the decisions over with
    crm-cleanup decide, and make the plan again.

    --from decides again on the records that an earlier plan has read, in a fraction of the time: for rules, thresholds,
    lead fields and labels that changed. What that plan has not read, such as another table, is refused. The new plan
    can be approved and applied like any other: each family is read from the source again before it is written.

    On a terminal, it ends with what changed against the plan that it replaces, or that it was made from.

    \b
    Examples:
      crm-cleanup plan configs/demo.yaml
      crm-cleanup plan configs/demo.yaml --out build/plan --replace
      crm-cleanup plan configs/demo.yaml --from plans/demo --replace    # a rule was changed
      crm-cleanup plan configs/demo.yaml --json > report.json    # exit code 3: a limit is exceeded
      crm-cleanup plan configs/demo.yaml --junit junit.xml       # a dry run on each change
    """
    from etl import report
    from etl.config import load
    from etl.pipeline.plan import Settings, plan as make
    from etl.report.junit import write_junit
    from etl.report.screen import wants_color

    warn_of_plain_text(load(config))
    with progress_bar(no_progress if as_json or is_quiet() else stage_lines()) as progress:
        settings = Settings(threads=threads or 0, rows=rows)
        made = make(
            config,
            out,
            replace=replace,
            from_plan=from_plan,
            compare=int(sys.stdout.isatty() and not as_json),
            settings=settings,
            progress=progress,
        )
    if junit is not None:
        write_junit(junit, made.report)
    if as_json:
        click.echo(report.to_json(made.report))
    else:
        click.echo(report.show(made.report, wants_color(sys.stdout)))
        if made.diff is not None:
            from etl.report.diff.short import short

            click.echo("\n".join(short(made.diff)))
    made.raise_for_gates()
