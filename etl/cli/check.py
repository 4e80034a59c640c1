"""crm-cleanup check: hold a config against its source and target."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import config_argument, json_option, progress_bar, warn_of_plain_text
from etl.cli.results.planning import show_checked


@click.command()
@config_argument
@json_option
def check(config: Path, as_json: bool) -> None:
    """Check a config against the live source and target.

    Run it before you make a plan; it writes nothing. It makes sure that every table, column and lead field in the
    config exists, and suggests how CSV files are written. It also counts how many rows of evidence and history belong
    to a record. Where blanks or leading zeros keep keys from matching, it warns: every customer might look like a lead.
    A customer list without any row is an error. If the config says how records are archived in a database, that is
    tried on a few of them, in a transaction that is rolled back.

    \b
    Examples:
      crm-cleanup check configs/demo.yaml
      crm-cleanup check configs/demo.yaml --json
    """
    from etl.config import load
    from etl.pipeline.check import check as look

    warn_of_plain_text(load(config))
    with progress_bar() as progress:
        checked = look(config, progress=progress)
    show_checked(checked, config, as_json)
