"""What the columns of each dataset are called in a note, which of them stand there, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from etl.config import Config, Related
from etl.config.source import NAME
from etl.errors import ConfigError
from etl.note.escape import escape_label
from etl.note.vocabulary import WORDS, Words


@dataclass(frozen=True)
class DatasetLabels:
    """One entry or related table as notes show it.

    heading: what its rows stand under (a related table's label; an entry's name). labels: column -> label as it is
    written, in the order in which they are shown; no two are the same. omitted: column -> the reason why it is left
    out. implied: entry -> the column that holds nothing but the key of the record it belongs to, which the record's
    heading shows: of an entry its own key, of a related table the links to its records.
    """

    name: str
    heading: str
    labels: Mapping[str, str]
    omitted: Mapping[str, str]
    implied: Mapping[str, str]

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """Label as it is written -> column."""
        return {label: column for column, label in self.labels.items()}


@dataclass(frozen=True)
class Labels:
    """Everything that folding and parsing need to know of a config; can be sent to another process."""

    words: Words
    entries: Mapping[str, DatasetLabels]
    tables: Mapping[str, DatasetLabels]

    @classmethod
    def of(cls, config: Config, columns: Mapping[str, Sequence[str]]) -> Labels:
        """Name the columns of every entry and related table.

        columns: dataset -> its source columns in source order; other datasets than those of the config are not looked
        at. Raises ConfigError where `omit` names the key of an entry: without it no value could be told whose it is.
        """
        source, note = config.source, config.leads.note
        entries = {
            name: _dataset(
                name,
                name,
                columns[name],
                config,
                implied={name: entry.key},
                shown_first=None,
            )
            for name, entry in source.records.items()
            if name in columns
        }
        for name, entry in entries.items():
            if source.records[name].key in entry.omitted:
                raise ConfigError(
                    f"The key of {name}, {source.records[name].key!r}, cannot be omitted: it says whose a value is.",
                    where="leads.note.omit",
                    next=f"name the other columns as entry.column, such as {name}.birth_date",
                )
        read = {name: table for name, table in source.related.items() if name in columns}
        headings = _distinct({name: note.labels.get(name, _heading(name, table)) for name, table in read.items()})
        tables = {
            name: _dataset(
                name,
                headings[name],
                columns[name],
                config,
                implied=related.of,
                shown_first=related.order_by.column if related.order_by else None,
            )
            for name, related in read.items()
        }
        return cls(WORDS[note.language], entries, tables)

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """Heading of a related table as it is written -> the table's name."""
        return {table.heading: name for name, table in self.tables.items()}

    def __getitem__(self, dataset: str) -> DatasetLabels:
        """The labels of an entry or a related table. Raises KeyError where there is none of that name."""
        return self.entries[dataset] if dataset in self.entries else self.tables[dataset]


def _heading(name: str, table: Related) -> str:
    """What rows stand under where the config does not say it."""
    if table.linking and table.from_ and NAME.fullmatch(table.from_):
        return table.from_
    return table.further_of.join if table.further_of else name


def _dataset(
    name: str,
    heading: str,
    columns: Sequence[str],
    config: Config,
    *,
    implied: Mapping[str, str],
    shown_first: str | None,
) -> DatasetLabels:
    omitted = {column: reason for column in columns if (reason := config.omitted(name, column)) is not None}
    shown = [column for column in columns if column not in omitted]
    shown.sort(key=lambda column: column != shown_first)
    named = {column: config.label(name, column) for column in shown}
    return DatasetLabels(
        name=name,
        heading=heading,
        labels=_distinct(named),
        omitted=omitted,
        implied={entry: column for entry, column in implied.items() if column in named},
    )


def _distinct(named: Mapping[str, str]) -> dict[str, str]:
    """Make the labels of a dataset differ: those that share one get their column's name appended."""
    shared = {label for label, times in Counter(named.values()).items() if times > 1}
    taken = {label for label in named.values() if label not in shared}
    labels = {}
    for column, label in named.items():
        labels[column] = label if label not in shared else _free(label, column, taken)
        taken.add(labels[column])
    return dict(zip(labels, _written(labels.values()), strict=True))


def _free(label: str, column: str, taken: set[str]) -> str:
    """Append the column's name, until no other column is called so."""
    while True:
        label = f"{label} ({column})"
        if label not in taken:
            return label


def _written(labels: Iterable[str]) -> list[str]:
    """Escape labels; different ones stay different, as what was escaped can be told."""
    return [escape_label(label) for label in labels]
