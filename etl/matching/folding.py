"""Fold texts to what two spellings of one name have in common; the originals are never touched."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from etl.matching.data import lines

LONGEST = 200
"""So many characters of a value take part in a match; what is longer is no name."""
NOTHING = frozenset(
    (
        "",
        "null",
        "none",
        "na",
        "n a",
        "nan",
        "nil",
        "unknown",
        "unbekannt",
        "k a",
        "keine",
        "ohne",
        "leer",
        "x",
        "xx",
        "xxx",
    )
)
"""What people write where they know nothing."""
LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | dict.fromkeys("’'`", "")
)
UMLAUTS = re.compile("(?<![aeou])([aou])e")
"""`ae` for `ä`, as German writes it where it has no umlauts; not the `ue` of `neue`."""
AND = frozenset(("und", "and", "et", "y", "u"))
DOTS = re.compile(r"(?<=\w)\.(?=\w|\W|$)")
NO_DIGITS = re.compile(r"[^0-9]+")
BREAK = re.compile(r"[^\w]+|_+")
CYRILLIC, GREEK = re.compile("[\u0400-\u04ff]"), re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
GREEK_LETTERS = re.compile("ου|αυ|ευ|γγ|γξ|γχ|(?<!\\w)μπ|μπ(?!\\w)|[\u0370-\u03ff]")
MOJIBAKE = re.compile("[ÃÂâÅÄ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def fold(value: str) -> str:
    """Fold a value to lower-case words without accents, with one blank between: `Müller-Bau G.m.b.H.` to
    `muller bau gmbh`.

    Mojibake is repaired, compatibility forms are unified (NFKC), umlauts and their two-letter spellings are one letter,
    a dot joins what it stands between, every other sign separates. Cyrillic and Greek letters become Latin ones; those
    of other scripts stay as they are.
    """  # fmt: skip
    text = value[: 2 * LONGEST]
    if MOJIBAKE.search(text):
        import ftfy

        text = ftfy.fix_text(text)
    text = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    if not text.isascii():
        text = _latin(text)
    text = BREAK.sub(" ", DOTS.sub("", text)).strip()
    return UMLAUTS.sub(r"\1", text)[:LONGEST]


def _latin(text: str) -> str:
    """Take accents off, and write Cyrillic and Greek letters as Latin ones; й and ё are no accented letters."""
    cyrillic, greek = (script.search(text) is not None for script in (CYRILLIC, GREEK))
    if cyrillic:
        text = CYRILLIC.sub(_latin_letters, text)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return GREEK_LETTERS.sub(_latin_letters, text) if greek else text


def _latin_letters(letters: re.Match[str]) -> str:
    return _transliteration().get(letters[0], letters[0])


@cache
def _transliteration() -> dict[str, str]:
    return dict(line for line in lines("transliteration.tsv") if len(line) == 2)


def filled(folded: str) -> str | None:
    """A folded value, or None where it says nothing."""
    return None if folded in NOTHING else folded


def digits(value: str) -> str:
    """The digits of a value, whatever script they are of."""
    if value.isascii():
        return NO_DIGITS.sub("", value)
    return "".join(str(unicodedata.decimal(c)) for c in value if c.isdecimal())
