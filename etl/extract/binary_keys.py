"""Refuse keys and links that are binary values, such as UUIDs of 16 bytes: they are read as texts that name nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.config import Config, exists_of, place
from etl.errors import ConfigError, excerpt
from etl.model import Dataset
from etl.plan.tables import batches
from etl.rows.keys import HOW_BINARY_KEYS_ARE_READ, are_binary

At = tuple[str | int, ...]


def refuse_binary_keys(config: Config, datasets: Sequence[Dataset]) -> None:
    """Refuse keys of records, and links to them, that are binary, by the first values of each column.

    Raises ConfigError with the place of the key or link.
    """
    for dataset in datasets:
        for at, column in _keys(config, dataset.name):
            if column in dataset.columns and _first_are_binary(dataset, column):
                raise ConfigError(
                    f"{excerpt(dataset.table, 80)} has binary values as keys, and keys are compared as texts.",
                    where=place(config.path, at),
                    next=HOW_BINARY_KEYS_ARE_READ,
                )


def _keys(config: Config, dataset: str) -> Iterator[tuple[At, str]]:
    """The columns by which rows of a dataset are records or name some, and where the config has them."""
    entry, related = config.source.records.get(dataset), config.source.related.get(dataset)
    if entry is not None:
        yield ("source", "records", dataset, "key"), entry.key
        if entry.parent:
            yield ("source", "records", dataset, "parent"), entry.parent.column
    if related is not None and not related.is_made:
        yield from ((("source", "related", dataset, "of", of), column) for of, column in related.of.items())
    for number, rule in enumerate(config.classify):
        for condition in exists_of(rule.when):
            if condition.exists == dataset:
                yield from ((("classify", number, "when"), column) for column in condition.of.values())


def _first_are_binary(dataset: Dataset, column: str) -> bool:
    """Whether the first batch with values has binary ones: a database's column holds values of one kind."""
    for batch in batches(dataset.path, [column]):
        if batch.column(0).null_count < len(batch):
            return are_binary(batch.column(0))
    return False
