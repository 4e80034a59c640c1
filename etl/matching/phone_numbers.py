"""Phone numbers as people write them into one field: how many there are, and the digits that all spellings share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from etl.matching.folding import digits
from etl.matching.placeholders import is_made_up

FEWEST, MOST = 6, 15
"""A number of fewer digits than this is none; one text with more (ITU E.164) is several."""
EXCEL = re.compile(r"\+?\d{6,}\.0")
"""A number that a table has taken for an amount."""
EXTENSION = re.compile(
    r"(?i)[\s,;(/-]*(?:\b(?:durchwahl|nebenstelle|apparat|extension|poste|extn?|nst|app|dw)\b|(?<=[\d\s])x(?=[\s.:]*\d)"
    r"|#)[\s.:-]*(\d{1,5})(?!\d)\)?"
)
"""What stands before the last digits of a number: `ext. 12`, `Durchwahl 12`, `x12`."""
HOUR = r"(?:[01]?\d|2[0-4])(?:[.:]?[0-5]\d)?"
CLOCK = r"(?:uhr|h|[ap]\.?m)\b"
TO = r"\s*(?:-|–|bis|to|till)\s*"
HOURS = re.compile(
    rf"(?i)\b{HOUR}(?:{TO}{HOUR})?\s*{CLOCK}"
    rf"|\b(?:mo|di|tu|mi|we|do|th|fr|sa|so|su)[^\W\d_]{{0,8}}[.:]?\s+{HOUR}{TO}{HOUR}(?![\d/.-])"
    rf"|(?<![\d.:])\d{{1,2}}[.:][0-5]\d{TO}\d{{1,2}}[.:][0-5]\d(?![\d.:])"
)
"""When somebody can be reached: `Mo-Fr 9-17 Uhr`."""
DAY = re.compile(
    r"(?<![\d.])[0-3]?\d\.[01]?\d\.(?:19|20)\d{2}(?![\d.-])|(?<![\d-])(?:19|20)\d{2}-[01]\d-[0-3]\d(?![\d-])"
)
"""When somebody was called."""
NUMBERS_ALONE = re.compile(r"[\d ()/+;,-]*")
OTHER_SIGNS = re.compile(r"[^\d \t\xa0()./+#,‐‑–—-]+")
"""What never stands within a number."""
SIGN = re.compile(r"[ \t\xa0]*[/,‐‑–—-]+[ \t\xa0]*|[ \t\xa0]+")
PLAIN = re.compile(r"(?:0[1-9][\d ]*|\(0[1-9]\d*\)[\d ]*|\+[1-9][\d ]*(?:\(0\)[\d ]*)?)(?:[/-] ?[1-9][\d ]*)?")
"""Most numbers by far: there is but one way to read them."""
LONGEST_PLAIN = 20
TRUNK_IN_BRACKETS = re.compile(r"[(\[]\s*0\s*[)\]]")
WITH_CODE = re.compile(r"[\s(]*(?:\+|00|\d{1,3}\s*\(\s*0\s*\))")
ABROAD = re.compile(r"\+|00[1-9]")
TRUNK = re.compile(r"\(?0[1-9(]|\(0\)")
AREA = re.compile(r"\(?(0\d{1,5})\b")
EXTENSIONS = re.compile(r"(.*[‐‑–—-])[ \t]*(\d{1,5})[ \t]*/[ \t]*[‐‑–—-][ \t]*(\d{1,5})[ \t]*")
"""Two extensions of one switchboard: `123-45/-46`."""
SWITCHBOARD = re.compile(r"[ \t]*[/‐‑–—-][ \t]*(0)$")
"""The extension of the switchboard, which may be left out."""


def phones(value: str, region: str | None = None) -> list[str]:
    """All phone numbers in a text, as the digits after country code and national prefix: `+49 (0)351 123-45` to
    `35112345`.

    An extension stands at the end. A number with the switchboard's extension, `123-0`, stands with and without it, as
    both are dialled; so does one of which it is open whether it begins with a country code. Numbers of fewer than six
    digits and those that fill a field are none. region: ISO 3166-1 alpha-2 of the country that it is dialled from.
    """  # fmt: skip
    if PLAIN.fullmatch(value) and len(value) <= LONGEST_PLAIN and not (region and value[0] != "+"):
        number = digits(value.replace("(0)", ""))
        forms = [_without_code(number) if value[0] == "+" else number.lstrip("0")]
    else:
        forms = [form for number in _split(value) for form in _forms(number, region)]
    kept = [form for form in forms if len(form) >= FEWEST and not is_made_up(form)]
    return kept if len(kept) < 2 else list(dict.fromkeys(kept))


def written(value: str) -> list[str]:
    """The phone numbers in a text as they stand there, without what stands around them."""
    numbers = (number.replace("#", " ext. ").strip(" \t\xa0,/.–—-").rstrip(" (") for number in _split(value))
    return [number for number in numbers if len(digits(number)) >= FEWEST]


def as_written(text: str, number: str) -> str:
    """A phone number in a field, as it stands there: of the one that ends with these digits; else the whole field."""
    return next((each for each in written(text) if digits(each).endswith(number) or number in phones(each)), text)


def stem_as_written(text: str, stem: str) -> str:
    """The beginning of a phone number, as it stands there: up to the digits that `stem` ends with."""
    starts = (each[:end] for each in written(text) for end in range(1, len(each) + 1) if each[end - 1].isdecimal())
    return next((start for start in starts if digits(start).endswith(stem)), stem)


def prefixed(region: str | None) -> bool:
    """Whether numbers of a country are read otherwise than by leaving out zeros: they begin with 06, 1 or 8 there."""
    return _plans().get(region or "", ZERO).prefix not in ("0", "")


def _split(value: str) -> list[str]:
    """The numbers in a text, a `#` before an extension that is called so."""
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    if EXCEL.fullmatch(text.strip()):
        text = text.strip().removesuffix(".0")
    if not NUMBERS_ALONE.fullmatch(text):
        text = EXTENSION.sub(r"#\1", DAY.sub("|", HOURS.sub("|", text)))
    return [number for run in OTHER_SIGNS.split(text) if run for part in _apart(run) for number in _several(part)]


def _apart(run: str) -> Iterator[str]:
    """Split before each number that shows by its own beginning that it is one."""
    start = 0
    for sign in SIGN.finditer(run):
        left, right = run[start : sign.start()], run[sign.end() :]
        if len(_national(left, None)) >= FEWEST and _another(sign[0].strip(), left, right):
            yield left
            start = sign.end()
    yield run[start:]


def _another(sign: str, left: str, right: str) -> bool:
    """Whether another number begins after a whole one and a sign."""
    if "," in sign or ABROAD.match(right):
        return True
    own = re.split(r"[,+]", right, maxsplit=1)[0]
    if not _begins(own) or len(digits(own)) < FEWEST:
        return False
    return bool(sign) or len(digits(left)) + len(digits(own)) > MOST


def _begins(text: str) -> bool:
    return bool(ABROAD.match(text) or TRUNK.match(text))


def _several(part: str) -> Iterator[str]:
    """Two extensions of one number are two; so are two numbers of one area, which are too long for one."""
    if both := EXTENSIONS.fullmatch(part):
        main, *extensions = both.groups()
        yield from (f"{main}{extension}" for extension in extensions)
        return
    first, *others = part.split("/")
    area = AREA.match(part.strip())
    if len(digits(part)) <= MOST or area is None or any(len(digits(number)) < FEWEST for number in (first, *others)):
        yield part
        return
    yield first
    for number in others:
        yield f"{area[1]} {number.strip()}"


def _forms(number: str, region: str | None) -> Iterator[str]:
    """The digits of one number in all ways to read it, the likeliest first."""
    main, _, extension = number.partition("#")
    main, extension = main.strip(" \t\xa0,."), digits(extension)
    switchboard = SWITCHBOARD.search(main)
    if switchboard is not None:
        main = main[: switchboard.start()]
        yield _national(main, region) + (extension or "0")
    national = _national(main, region)
    if switchboard is None or not extension:
        yield national + extension
    if 11 <= len(national) <= MOST and switchboard is None and not WITH_CODE.match(main) and digits(main)[:1] != "0":
        yield _without_code(national) + extension


def _national(text: str, region: str | None) -> str:
    """The digits of one number without country code and national prefix."""
    number = digits(TRUNK_IN_BRACKETS.sub("", text) if "0" in text and ("(" in text or "[" in text) else text)
    if WITH_CODE.match(text) is not None:
        return _without_code(number.removeprefix("00"))
    plan = _plans().get(region or "", ZERO)
    rest = number.removeprefix(plan.prefix)
    return (rest if len(rest) in plan.lengths else number).lstrip("0")


def _without_code(number: str) -> str:
    plans = _plans()
    code = next((number[:n] for n in (1, 2, 3) if number[:n] in plans), "")
    prefix = plans[code].prefix if code else ""
    rest = number[len(code) :]
    return (rest.removeprefix(prefix) if prefix.startswith("0") else rest).lstrip("0")


@dataclass(frozen=True)
class Plan:
    """How numbers of a country are dialled within it. prefix: what stands before one; lengths: of one without it."""

    prefix: str
    lengths: frozenset[int]


ZERO = Plan("0", frozenset())


@cache
def _plans() -> dict[str, Plan]:
    """By calling code and by country, from phonenumbers' metadata."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    plans: dict[str, Plan] = {}
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            metadata = PhoneMetadata.metadata_for_region(region, None)
            lengths = metadata.general_desc.possible_length if metadata and metadata.general_desc else ()
            plans[region] = Plan((metadata.national_prefix if metadata else None) or "", frozenset(lengths))
        plans[str(code)] = plans[regions[0]]
    return plans
