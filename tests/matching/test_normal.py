"""Normal forms: what two spellings of one thing have in common, and nothing that two different things would share."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, strategies as st

from etl.matching import normal
from etl.matching.company_names import company
from etl.matching.folding import LONGEST, fold
from etl.matching.person_names import person_name
from etl.matching.phone_numbers import phones
from etl.matching.streets import street_and_house


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Maschinenbau GmbH", "MUELLER MASCHINENBAU G.m.b.H."),
        ("Weiß & Söhne OHG", "Weiss und Soehne oHG"),
        ("Lódźer Components S.A.", "Lodzer Components SA"),
        ("Bäckerei Öztürk e.K.", "Fa. Bäckerei Öztürk e. K."),
        ("GroÃŸhandel Müller GmbH", "Großhandel Müller Gesellschaft mbH"),
        ("Nowak Sp. z o.o.", "NOWAK SPÓŁKA Z O.O."),
        ("Dupont S.à r.l.", "DUPONT SARL"),
        ("Blokon GmbH & Co. KG", "Blokon GmbH&Co.KG"),
        ("Ромашка ООО", "ООО Ромашка"),
    ],
)
def test_spellings_of_one_company_have_one_core_and_one_form(one: str, other: str) -> None:
    """Umlauts, accents, mojibake, signs, and the usual ways to write a legal form."""
    assert company(one) == company(other)
    assert company(one)[1] is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Neue Wege GmbH", "Nue Wege GmbH"), ("Müller GmbH", "Müllner GmbH")],
)
def test_what_is_not_the_same_stays_apart(one: str, other: str) -> None:
    """`ue` after a vowel is no umlaut."""
    assert company(one)[0] != company(other)[0]


def test_a_name_of_nothing_but_a_form_is_a_name() -> None:
    """And what says nothing is none."""
    assert company("GmbH") == ("gmbh", None)
    assert company("n/a") == (None, None)
    assert company("NULL") == (None, None)


@given(st.text(max_size=300))
def test_folding_is_done_after_once(text: str) -> None:
    """For any text: folded again it is the same, and no longer than it may be."""
    folded = fold(text)

    assert len(folded) <= LONGEST
    assert folded == folded.strip()


@given(st.text(max_size=60))
def test_no_value_is_too_odd_to_be_normalised(text: str) -> None:
    """Every normal form of every text is a text, a list of texts, or nothing."""
    for form in (person_name, normal.postcode,
                 normal.place, normal.birth_date):  # fmt: skip
        assert form(text) is None or form(text)
    assert all(part is None or part for part in (*company(text), *street_and_house(text)))
    for forms in (normal.emails, phones, partial(normal.officials, kind="number"), normal.hosts):
        assert all(forms(text))


@pytest.mark.parametrize(
    "spelling", ["+49 (0)351 123456-78", "0049 351 12345678", "0351/12345678", "(0351) 123456 78", "+4935112345678"]
)
def test_spellings_of_one_phone_number(spelling: str) -> None:
    """With and without country code, zero, signs."""
    assert phones(spelling) == ["35112345678"]


def test_several_values_in_a_field_are_several() -> None:
    """Mail addresses and phone numbers."""
    assert normal.emails("A@b.example; <c@d.example>") == ["a@b.example", "c@d.example"]
    assert normal.emails("ａ＠ｂ.example") == ["a@b.example"]
    assert normal.emails("a@b.example/(c@d.example) oder e@f.example") == ["a@b.example", "c@d.example", "e@f.example"]
    assert phones("0351 123456; 0221 654321") == ["351123456", "221654321"]


def test_a_freemail_domain_is_no_domain() -> None:
    """Anybody can have an address there."""
    assert normal.mail_domain("x@gmx.de") is None
    assert normal.mail_domain("x@firma.example") == "firma.example"
    assert normal.hosts("https://www.firma.example/kontakt") == ["firma.example"]


def test_dates_in_two_orders_are_one_date() -> None:
    """ISO, German, without signs."""
    assert {normal.birth_date(text) for text in ("1971-06-24", "24.06.1971", "19710624")} == {"19710624"}


@pytest.mark.parametrize(
    "text", ["keine@firma.example", "noreply@firma.example", "xxx@firma.example", "n.a@firma.example", "info@", "n/a"]
)
def test_a_mail_address_that_fills_a_field_is_none(text: str) -> None:
    """Two records that share it share nothing."""
    assert normal.emails(text) == []


@pytest.mark.parametrize("text", ["info@firma.example", "keiner.max@firma.example", "test.dept@firma.example"])
def test_a_mail_address_that_somebody_has_is_one(text: str) -> None:
    """A company has `info@`, too."""
    assert normal.emails(text) == [text]


def test_what_every_company_has_before_the_at_sign_is_nobodys_name() -> None:
    """`kontakt@` of two companies is no name in common."""
    parts = [normal.local_part(f"{box}@firma.example") for box in ("kontakt", "office", "jiri.o")]

    assert parts == [None, None, "jiri.o"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("USt-ID: DE136695976", ["136695976"]),
        ("Ｄ Ｅ１３６６９５９７６", ["136695976"]),
        ("DE136695976 (alt)", ["136695976"]),
        ("DE136695976, ATU99999999", ["136695976", "U99999999"]),
        ("DE136695976/ATU12345678", ["136695976", "U12345678"]),
        ("CHE-151.373.742 MWST", ["E151373742"]),
        ("Amtsgericht Bonn, HRB-Nr. 04711", ["HRB4711"]),
        ("12/345/67890", ["1234567890"]),
        ("VAT No. GB 752 896 780", ["752896780"]),
        ("none", []),
    ],
)
def test_an_official_number_is_read_as_people_write_it(text: str, numbers: list[str]) -> None:
    """With what it is called, a court before it, another number beside it: who is a customer may hang on it."""
    assert normal.officials(text, "vat") == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("FAI001", ["FAI001"]),
        ("10042", ["10042"]),
        ("0000070000", ["70000"]),
        ("815", []),
        ("A1", []),
        ("Berlin1", []),
        ("unknown", []),
    ],
)
def test_a_code_with_few_digits_is_the_number_of_a_customer(text: str, numbers: list[str]) -> None:
    """As accounting programs give them; no VAT number is so short."""
    assert normal.officials(text, "number") == numbers
    assert normal.officials("FAI001", "vat") == []
