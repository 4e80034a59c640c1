"""E-mail addresses: valid by email-validator, without asking the network."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from etl.transform.quality.cells import Judged

LONGEST_CLEAR = 64
"""Addresses up to this length keep every limit of length there is: of the local part, a label and the whole."""

CLEAR = (
    r"^[A-Za-z0-9_+]+(?:[.-][A-Za-z0-9_+]+)*"
    r"@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}$"
)
"""A part of the valid addresses, those that nearly all are of: plain ASCII, single dots and hyphens."""

ADDRESS = re.compile(r"[^\s<>()\[\];,|/\"']+@[^\s<>()\[\];,|/\"']+")
TEST = (
    r"(?i)^(?:test\d*|tests|testing|asdf+|qwertz|qwerty|abc|xxx+|dummy|foo|bar)@"
    r"|@(?:test|asdf|example|domain|xxx+)\.(?:com|de|net|org|at|ch)$"
)


def several(cells: Judged) -> dict[int, str | None]:
    """Fields with more than one valid address; the first is proposed."""
    return {row: addresses[0] for row, addresses in _addresses(cells).items() if len(addresses) > 1}


def invalid(cells: Judged) -> dict[int, str | None]:
    """Fields that hold no valid address, or something beside one; that one is proposed."""
    return {row: next(iter(addresses), None) for row, addresses in _addresses(cells).items() if len(addresses) < 2}


def made_up(cells: Judged) -> dict[int, str | None]:
    """Addresses that were made up to fill the field."""
    return dict.fromkeys(pc.indices_nonzero(pc.match_substring_regex(cells.trimmed, TEST)).to_pylist())


def _addresses(cells: Judged) -> dict[int, tuple[str, ...]]:
    """The fields that are not one valid address, with the valid addresses that are found in them."""
    values = cells.trimmed
    doubtful = pc.and_(pc.is_valid(values), pc.invert(clearly_valid(values)))
    rows = pc.indices_nonzero(doubtful)
    texts = zip(rows.to_pylist(), values.take(rows).to_pylist(), strict=True)
    return {row: valid_parts(text) for row, text in texts if not is_valid(text)}


def clearly_valid(values: pa.Array) -> pa.Array:
    """Which values certainly are valid addresses, false for null; the others are left to email-validator."""
    shape = pc.and_(pc.match_substring_regex(values, CLEAR), pc.less_equal(pc.binary_length(values), LONGEST_CLEAR))
    return pc.fill_null(pc.and_(shape, pc.invert(pc.match_substring_regex(values, _reserved()))), False)


@cache
def _reserved() -> str:
    """The domains that email-validator refuses because they lead nowhere, as an expression."""
    import email_validator

    names = "|".join(re.escape(name) for name in email_validator.SPECIAL_USE_DOMAIN_NAMES)
    return rf"(?i)[@.](?:{names})$"


@lru_cache(maxsize=100_000)
def is_valid(text: str) -> bool:
    """Whether the text is one valid address and nothing else."""
    import email_validator

    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def valid_parts(text: str) -> tuple[str, ...]:
    """The valid addresses in a text, once each, in its order."""
    candidates = (part.removeprefix("mailto:").strip(".:") for part in ADDRESS.findall(text[:2000]))
    return tuple(dict.fromkeys(part for part in candidates if is_valid(part)))
