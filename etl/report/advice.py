"""Sentences on what people should look at, as config, data and lists do not meet; reports and `check` share them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from etl.config.links import Step
from etl.errors import excerpt
from etl.model import Remark
from etl.plan.figures import JoinFigures, KeysOf, LiteralFigures, MasterFigures, ParentCounts, UnnamedFigures
from etl.report.text import number, shown
from etl.texts import mark, t, tn

SHOWN = 5
"""So many values of one place of the config stand in a report on a screen; the workbook and JSON have them all."""


DIFFERENCES: dict[Step, str] = {
    "trim": mark("blanks around them"),
    "upper": mark("upper and lower case"),
    "lower": mark("upper and lower case"),
    "leading_zeros": mark("leading zeros"),
    "number": mark("how numbers are written"),
    "unicode": mark("letters of full width, or signs that nobody sees"),
    "salesforce_18": mark("the length of Salesforce ids (15 or 18 characters)"),
}
"""What two keys may differ by before a step of `normalize` brings them to one form."""


def join_hints(join: JoinFigures) -> list[str]:
    """What looks like keys that do not meet, or dates that are not read, in one table; a sentence each."""
    if join.looks_up:
        return _lookup_hints(join)
    sentences = _would_find_records(join)
    sentences += map(_other_key, join.keys_of)
    sentences += _other_kinds(join)
    if join.not_linked:
        sentences.append(
            tn(
                join.not_linked,
                "{n} row names no record: its links are empty",
                "{n} rows name no record: their links are empty",
            )
        )
    if join.unreadable_dates:
        sentences.append(
            tn(
                join.unreadable_dates,
                "{n} date cannot be read, so the family of its record is in review: set the date format in the config",
                "{n} dates cannot be read, so the families of their records are in review: set the date format in the "
                "config",
            )
        )
    if not join.rows_read and join.kind in ("related", "evidence"):
        sentences.append(t("not one row was read: check that the table is complete"))
    elif join.rows_read and not join.rows and join.kind == "evidence":
        sentences.append(
            tn(join.rows_read, "the only row does not match `where`", "none of the {n} rows matches `where`")
        )
    elif join.rows and not join.joined:
        sentences.append(t("no row belongs to a record: check which columns the config joins"))
    return sentences


def grouped(hints: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Hints as place and sentence, those of one sentence together: it stands once, with all its places."""
    places: dict[str, dict[str, None]] = {}
    for place, sentence in hints:
        places.setdefault(sentence, {})[place] = None
    return [(", ".join(together), sentence) for sentence, together in places.items()]


def hints_of_joins(joins: Iterable[JoinFigures]) -> list[tuple[str, str]]:
    """What looks wrong in the joins: the tables, and a sentence."""
    return grouped((join.dataset, hint) for join in joins for hint in join_hints(join))


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


def _would_find_records(join: JoinFigures) -> list[str]:
    """What would let keys of rows meet records, or a table of links; a sentence for each."""
    part = {"links": "through", "merges": "key", "under": join.dataset.partition(", ")[2]}.get(join.kind)
    line = f"{part}: {{{{normalize: [{{steps}}]}}}}" if part else "normalize: [{steps}]"
    return [
        tn(
            cure.rows,
            "{n} more row would find its record if keys were compared without regard to {differences}: {line}",
            "{n} more rows would find their records if keys were compared without regard to {differences}: {line}",
            differences=_differences(cure.steps),
            line=line.format(steps=", ".join(cure.steps)),
        )
        for cure in join.would_meet
    ]


def _other_key(other: KeysOf) -> str:
    """Whose keys rows have that name no record."""
    if not other.line:
        return tn(
            other.rows,
            "{n} row without a record has a key of {table} instead",
            "{n} rows without a record have keys of {table} instead",
            table=other.name,
        )
    return tn(
        other.rows,
        "{n} row without a record has a key of {table} instead: {line} joins it",
        "{n} rows without a record have keys of {table} instead: {line} joins them",
        table=other.name,
        line=other.line,
    )


def _other_kinds(join: JoinFigures) -> list[str]:
    """What rows are that fill a link and that no `where` of the config takes; a sentence each."""
    if not join.other_kind:
        return []
    named = "; ".join(f"{shown(kind.kind, 60)} ({number(kind.rows)})" for kind in join.kinds[:SHOWN])
    if len(join.kinds) > SHOWN:
        named += "; …"
    return [
        tn(
            join.other_kind,
            "{n} row fills a link that the config reads for rows of other kinds alone: {kinds}. If that names a "
            "record, add a link to it, with this kind in its `where`",
            "{n} rows fill a link that the config reads for rows of other kinds alone: {kinds}. If some of them name "
            "records, add a link to these, with their kind in its `where`",
            kinds=named,
        )
    ]


def _would_find_values(join: JoinFigures) -> list[str]:
    """What would let keys of rows meet a table that values are taken from; a sentence for each."""
    return [
        tn(
            cure.rows,
            "{n} more row would find its values if keys were compared without regard to {differences}: {line}",
            "{n} more rows would find their values if keys were compared without regard to {differences}: {line}",
            differences=_differences(cure.steps),
            line=f"normalize: [{', '.join(cure.steps)}]",
        )
        for cure in join.would_meet
    ]


def _merge_hints(join: JoinFigures) -> list[str]:
    """Which merges nobody can follow; a sentence each."""
    sentences = []
    if join.twice:
        sentences.append(
            tn(
                join.twice,
                "{n} key is merged into several records, so nobody can say which has its history, and they wait",
                "{n} keys are merged into several records, so nobody can say which have their history, and they wait",
            )
        )
    if join.without_record > join.near:
        sentences.append(
            tn(
                join.without_record,
                "{n} merge leads to no record: its new key is empty, does not exist, or leads back to the old one",
                "{n} merges lead to no record: their new keys are empty, do not exist, or lead back to the old ones",
            )
        )
    return sentences


def _lookup_hints(join: JoinFigures) -> list[str]:
    """What looks like keys that do not meet in a table that is looked up in; a sentence each."""
    names_records = join.kind in ("links", "merges", "under")
    sentences = _would_find_records(join) if names_records else _would_find_values(join)
    sentences += _merge_hints(join) if join.kind == "merges" else []
    if join.rows and not join.joined and not join.near and join.kind in ("joined", "labels", "links"):
        sentences.append(
            t("not one row finds its row in the other table: check that it is complete, and by which columns they meet")
        )
    if join.without_record > join.near and join.kind == "labels":
        sentences.append(
            tn(
                join.without_record - join.near,
                "{n} row has an id that the table of labels does not have",
                "{n} rows have ids that the table of labels does not have",
            )
        )
    if join.not_taken and join.kind == "joined":
        sentences.append(
            tn(
                join.not_taken,
                "{n} row of the other table is not taken, because another one has the same key; the note has it below",
                "{n} rows of the other table are not taken, because others have the same keys; notes have them below",
            )
        )
    elif join.not_taken:
        sentences.append(
            tn(
                join.not_taken,
                "{n} row of the other table is not taken, because another one has the same key",
                "{n} rows of the other table are not taken, because others have the same keys",
            )
        )
    if join.left_out:
        sentences.append(
            tn(
                join.left_out,
                "{n} row of the other table is left out, because it does not meet `where`",
                "{n} rows of the other table are left out, because they do not meet `where`",
            )
        )
    if join.never_named and join.kind in ("joined", "links"):
        sentences.append(
            tn(
                join.never_named,
                "{n} row of the other table has a key that no record has",
                "{n} rows of the other table have keys that no record has",
            )
        )
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


UNREAD = mark(
    "the table cannot be read, so nobody can say whether it names records; give the reason under source.ignore"
)
"""What is said of a table that the config does not name and that cannot be looked at."""


def points_at(entry: str | None, column: str | None, rows: int, near: tuple[Step, ...] = ()) -> str:
    """What is said of a table that the config does not name, before it is known which records move."""
    if column is None:
        return t(UNREAD)
    return _nearly(near) + tn(
        rows,
        "{n} row names a record of {entry} by {column}, and the config does not name the table: add it under "
        "source.related, or under source.ignore with the reason",
        "{n} rows name records of {entry} by {column}, and the config does not name the table: add it under "
        "source.related, or under source.ignore with the reason",
        entry=entry,
        column=column,
    )


def _nearly(steps: tuple[Step, ...]) -> str:
    """By what the keys of such a table only nearly are those of records; nothing where they are equal."""
    if not steps:
        return ""
    said = t(
        "its keys are those of records without regard to {differences}, so its link needs {line}",
        differences=_differences(steps),
        line=f"normalize: [{', '.join(steps)}]",
    )
    return f"{said}; "


def _differences(steps: tuple[Step, ...]) -> str:
    """What keys may differ by before some steps bring them to one form."""
    return t(" and ").join(t(DIFFERENCES[step]) for step in steps)


def unnamed(table: UnnamedFigures) -> str:
    """What stays behind in a table that the config does not name."""
    if table.column is None:
        return t(UNREAD)
    return _nearly(table.near) + tn(
        table.rows,
        "{n} row names a record of {entry} by {column} (at records that move: {moving}), and the config does not name "
        "the table: add it under source.related, or under source.ignore with the reason",
        "{n} rows name records of {entry} by {column} (at records that move: {moving}), and the config does not name "
        "the table: add it under source.related, or under source.ignore with the reason",
        entry=table.entry,
        column=table.column,
        moving=number(table.moving),
    )
