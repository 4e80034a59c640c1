"""Pairs on which people decided, as a file: which of the pairs of two lists, or of one, they call the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from etl.classify.overrides import PairDecision, code_of
from etl.config.people import PeoplesFile
from etl.errors import ConfigError, excerpt
from etl.matching import Scored
from etl.matching.calibration import Calibration, calibrate, from_each
from etl.model import THRESHOLDS
from etl.pipeline.match_pairs import NOWHERE, places_of
from etl.report.safe_csv import unguarded

OF_PAIRS = ("left_key", "right_key", "decision")
OF_DECISIONS = ("source_key", "other", "decision")
ADVICE = "write same or different into a column decision of the file of pairs, or name decisions.csv"


@dataclass(frozen=True)
class Labels:
    """What people say of pairs of records, by number, the lesser one first. unknown: pairs whose keys no list has."""

    same: Mapping[tuple[int, int], bool]
    unknown: int

    def calibrate(self, scored: Scored, count: int, at_least: float) -> Calibration | None:
        """What the labels say of thresholds; None without any. scored: of `count` records."""
        if not self.same:
            return None
        codes = scored.i.astype(np.int64) * count + scored.j
        pairs = np.array([i * count + j for i, j in self.same], dtype=np.int64)
        places = places_of(codes, pairs).tolist()
        chances = [None if place == NOWHERE else float(scored.probability[place]) for place in places]
        steps = from_each(zip(chances, self.same.values(), strict=True), (*THRESHOLDS, at_least))
        same = sum(self.same.values())
        return calibrate(steps, same, len(chances) - same, chances.count(None), {"at_least": at_least})


def read_labels(path: Path, keys: pa.Array, left: int) -> Labels:
    """Read labels: a file of pairs in which people wrote, or a clean-up's decisions.csv.

    keys: of all records, those of the left list first, which are `left`; of one list, all of them. Raises ConfigError
    for a file that is no such list.
    """
    if not path.is_file():
        raise ConfigError("The file of labels cannot be read.", where=path, next=ADVICE)
    listed = keys.to_pylist()
    first = {key: number for number, key in enumerate(listed[:left])}
    second = {key: number for number, key in enumerate(listed[left:], left)} if left < len(listed) else first
    same, unknown = dict[tuple[int, int], bool](), 0
    for one_key, other_key, answer in _lines(path):
        numbers = first.get(one_key), second.get(other_key)
        if None in numbers or numbers[0] == numbers[1]:
            unknown += 1
        else:
            lesser, greater = sorted(number for number in numbers if number is not None)
            same[lesser, greater] = answer
    return Labels(same, unknown)


def _lines(path: Path) -> Iterator[tuple[str, str, bool]]:
    """Both keys of each line on which somebody decided, and whether the two are the same."""
    with path.open("rb") as file:
        of_pairs = b"left_key" in file.readline()
    file_of = PeoplesFile(path, "labels", OF_PAIRS if of_pairs else OF_DECISIONS, 3, ADVICE)
    for line, row in file_of.lines():
        left, right, decision = (row[name] or "" for name in file_of.columns)
        word = code_of(decision)
        if word in tuple(PairDecision):
            yield _key(left, of_pairs), _key(right, of_pairs), word == PairDecision.SAME
        elif of_pairs and word:
            raise file_of.wrong(line, f"{excerpt(decision)!r} is neither same nor different")


def _key(text: str, of_pairs: bool) -> str:
    """The list's own key; a source key has the entry before it."""
    return unguarded(text) if of_pairs else text.partition(":")[2]
