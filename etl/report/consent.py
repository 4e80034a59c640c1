"""What was done for those who must not be contacted, and what the config may have missed of them, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from etl.plan.figures import ConsentFigures, UnaskedFigures
from etl.report.text import shown
from etl.texts import t, tn


def consent(figures: ConsentFigures) -> str:
    """All of it: what was done, and what people should know."""
    return "; ".join([done(figures), *notices(figures)])


def done(figures: ConsentFigures) -> str:
    """How many opted out, and what became of their addresses."""
    return ", ".join(_done(figures))


def notices(figures: ConsentFigures) -> list[str]:
    """What people should know of who opted out and was not asked, or not read; a sentence each."""
    sentences = [silent(column) for column in figures.silent] if figures.records else []
    sentences += map(unasked, figures.unasked)
    if figures.left_out:
        sentences.append(
            tn(
                figures.left_out,
                "{n} row that the config leaves out opted out, and nobody may be contacted by its addresses",
                "{n} rows that the config leaves out opted out, and nobody may be contacted by their addresses",
            )
        )
    return sentences


def silent(column: str) -> str:
    """That nobody opted out by a column that is asked."""
    return t("nobody opted out by {column}: check the column and its values", column=_name(column))


def unasked(figures: UnaskedFigures) -> str:
    """That a column which sounds like an opt-out is not asked."""
    return tn(
        figures.rows,
        "{column} sounds like an opt-out and {n} row does not say no there, but do_not_contact does not ask it",
        "{column} sounds like an opt-out and {n} rows do not say no there, but do_not_contact does not ask it",
        column=_name(f"{figures.dataset}.{figures.column}"),
    )


def _name(column: str) -> str:
    return f"'{shown(column, 80)}'"


def _done(figures: ConsentFigures) -> Iterator[str]:
    if not figures.asked:
        yield t("nobody is asked, for the config has no do_not_contact")
        return
    if not figures.records:
        yield t("nobody opted out: check the column and the values under do_not_contact")
    else:
        yield tn(figures.records, "{n} record opted out", "{n} records opted out")
    if figures.records or figures.leads or figures.replaced:
        yield from _leads(figures)


def _leads(figures: ConsentFigures) -> Iterator[str]:
    yield tn(figures.leads, "{n} lead must not be contacted", "{n} leads must not be contacted")
    yield tn(
        figures.reached,
        "{n} of them has an address or number of somebody who opted out",
        "{n} of them have an address or number of somebody who opted out",
    )
    yield tn(
        figures.elsewhere,
        "in {n} nobody opted out, but a record elsewhere with the same address or number did",
        "in {n} nobody opted out, but a record elsewhere with the same address or number did",
    )
    yield tn(
        figures.replaced,
        "{n} lead has another member's address or number instead",
        "{n} leads have another member's address or number instead",
    )
