"""How two spellings of one value are told: case, blanks, Unicode form, number form, and words for yes and no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from etl.replacing import replaced

if TYPE_CHECKING:
    import pyarrow as pa

TRUE = frozenset("1 -1 true t yes y ja j oui si sí sì vrai vero verdadero wahr x on".split())
FALSE = frozenset("0 false f no n nein non faux falso falsch off".split())
"""The words by which systems say yes and no in English, German, French, Spanish and Italian, folded; a flag knows them
with any accents."""

Nearness = Literal["case", "blanks", "unicode", "number", "truth", "unknown", "date", "empty"]
"""By what a value differs from one that the config names; `unknown` is a flag that says neither yes nor no, `date` one
that cannot be read as the date which it is to be, `empty` an empty value beside a word for no."""


OTHER_BLANKS = r"[\s\p{Z}]{2,}|[^\S ]|[^\P{Z} ]"
"""Blanks that are not one plain blank between words."""
GROUPED = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"
"""A number with one mark and three digits after it: `1.000` may be one and a thousand."""


def visible(values: pa.Array) -> pa.Array:
    """Texts without what people do not see: Unicode's compatible form (NFKC), no invisible signs, single inner blanks.

    values: text, nulls stay nulls. Source of the forms: Unicode Standard Annex 15; signs of the category Cf, such as a
    byte order mark or a blank without width.
    """
    import pyarrow.compute as pc

    if pc.all(pc.string_is_ascii(values)).as_py():
        return _single_blanks(values)
    return _single_blanks(pc.utf8_normalize(replaced(values, r"\p{Cf}+", ""), "NFKC"))


def folded(values: pa.Array) -> pa.Array:
    """Texts as people see them, in one case: `WEISS` and `weiß` are one."""
    import pyarrow.compute as pc

    folds = pc.utf8_normalize(pc.utf8_lower(visible(values)), "NFKC")
    for letter, same in ONE_LETTER.items():
        folds = pc.replace_substring(folds, letter, same)
    return folds


ONE_LETTER = {"ß": "ss", "ς": "σ", "ı": "i"}
"""Small letters that are written like others in capitals."""


def canonical(values: pa.Array) -> pa.Array:
    """Folded texts, and numbers as their digits: `1`, `01`, `1.0`, `1,00` and ` 1 ` are one."""
    return number_form(folded(values))


def number_form(values: pa.Array) -> pa.Array:
    """Numbers as their digits, without zeros and a plus that add nothing and with a point; all else as it stands."""
    words = replaced(values, r"^\s*\+?(-?)0*(\d+)(?:[.,]0*)?\s*$", r"\1\2")
    return replaced(words, r"^\s*\+?(-?)0*(\d+)[.,](\d*?[1-9])0*\s*$", r"\1\2.\3")


def alike(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """What values nearly are: their canonical form, and the one in which `1.000` and `1,000` are a thousand."""
    thousands = replaced(folded(values), r"^\+?(-?[1-9]\d{0,2})[.,](\d{3})$", r"\1\2")
    return canonical(values), number_form(thousands)


def flagged(values: pa.Array) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which texts say yes, and which say neither yes nor no; an empty one says no."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = truth_form(values)
    yes, no = (np.asarray(pc.is_in(texts, pa.array(sorted(side), texts.type))) for side in (TRUE, FALSE | {""}))
    return yes, ~yes & ~no


def truth_form(values: pa.Array) -> pa.Array:
    """Canonical texts without accents, by which words for yes and no are known: `sì`, `sí` and `SI` are one."""
    import pyarrow.compute as pc

    texts = canonical(values)
    if pc.all(pc.string_is_ascii(texts)).as_py():
        return texts
    return replaced(pc.utf8_normalize(texts, "NFD"), r"\p{Mn}+", "")


SIGNS = frozenset("\\.^$*+?{}[]()")
"""What makes of a text a pattern that stands for more than itself."""


def listed_words(pattern: str) -> tuple[str, ...]:
    """The words of a pattern that does nothing but list them (`yes|1`); none of any other."""
    return () if SIGNS.intersection(pattern) else tuple(filter(None, pattern.split("|")))


def same_truth(literals: frozenset[str]) -> frozenset[str]:
    """All words that say what one of some canonical texts says; two different single letters never say the same."""
    words: set[str] = set()
    for literal in literals:
        for side in (TRUE, FALSE):
            if literal in side:
                words |= {
                    word for word in side if not (literal.isalpha() and word.isalpha() and len(literal + word) == 2)
                }
    return frozenset(words)


def nearness(value: str, literals: frozenset[str]) -> Nearness:
    """By what a value differs from the literal that it nearly is."""
    import pyarrow as pa

    texts = pa.array([value, *sorted(literals)], pa.large_string())
    for kind, forms in FORMS.items():
        if any(form[0] in form[1:] for form in (array.to_pylist() for array in forms(texts))):
            return kind
    return "truth"


def _single_blanks(values: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.utf8_trim_whitespace(replaced(values, OTHER_BLANKS, " "))


FORMS: dict[Nearness, Callable[[pa.Array], Sequence[pa.Array]]] = {
    "blanks": lambda values: [_single_blanks(values)],
    "unicode": lambda values: [visible(values)],
    "case": lambda values: [folded(values)],
    "number": alike,
}
"""The forms in which two texts are one, by what the texts then differ by; the first that fits says it."""
