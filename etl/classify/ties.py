"""What forgotten records have held together or kept: families are decided without them, but not silently moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from etl.classify.families import Mask
from etl.classify.outcomes import KEEP, Outcomes
from etl.classify.record_texts import TEXT
from etl.classify.records import NONE, Numbers, Records
from etl.matching.addresses import NOBODY, Addresses


@dataclass(frozen=True)
class Ties:
    """What forgotten records leave behind, by the source keys of others.

    waiting: records whose families a forgotten one would have kept. families: records that forgotten ones made one
    family, where none of these would have kept it. opted_out: the addresses that forgotten ones opted out with, and
    rows that are read no further: a `where` leaves them out, or they are of a joined table. met: those of them that
    others have, where that is known already.
    """

    waiting: tuple[str, ...] = ()
    families: tuple[tuple[str, ...], ...] = ()
    opted_out: Addresses = NOBODY
    met: Addresses | None = None


NO_TIES = Ties()


@dataclass(frozen=True)
class NumberedTies:
    """The same by record number; records that do not exist are left out."""

    waiting: Numbers
    families: tuple[Numbers, ...]

    @staticmethod
    def of(ties: Ties, records: Records) -> NumberedTies:
        """Look up the records."""
        return NumberedTies(_numbers(ties.waiting, records), tuple(_numbers(keys, records) for keys in ties.families))

    def mask(self, count: int) -> Mask:
        """The records whose families a forgotten one would have kept."""
        waiting = np.zeros(count, dtype=np.bool_)
        waiting[self.waiting] = True
        return waiting

    def spread(self, rank: Outcomes) -> Mask:
        """The records that forgotten ones tied to a family that stays. rank: by record, the strongest of its family."""
        waiting = self.mask(len(rank))
        for numbers in self.families:
            waiting[numbers] |= bool((rank[numbers] <= KEEP).any())
        return waiting


def _numbers(keys: Sequence[str], records: Records) -> Numbers:
    numbers = records.numbers(pa.array(keys, TEXT))
    known: Numbers = numbers[numbers != NONE]
    return known
