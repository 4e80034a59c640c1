"""The profile of a source as one page: each table and column with fill, kinds, samples and distributions.

It is the data audit that comes before a migration. Values of persons are cut, as the page may be handed on; there is no
script in it, and its policy lets nothing load.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from etl.profile.model import Column, Role
from etl.profile.parts import Part
from etl.profile.profile import Profile

SHOWN = 8
"""So many values of a column are shown."""
LONGEST = 40
PERSONAL = ("first_name", "last_name", "person", "email", "phone", "fax", "street", "date_of_birth", "iban", "company")
"""The kinds of which only the beginning of a value is shown."""
MOST_COLUMNS = 400
"""So many columns of one table are shown."""


@dataclass(frozen=True)
class ShownValue:
    """A value as the page shows it. share: of the filled rows, None where values are hardly ever the same."""

    text: str
    count: int | None
    share: float | None


@dataclass(frozen=True)
class ShownColumn:
    """A column as the page shows it."""

    name: str
    fill: float
    distinct: int
    longest: int
    what: str
    sure: bool
    values: tuple[ShownValue, ...]


@dataclass(frozen=True)
class ShownTable:
    """A table as the page shows it."""

    name: str
    role: str
    rows: int
    whole: bool
    key: str
    why: str
    links: tuple[str, ...]
    columns: tuple[ShownColumn, ...]
    further: int


def page_of(profile: Profile) -> str:
    """The page, self-contained."""
    style = files("etl.profile.data").joinpath("profile.css").read_text(encoding="utf-8")
    template = files("etl.profile.data").joinpath("profile.html.j2").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        where=profile.where,
        tables=[*tables_of(profile)],
        unread=profile.unread,
        style=Markup(style),  # noqa: S704  the file's own
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def tables_of(profile: Profile) -> Iterator[ShownTable]:
    """The tables in the order of what they are: records, evidence, history, and the others."""
    order = [*Role]
    for part in sorted(profile.parts.values(), key=lambda part: (order.index(part.role), part.table.name)):
        table = part.table
        key = profile.keys.get(table.name)
        yield ShownTable(
            name=table.name,
            role=part.role.value,
            rows=table.rows,
            whole=table.whole,
            key=", ".join(key.columns) if key else "",
            why=part.why,
            links=tuple(
                f"{', '.join(link.columns)} → {link.to}{f'.{link.by}' if link.by else ''}: "
                f"{link.met:,} of {link.filled:,}"
                + (f", with {' and '.join(link.steps)}" if link.steps else "")
                + (f", where {link.where[0]} is {link.where[1]}" if link.where else "")
                for link in profile.graph.of(table.name)
            ),
            columns=tuple(_column(part, column) for column in table.columns[:MOST_COLUMNS]),
            further=max(0, len(table.columns) - MOST_COLUMNS),
        )


def _column(part: Part, column: Column) -> ShownColumn:
    kind = part.kinds.get(column.name)
    return ShownColumn(
        column.name,
        column.fill,
        column.distinct,
        column.longest,
        what_of(part, column),
        kind is None or kind.sure,
        tuple(_values(column, cut=kind is not None and kind.name in PERSONAL)),
    )


def what_of(part: Part, column: Column) -> str:
    """What a column holds, in a few words."""
    kind = part.kinds.get(column.name)
    if kind is not None:
        return kind.name.replace("_", " ")
    if column.dates is not None:
        forms = " or ".join(column.dates.formats) or "ISO 8601"
        return f"dates, {forms}" + (" (day and month could be either)" if column.dates.ambiguous else "")
    if column.flag is not None:
        yes, no = ", ".join(column.flag.yes) or "never", ", ".join(column.flag.no) or "empty"
        return f"yes ({yes}) or no ({no})" + (f", and {', '.join(column.flag.other)}" if column.flag.other else "")
    return "" if column.filled else "empty"


def _values(column: Column, *, cut: bool) -> Iterator[ShownValue]:
    for word, count in column.top[:SHOWN]:
        yield ShownValue(_shown(word, cut), count, count / column.filled if column.filled else None)
    if not column.top:
        for value in column.values.slice(0, 3).to_pylist():
            yield ShownValue(_shown(value, cut), None, None)


def _shown(value: str, cut: bool) -> str:
    """A value on one line: of a person its first letter only."""
    line = " ".join(value.split())
    if cut:
        return f"{line[:1]}…"
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
