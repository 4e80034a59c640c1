"""crm-cleanup find: where did a record go?"""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, progress_bar
from etl.cli.results.finding import show_found, show_page
from etl.errors import ConfigError


@click.command()
@click.argument("text", nargs=-1)
@click.option(
    "--plan",
    "plans",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The plan to search. Can be used several times.",
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Show at most this many records."
)
@click.option("--page", type=click.Path(path_type=Path), help="Write a search page for the sales team to this file.")
@json_option
def find(text: tuple[str, ...], plans: tuple[Path, ...], limit: int, page: Path | None, as_json: bool) -> None:
    """Find where a legacy record is now, and why.

    It may be in a lead, planned but not yet written, or still in the CRM.

    TEXT can be a name, city, e-mail address, phone number, legacy key, source key or lead id, or several of them; a
    record is found if it matches every word. Umlauts, accents, upper and lower case and small typing errors do not
    matter. Without --plan, all plans in ./plans are searched. The first search of a plan takes longer, because it
    builds an index.

    --page writes one file that works without a network and server: a search page with name, city, decision, lead
    id and the first lines of the note of up to 100,000 records.

    \b
    Examples:
      crm-cleanup find "müller 4711"
      crm-cleanup find "+49 351 1234567" --plan plans/demo --json
      crm-cleanup find --page find.html --plan plans/demo
    """
    if bool(text) == bool(page):
        raise ConfigError(
            "Give either a text to find, or --page with the file for the search page, and not both.",
            next="crm-cleanup find --help",
        )
    from etl.pipeline.find import find as search
    from etl.pipeline.find_page import write_page

    with progress_bar() as progress:
        written = write_page(page, plans, progress=progress) if page else None
        result = None if page else search(" ".join(text), plans, limit=limit, progress=progress)
    if written is not None:
        show_page(written, as_json)
    if result is not None:
        show_found(result, as_json)
