"""Explanations show what people wrote, never the forms in which values are compared."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest

from etl.matching.explanations import explain
from etl.matching.fields import Coded, Several
from etl.matching.folding import fold
from etl.texts import speaking, told
from tests.matching.lists import company, scored
from tests.matching.test_match import OTHERS

CITIES = ["LUENEBURG", "Lüneburg", "Lueneburg", "Lüneburg", "Bonn", "bonn", None]


def explanation(one: dict[str, str], other: dict[str, str]) -> str:
    """Of two records among others."""
    judge = scored([one, *OTHERS[:20]], [other, *OTHERS[20:]]).judge
    [words] = explain(judge, np.array([0], np.int32), np.array([21], np.int32)).to_pylist()
    return str(words)


@pytest.mark.parametrize("rows", list(permutations(CITIES))[::397])
def test_a_form_is_shown_as_most_records_write_it(rows: tuple[str | None, ...]) -> None:
    """Of several as frequent the least in order, so that row order changes nothing; one text is kept of each form."""
    column = pa.array(rows, pa.large_string())
    coded = Coded.of(column, fold)
    several = Several.of([column], lambda text: [fold(text)], len(rows), lambda text, _: text)

    for field in (coded, several):
        assert [field.shown(code) for code in range(2)] == ["Bonn", "Lüneburg"]
        assert field.originals is not None
        assert len(field.originals.texts) == 2


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"street": "Am Hafen 54a"}, {"street": "AM HAFEN 54 A"}, ["same street 'AM HAFEN'", "house number '54 A'"]),
        ({"street": "3858 S Oak Avenue, Suite 2"}, {"street": "3858 South Oak Ave"}, ["'S Oak Avenue'", "'3858'"]),
        ({"street": "Hauptstr. 47-49"}, {"street": "Hauptstr. 47-49"}, ["same street 'Hauptstr.'", "number '47-49'"]),
        ({"city": "Lüneburg"}, {"city": "Lüneburg"}, ["same city 'Lüneburg'"]),
        ({"phone": "0351/123-45"}, {"phone": "0351/123-45; 0171 234567"}, ["same phone '0351/123-45'"]),
        ({"phone": "0351/98765-12"}, {"phone": "0351/98765-13"}, ["but for the extension '0351/98765'"]),
        ({"email": "A.Berg@x.example, b@y.example"}, {"email": "a.berg@x.example"}, ["same e-mail 'A.Berg@x.example'"]),
        ({"vat": "DE 136 695 976"}, {"vat": "DE 136 695 976 / ATU12345678"}, ["same number 'DE 136 695 976'"]),
        ({"website": "https://www.x.example/de"}, {"website": "x.example"}, ["same domain 'x.example'"]),
    ],
    ids=["street", "abroad", "several houses", "city", "phone", "extension", "mail", "number", "domain"],
)
def test_each_kind_shows_the_part_that_is_shared(one: dict[str, str], other: dict[str, str], said: list[str]) -> None:
    """Out of a line or a field of several values, in the letters that stand there."""
    words = explanation(company("Kraszewski GmbH", **one), company("Kraszewski GmbH", **other))

    assert all(part in words for part in said), words


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Müller & Zürn Präz.technik GmbH", "Müller & Zürn Präz.technik GmbH", "'Müller & Zürn Präz.technik GmbH'"),
        ("Fa. Kraszewski, Inh. Anna Berg", "Fa. Kraszewski, Inh. Anna Berg", "same name 'Fa. Kraszewski'"),
        ("Wróblewski Bau GmbH", "Wróblewski Bau Service Süd GmbH", "'Wróblewski'"),
    ],
    ids=["whole", "without its owner", "a word"],
)
def test_names_are_shown_without_what_is_added_to_them(one: str, other: str, said: str) -> None:
    """An owner is nobody else's business; of names that share words, the rarest one stands as it is written."""
    words = explanation(company(one), company(other))

    assert said in words


def test_a_ceiling_at_the_end_is_told_in_german() -> None:
    """As one in the middle is."""
    words = "same name 'x' +1.0, the first names differ: at most 30%"

    with speaking("de"):
        assert told(words) == "gleicher Name 'x' +1,0; die Vornamen sind verschieden: höchstens 30\u00a0%"
