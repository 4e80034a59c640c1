"""Small lists of companies and persons for the tests of matching, as the engine takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from etl.matching import Identity, Scored, match

Row = Mapping[str, str]


def identities(rows: Sequence[Row]) -> Identity:
    """Rows of kind of column -> value, as columns."""
    kinds = sorted({kind for row in rows for kind in row})
    return {kind: [pa.array([row.get(kind) for row in rows], pa.large_string())] for kind in kinds}


def scored(left: Sequence[Row], right: Sequence[Row] = ()) -> Scored:
    """The pairs of two lists, or of one."""
    return match(identities([*left, *right]), len(left) + len(right), len(left), at_least=0.0)


def probability(found: Scored, i: int, j: int) -> float:
    """How probable a pair is; 0 where it was not compared."""
    return next(
        (float(p) for a, b, p in zip(found.i, found.j, found.probability, strict=True) if (a, b) == (i, j)), 0.0
    )


def company(name: str, **more: str) -> dict[str, str]:
    """A company in Dresden, if nothing else is said."""
    return {"company": name, "street": "Hauptstr. 5", "postcode": "01099", "city": "Dresden", **more}
