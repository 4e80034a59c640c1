"""crm-cleanup find: where did a record go?"""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import json_option, progress_bar
from etl.cli.results import show_found, show_page
from etl.errors import ConfigError


@click.command()
@click.argument("text", nargs=-1)
@click.option("--plan", "plans", multiple=True, type=click.Path(path_type=Path), help="A plan; several may be named.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="The most hits to show.")
@click.option("--page", type=click.Path(path_type=Path), help="Write a page on which sales can search.")
@json_option
def find(text: tuple[str, ...], plans: tuple[Path, ...], limit: int, page: Path | None, as_json: bool) -> None:
    """Say where a legacy record is now: in which lead, not written yet, or still in the CRM, and why.

    TEXT is a name, city, e-mail address, phone number, legacy key, source key or lead id, or several of them: each
    word must be met. Umlauts, accents, case and typing errors are forgiven. Without --plan, all plans in ./plans are
    searched. The first search of a plan builds its index.

    The page needs no network and no server: name, city, decision and lead id of up to 100,000 records, in one file.

    \b
    Examples:
      crm-cleanup find "müller 4711"
      crm-cleanup find "+49 351 1234567" --plan plans/demo --json
      crm-cleanup find --page find.html --plan plans/demo
    """
    if bool(text) == bool(page):
        raise ConfigError("Say either what to find, or where to write the page.", next="crm-cleanup find --help")
    from etl.pipeline.find import find as search
    from etl.pipeline.find_page import write_page

    with progress_bar() as progress:
        written = write_page(page, plans, progress=progress) if page else None
        result = None if page else search(" ".join(text), plans, limit=limit, progress=progress)
    if written is not None:
        show_page(written, as_json)
    if result is not None:
        show_found(result, as_json)
