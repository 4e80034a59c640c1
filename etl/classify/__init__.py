"""Snapshot to decisions: rules, evidence, families, people's decisions. Works on keys and narrow columns only."""

from etl.classify.decide import DECISIONS, Decisions, classify
from etl.classify.overrides import Override, family_hash, read_overrides, row_digest

__all__ = ["DECISIONS", "Decisions", "Override", "classify", "family_hash", "read_overrides", "row_digest"]
