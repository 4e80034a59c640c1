"""Columns in a plain form that is searched: what a person types from memory, and what the record says, become one.

Looser than `etl.matching.folding`, which decides who is who: here `ue` is always `u`, as a needless hit costs a
glance, and what is not found costs trust. All of it is Arrow on whole columns.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from etl.matching.folding import LETTERS, LONGEST, MOJIBAKE

TEXT = pa.large_string()
Change = Callable[[pa.Array], pa.Array]
SIGNS = r"[^\p{L}\p{N}]+"
INITIALS = [
    (r"\b(\w)\.(\w)\.(\w)\.(\w)\b\.?", r"\1\2\3\4"),
    (r"\b(\w)\.(\w)\.(\w)\b\.?", r"\1\2\3"),
    (r"\b(\w)\.(\w)\b\.?", r"\1\2"),
]
"""`G.m.b.H.` is one word; `j.schmidt` is two."""
BETWEEN_NUMBERS = r"[;,|\n]|\b(?:oder|or|und|and)\b"
ANOTHER_NUMBER = r"\s*/\s*(\+|\(?0)"
"""A slash before a number of its own; after an area code there is none."""


def plain(texts: pa.Array) -> pa.Array:
    """Fold a column to words of lower-case letters and digits without accents, each with a blank on both sides.

    ` muller bau gmbh ` for `Müller-Bau G.m.b.H.`, `Mueller Bau GmbH` and `MULLER BAU GMBH`; null and what holds no
    letter or digit is one blank. So many characters of a value count as take part in a match.
    """
    cut = pc.utf8_slice_codeunits(pc.fill_null(texts.cast(TEXT), ""), 0, 2 * LONGEST)
    folded = pc.utf8_lower(_where(cut, pc.invert(pc.string_is_ascii(cut)), _without_accents))
    for initials, together in INITIALS:
        folded = pc.replace_substring_regex(folded, initials, together)
    folded = pc.replace_substring_regex(folded, "['’`]", "")
    folded = pc.replace_substring_regex(folded, "([aou])e", r"\1")
    folded = pc.utf8_trim(pc.replace_substring_regex(folded, SIGNS, " "), " ")
    return _padded(folded)


def _padded(texts: pa.Array) -> pa.Array:
    nothing, blank = pa.scalar("", TEXT), pa.scalar(" ", TEXT)
    padded = pc.binary_join_element_wise(nothing, texts, nothing, blank)
    return pc.if_else(pc.equal(texts, nothing), blank, padded)


def _without_accents(texts: pa.Array) -> pa.Array:
    texts = pc.utf8_lower(_where(texts, pc.match_substring_regex(texts, MOJIBAKE.pattern), _repaired))
    texts = pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKD"), r"\p{M}+", "")
    for letter, replacement in LETTERS.items():
        texts = pc.replace_substring(texts, chr(letter), replacement or "")
    return texts


def _repaired(texts: pa.Array) -> pa.Array:
    import ftfy

    return pa.array([ftfy.fix_text(text) for text in texts.to_pylist()], TEXT)


def _where(texts: pa.Array, mask: pa.Array, change: Change) -> pa.Array:
    """Change some texts of a column, and leave the others as they are."""
    some = texts.filter(mask)
    return pc.replace_with_mask(texts, mask, change(some)) if len(some) else texts


def numbers(texts: pa.Array) -> pa.Array:
    """Fold a column of phone numbers to their digits, each number with a blank on both sides; one blank without one.

    A number keeps its country code and zeros: it is met by its end, which all its spellings share.
    """
    cut = pc.utf8_slice_codeunits(pc.fill_null(texts.cast(TEXT), ""), 0, 2 * LONGEST)
    cut = pc.utf8_lower(_where(cut, pc.invert(pc.string_is_ascii(cut)), lambda some: pc.utf8_normalize(some, "NFKC")))
    cut = pc.replace_substring(cut, "(0)", "")
    cut = pc.replace_substring_regex(pc.replace_substring_regex(cut, ANOTHER_NUMBER, r"x\1"), BETWEEN_NUMBERS, "x")
    folded = pc.replace_substring_regex(pc.replace_substring_regex(cut, "[^0-9x]+", ""), "x+", " ")
    folded = pc.utf8_trim(folded, " ")
    return _padded(folded)


def plain_text(text: str) -> str:
    """The plain form of one text, without the blanks around it."""
    folded: str = plain(pa.array([text], TEXT))[0].as_py()
    return folded.strip()
