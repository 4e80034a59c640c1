"""Characters that a note cannot hold as they are stand in it as `⟦000D⟧`, and come back exactly."""

from __future__ import annotations

import re

OPEN, CLOSE = "⟦", "⟧"
NOTHING = OPEN + CLOSE
"""Stands where a value is missing that a reader would otherwise fill in; no value is ever written like this."""

_SPECIAL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029⟦\ufffe\uffff"
_VALUE = re.compile(f"[{_SPECIAL}]")
_KEY = re.compile(rf"[\n\[{_SPECIAL}]")
_LABEL = re.compile(rf"^ |(?<=:) |[\n{_SPECIAL}]")
_WRITTEN = re.compile(f"{OPEN}([0-9A-F]{{4}}){CLOSE}")

SUSPECT = r"[\x00-\x08\x0A-\x1F\x7F-\x{9F}\x{2028}\x{2029}\x{27E6}\x{FFFE}\x{FFFF}]"
"""What a value must hold to be looked at by `escape_value` or to be indented: the above and line breaks, for RE2."""


def _code(match: re.Match[str]) -> str:
    return f"{OPEN}{ord(match[0]):04X}{CLOSE}"


def escape_value(text: str) -> str:
    """Escape control characters (not tab and line break), the line ends that only Unicode knows, and `⟦`."""
    return _VALUE.sub(_code, text)


def escape_key(text: str) -> str:
    """Escape a source key or lead key for `[…]` at the end of a line: it holds no line break and no `[`."""
    return _KEY.sub(_code, text)


def escape_label(text: str) -> str:
    """Escape a label: it holds no line break and no `: `, does not begin with a blank, and is not empty."""
    return _LABEL.sub(_code, text) or NOTHING


def escape_title(text: str) -> str:
    """Put a display name on one line. Its blanks are not kept: the value stands below it, verbatim."""
    return escape_value(" ".join(text.split()))


def unescape(text: str) -> str:
    """Give back what was escaped. What only looks like an escape stays as it is."""
    return _WRITTEN.sub(lambda match: chr(int(match[1], 16)), text) if OPEN in text else text
