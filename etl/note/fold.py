"""Fold legacy records and their history into notes. `parse` is the exact inverse."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import NoteError
from etl.model import Chunk
from etl.note.columns import (
    TEXT,
    changed,
    grouped,
    joined,
    strings,
    text,
    without_implied,
    written,
)
from etl.note.escape import NOTHING, SUSPECT, escape_key, escape_title
from etl.note.labels import DatasetLabels, Labels
from etl.note.vocabulary import (
    ARROW,
    DEEPER,
    HISTORY_DEEPER,
    HISTORY_LINE,
    HISTORY_ROW,
    ROW,
    Words,
)

if TYPE_CHECKING:
    import pandas as pd

TITLE = 80
"""How many characters of a display name a heading shows; the whole name stands below it."""


Counts = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Sections:
    """The sections of all notes, in order, as Arrow arrays of equal length.

    own: whether the record's values stand here. notes: how many sections each lead has; leads: their keys.
    """

    leads: pd.Index[str]
    notes: Counts
    key: Any
    entry: Any
    type: Any
    title: Any
    see: Any
    own: Any

    @classmethod
    def of(cls, layout: pd.DataFrame) -> Sections:
        """Bring the sections of each lead together."""
        import pandas as pd

        codes, leads = pd.factorize(layout["lead"])
        if (np.diff(codes) < 0).any():
            layout = layout.iloc[np.argsort(codes, kind="stable")]
        arrays = {name: strings(layout[name].astype("str")) for name in ("entry", "type", "title", "see")}
        key = strings(layout["source_key"].astype("str"))
        counts = np.bincount(codes, minlength=len(leads)).astype(np.int64)
        return cls(
            pd.Index(leads, dtype="str", name="lead"),
            counts,
            key,
            own=pc.is_null(arrays["see"]),
            **arrays,
        )


@dataclass(frozen=True)
class Body:
    """A piece of each section. lines: one text a section, NULL where it has none; values: how many stand in it."""

    lines: Any
    values: Counts


def fold(layout: pd.DataFrame, chunk: Chunk, labels: Labels) -> pd.Series[str]:
    """Fold records and their related rows into one note a lead.

    layout: one row a section of a note, in the order of the notes and of the sections in them, with the str columns
        lead (lead key), source_key, entry, type (company or person), title (a short display name, or NA), and see: NA
        where the record's values stand in this note, else the key of the lead in whose note they stand.
    chunk: the records and related rows that the layout names, and perhaps others.
    Returns str notes named "note", "\\n" line ends, any length, indexed by lead key in the order of the layout.
    Raises NoteError where a value cannot stand in a note, or a record or column is not known; it is never dropped.
    """
    import pandas as pd

    if layout.empty:
        return pd.Series([], index=pd.Index([], dtype="str", name="lead"), dtype="str", name="note")
    sections = Sections.of(layout)
    bodies = [_records(sections, chunk, labels)]
    filled = [_known(labels.tables, name) for name, rows in chunk.related.items() if len(rows)]
    for table in sorted(filled, key=list(labels.tables.values()).index):
        bodies.append(_history(sections, chunk.related[table.name], table))
    lines = [_headings(sections, labels.words), *(body.lines for body in bodies)]
    texts = joined(lines, "")
    values = np.add.reduceat(sum(body.values for body in bodies), _starts(sections.notes))
    records = np.add.reduceat(_numbers(sections.own), _starts(sections.notes))
    notes = _sealed(grouped(texts, sections.notes, "\n\n"), records, values, labels.words)
    return pd.Series(pd.array(notes, dtype="str"), index=sections.leads, name="note")


def _known(datasets: Any, name: str) -> DatasetLabels:
    if name not in datasets:
        raise NoteError(f"The notes' labels do not know the dataset {name!r}.", where=name)
    labels: DatasetLabels = datasets[name]
    return labels


def _numbers(mask: Any) -> Counts:
    return np.asarray(mask).astype(np.int64)


def _starts(counts: Counts) -> Counts:
    """Where each of the groups of these sizes begins; no group is empty."""
    return np.cumsum(counts) - counts


def _headings(sections: Sections, words: Words) -> Any:
    """The line above each section: what the record is, its name and source key; for a reference also where it is."""
    types = sections.entry
    for code, word in words.types.items():
        types = pc.if_else(pc.fill_null(pc.equal(sections.type, code), False), text(word), types)
    titles = pc.binary_join_element_wise(text(": "), _titles(sections.title), text(""))
    names = joined([types, titles], "")
    lines = pc.binary_join_element_wise(names, text(" ["), _keys(sections.key), text("]"), text(""))
    leads = (text(f" {words.see} ["), _keys(sections.see), text("]"))
    references = pc.binary_join_element_wise(text(f"{ARROW} "), lines, *leads, text(""))
    return pc.coalesce(references, lines)


def _titles(titles: Any) -> Any:
    titles = changed(titles, pc.match_substring_regex(titles, rf"\t|{SUSPECT}"), escape_title)
    short = pc.binary_join_element_wise(pc.utf8_slice_codeunits(titles, 0, TITLE - 1), text("…"), text(""))
    return pc.if_else(pc.greater(pc.utf8_length(titles), TITLE), short, titles)


def _keys(keys: Any) -> Any:
    return changed(keys, pc.match_substring_regex(keys, rf"\[|{SUSPECT}"), escape_key)


def _records(sections: Sections, chunk: Chunk, labels: Labels) -> Body:
    """The `label: value` rows of each section's record."""
    import pandas as pd

    lines: list[Any] = []
    places: list[Counts] = []
    values = np.zeros(len(sections.key), np.int64)
    for entry in pc.unique(sections.entry.filter(sections.own)).to_pylist():
        dataset = _known(labels.entries, entry)
        here = np.flatnonzero(pc.and_(sections.own, pc.equal(sections.entry, entry)))
        keys = sections.key.take(pa.array(here))
        frame = chunk.records.get(entry, pd.DataFrame())
        rows = _rows(frame, keys, entry)
        body = _record_lines(frame, rows, keys, dataset)
        lines.append(body.lines)
        places.append(here)
        values[here] = body.values
    return Body(_placed(lines, places, len(values)), values)


def _rows(frame: pd.DataFrame, keys: Any, entry: str) -> Any:
    """Where each record stands in its frame. Raises NoteError where one does not."""
    rows = pc.index_in(keys, value_set=strings(frame.index.astype("str")))
    if rows.null_count:
        missing = keys.filter(pc.is_null(rows))[0].as_py()
        raise NoteError(
            f"A record that a note is to hold is not among the rows of {entry!r}.",
            where=missing,
        )
    return rows


def _columns(frame: pd.DataFrame, dataset: DatasetLabels) -> list[str]:
    """The columns to be shown, in their order. Raises NoteError for one that the labels do not know."""
    for column in frame.columns:
        if column not in dataset.labels and column not in dataset.omitted:
            raise NoteError(
                f"The notes' labels do not know the column {column!r}.",
                where=dataset.name,
            )
    return [column for column in dataset.labels if column in frame.columns]


def _record_lines(frame: pd.DataFrame, rows: Any, keys: Any, dataset: DatasetLabels) -> Body:
    lines = []
    count = np.zeros(len(rows), np.int64)
    for column in _columns(frame, dataset):
        values = strings(frame[column], dataset.name).take(rows)
        count += _numbers(pc.is_valid(values))
        shown = written(values, DEEPER)
        if dataset.implied.get(dataset.name) == column:
            shown = without_implied(values, pa.scalar(True), dataset.name, keys, shown)
        if shown.null_count < len(shown):
            lines.append(pc.binary_join_element_wise(text(f"{ROW}{dataset.labels[column]}: "), shown, text("")))
    if not lines:
        return Body(pa.nulls(len(rows), TEXT), count)
    return Body(joined(lines, ""), count)


def _placed(lines: list[Any], places: list[Counts], length: int) -> Any:
    """Bring pieces into the order of the sections; NULL where a section has none."""
    if len(places) == 1 and len(places[0]) == length:
        return lines[0]
    total = sum(map(len, lines))
    order = np.full(length, total, np.int64)
    order[np.concatenate([np.empty(0, np.int64), *places])] = np.arange(total)
    return pa.concat_arrays([*lines, pa.nulls(1, TEXT)]).take(pa.array(order))


def _history(sections: Sections, frame: pd.DataFrame, table: DatasetLabels) -> Body:
    """The list of one related table's rows below each section whose record has any."""
    own = np.flatnonzero(sections.own)
    keys = sections.key.take(pa.array(own))
    owner = pc.index_in(strings(frame.index.astype("str")), value_set=keys)
    rows = np.flatnonzero(pc.is_valid(owner))
    group = own[np.asarray(owner.take(pa.array(rows)))]
    if (np.diff(group) < 0).any():
        order = np.argsort(group, kind="stable")
        rows, group = rows[order], group[order]
    length = len(sections.key)
    if not len(rows):
        return Body(pa.nulls(length, TEXT), np.zeros(length, np.int64))
    texts, counts = _history_rows(frame, pa.array(rows), pa.array(group), sections, table)
    times = np.bincount(group, minlength=length)
    places = np.flatnonzero(times)
    lists = grouped(texts, times[places], HISTORY_ROW)
    heading = (
        text(f"\n\n{table.heading} ("),
        pa.array(times[places]).cast(TEXT),
        text(f"){HISTORY_ROW}"),
    )
    lines = pc.binary_join_element_wise(*heading, lists, text(""))
    values = np.zeros(length, np.int64)
    values[places] = np.add.reduceat(counts, _starts(times[places]))
    return Body(_placed([lines], [places], length), values)


def _history_rows(
    frame: pd.DataFrame, rows: Any, group: Any, sections: Sections, table: DatasetLabels
) -> tuple[Any, Counts]:
    """Each row's lines, without the bullet before them, and how many values it has."""
    owners, entries = sections.key.take(group), sections.entry.take(group)
    cells = []
    count = np.zeros(len(rows), np.int64)
    for column in _columns(frame, table):
        values = strings(frame[column], table.name).take(rows)
        count += _numbers(pc.is_valid(values))
        shown = written(values, HISTORY_DEEPER)
        for entry, link in table.implied.items():
            if link == column:
                shown = without_implied(values, pc.equal(entries, entry), entry, owners, shown)
        if shown.null_count < len(shown):
            cells.append(pc.binary_join_element_wise(text(f"{table.labels[column]}: "), shown, text("")))
    if not cells:
        return pa.repeat(text(NOTHING), len(rows)), count
    return joined(cells, HISTORY_LINE, NOTHING), count


def _sealed(texts: Any, records: Counts, values: Counts, words: Words) -> Any:
    """Put the first and the last line around each note's sections."""
    counts = (
        _counted(records, words.record),
        text(" · "),
        _counted(values, words.value),
    )
    covered = pc.binary_join_element_wise(
        text(f"{words.first}\n\n"), texts, text(f"\n\n{words.last}"), *counts, text("")
    )
    data = memoryview(covered.buffers()[2])
    offsets = np.frombuffer(covered.buffers()[1], np.int64, len(covered) + 1, covered.offset * 8).tolist()
    seals = [words.seal(data[start:end]) for start, end in pairwise(offsets)]
    return pc.binary_join_element_wise(covered, pa.array(seals, TEXT), text(""))


def _counted(numbers: Counts, words: tuple[str, str]) -> Any:
    is_singular = pc.equal(pa.array(numbers), 1)
    word = pc.if_else(is_singular, text(f" {words[0]}"), text(f" {words[1]}"))
    return pc.binary_join_element_wise(pa.array(numbers).cast(TEXT), word, text(""))
