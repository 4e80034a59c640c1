"""Keys that meet none and nearly do: which would, if `normalize` brought keys to one form by some steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config.links import Step
from etl.rows.keys import normalized

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
)
"""What `normalize` may say; the first of those that do the same is told. `upper` does what `lower` would."""
LOOSEST: tuple[Steps, ...] = (("trim", "number", "leading_zeros", "upper"), ("trim", "salesforce_18"))
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
        counts = pc.value_counts(normalized(known, steps).drop_null())
        once = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
        yield steps, np.asarray(pc.is_in(normalized(distinct.dictionary, steps), once))[places]


def most_first(cured: Mapping[Steps, Mask], rows: int) -> Iterator[tuple[Steps, int]]:
    """What helps most of some rows, and how many; then what helps most of the others. cured: whom each helps."""
    left = np.ones(rows, dtype=np.bool_)
    while cured:
        steps = max(cured, key=lambda tried: int(np.count_nonzero(cured[tried] & left)))
        if not (cured[steps] & left).any():
            return
        yield steps, int(np.count_nonzero(cured[steps]))
        left &= ~cured[steps]
