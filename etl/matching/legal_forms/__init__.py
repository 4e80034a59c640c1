"""The legal forms of companies, and where one stands in a company's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from etl.matching.data import lines

LONGEST = 7
"""So many words a spelling is looked for in; with dots between, each letter may be one."""
SOCIETY = "gesellschaft"


def without_form(words: Sequence[str]) -> tuple[list[str], str]:
    """Split the longest legal form off the end of a name, off its beginning, or, where nobody could take it for a word,
    off any place: a branch may follow it. words: folded. Gives the other words and the form, "" without one; a name
    that is nothing but a form keeps it.
    """
    table, most = _table(), min(LONGEST, len(words) - 1)
    if most > 0 and words[-1] in table.last:
        for size in range(most, 0, -1):
            if form := table.forms.get("".join(words[-size:])):
                return _core(words[:-size], words[-size:]), form
    for at in (at for at, word in enumerate(words) if word in table.first):
        for size in range(min(most, len(words) - at - 1), 0, -1):
            form = table.forms.get("".join(words[at : at + size]), "")
            if form in table.inside or (at == 0 and form in table.begins):
                return _core(words[:at], words[at : at + size]) + list(words[at + size :]), form
    return list(words), ""


def _core(words: Sequence[str], form: Sequence[str]) -> list[str]:
    """The words before a form: of `Verwaltungsgesellschaft mbH` what `Verwaltungs-GmbH` says."""
    if words and form[0] == "mbh" and words[-1].endswith(SOCIETY) and len(words[-1]) > len(SOCIETY):
        return [*words[:-1], words[-1].removesuffix(SOCIETY)]
    return list(words)


@dataclass(frozen=True)
class Table:
    """The legal forms. forms: by their spelling without blanks, as `S. p. A.` and `SpA` are one. first, last: what
    a spelling may begin and end with. inside: forms that nobody could take for a word; begins: those that may stand
    before a name."""

    forms: dict[str, str]
    first: frozenset[str]
    last: frozenset[str]
    inside: frozenset[str]
    begins: frozenset[str]


@cache
def _table() -> Table:
    forms = {spelling.replace(" ", ""): form for form, _, spelling in lines("legal_forms.tsv")}
    return Table(
        forms,
        frozenset(spelling[:end] for spelling in forms for end in range(1, len(spelling) + 1)),
        frozenset(spelling[start:] for spelling in forms for start in range(len(spelling))),
        _usual("inside") | {form for form in forms.values() if " co " in form},
        _usual("begins"),
    )


def _usual(kind: str) -> frozenset[str]:
    return frozenset(form for first, *forms in lines("usual.tsv", package=__name__) if first == kind for form in forms)
