"""The data files of the checks, as those of `etl.matching.data`."""

from __future__ import annotations

from functools import partial

from etl.matching.data import lines as lines_of

lines = partial(lines_of, package=__name__)
"""The lines of a data file, split at tabs."""
