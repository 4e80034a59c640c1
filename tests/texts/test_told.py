"""What plans keep in English is said in the reader's language; what the CRM or a person wrote is not changed."""

from __future__ import annotations

import ast
import string

import pytest
from hypothesis import given, strategies as st

from etl.texts import speaking, stored, texts, told
from etl.texts.told import kind_of
from tests.texts.messages import PACKAGE, messages

STORED = [message.english for message in messages() if message.stored]
VALUES = {
    "n": "1,204",
    "share": "2.5%",
    "weight": "+3.1",
    "quoted": "'a; b'",
    "id": "4711",
    "column": "branch",
    "table": "accounts.csv",
    "field": "email",
    "kind": "vat",
    "record": "accounts:Ä 9",
    "told": "same city",
}
"""A value for each kind of place."""


def german(english: str) -> str:
    """What German readers are told."""
    with speaking("de"):
        return told(english)


def filled(sentence: str) -> str:
    """A sentence with a value in each of its places."""
    names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    return sentence.format(**{name: VALUES.get(kind_of(name), "Fritz, Öl & Co") for name in names})


@pytest.mark.parametrize("sentence", STORED)
def test_every_sentence_that_plans_keep_is_told(sentence: str) -> None:
    """With its values, in the words of the catalogue, numbers as German readers write them."""
    words = texts("de").text(sentence)
    places = {
        name: VALUES.get(kind_of(name), "Fritz, Öl & Co") for _, name, _, _ in string.Formatter().parse(words) if name
    }
    said = {"1,204": "1.204", "2.5%": "2,5\u00a0%", "+3.1": "+3,1", "same city": "gleicher Ort"}
    expected = words.format(**{name: said.get(value, value) for name, value in places.items()})

    assert german(filled(sentence)) == expected
    assert told(filled(sentence)) == filled(sentence)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("orders: no 1, note this is 'fine', status unknown", None),
        ("orders: no 1, note the box is kept, row 7; a; b", None),
        ("Maria, 2026-10-12: it is empty", None),
        ("5 of 1,000 in SELECT a, b FROM x", "5 von 1.000 in SELECT a, b FROM x"),
        ("0.5% (5 of 1,000 in SELECT a, b.c FROM x)", "0,5\u00a0% (5 von 1.000 in SELECT a, b.c FROM x)"),
        ("own is 'a; b'; orders: no 1, 2", "own ist 'a; b'; orders: no 1, 2"),
        (
            "invoices: a row nearly meets the rule (rule: invoiced)",
            "invoices: ein Wert einer Zeile ist nur fast so geschrieben, wie die Regel ihn verlangt (Regel: invoiced)",
        ),
        (
            "no link of the config takes its kind: parent_type: Compnay",
            "keine Verknüpfung der Config gilt für ihre Art: parent_type: Compnay",
        ),
        (
            "erp 4711 A; B GmbH, probability 0.9876: same name 'a, b' +12.1, other city −0.4",
            "erp 4711 A; B GmbH, Wahrscheinlichkeit 0,9876: gleicher Name 'a, b' +12,1; anderer Ort −0,4",
        ),
        (
            "accounts:1 is a customer and may be the same as accounts:2 (probability 0.9000): same name 'x' +1.0",
            "accounts:1 ist Kunde und ist vielleicht identisch mit accounts:2 (Wahrscheinlichkeit 0,9000): "
            "gleicher Name 'x' +1,0",
        ),
    ],
)
def test_sentences_in_sentences_are_told_and_rows_of_the_crm_are_not(english: str, expected: str | None) -> None:
    """A row or a person's words stay as they are; a comma in a query stays a comma."""
    assert german(english) == (expected or english)


@given(st.sampled_from(STORED), st.text(max_size=20))
def test_no_value_is_lost_or_changed_by_telling(sentence: str, value: str) -> None:
    """Whatever stands in a place that takes any text stands in the German sentence, too."""
    names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    free = {name for name in names if not kind_of(name)}
    text = sentence.format(**{name: value if name in free else VALUES[kind_of(name)] for name in names})

    assert not free or value in german(text)


@given(st.text(alphabet="ab ,;:'.0123456789=", max_size=60))
def test_a_row_of_the_crm_is_told_as_it_is(value: str) -> None:
    """Evidence names the table first."""
    assert german(f"orders: no {value}") == f"orders: no {value}"


def test_a_sentence_is_written_in_english_whatever_is_spoken() -> None:
    """The plan's digest must not depend on who reads it."""
    with speaking("de"):
        assert stored("{n} rows have the same key", n=2) == "2 rows have the same key"


MAKERS = ("Fault", "_fault", "Check", "Finding", "Verdict")
"""What makes the rows and reasons that plans keep."""


def test_no_sentence_of_a_fault_or_finding_stays_untold() -> None:
    """Whoever writes one as a text of its own learns here that `stored` is to write it."""
    unwritten = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(call, "func", None)
            if isinstance(call, ast.Call) and getattr(name, "id", getattr(name, "attr", "")) in MAKERS:
                texts = [*call.args, *(one.value for one in call.keywords if one.arg != "where")]
                unwritten += [f"{path.name}: {ast.unparse(one)}" for one in texts if sentence(one)]

    assert unwritten == []


def sentence(node: ast.expr) -> bool:
    """Whether an argument is a text with a blank in it."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(part, ast.Constant) and " " in str(part.value) for part in parts)
