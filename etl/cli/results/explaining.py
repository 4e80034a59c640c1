"""Print what `why` says of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from etl.cli.results.printing import show_json

if TYPE_CHECKING:
    from etl.plan.explanation import Why


def show_why(why: Why, as_json: bool) -> None:
    """Print everything, in the language of the plan's reports; which plan was asked on standard error."""
    from etl.report.why import changes, lines
    from etl.texts import speaking

    for notice in why.notices:
        click.echo(f"Note: {notice}", err=True)
    with speaking(why.language):
        if as_json:
            show_json(why, changes=list(changes(why)))
        else:
            click.echo("\n".join(lines(why)))
