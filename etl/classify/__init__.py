"""Snapshot to decisions: rules, evidence, families, people's decisions. Works on keys and narrow columns only."""

from etl.classify.decide import Decisions, Found, classify
from etl.classify.hashes import family_hash, row_digest
from etl.classify.outcomes import DECISIONS
from etl.classify.overrides import Override, read_overrides

__all__ = ["DECISIONS", "Decisions", "Found", "Override", "classify", "family_hash", "read_overrides", "row_digest"]
