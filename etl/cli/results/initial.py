"""Ask what only people can decide of a first config, and print what was made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from etl.cli.results.printing import LISTED, show_json
from etl.errors import plural, printable

if TYPE_CHECKING:
    from etl.pipeline.init import Answers, Initial
    from etl.profile.page import ShownTable
    from etl.profile.questions import Questions


def ask(questions: Questions, usual: Answers) -> Answers:
    """Ask on the terminal how many years count and whether duplicates become one lead, with the numbers of each."""
    from dataclasses import replace

    for line in questions.years:
        click.echo(printable(line), err=True)
    if questions.years and questions.spans:
        span = click.prompt(
            "How many years ago may a purchase be (0: it always counts)", default=usual.years, type=int, err=True
        )
        usual = replace(usual, years=span or None)
    click.echo(printable(questions.merge), err=True)
    merge = click.confirm(
        "Shall records that are almost certainly the same become one lead", default=usual.merge, err=True
    )
    return replace(usual, merge=merge)


def asks(yes: bool, as_json: bool, quiet: bool) -> bool:
    """Whether somebody is there to be asked."""
    return not (yes or as_json or quiet) and sys.stdin.isatty() and sys.stderr.isatty()


def show_initial(made: Initial, as_json: bool, explain: bool) -> None:
    """Print what a first config has, and what of it people should look at."""
    if as_json:
        show_json({"path": str(made.path), "source": made.source, "entries": made.entries, "unsure": made.unsure})
        return
    click.echo(f"Source: {made.source}\n")
    if explain:
        _show_tables(made.tables)
    for entry, rows in made.entries.items():
        click.echo(f"  {entry:<28} {rows:>12,} records")
    click.echo("")
    for line in made.unsure[:LISTED]:
        click.echo(printable(f"Please look at: {line}"))
    if len(made.unsure) > LISTED:
        click.echo(f"… and {len(made.unsure) - LISTED:,} more, which the config marks with `# ?`.")
    click.echo(f"{made.path} is written; {plural(len(made.unsure), 'place')} marked with `# ?`.")
    click.echo(f"Next: crm-cleanup check {made.path}")


def _show_tables(tables: Sequence[ShownTable]) -> None:
    for table in tables:
        click.echo(
            printable(f"{table.name}: {table.role}, {table.rows:,} rows, key {table.key or 'none'}; {table.why}")
        )
        for link in table.links:
            click.echo(printable(f"  {link}"))
        for column in table.columns:
            unsure = "" if column.sure else " (not sure)"
            shown = " | ".join(value.text for value in column.values[:4])
            click.echo(
                printable(
                    f"  {column.name:<28} {column.fill:>5.0%} {column.distinct:>9,}  {column.what}{unsure}  {shown}"
                )
            )
        click.echo("")
