from __future__ import annotations

import pytest

from etl.transform.quality import names, texts
from tests.transform.crm import Crm, make_cells

PLACEHOLDERS = [
    "-",
    "NA",
    "n/a",
    "N.A.",
    "unbekannt",
    "Test",
    "???",
    "xxx",
    "XXX",
    "...",
    "(k.A.)",
    " - ",
    "keine Angabe",
    "NULL",
]
REAL_NAMES = [
    "Nord Bau GmbH",
    "Test & Partner Prüflabor",
    "3M",
    "1&1",
    "Na und? GmbH",
    "東京",
    "Ohne Grenzen e.V.",
    "X AG",
]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders_are_found(text: str) -> None:
    """Signs alone and words for nothing are placeholders; to leave the field empty is proposed."""
    assert names.placeholder(make_cells([text])) == {0: ""}


@pytest.mark.parametrize("text", REAL_NAMES)
def test_real_names_are_no_placeholders(text: str) -> None:
    """A name that contains such a word is a name."""
    assert names.placeholder(make_cells([text, None])) == {}


def test_first_names_alone_are_found() -> None:
    """The record's own first name, or a common one, is not a lead's name; a full name is."""
    cells = make_cells(["Zora", "zora", "Anna", "Anna Berg", "Berg GmbH", None], first_name="Zora")

    assert names.first_name_only(cells) == {0: None, 1: None, 2: None}


@pytest.mark.parametrize(
    "text",
    [
        *("Test", "test 2", "Test GmbH", "TESTFIRMA", "Test-Kunde 3 GmbH", "Max Mustermann", "Mustermann GmbH"),
        *("Musterfirma", "asdf", "asdfff", "Test Test", "John Doe", "bitte löschen!", "Alt - BITTE LÖSCHEN", "Dummy"),
    ],
)
def test_test_records_are_found(text: str) -> None:
    """Records that somebody made to try the CRM out are found by their names."""
    assert names.test_record(make_cells([text])) == {0: None}


@pytest.mark.parametrize(
    "text",
    [
        "Stiftung Warentest",
        "Testo SE",
        "Protest e.V.",
        "Musterring",
        "Probst GmbH",
        "Contest AG",
        "Mustermann Anlagenbau",
    ],
)
def test_names_with_such_words_in_them_are_no_test_records(text: str) -> None:
    """`Stiftung Warentest` is a customer like any other."""
    assert names.test_record(make_cells([text, None])) == {}


def test_several_lines_are_found() -> None:
    """A line break in a field for one line is found, with the lines joined by commas as proposal."""
    cells = make_cells(["Am Hof 1\r\n2. Etage", "Am Hof 1,\n\n Jena", "Am Hof 1\n", "a\u2028b", "a\tb", None])

    assert texts.line_break(cells) == {0: "Am Hof 1, 2. Etage", 1: "Am Hof 1, Jena", 3: "a, b"}


def test_control_characters_are_found() -> None:
    """Tabs, NUL and others are found, with blanks instead as proposal; line breaks are another finding."""
    cells = make_cells(["a\tb", "a\x00b", "a\x9fb", "a\nb", "ä b\u200f", None])

    assert texts.control_character(cells) == {0: "a b", 1: "a b", 2: "a b"}


def test_dates_of_zeros_are_found() -> None:
    """Dates that databases write for none are found; others are not."""
    cells = make_cells(["0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "2020-01-01", "0000", None])

    assert texts.zero_date(cells) == {0: "", 1: "", 2: ""}


def test_the_leads_name_decides(crm: Crm) -> None:
    """A placeholder as the lead's name is an error; among the fields of a note it is none."""
    crm.company("1", name="???", branch="-").contact("7", "1", first="-", last="Berg")

    found = crm.transform().findings

    assert found[["source_key", "code", "severity", "field", "value", "proposal"]].to_numpy().tolist() == [
        ["accounts:1", "name-placeholder", "error", "name", "???", ""]
    ]
