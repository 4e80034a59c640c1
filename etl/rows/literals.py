"""How two spellings of one value are told: case, blanks, Unicode form, number form, and words for yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

TRUE = frozenset("1 true t yes y ja j oui si sí vrai vero verdadero wahr x on".split())
FALSE = frozenset("0 false f no n nein non faux falso falsch off".split())
"""The words by which systems say yes and no in English, German, French, Spanish and Italian, folded."""

Nearness = Literal["case", "blanks", "unicode", "number", "truth", "unknown"]
"""By what a value differs from one that the config names; `unknown` is a flag that says neither yes nor no."""


def folded(values: pa.Array) -> pa.Array:
    """Texts without what people do not see: lower case, Unicode's compatible form (NFKC), single inner blanks alone.

    values: text, nulls stay nulls. Source of the form: Unicode Standard Annex 15.
    """
    import pyarrow.compute as pc

    one_form = pc.utf8_lower(pc.utf8_normalize(values, "NFKC"))
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(one_form, r"[\s\p{Z}]+", " "))


def canonical(values: pa.Array) -> pa.Array:
    """Folded texts, and numbers as their digits: `1`, `01`, `1.0` and ` 1 ` are one."""
    import pyarrow.compute as pc

    words = pc.replace_substring_regex(folded(values), r"^\+?(-?)0*(\d+)(?:\.0*)?$", r"\1\2")
    return pc.replace_substring_regex(words, r"^\+?(-?)0*(\d+\.\d*?[1-9])0*$", r"\1\2")


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
    import unicodedata

    def stripped(text: str) -> str:
        return " ".join(text.split())

    for kind, form in (
        ("blanks", stripped),
        ("unicode", lambda text: stripped(unicodedata.normalize("NFKC", text))),
        ("case", lambda text: stripped(unicodedata.normalize("NFKC", text)).lower()),
    ):
        if form(value) in {form(literal) for literal in literals}:
            return kind  # type: ignore[return-value]
    return "number" if value.strip()[:1].isdigit() or value.strip()[:1] in "+-." else "truth"
