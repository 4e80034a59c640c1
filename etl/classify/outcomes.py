"""What becomes of a legacy record, as a small number a record."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from etl.model import STRENGTH, Decision

DECISIONS = (*STRENGTH, Decision.REJECT, Decision.MOVED_BEFORE)
CUSTOMER, KEEP, REVIEW, LEAD, REJECT, MOVED = range(len(DECISIONS))
Outcomes = npt.NDArray[np.int8]
"""By record number, a place in DECISIONS."""
