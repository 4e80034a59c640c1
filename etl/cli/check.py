"""crm-cleanup check: hold a config against its source and target."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import config_argument, json_option, progress_bar, warn_of_plain_text
from etl.cli.results import show_checked


@click.command()
@config_argument
@json_option
def check(config: Path, as_json: bool) -> None:
    """Hold a config against the live source and target, before anything is planned; nothing is written.

    Says whether every table, column and lead field that the config names exists, how CSV files seem to be written, and
    whether the keys of evidence and history meet those of the records: where trimming blanks or leading zeros would
    make more of them meet, every customer may look like a lead. A list of known customers that holds nobody is refused.

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
