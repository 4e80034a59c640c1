"""What the results of several verbs are printed with: as JSON, and as lists for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from etl.errors import printable

if TYPE_CHECKING:
    from etl.load import Refusal

LISTED = 20
"""How many differences or refusals are printed."""


def show_json(result: Any, **more: object) -> None:
    """Print a result for machines, with more of what is known of it."""
    from etl.report.machine import json_text

    click.echo(json_text({**(result if isinstance(result, dict) else asdict(result)), **more}, indent=1))


def show_list(what: str, lines: Sequence[str]) -> None:
    """Print the first of some lines, each with what it is."""
    for line in lines[:LISTED]:
        click.echo(printable(f"{what}: {line}"))
    if len(lines) > LISTED:
        click.echo(f"… and {len(lines) - LISTED:,} more; --json lists all.")


def name_left(some: Sequence[Refusal], what: str, advice: str) -> None:
    """Name on standard error what was left as it was, and why."""
    for refusal in some[:LISTED]:
        click.echo(printable(f"{what}: {refusal.lead}: {refusal.reason}"), err=True)
    if len(some) > LISTED:
        click.echo(f"… and {len(some) - LISTED:,} more; --json lists all.", err=True)
    if some and advice:
        click.echo(advice, err=True)
