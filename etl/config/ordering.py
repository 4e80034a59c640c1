"""Where a config puts rows in order by a column: the places in it, and what it says of columns that it cannot read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from etl.config.conditions import exists_of
from etl.config.dates import DateColumn
from etl.config.links import Join, Link, Through
from etl.config.load import place
from etl.config.schema import Config
from etl.errors import ConfigError, excerpt

At = tuple[str | int, ...]
Ordering = tuple[At, str, DateColumn]
"""Where the config has it, the table, and the column."""


def orderings(config: Config) -> Iterator[Ordering]:
    """All columns that put rows in order, and those that say when a record was changed."""
    for name, entry in config.source.records.items():
        at: At = ("source", "records", name)
        yield from _ordering((*at, "changed"), entry.from_ or name, entry.changed)
        yield from _joins(entry.join, at)
        if entry.parent:
            yield from _through(entry.parent.through, (*at, "parent"))
    for name, related in config.source.related.items():
        if related.made_of is None:
            at = ("source", "related", name)
            yield from _ordering((*at, "order_by"), related.from_ or name, related.order_by)
            yield from _joins(related.join, at)
            yield from _links(related.links, at)
    for number, rule in enumerate(config.classify):
        for condition in exists_of(rule.when):
            yield from _links(condition.links, ("classify", number, "when"))


def unread_dates(config: Config, table: str, by: DateColumn, example: str) -> ConfigError:
    """Say that a column has dates in another form than the one that is read without a format."""
    key, at = next(
        ((at[-1], at) for at, named, column in orderings(config) if (named, column) == (table, by)), ("order_by", ())
    )
    form = "%d.%m.%Y" if "." in example else "%d/%m/%Y" if "/" in example else "%d-%m-%Y"
    return ConfigError(
        f"The column {excerpt(by.column)!r} of {excerpt(table, 80)} has dates such as {excerpt(example)!r}, and they "
        "would be put in order as texts, by the day first.",
        where=place(config.path, at),
        next=f'say how they are written, for example {key}: {{column: {by.column}, format: "{form}"}}',
    )


def _ordering(at: At, table: str, column: DateColumn | None) -> Iterator[Ordering]:
    if column is not None:
        yield at, table, column


def _joins(joins: Mapping[str, Join], at: At) -> Iterator[Ordering]:
    for name, join in joins.items():
        yield from _ordering((*at, "join", name, "order_by"), join.from_ or name, join.order_by)
        yield from _through(join.through, (*at, "join", name))


def _links(links: Mapping[str, Sequence[Link]], at: At) -> Iterator[Ordering]:
    for entry, some in links.items():
        for link in some:
            yield from _through(link.through, (*at, "of", entry))


def _through(through: Through | None, at: At) -> Iterator[Ordering]:
    if through is not None:
        yield from _ordering((*at, "through", "order_by"), through.table, through.order_by)
