"""Where an open case stands: the page, and the place on it."""

from __future__ import annotations

from urllib.parse import quote

REVIEW_PAGE = "review.html"


def place_of(source_key: str, other: str | None) -> str:
    """Where a case stands on the page: what comes after `#` in a link."""
    return quote(source_key, safe="") + (f"&{quote(other, safe='')}" if other else "")
