"""Where keys stand among known ones: places in arrays, for keys that have any number of rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
Places = npt.NDArray[np.int64]


def spread(keys: pa.Array, known: pa.Array, starts: Places) -> tuple[Places, Places, Places]:
    """The rows of some keys: the place of the key, ascending, which of its rows it is, and where that stands.

    starts: where the rows of each known key begin, closed by their number.
    """
    wanted = np.asarray(pc.fill_null(pc.index_in(keys, value_set=known, skip_nulls=True), len(known)))
    lengths = np.append(np.diff(starts), 0)[wanted]
    places = np.repeat(np.arange(len(keys)), lengths)
    offset = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return places.astype(np.int64), offset.astype(np.int64), starts[wanted[places]] + offset
