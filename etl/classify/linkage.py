"""The results of matching that decisions need: matches with masters, duplicates, and leads that exist already."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from etl.classify.record_texts import TEXT

MATCH_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("source_key", "master", "how", "customer")),
        ("row", pa.int32()),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("doubt", TEXT),
        ("other", TEXT),
        ("names_differ", pa.bool_()),
        ("words", TEXT),
    ]
)
"""One row a record, master and way to match. how: `probability`, or the kind of number that both have. customer: key
and name; row: the customer's, in the plan's file of the master. weight: in bits. other: the customer that fits, too, or
the source key of a record that fits this one, or why a number proves nothing. words: field by field what agrees and
what it weighs."""
DUPLICATE_SCHEMA = pa.schema(
    [("left", TEXT), ("right", TEXT), ("probability", pa.float64()), ("weight", pa.float64()), ("words", TEXT)]
)
"""One row a pair of source keys, the lesser one left. weight: in bits, NaN of records that equal each other in all that
is compared. words: field by field what agrees, of the pairs that are likely enough."""
EXISTING_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("source_key", "lead_id", "title")),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("words", TEXT),
    ]
)
"""One row a record that may be a lead which is in the pipeline already, and the lead that it fits best."""


class Doubt(StrEnum):
    """Why a match is uncertain: the record matches another customer too, another record matches the customer, or the
    number that both have proves nothing."""

    SEVERAL = "several"
    RIVAL = "rival"
    WEAK_NUMBER = "weak number"


@dataclass(frozen=True)
class Linkage:
    """What matching came to.

    matches: of records with customers on the masters, columns as in MATCH_SCHEMA; duplicate_pairs: of records that may
    be one, as in DUPLICATE_SCHEMA; existing_leads: records that may be in the pipeline already, as in EXISTING_SCHEMA.
    """

    matches: pa.Table
    duplicate_pairs: pa.Table
    existing_leads: pa.Table


NO_LINKAGE = Linkage(MATCH_SCHEMA.empty_table(), DUPLICATE_SCHEMA.empty_table(), EXISTING_SCHEMA.empty_table())
