"""Make `etl/matching/data/legal_forms.tsv` from the list of legal forms of ISO 20275.

    python -m etl.matching.legal_forms.generate FILE.csv > etl/matching/data/legal_forms.tsv

FILE is the ELF code list as the Global LEI Foundation publishes it (CC0 1.0). `usual.tsv` beside this file adds how
people write forms, and leaves out what is a word.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from etl.matching.data import lines
from etl.matching.folding import AND, fold

SOURCE = """# The legal forms of companies: form, the countries that have it (ISO 3166-1), a spelling in folded words.
# Made by `python -m etl.matching.legal_forms.generate` from {name}, the list of ISO 20275 by the
# Global LEI Foundation, under CC0 1.0 (public domain), and from etl/matching/legal_forms/usual.tsv."""
COUNTRY, LANGUAGE, NAME = "Country Code (ISO 3166-1)", "Language Code (ISO 639-1)", "Entity Legal Form name Local name"
ABBREVIATIONS = ("Abbreviations Local language", "Abbreviations transliterated")
BETWEEN = re.compile(r";|, (?=[A-Z])")
FEWEST_LETTERS = 4
"""Shorter abbreviations of the list are words or names somewhere; those that firms have stand in `usual.tsv`."""
MOST_WORDS = 6
PARTNERS = ("gmbh", "ggmbh", "ag", "se", "ug", "kgaa", "ltd", "bv", "nv", "inc", "llc", "sa", "sarl", "eg", "stiftung")
"""Companies that are the general partner of another: `AG & Co. KGaA`."""
PARTNERSHIPS = ("kg", "kgaa", "ohg")
AND_CO = ("co", "cie", "comp")

Spellings = dict[str, tuple[str, set[str]]]
"""Spelling -> form and countries."""


def read(rows: Iterable[Mapping[str, str]]) -> Spellings:
    """The spellings of a list. Of a form with abbreviations each is a form, and its name stands for the first one;
    a form without any is what a company is, such as a savings bank, and part of its name."""
    forms: dict[str, set[str]] = {}
    names: dict[str, Counter[str]] = {}
    for row in rows:
        short = [form for column in ABBREVIATIONS for form in _abbreviations(row[column])]
        for form in short:
            forms.setdefault(form, set()).add(row[COUNTRY])
        name = _words(row[NAME])
        if short and row[LANGUAGE] != "en" and 1 < len(name.split()) <= MOST_WORDS:
            names.setdefault(name, Counter())[short[0]] += 1
    spellings = {form: (form, countries) for form, countries in forms.items()}
    for name, of in names.items():
        form = min(of, key=lambda short: (-of[short], short))
        spellings.setdefault(name, (form, forms[form]))
    return {spelling: of for spelling, of in spellings.items() if not {spelling, of[0]} & leave_out()}


def with_usual(spellings: Spellings) -> Spellings:
    """Add the spellings that people use, and partnerships whose partner is a company."""
    added = dict(spellings)
    for form, *others in _usual("="):
        countries = spellings[form][1] if form in spellings else set()
        added |= dict.fromkeys((form, *others), (form, countries))
    short = {spelling: form for spelling, (form, _) in added.items() if len(spelling.split()) < 3}
    for partner in PARTNERS:
        theirs = [spelling for spelling, form in short.items() if form == partner] or [partner]
        for partnership in PARTNERSHIPS:
            of = [spelling for spelling, form in short.items() if form == partnership]
            made = (f"{partner} co {partnership}", {"DE"})
            added |= {f"{spelling} {co} {other}": made for spelling in theirs for co in AND_CO for other in of}
        if partner in ("gmbh", "ug"):
            added |= {f"{spelling} co": (f"{partner} co kg", {"DE"}) for spelling in theirs}
    added |= {
        f"{spelling} {other}": ("sp z oo sp k", {"PL"})
        for spelling, (form, _) in added.items()
        for other in ("sp k", "spk")
        if form == "sp z oo"
    }
    return _with_one_form_each(added)


def _with_one_form_each(spellings: Spellings) -> Spellings:
    """Spellings that differ in blanks alone are of one form: that of `usual.tsv`, otherwise the one of fewest words."""
    by_hand = {form for form, *_ in _usual("=")}
    best_first = sorted({(form not in by_hand, form.count(" "), form) for form, _ in spellings.values()})
    forms: dict[str, str] = {}
    for *_, form in best_first:
        forms.setdefault(form.replace(" ", ""), form)
    return {spelling: (forms[form.replace(" ", "")], of) for spelling, (form, of) in spellings.items()}


def leave_out() -> frozenset[str]:
    """Spellings of the list that are words or names."""
    return frozenset(word for words in _usual("not") for word in words)


def _usual(kind: str) -> list[list[str]]:
    usual = lines("usual.tsv", package=__package__)
    return [[fold(word) for word in words if word] for first, *words in usual if first == kind]


@cache
def _short() -> frozenset[str]:
    return frozenset(word.replace(" ", "") for words in _usual("short") for word in words)


def _abbreviations(text: str) -> Iterator[str]:
    """The abbreviations in a field, those with blanks between their letters as one word."""
    for part in BETWEEN.split(text):
        words = _words(part)
        together = words.replace(" ", "")
        if together in _short():
            yield together
        elif (
            len(together) >= FEWEST_LETTERS
            and len(words.split()) <= MOST_WORDS
            and part.strip() != part.strip().lower()
        ):
            yield together if max(map(len, words.split())) == 1 else words


def _words(text: str) -> str:
    return " ".join(word for word in fold(text).split() if word not in AND)


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    path = Path(argv[0])
    with path.open(encoding="utf-8-sig", newline="") as file:
        spellings = with_usual(read(csv.DictReader(file)))
    print(SOURCE.format(name=path.name))
    for spelling, (form, countries) in sorted(spellings.items(), key=lambda item: (item[1][0], item[0])):
        print(form, ",".join(sorted(countries)), spelling, sep="\t")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
