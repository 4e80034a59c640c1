"""Snapshot to decisions: rules, evidence, families, people's decisions. Works on keys and narrow columns only."""

from etl.classify.decide import Classification, classify
from etl.classify.decisions import Decisions
from etl.classify.hashes import family_hash, row_digest
from etl.classify.linkage import Linkage
from etl.classify.outcomes import DECISIONS
from etl.classify.overrides import Override, read_overrides

__all__ = [
    "DECISIONS",
    "Classification",
    "Decisions",
    "Linkage",
    "Override",
    "classify",
    "family_hash",
    "read_overrides",
    "row_digest",
]
