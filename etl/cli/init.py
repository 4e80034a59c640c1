"""crm-cleanup init: make a first config of a source."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import in_a_folder, is_quiet, json_option, progress_bar


@click.command()
@click.argument("source")
@click.option("--to", "target", metavar="TARGET", help="Where leads go. Default: the file pipeline.db, SQLite.")
@click.option("--master", "masters", metavar="URL", multiple=True, help="A list of known customers. Can be repeated.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="config.yaml",
    show_default=True,
    callback=in_a_folder,
    help="The config to write.",
)
@click.option(
    "--years",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="How many years ago a purchase may be.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; take the usual answers.")
@click.option("--explain", is_flag=True, help="Print what each table and column holds.")
@click.option(
    "--profile",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=in_a_folder,
    help="Write what each table and column holds as a page, such as profile.html.",
)
@click.option("--replace", is_flag=True, help="Write over a config that is there.")
@json_option
def init(
    source: str,
    target: str | None,
    masters: tuple[str, ...],
    out: Path,
    years: int,
    yes: bool,
    explain: bool,
    profile: Path | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Make a first config for SOURCE: a folder of files, a database URL or an Odoo.

    It reads the source and writes nothing but the config: which tables hold companies, persons, history and evidence,
    by which keys they hang together, what each column holds, and which rules follow. Each part says why it is there;
    what is not sure is marked with `# ?`. Then run check and plan, which only read as well.

    \b
    Examples:
      crm-cleanup init data/legacy --master files:data/erp --out my.yaml
      crm-cleanup init postgresql+psycopg://reader@host/crm --yes
    """
    from etl.cli.results.initial import ask, asks, show_initial
    from etl.pipeline.init import as_usual, init as make

    asking = ask if asks(yes, as_json, is_quiet()) else as_usual
    with progress_bar() as progress:
        made = make(
            source,
            out,
            target=target,
            masters=masters,
            years=years,
            replace=replace,
            page=profile,
            progress=progress,
            ask=asking,
        )
    show_initial(made, as_json, explain)
