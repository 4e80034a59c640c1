"""Snapshot to decisions: rules, evidence, families, people's decisions. Works on keys and narrow columns only."""

from etl.classify.decide import DECISIONS, Decisions, classify
from etl.classify.overrides import Override, read_overrides

__all__ = ["DECISIONS", "Decisions", "Override", "classify", "read_overrides"]
