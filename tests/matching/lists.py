"""Small lists of companies and persons for the tests of matching, as the engine takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from etl.matching import Features, Scored, features, score

Row = Mapping[str, str]


def prepared(left: Sequence[Row], right: Sequence[Row] = ()) -> Features:
    """The features of rows: kind of column -> value."""
    rows = [*left, *right]
    kinds = sorted({kind for row in rows for kind in row})
    identity = {kind: [pa.array([row.get(kind) for row in rows], pa.large_string())] for kind in kinds}
    return features(identity, len(rows), len(left))


def scored(left: Sequence[Row], right: Sequence[Row] = ()) -> Scored:
    """The pairs of two lists, or of one."""
    return score(prepared(left, right))


def probability(found: Scored, i: int, j: int) -> float:
    """How probable a pair is; 0 where it was not compared."""
    return next(
        (float(p) for a, b, p in zip(found.i, found.j, found.probability, strict=True) if (a, b) == (i, j)), 0.0
    )


def company(name: str, **more: str) -> dict[str, str]:
    """A company in Dresden, if nothing else is said."""
    return {"company": name, "street": "Hauptstr. 5", "postcode": "01099", "city": "Dresden", **more}
