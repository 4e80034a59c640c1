"""Keys that meet none and nearly do: which would, if `normalize` brought keys to one form by some steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config.links import Step
from etl.rows.keys import normalized
from etl.rows.places import Places, spread

Steps = tuple[Step, ...]
Mask = npt.NDArray[np.bool_]

TRIED: tuple[Steps, ...] = (
    ("trim",),
    ("upper",),
    ("leading_zeros",),
    ("trim", "upper"),
    ("trim", "leading_zeros"),
    ("number",),
    ("salesforce_18",),
    ("trim", "salesforce_18"),
    ("unicode",),
    ("unicode", "upper"),
    ("unicode", "leading_zeros"),
    ("unicode", "number"),
)
"""What `normalize` may say; the first of those that do the same is told. `upper` does what `lower` would."""
LOOSEST: tuple[Steps, ...] = (
    ("unicode", "trim", "number", "leading_zeros", "upper"),
    ("unicode", "trim", "salesforce_18"),
)
"""Keys that meet by one of the tried meet by one of these: few keys are left to try the others on."""


def cured_by(wanted: pa.Array, known: pa.Array) -> Iterator[tuple[Steps, Mask]]:
    """Which of some filled keys would meet one of those that are known, by what is tried.

    Two known ones that would become one count as none.
    """
    distinct = wanted.dictionary_encode()
    places = np.asarray(distinct.indices)
    near = [pc.is_in(normalized(known, steps), normalized(distinct.dictionary, steps)) for steps in LOOSEST]
    known = known.filter(pc.or_(*near))
    if not len(known):
        return
    for steps in TRIED:
        yield steps, cures(distinct.dictionary, known, steps)[places]


def cures(wanted: pa.Array, known: pa.Array, steps: Steps) -> Mask:
    """Which of some keys would meet one of those that are known, each of which is there once, by some steps."""
    counts = pc.value_counts(normalized(known, steps).drop_null())
    once = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
    return np.asarray(pc.is_in(normalized(wanted, steps), once))


def most_first(cured: Mapping[Steps, Mask], rows: int) -> Iterator[tuple[Steps, int]]:
    """What helps most of some rows, and how many; then what helps most of the others. cured: whom each helps."""
    left = np.ones(rows, dtype=np.bool_)
    while cured:
        steps = max(cured, key=lambda tried: int(np.count_nonzero(cured[tried] & left)))
        if not (cured[steps] & left).any():
            return
        yield steps, int(np.count_nonzero(cured[steps]))
        left &= ~cured[steps]


class NearKeys:
    """Known keys, each once, by the forms in which others nearly are one of them."""

    def __init__(self, known: pa.Array) -> None:
        self._known = known

    @cached_property
    def _forms(self) -> list[tuple[pa.Array, Places, Places]]:
        """Of each of the loosest forms: its keys, where the known ones of each begin, and the places of these."""
        forms = []
        for steps in LOOSEST:
            encoded = normalized(self._known, steps).dictionary_encode()
            codes = np.asarray(encoded.indices.fill_null(len(encoded.dictionary))).astype(np.int64)
            order = np.argsort(codes, kind="stable")
            starts = np.searchsorted(codes[order], np.arange(len(encoded.dictionary) + 1))
            forms.append((encoded.dictionary, starts.astype(np.int64), order.astype(np.int64)))
        return forms

    def of(self, keys: pa.Array) -> tuple[Places, Places]:
        """Which known keys some others nearly are: the place of the key, ascending, and of the known one."""
        pairs = [np.zeros(0, dtype=np.int64)]
        for steps, (forms, starts, order) in zip(LOOSEST, self._forms, strict=True):
            places, _, met = spread(normalized(keys, steps), forms, starts)
            pairs.append(places * len(self._known) + order[met])
        distinct = np.unique(np.concatenate(pairs))
        places, known = np.divmod(distinct, max(len(self._known), 1))
        return places, known
