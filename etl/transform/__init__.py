"""Decisions to leads: lay out the notes, fill the lead fields, judge their quality."""

from __future__ import annotations

from etl.transform.transform import Transformed, sections, transform

__all__ = ["Transformed", "sections", "transform"]
