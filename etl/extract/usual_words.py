"""Find the words in copied tables that mostly stand for an empty value and that the config takes for values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.empties import USUAL
from etl.model import Dataset
from etl.plan.tables import batches

FEW = 3
"""So many times a word may be somebody's name, or a slip."""


@dataclass(frozen=True)
class UsualWord:
    """A word that stands in a column more than a few times. line: what in the config would count it as empty."""

    dataset: str
    column: str
    word: str
    count: int
    line: str


def usual_words(dataset: Dataset, config: Config) -> Iterator[UsualWord]:
    """List such words of a copied table, by column; a column whose list of words is empty in the config has none."""
    empties = config.source.empties(dataset.name)
    columns = [name for name in dataset.columns if empties.by_column.get(name) != ()]
    counts = {name: Counter[str]() for name in columns}
    for batch in batches(dataset.path, columns):
        for name, values in zip(columns, batch.columns, strict=True):
            counts[name].update(_among(values))
    for name, words in counts.items():
        for word, count in words.most_common():
            if count > FEW:
                yield UsualWord(dataset.name, name, word, count, _line(dataset, name, word, config))


def _among(values: pa.Array) -> list[str]:
    texts = pc.utf8_trim_whitespace(values)
    usual: list[str] = texts.filter(pc.is_in(texts, value_set=pa.array(USUAL, texts.type))).to_pylist()
    return usual


def _line(dataset: Dataset, column: str, word: str, config: Config) -> str:
    """What to write in the config: at the entry or related table, or for all columns."""
    source = config.source
    words = source.none if dataset.kind == "evidence" else source.empties(dataset.name).by_column.get(column, ())
    listed = json.dumps([*words, word], ensure_ascii=False)
    return f"source.none: {listed}" if dataset.kind == "evidence" else f"none: {{{column}: {listed}}}"
