"""Sentences on tables whose keys do not meet those of records or of each other; reports and `check` share them."""

from __future__ import annotations

from collections.abc import Iterable

from etl.config.links import Step
from etl.plan.figures import JoinFigures, KeysOf, UnnamedFigures
from etl.report.advice import SHOWN
from etl.report.text import number, shown
from etl.texts import mark, t, tn

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
