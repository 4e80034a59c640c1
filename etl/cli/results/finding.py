"""Print what `find` found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from etl.cli.results.printing import show_json
from etl.errors import plural

if TYPE_CHECKING:
    from etl.pipeline.find import Hit, SearchResult
    from etl.pipeline.find_page import Page


def show_found(result: SearchResult, as_json: bool) -> None:
    """Print what `find` found; what could not be asked on standard error."""
    for notice in result.notices:
        click.echo(notice, err=True)
    if as_json:
        show_json(result)
        return
    for number, hit in enumerate(result.hits, 1):
        click.echo("\n".join(_hit(number, hit, several=len(result.plans) > 1)) + "\n")
    if not result.hits:
        click.echo(f"Nothing found in {plural(result.records, 'legacy record')}. Try fewer words.")
    elif result.count > len(result.hits):
        click.echo(f"{plural(result.count, 'record')} found, the best {len(result.hits):,} shown; --limit shows more.")


def _hit(number: int, hit: Hit, *, several: bool) -> list[str]:
    from etl.report.text import shown

    name = ", ".join(shown(part, 100) for part in (hit.name, hit.company, hit.city) if part) or "without a name"
    lines = [
        f"{number}. {name} [{shown(hit.source_key, 200)}]",
        f"   {shown(hit.state, 200)}",
        f"   decision: {hit.decision}, by the rule: {shown(hit.rule or 'none', 200)}",
    ]
    lines += [f"   evidence: {shown(hit.evidence, 300)}"] if hit.evidence else []
    lines += [f"   plan:     {hit.plan}"] if several else []
    return lines + [f"   | {shown(line, 120).replace(chr(92) + 'x20', ' ')}" for line in hit.note]


def show_page(page: Page, as_json: bool) -> None:
    """Print where the page of `find` is."""
    for notice in page.notices:
        click.echo(notice, err=True)
    if as_json:
        show_json(page)
        return
    click.echo(f"{plural(page.records, 'record')} in {page.path}, which only you can read. It holds names of persons.")
