"""Number formats that make another text of a number than its own digits: padding zeros, and per cent.

| format                                | number  | text                                              |
|---------------------------------------|---------|---------------------------------------------------|
| `00000`, `"KD-"0000`, `00000\\-0000`   | 1067    | `01067`, `KD-1067`, `00000-1067`: as Excel shows  |
| `0%`, `0.0 %`                         | 0.125   | `12.5%`, with all digits, never rounded           |
| any other, such as `#,##0.00 "EUR"`   | 1234.5  | `1234.5`: the number itself, exact                |

Dates and times are no numbers here; they are read by the rules of `render`, whatever their format shows of them.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from decimal import Decimal

TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\]]*)\]|(.)', re.DOTALL)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
TESTS = {"<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq}
PLACES, SIGNS = "0#?", " $-+():!^&'~{}<>=€£"

Token = tuple[str, str]
"""A kind (`place`, `text`, `if` or `other`) and what stands in the format."""


def matters(code: str) -> bool:
    """Whether a format can make another text of a number."""
    return any(_pads(section) or _is_share(section) for section in _sections(code))


def shown(number: float, code: str) -> str | None:
    """The text that a format makes of a number; None where that is the number's own."""
    section = _section(number, _sections(code))
    if _is_share(section):
        digits = format(Decimal(repr(float(number))).scaleb(2), "f")
        return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + "%"
    if not _pads(section) or number != int(number):
        return None
    negative = number < 0 and len(_sections(code)) == 1
    return ("-" if negative else "") + _padded(str(abs(int(number))), section)


def _sections(code: str) -> list[list[Token]]:
    sections: list[list[Token]] = [[]]
    for match in TOKEN.finditer(code):
        quoted, escaped, bracket, plain = match.groups()
        if plain == ";":
            sections.append([])
        elif plain is not None:
            kind = "place" if plain in PLACES else "text" if plain in SIGNS else "other"
            sections[-1].append((kind, plain))
        elif bracket is not None:
            sections[-1] += [("if", bracket)] if CONDITION.fullmatch(bracket) else []
        elif quoted is not None or escaped is not None:
            sections[-1].append(("text", quoted if escaped is None else escaped))
    return sections


def _section(number: float, sections: Sequence[list[Token]]) -> list[Token]:
    """The section of a format that is for a number: by its conditions, else by the number's sign."""
    if any(kind == "if" for section in sections for kind, _ in section):
        return next((section for section in sections if _holds(number, section)), sections[-1])
    if number < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


def _holds(number: float, section: Sequence[Token]) -> bool:
    conditions = (CONDITION.fullmatch(text) for kind, text in section if kind == "if")
    return all(TESTS[test[1]](number, float(test[2])) for test in conditions if test)


def _pads(section: Sequence[Token]) -> bool:
    """Whether a section has several places that are always filled, and nothing but places and fixed signs."""
    return [text for kind, text in section if kind == "place"].count("0") > 1 and all(
        kind != "other" for kind, _ in section
    )


def _is_share(section: Sequence[Token]) -> bool:
    return ("other", "%") in section


def _padded(digits: str, section: Sequence[Token]) -> str:
    """Fill the places with digits from the right; those that are left over stand at the first place."""
    places = sum(kind == "place" for kind, _ in section)
    spread = (
        [digits[: len(digits) - places + 1], *digits[len(digits) - places + 1 :]]
        if len(digits) > places
        else [
            *[""] * (places - len(digits)),
            *digits,
        ]
    )
    filled = iter(spread)
    empty = {"0": "0", "#": "", "?": " "}
    return "".join((next(filled) or empty[text]) if kind == "place" else text for kind, text in section if kind != "if")
