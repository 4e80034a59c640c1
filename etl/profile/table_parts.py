"""What entries and tables of history have in common in a config: conditions, dates, labels, words for none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from etl.profile.draft import Draft, alone_or_all
from etl.profile.model import Column, LinkTo, Role, Table
from etl.profile.names import kinds_of
from etl.profile.profile import Profile
from etl.rows.literals import FALSE, truth_form

EMPTY_WORDS = 3
"""So often a word for none must stand in a column for it to be declared."""


MOSTLY = 0.5
"""A column that is filled in more rows than that does not say by being filled that somebody deleted a row."""


def says_yes(column: Column, name: str = "") -> dict[str, Any]:
    """The condition that a column says yes, in the words of a config. name: how the config calls the column.

    A flag is asked as one where it has no words but those that flags know; of any other column its words are listed.
    """
    flag = column.flag
    if flag is not None and flag.known and not flag.other:
        return {"flag": name or column.name}
    words = flag.yes if flag is not None and not flag.other else no_denials(column)
    return {"column": name or column.name, **({"equals": words[0]} if len(words) == 1 else {"in": list(words)})}


def no_denials(column: Column) -> tuple[str, ...]:
    """The words of a column that do not say no."""
    words = [word for word, _ in column.top]
    forms = truth_form(pa.array(words, pa.large_string())).to_pylist()
    return tuple(word for word, form in zip(words, forms, strict=True) if form not in FALSE)


def deleted_where(table: Table) -> tuple[dict[str, Any], str] | None:
    """The condition that leaves out rows which somebody deleted, and why it is needed."""
    for column in table.columns:
        if kinds_of(column.name).get("deleted", 0) < 60:
            continue
        if not column.flag and column.filled and column.fill < MOSTLY:
            return {column.name: {"empty": True}}, f"{column.filled:,} rows are deleted: {column.name} is filled."
        if column.flag and column.flag.other:
            continue
        if column.flag:
            counts = dict(column.top)
            gone = sum(counts[word] for word in column.flag.yes)
            said = f"{gone:,} rows are marked as deleted and are left out."
            if column.flag.no == ("0",) and column.filled == column.rows:
                return {column.name: "0"}, said
            if not column.flag.no:
                return {column.name: {"empty": True}}, said
            return {"not": says_yes(column)}, said
    return None


ROW_STATES = 12
"""A column of more words than that does not say whether its row is deleted."""


def deleted_by_word(table: Table) -> tuple[dict[str, Any], str, bool] | None:
    """The condition that leaves out records which a word calls deleted, why, and whether its other words say so too.

    Of what happened, such a word may say that an order was taken back: this is for records alone.
    """
    for column in table.columns:
        gone = [word for word, _ in column.top if kinds_of(word).get("deleted") == WHOLE]
        if not gone or column.flag or column.dates or column.distinct > ROW_STATES:
            continue
        others = [(word, count) for word, count in column.top if word not in gone]
        rows = sum(count for word, count in column.top if word in gone)
        if rows > MOSTLY * column.rows:
            continue
        listed = ", ".join(f"{word} ({count:,})" for word, count in others) or "empty"
        said = f"{rows:,} rows are marked as deleted by {column.name} and are left out; the others are {listed}."
        test = {"equals": gone[0]} if len(gone) == 1 else {"in": gone}
        return {"not": {"column": column.name, **test}}, said, all(says_row_state(word) for word, _ in others)
    return None


WHOLE = 100


def says_row_state(word: str) -> bool:
    """Whether a word says of a record that it is in use, or not any more."""
    return any(points == WHOLE and kind in ROW_KINDS for kind, points in kinds_of(word).items())


ROW_KINDS = frozenset(("active", "archived", "deleted", "ended"))


def meets(link: LinkTo) -> str:
    """How the values of a link meet, in words."""
    missing = link.filled - link.met
    to = f"{link.by} of {link.to}, which is not its key" if link.by else link.to
    said = f"{link.met:,} of {link.filled:,} meet {to}"
    if not missing:
        return said
    return f"{said}; {missing:,} do not" + (f", for example {link.example}" if link.example else "")


def doubt_others(draft: Draft, links: Iterable[LinkTo], at: tuple[str, ...]) -> None:
    """Mark the links by another column than a key, and those whose columns could name rows of another table as well."""
    for link in links:
        if link.by:
            draft.doubt(at, f"{', '.join(link.columns)}: {meets(link)}. Do the rows name these records by it?")
    say_rivals(draft, links, at)


def through_of(profile: Profile, link: LinkTo) -> dict[str, Any]:
    """A link by another column than a key, or by keys in one form: the table of records leads from that to its key."""
    key = profile.keys[link.to].columns
    between = {"table": link.to, "from": link.by or key[0], "to": alone_or_all(key)}
    return {**between, **({"normalize": list(link.steps)} if link.steps else {})}


def say_rivals(draft: Draft, links: Iterable[LinkTo], at: tuple[str, ...]) -> None:
    """Mark the links whose columns could name the rows of another table as well."""
    for link in links:
        if link.rivals:
            draft.doubt(at, f"{', '.join(link.columns)}: {link.to}, or {' or '.join(link.rivals)}? Both fit.")


def say_date(
    draft: Draft, part: dict[str, Any], key: str, table: Table, kinds: tuple[str, ...], at: tuple[str, ...]
) -> None:
    """Name the column of a date, with its form: of what happened, also the only one, whatever it is called."""
    alone = _dated(table) if "happened" in kinds else []
    column = dated_column(table, kinds) or (alone[0] if len(alone) == 1 else None)
    if column is None or column.dates is None:
        return
    part[key] = date_of(column)
    if column.dates.ambiguous:
        draft.doubt(at, f"{column.name}: day and month could be either; every value reads both ways.")


def _dated(table: Table) -> list[Column]:
    return [column for column in table.columns if column.dates and column.dates.share >= 0.9 and column.fill > 0.2]


def dated_column(table: Table, kinds: tuple[str, ...]) -> Column | None:
    """The column of a table that holds dates and is called by one of some kinds, the first kind first."""
    dated = _dated(table)
    for kind in kinds:
        named = [column for column in dated if kinds_of(column.name).get(kind, 0) >= 40]
        if named:
            return max(named, key=lambda column: (kinds_of(column.name)[kind], column.fill))
    return None


def date_of(column: Column) -> Any:
    """A column of dates as a config names it."""
    assert column.dates is not None
    formats = list(dict.fromkeys(column.dates.formats[:1] if column.dates.ambiguous else column.dates.formats))
    if not formats:
        return column.name
    return {"column": column.name, "format": alone_or_all(formats)}


def labels_of(profile: Profile, table: Table) -> dict[str, Any]:
    """The names of rows that a table names by their ids: of users and of lists."""
    labels: dict[str, Any] = {}
    for link in profile.graph.of(table.name):
        to = profile.parts[link.to]
        if to.role not in (Role.LIST, Role.USERS) or len(link.columns) != 1 or link.where:
            continue
        shown = shown_by(to.table, profile.keys[link.to].columns)
        if shown and link.columns[0] not in labels:
            key = link.by or profile.keys[link.to].columns[0]
            label: dict[str, Any] = {"from": link.to, "key": key, "show": shown}
            if link.steps:
                label["normalize"] = list(link.steps)
            labels[link.columns[0]] = label
    return labels


def shown_by(table: Table, key: tuple[str, ...]) -> str | None:
    """The column of a list by which people know its rows."""
    columns = [
        c for c in table.columns if c.name not in key and c.filled >= 0.9 * c.rows and not c.flag and not c.dates
    ]
    named = [c for c in columns if kinds_of(c.name).get("label", 0) >= 40 or "last_name" in kinds_of(c.name)]
    best = max(named, key=lambda c: kinds_of(c.name).get("label", 30), default=None) or next(
        (c for c in columns if not all(v.isdigit() for v in c.values.to_pylist()[:20])), None
    )
    return best.name if best else None


def none_of(table: Table, everywhere: tuple[str, ...], links: Iterable[LinkTo] = ()) -> dict[str, Any]:
    """Column -> its words that stand for an empty value; everywhere: those that are declared for all columns.

    links: of the table; what stands for no record in a column that is led to a key is no value of it either.
    """
    words = {
        column.name: [word for word, count in column.empties.items() if count > EMPTY_WORDS and word not in everywhere]
        for column in table.columns
    }
    for link in links:
        if link.leads:
            words[link.columns[0]] = [*dict.fromkeys([*words[link.columns[0]], *link.none])]
    return {column: words for column, words in words.items() if words}
