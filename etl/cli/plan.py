"""crm-cleanup plan: the dry run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etl.cli.options import config_argument, in_a_folder, json_option, progress_bar, threads_option, warn_of_plain_text


@click.command()
@config_argument
@click.option(
    "--out", type=click.Path(path_type=Path), help="The plan's folder; plans/NAME, by the config's name, if left out."
)
@click.option("--replace", is_flag=True, help="Let an older plan in that folder give way.")
@threads_option
@click.option(
    "--rows", type=click.IntRange(1), default=20_000, show_default=True, help="Rows read from the source at a time."
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=in_a_folder,
    help="Write gates and quality findings there as JUnit XML, for CI.",
)
@json_option
def plan(
    config: Path,
    out: Path | None,
    replace: bool,
    threads: int | None,
    rows: int,
    junit: Path | None,
    as_json: bool,
) -> None:
    """Make the dry run: decide on every record, write the plan and its reports, and nothing else.

    The plan is a folder: what was read, what was decided and why, the leads exactly as they will be written. Read
    report.html in it, decide the families in review.xlsx, take that in with crm-cleanup decide, and plan again.

    \b
    Examples:
      crm-cleanup plan configs/demo.yaml
      crm-cleanup plan configs/demo.yaml --out build/plan --replace
      crm-cleanup plan configs/demo.yaml --json > report.json    # exit code 3: a gate is not met
      crm-cleanup plan configs/demo.yaml --junit junit.xml       # a dry run on each change
    """
    from etl import report
    from etl.config import load
    from etl.pipeline.plan import Settings, plan as make
    from etl.report.junit import write_junit
    from etl.report.screen import wants_color

    warn_of_plain_text(load(config))
    with progress_bar() as progress:
        settings = Settings(threads=threads or 0, rows=rows)
        made = make(config, out, replace=replace, settings=settings, progress=progress)
    if junit is not None:
        write_junit(junit, made.report)
    if as_json:
        click.echo(report.to_json(made.report))
    else:
        click.echo(report.show(made.report, wants_color(sys.stdout)))
    made.raise_for_gates()
