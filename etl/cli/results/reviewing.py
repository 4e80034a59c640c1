"""Print which pages `review` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from etl.cli.results.printing import show_json
from etl.errors import plural, printable

if TYPE_CHECKING:
    from etl.pipeline.review import Pages


def show_pages(pages: Pages, as_json: bool) -> None:
    """Print each page with its open cases."""
    if as_json:
        show_json(pages)
        return
    for page in pages.pages:
        click.echo(printable(f"{page.path}: {plural(page.cases, 'open case')}"))
    if not pages.pages:
        click.echo("The plan has no open case, so no page was written.")
    else:
        click.echo("Only you can read them. They hold values of persons.")
        click.echo("Take in what people save: crm-cleanup decide CONFIG FILE")
