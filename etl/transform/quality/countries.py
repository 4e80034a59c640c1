"""Countries that no list of countries knows."""

from __future__ import annotations

import pyarrow.compute as pc

from etl.matching.regions import regions
from etl.transform.quality.cells import Judged


def unknown(cells: Judged) -> dict[int, str | None]:
    """Countries that no name and no code stands for. Where the country is unknown, nothing is judged by it."""
    rows = pc.indices_nonzero(pc.and_(pc.is_valid(cells.trimmed), pc.is_null(regions(cells.trimmed))))
    return dict.fromkeys(rows.to_pylist())
