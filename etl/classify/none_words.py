"""Hold the words that stand for no value, or for no record, against the data: what nearly is one is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from etl.config import ColumnCondition, Config, Link, exists_of
from etl.config.links import RESERVED
from etl.model import Dataset
from etl.plan.tables import batches
from etl.rows import Asked, ask, gather

LONGER = 8
"""What nearly is a word is at most so many characters longer: blanks around it, zeros behind it."""


def none_words(datasets: Mapping[str, Dataset], config: Config) -> Iterator[Asked]:
    """What nearly is a word for an empty value, or for no record, in each column of some datasets."""
    for name, dataset in datasets.items():
        related = config.source.related.get(name)
        if related is None or not related.is_made:  # else made of a part in which they count
            yield from _empty_values(dataset, config)
            for at, link in _links(name, config):
                own = len(link.columns) == 1 and not link.through and link.columns[0] in dataset.columns
                if own and link.none:
                    yield from _over(dataset, {link.columns[0]: link.none}, {link.columns[0]: at}, verbatim=False)


def _empty_values(dataset: Dataset, config: Config) -> Iterator[Asked]:
    """The columns that have words for an empty value."""
    empties = config.source.empties(dataset.name)
    words = {column: empties.of(column) for column in dataset.columns if not column.startswith(RESERVED)}
    words = {column: some for column, some in words.items() if some}
    part = "records" if dataset.name in config.source.records else "related"
    own = f"source.{part}.{dataset.name}.none"
    at = {column: own if empties.by_column.get(column) else "source.none" for column in words}
    for asked in _over(dataset, words, at, verbatim=True):
        if asked.near:
            asked.met.update(words[asked.test.column])  # a word for all columns need not be in each
            yield asked


def _links(name: str, config: Config) -> Iterator[tuple[str, Link]]:
    """The links of a dataset's rows, and where the config has them."""
    entry, related = config.source.records.get(name), config.source.related.get(name)
    if entry and entry.parent:
        yield from ((f"source.records.{name}.parent.none", link) for link in entry.parent.links)
    for of, links in related.links.items() if related else ():
        yield from ((f"source.related.{name}.of.{of}.none", link) for link in links)
    for rule in config.classify:
        for condition in exists_of(rule.when):
            if condition.exists == name:
                yield from ((f"classify: {rule.name}", link) for links in condition.links.values() for link in links)


def _over(
    dataset: Dataset, words: Mapping[str, tuple[str, ...]], at: Mapping[str, str], *, verbatim: bool
) -> Iterator[Asked]:
    """Ask all rows of some columns. verbatim: with the words for an empty value, around which blanks do not count."""
    tests = {c: ColumnCondition.model_validate({"column": c, "in": some}) for c, some in words.items()}
    asked = {c: gather(at[c], dataset.name, [test], truths=False)[test] for c, test in tests.items()}
    longest = {c: max(map(len, some)) + LONGER for c, some in words.items()}
    for batch in batches(dataset.path, list(tests), verbatim=verbatim) if tests else ():
        for column, values in zip(tests, batch.columns, strict=True):
            short = values.filter(pc.less_equal(pc.utf8_length(values), longest[column]))
            ask(tests[column], _trimmed(short) if verbatim else short, asked[column])
    yield from asked.values()


def _trimmed(values: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(values)
