"""Sentences on what people should look at, as config, data and lists do not meet; reports and `check` share them."""

from __future__ import annotations

from collections.abc import Sequence

from etl.errors import excerpt
from etl.model import Remark
from etl.plan.figures import LiteralFigures, MasterFigures, ParentCounts
from etl.report.text import shown
from etl.texts import mark, t, tn

SHOWN = 5
"""So many values of one place of the config stand in a report on a screen; the workbook and JSON have them all."""


def parent_hints(counts: ParentCounts) -> list[str]:
    """How many records are rejected for the parent that they name, and which line of the config cures it."""
    sentences = [
        tn(
            rows,
            "{n} record names the parent {value}, and no record has this key: if it stands for none, {line}",
            "{n} records name the parent {value}, and no record has this key: if it stands for none, {line}",
            value=repr(excerpt(value)),
            line=f'none: ["{excerpt(value)}"]',
        )
        for value, rows in counts.none.items()
    ]
    for rows, said in (
        (
            counts.itself,
            tn(
                counts.itself,
                "{n} record names itself as its parent and is rejected: if that means a head office, {line}",
                "{n} records name themselves as their parents and are rejected: if that means a head office, {line}",
                line="none: [self]",
            ),
        ),
        (
            counts.missing,
            tn(
                counts.missing,
                "{n} record names a parent that does not exist and is rejected: to go on without it, {line}",
                "{n} records name parents that do not exist and are rejected: to go on without them, {line}",
                line="missing: ignore",
            ),
        ),
        (
            counts.circle,
            tn(
                counts.circle,
                "{n} record is its own ancestor and is rejected: to keep the circle as one family, {line}",
                "{n} records are their own ancestors and are rejected: to keep each circle as one family, {line}",
                line="circle: cut",
            ),
        ),
    ):
        sentences += [said] if rows else []
    return sentences


def remark(said: Remark) -> str:
    """What of a table is read otherwise than it may seem."""
    names = ", ".join(said.names)
    match said.code:
        case "hidden-sheet":
            return t("the sheet {name} is hidden in Excel; it is read", name=names)
        case "hidden-sheets":
            return tn(
                said.count,
                "{n} other sheet of the workbook is hidden in Excel: {names}",
                "{n} other sheets of the workbook are hidden in Excel: {names}",
                names=names,
            )
        case "hidden-rows":
            return tn(
                said.count,
                "{n} row is hidden in Excel and read like the others",
                "{n} rows are hidden in Excel and read like the others",
            )
        case "hidden-columns":
            return tn(
                said.count,
                "{n} column is hidden in Excel and read like the others",
                "{n} columns are hidden in Excel and read like the others",
            )
    name, other = said.names
    return t(
        "column {n} has the name {name} of a column before it, and is read as {other}",
        n=said.count,
        name=repr(name),
        other=repr(other),
    )


def usual_word(count: int, column: str, word: str, line: str) -> str:
    """What is said of a word that mostly stands for an empty value. line: of the config, that counts it as empty."""
    return tn(
        count,
        "{n} value of {column} is {word}, which mostly stands for an empty value: {line}",
        "{n} values of {column} are {word}, which mostly stands for an empty value: {line}",
        column=excerpt(column),
        word=repr(excerpt(word)),
        line=line,
    )


def forget_unknown(line: int) -> str:
    """What is said of a line of `forget.csv` whose record the source does not have."""
    return t("Line {line} of the records to forget names a record that the source does not have.", line=line)


NEARNESS = {
    "case": mark("differs only in upper and lower case"),
    "blanks": mark("differs only in blanks"),
    "unicode": mark("differs only in how characters are encoded"),
    "number": mark("is the same number, written otherwise"),
    "truth": mark("is another word for the same answer"),
    "unknown": mark("says neither yes nor no"),
    "date": mark("cannot be read as a date"),
    "empty": mark("is empty beside a word for no"),
}
"""By what a value nearly meets what the config names."""


def literal_hints(literals: LiteralFigures) -> list[str]:
    """How the values that one place of the config names miss the data; a sentence each."""
    sentences = [
        tn(
            near.rows,
            "{n} row has the value {value}, which {why}",
            "{n} rows have the value {value}, which {why}",
            value=f"'{shown(near.value, 40)}'",
            why=t(NEARNESS[near.by]),
        )
        for near in literals.near[:SHOWN]
    ]
    rest = literals.rows - sum(near.rows for near in literals.near[:SHOWN])
    if rest:
        sentences.append(tn(rest, "{n} more row has another such value", "{n} more rows have other such values"))
    if any(near.by == "empty" for near in literals.near):
        sentences.append(
            t(
                "if empty means the same, write {line}; if not, write fold: false beside the value",
                line='in: ["0", ""]',
            )
        )
    if literals.dates:
        sentences.append(_cure_of_dates(literals.formats))
        sentences += _cost_of_dates(literals.at)
    if literals.never:
        named = ", ".join(f"'{shown(value, 40)}'" for value in literals.never[:SHOWN])
        sentences.append(
            tn(
                len(literals.never),
                "no row has the value {values}",
                "no row has any of {n} values: {values}",
                values=named,
            )
        )
    return sentences


def are_some_words(literals: LiteralFigures) -> bool:
    """Whether rows have some of the values that a place names, and none is near those that they do not have."""
    return bool(literals.never and literals.meeting and not literals.rows and not literals.dates)


def unused_words(places: Sequence[LiteralFigures]) -> list[str]:
    """What is said of all such places together: a list may well name words of other languages or years."""
    if not places:
        return []
    named = "; ".join(
        f"{place.at} ({', '.join(shown(value, 40) for value in place.never[:SHOWN])}"
        f"{', …' if place.never[SHOWN:] else ''})"
        for place in places[:SHOWN]
    )
    return [
        tn(
            len(places),
            "{n} place of the config names more values than rows have, which may well be right: {places}",
            "{n} places of the config name more values than rows have, which may well be right: {places}",
            places=named + ("; …" if places[SHOWN:] else ""),
        )
    ]


def _cost_of_dates(at: str) -> list[str]:
    """What becomes of rows whose place in an order cannot be read, by where the config has the order."""
    if at.endswith(".changed"):
        return [t("of records that are one, such a record counts as the one that was changed first")]
    if at.endswith(": order_by"):
        return [t("where such a row could be the one that counts, the record is in review")]
    return []


def _cure_of_dates(formats: tuple[str, ...]) -> str:
    """What to write where a column that puts rows in order has dates in another form. formats: that read all of it."""
    if not formats:
        return t("no usual format reads all of the column: name each of its formats under format, or correct the CRM")
    if len(formats) > 1:
        named = t(" or ").join(f'"{form}"' for form in formats)
        return t("they can be read as {formats}: only you can say which is meant, under format", formats=named)
    return t("all of the column is read with {line}", line=f'format: "{formats[0]}"')


def master_hints(master: MasterFigures) -> list[str]:
    """What people should know of how one list of customers was matched; a sentence each."""
    sentences = []
    if master.meets_nobody:
        sentences.append(
            t(
                "no record is a customer of this list; see whether identity names the same on both sides, "
                "and whether it is written alike"
            )
        )
    if master.damaged:
        sentences.append(
            tn(
                master.damaged,
                "{n} row cannot be read, so its customer cannot be recognised",
                "{n} rows cannot be read, so their customers cannot be recognised",
            )
        )
    if master.nameless:
        sentences.append(
            tn(
                master.nameless,
                "{n} row has no value in the identity columns",
                "{n} rows have no value in the identity columns",
            )
        )
    if master.weak_numbers:
        sentences.append(
            tn(
                master.weak_numbers,
                "{n} record shares only a number with a customer that proves nothing, such as a placeholder",
                "{n} records share only numbers with customers that prove nothing, such as placeholders",
            )
        )
    if master.names_differ:
        sentences.append(
            tn(
                master.names_differ,
                "{n} record has the number of a customer with an entirely different name",
                "{n} records have the number of a customer with an entirely different name",
            )
        )
    return sentences
