"""What the model's assumption that fields agree independently leaves out: facts that say the same twice count once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etl.matching.compare import Levels

PLACE = ("street", "house", "postcode", "city", "state")
REACH = ("domain", "email", "phone")
MOST_AGAINST = {PLACE: -9.0, REACH: -6.0}
"""Another address is one fact, however many of its fields differ: companies move. Bits."""
HALF = 0.4
"""What the lesser of two ways to reach somebody adds to the best one."""
SLIPS = 0.7
"""Where one field of a person's record is wrong others are, too: what differs counts less than it would by itself."""

Weights = npt.NDArray[np.floating]


def damp(names: Sequence[str], levels: Levels, weights: Weights) -> None:
    """Lower weights in place. names: of the comparisons, the columns; levels, weights: one row a pair."""
    column = {name: place for place, name in enumerate(names)}
    if "postcode" in column:
        for name in ("city", "state"):
            if name in column:
                same = (levels[:, column["postcode"]] >= 1) & (weights[:, column[name]] > 0)
                weights[same, column[name]] *= 0.3
    reach = [column[name] for name in REACH if name in column]
    if len(reach) > 1 and "company" in column:
        some = np.maximum(weights[:, reach], 0)
        total, best = some.sum(axis=1), some.max(axis=1)
        factor = np.where(total > 0, (best + HALF * (total - best)) / np.maximum(total, 1e-9), 1)
        weights[:, reach] = np.where(weights[:, reach] > 0, weights[:, reach] * factor[:, None], weights[:, reach])
    for group, most in MOST_AGAINST.items():
        mine = [column[name] for name in group if name in column]
        against = np.minimum(weights[:, mine], 0)
        factor = np.minimum(1, most / np.minimum(against.sum(axis=1), -1e-9))
        weights[:, mine] = np.where(weights[:, mine] < 0, weights[:, mine] * factor[:, None], weights[:, mine])
    if "company" not in column:
        weights[:] = np.where(weights < 0, weights * SLIPS, weights)
