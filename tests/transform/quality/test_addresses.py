from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from etl.matching import regions
from etl.transform.arrow_text import texts
from etl.transform.quality import countries, postcodes, vat, websites
from etl.transform.quality.data import lines
from tests.transform.crm import Crm, make_cells

POSTCODES = {
    "DE": ("01067", "1067", "01067"),
    "AT": ("1010", "A-1010", "1010"),
    "CH": ("8001", "CH-8001", "8001"),
    "GB": ("SW1A 1AA", "SW1A", None),
    "US": ("94105-1234", "9410", "09410"),
    "FR": ("75008", "F-75008", "75008"),
    "PL": ("00-950", "00950", "00-950"),
    "NL": ("1012 AB", "1012", None),
    "IT": ("00184", "184", None),
    "LV": ("LV-1010", "101", "0101"),
    "IE": ("D02 X285", "Dublin 2", None),
}


@pytest.mark.parametrize("region", POSTCODES)
def test_postcodes_have_the_shape_of_their_country(region: str) -> None:
    """A postcode of the country passes, in any case and with outer blanks; another is found with what it may mean."""
    right, wrong, proposal = POSTCODES[region]

    cells = make_cells([right, f" {right.lower()}", wrong, None], region)

    assert postcodes.wrong_shape(cells) == {2: proposal}


def test_a_postcode_with_something_around_it_is_found() -> None:
    """The whole value is a postcode, or none."""
    assert postcodes.wrong_shape(make_cells(["80331 München", "Postfach 80331"], "DE")) == {0: None, 1: None}


def test_postcodes_are_judged_in_known_countries_only() -> None:
    """Without a country, or in one without postcodes, nothing is found."""
    assert postcodes.wrong_shape(make_cells(["?"])) == {}
    assert postcodes.wrong_shape(make_cells(["?"], "HK")) == {}


def test_the_table_of_postcodes_is_sound() -> None:
    """At least 60 countries, each once, each known, each with an expression."""
    rows = lines("postcodes.tsv")

    assert len({region for region, _ in rows}) == len(rows) >= 60
    assert all(regions.region(region) == region and re.compile(shape) for region, shape in rows)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Deutschland", "DE"),
        ("GERMANY", "DE"),
        ("D", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Oesterreich", "AT"),
        ("Österreich", "AT"),
        ("osterreich", "AT"),
        ("Schweiz", "CH"),
        ("Suisse", "CH"),
        ("U.S.A.", "US"),
        ("Cote d'Ivoire", "CI"),
        ("Polska", "PL"),
        ("Ελλάδα", "GR"),
        ("日本", "JP"),
        ("Bosnia & Herzegovina", "BA"),
        ("Bosnia and Herzegovina", "BA"),
        ("Namibia", "NA"),
        ("NA", None),
        ("Atlantis", None),
        ("-", None),
    ],
)
def test_countries_are_known_by_names_and_codes(text: str, region: str | None) -> None:
    """Names in German, English and the country's own language, ISO codes, D and A; `NA` means none."""
    assert regions.regions(texts([text, None])).to_pylist() == [region, None]


def test_no_name_stands_for_two_countries() -> None:
    """In the table of countries a name or code leads to one country only."""
    seen: dict[str, str] = {}
    for alpha2, alpha3, _sign, names in lines("countries.tsv", package="etl.matching.data"):
        for name in (alpha2, alpha3, *names.split("|")):
            plain = regions._plain(name)
            assert seen.setdefault(plain, alpha2) == alpha2, name


def test_unknown_countries_are_found() -> None:
    """A text that is no country is found, an empty one is not."""
    assert countries.unknown(make_cells(["Deutschland", "Atlantis", None, " "])) == {1: None}


VALID = [
    "DE136695976",
    "de 136 695 976",
    "ATU13585627",
    "CHE-123.456.788 MWST",
    "FR40303265045",
    "PL8567346215",
    "GB980780684",
]


@pytest.mark.parametrize("number", VALID)
def test_valid_vat_numbers_are_fine(number: str) -> None:
    """Numbers with a right check digit pass, with and without blanks, whatever country the record is in."""
    assert vat.invalid(make_cells([number], "DE")) == {}
    assert vat.invalid(make_cells([number])) == {}


@pytest.mark.parametrize(
    ("number", "region", "found"),
    [
        ("DE136695978", None, {0: None}),
        ("136695976", "DE", {}),
        ("136695978", "DE", {0: None}),
        ("136695978", None, {}),
        ("USt-IdNr. DE136695976", "DE", {0: "DE136695976"}),
        ("beantragt", "DE", {0: None}),
        ("beantragt", None, {}),
        ("EL094259216", "GR", {}),
        ("ZZ12345", None, {}),
    ],
)
def test_vat_numbers_are_judged_in_their_country(number: str, region: str | None, found: dict[int, str | None]) -> None:
    """The prefix says the country, else the record; without either, or where no rule is known, nothing is found."""
    assert vat.invalid(make_cells([number], region)) == found


def test_a_vat_number_of_another_country_is_found() -> None:
    """A valid number of another country than the address is found; shared numbers and unknown countries are not."""
    assert vat.other_country(make_cells(["ATU13585627", "DE136695976"], "DE")) == {0: None}
    assert vat.other_country(make_cells(["FR40303265045"], "MC")) == {}
    assert vat.other_country(make_cells(["ATU13585627"])) == {}
    assert vat.other_country(make_cells(["ATU1"], "DE")) == {}
    assert vat.other_country(make_cells(["EL094259216"], "GR")) == {}  # Greek numbers have a prefix of their own


@given(st.from_regex(r"(?:https?://)?[a-z]{1,5}(?:-[a-z])?\.(?:example|de|co\.uk)(?:/[a-z?=&#]*)?", fullmatch=True))
def test_websites_with_a_host_are_fine(text: str) -> None:
    """A host with a dot is enough, with or without scheme and path."""
    assert websites.invalid(make_cells([text])) == {}


def test_other_websites_are_found() -> None:
    """What no browser would open is found; a website within the text is proposed."""
    cells = make_cells(
        ["www.müller.de", "-", "keine", "http://", "anna@berg.de", "www.a.example; www.b.example", "http//a.de", None]
    )

    assert websites.invalid(cells) == {
        1: None,
        2: None,
        3: None,
        4: None,
        5: "www.a.example",
        6: "a.de",
    }


def test_a_person_without_a_country_is_judged_by_the_companys(crm: Crm) -> None:
    """Contacts have the country of their company, and a lead its own field's country before the record's."""
    crm.company("1", name="A", land="Frankreich", zip="7500").contact("7", "1", last="B", tel="0351/1")

    assert crm.codes() == {("accounts:1", "postcode-invalid"), ("contacts:7", "phone-impossible")}
    assert crm.codes(postcode="{zip}", country="Austria") == {
        ("accounts:1", "postcode-invalid"),
        ("contacts:7", "phone-impossible"),
    }
    found = crm.transform(postcode="{zip}", country="Austria").findings
    assert found[found["code"] == "postcode-invalid"]["field"].tolist() == ["zip"]
