"""What a config says of reports: their language, and how their CSV lists are written."""

from __future__ import annotations

from typing import Literal

from etl.config.part import Part


class ReportOptions(Part):
    """How reports speak, and how their CSV lists are written."""

    language: Literal["en", "de"] | None = None
    """The language of `report.html`, `review.xlsx` and the sentences in CSV lists; that of the notes if left out.
    Example: `de`"""
    csv: Literal["plain", "excel"] = "plain"
    """How CSV for people is written: `plain` with commas, `excel` with semicolons, a byte order mark and, in German,
    decimal commas, so that a double-click opens it in columns. Example: `excel`"""
