"""Pairs made by hand, by what makes them hard: what is one company or person, and what only looks like one.

A case is two records and whether they are the same. `SURE` ones are to be found by themselves, `PERHAPS` are such that
people could not know either: they must not be certain either way. `NEVER` ones are two.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from tests.matching.lists import company

Row = Mapping[str, str]


class Truth(Enum):
    """What people who know both records say. SURE: one; LIKELY: one, and a person may be asked; PERHAPS: nobody could
    tell; TWO: two, and a person may be asked; NEVER: two, plainly."""

    SURE = (0.95, 1.0)
    LIKELY = (0.5, 1.0)
    PERHAPS = (0.05, 0.95)
    TWO = (0.0, 0.95)
    NEVER = (0.0, 0.5)


SURE, LIKELY, PERHAPS, TWO, NEVER = Truth
ROOF = {"phone": "0351 7299687", "website": "kraszewski.example"}
"""One switchboard and one website in one house."""
NOTHING: Row = MappingProxyType({})
KOLBE = {"last_name": "Kolbe", "street": "Elbweg 7", "postcode": "01099", "city": "Dresden", "phone": "0351 7299611"}
FIELD = {
    "last_name": "Whitfield",
    "street": "12 Mill Lane",
    "postcode": "LS1 4AB",
    "city": "Leeds",
    "phone": "0113 4960123",
}


def firms(
    one: str, other: str, both: Row = ROOF, one_only: Row = NOTHING, other_only: Row = NOTHING
) -> tuple[Row, Row]:
    """Two companies in one house, with what else is told of both or of one."""
    return company(one, **both, **one_only), company(other, **both, **other_only)


def people(one: Row, other: Row, both: Row = KOLBE) -> tuple[Row, Row]:
    """Two persons of one household, with what is told of each."""
    return {**both, **one}, {**both, **other}


Cases = Mapping[str, tuple[Truth, tuple[Row, Row]]]

WORDS: Cases = {
    "a numbered object": (TWO, firms("Windpark Nord 3 GmbH", "Windpark Nord 4 GmbH")),
    "owners of two houses": (TWO, firms("WEG Hauptstraße 3", "WEG Hauptstraße 5")),
    "Roman numbers": (TWO, firms("Solarpark Elbtal II GmbH", "Solarpark Elbtal III GmbH")),
    "north and south": (TWO, firms("Autohaus Kraszewski Nord GmbH", "Autohaus Kraszewski Süd GmbH")),
    "a company and its foundation": (TWO, firms("Kraszewski GmbH", "Kraszewski Stiftung")),
    "holding and operating company": (TWO, firms("Kraszewski Holding GmbH", "Kraszewski Metallbau GmbH")),
    "a holding and who bears the name": (TWO, firms("Kraszewski Holding AG", "Kraszewski AG")),
    "a partner and its partnership": (TWO, firms("Kraszewski Verwaltungs GmbH", "Kraszewski GmbH & Co. KG")),
    "a partner of the same name": (TWO, firms("Kraszewski Bau GmbH", "Kraszewski Bau GmbH & Co. KG")),
    "two trades of one family": (TWO, firms("Lange & Wagner Optik GmbH", "Lange & Wagner Maschinenbau GmbH")),
    "trades under one roof": (TWO, firms("Kraszewski Transporte", "Kraszewski Catering")),
    "English trades": (TWO, firms("Whitfield Plumbing Ltd", "Whitfield Catering Ltd")),
    "English north and south": (TWO, firms("Hartley Dental Care North", "Hartley Dental Care South")),
    "a trust and its company": (TWO, firms("Whitfield Foundation", "Whitfield Ltd")),
    "an inn of two villages": (
        TWO,
        (
            {"company": "Gasthof zur Linde", "street": "Dorfstr. 3", "postcode": "01744", "city": "Reichstädt"},
            {"company": "Gasthof zur Linde", "street": "Hauptstr. 11", "postcode": "01744", "city": "Ammelsdorf"},
        ),
    ),
    "the same words": (SURE, firms("Autohaus Kraszewski Nord GmbH", "Autohaus Kraszewski Nord")),
    "the same number": (SURE, firms("Windpark Nord 3 GmbH", "Windpark Nord 3 GmbH & Co. KG", {"vat": "DE811569869"})),
    "words in another order": (SURE, firms("Lange & Wagner Optik", "Optik Lange und Wagner GmbH")),
    "a word that says nothing": (LIKELY, firms("Kraszewski Metallbau GmbH", "Kraszewski Metallbau Dresden GmbH")),
    "the group": (LIKELY, firms("Kraszewski Metallbau", "Kraszewski Metallbau Gruppe")),
    "English, a legal form left out": (SURE, firms("Whitfield Plumbing Ltd", "Whitfield Plumbing")),
    "a longer name": (LIKELY, firms("Kraszewski Metall", "Kraszewski Metall- und Stahlbau GmbH")),
}

MOVED: Cases = {
    "moved in town": (
        LIKELY,
        firms(
            "Kraszewski Metallbau GmbH",
            "Kraszewski Metallbau GmbH",
            {},
            ROOF,
            {**ROOF, "street": "Ring 9", "postcode": "01307"},
        ),
    ),
    "moved to another town": (
        LIKELY,
        firms(
            "Kraszewski Metallbau GmbH",
            "Kraszewski Metallbau GmbH",
            {"phone": "0170 7299687"},
            {},
            {"street": "Ring 9", "postcode": "99084", "city": "Erfurt"},
        ),
    ),
    "moved, with its website": (
        LIKELY,
        firms(
            "Whitfield Plumbing Ltd",
            "Whitfield Plumbing Limited",
            {"website": "whitfield-plumbing.example", "phone": "0113 4960123"},
            {},
            {"street": "Park Row 5", "postcode": "04109", "city": "Leipzig"},
        ),
    ),
    "renamed, with its number": (
        LIKELY,
        firms("Kraszewski GmbH", "Elbtal Fertigung GmbH", {**ROOF, "vat": "DE811569869"}),
    ),
    "the number, another name and address": (
        LIKELY,
        firms(
            "Kraszewski GmbH",
            "Dolch Logistik AG",
            {"vat": "DE811569869"},
            {},
            {"street": "Ring 9", "postcode": "99084", "city": "Erfurt"},
        ),
    ),
    "a common name in two towns": (
        NEVER,
        firms("Müller GmbH", "Müller GmbH", {}, {}, {"street": "Elbweg 1", "postcode": "50667", "city": "Köln"}),
    ),
    "two numbers": (
        NEVER,
        firms("Kraszewski GmbH", "Kraszewski GmbH", ROOF, {"vat": "DE811569869"}, {"vat": "DE136695976"}),
    ),
    "another firm behind the old door": (NEVER, firms("Kraszewski Metallbau GmbH", "Blumen Oelschläger", {})),
    "a business centre": (TWO, firms("Kraszewski Metallbau GmbH", "Dolch Logistik AG", {"phone": "0351 7299687"})),
}

SPELLED: Cases = {
    "abbreviated": (SURE, firms("Kraszewski Maschinenbau GmbH", "Kraszewski Masch.bau GmbH")),
    "precision": (LIKELY, firms("Dolch Präzisionstechnik GmbH", "Dolch Präz.technik GmbH")),
    "electrical": (LIKELY, firms("Dolch Elektrotechnik GmbH", "Dolch E-Technik")),
    "beginning and end": (SURE, firms("Becker & Roth Karosseriebau GmbH", "Becker & Roth Kar.bau GmbH")),
    "initials": (SURE, firms("Werner Kraszewski Metallbau", "W. Kraszewski Metallbau")),
    "the owner": (SURE, firms("Bäckerei Oelschläger", "Bäckerei Oelschläger, Inh. Jana Dolch")),
    "a company called a company": (SURE, firms("Fa. Oelschläger Bedachungen", "Oelschläger Bedachungen")),
    "umlauts": (SURE, firms("Müller Möbelhaus Öderan", "Mueller Moebelhaus Oederan")),
    "no umlauts": (LIKELY, firms("Kräußlich Möbelbau GmbH", "Krausslich Mobelbau GmbH")),
    "English, short": (LIKELY, firms("Whitfield International Trading Ltd", "Whitfield Intl. Trading Limited")),
    "another owner's name": (TWO, firms("Werner Kraszewski Metallbau", "Uwe Kraszewski Metallbau", {})),
    "other beginnings": (TWO, firms("Dolch Elektrotechnik GmbH", "Dolch Umwelttechnik GmbH")),
    "another trade, shortened": (TWO, firms("Kraszewski Masch.bau GmbH", "Kraszewski Metallbau Vertrieb GmbH")),
    "alike to look at": (NEVER, firms("Kraszewski Metallbau", "Kraszinski Möbelbau", {})),
}

HOUSEHOLD: Cases = {
    "spouses": (TWO, people({"first_name": "Hans"}, {"first_name": "Hanna"})),
    "spouses and one mail address": (
        TWO,
        people({"first_name": "Hans", "email": "kolbe@a.example"}, {"first_name": "Petra", "email": "kolbe@a.example"}),
    ),
    "father and son": (
        NEVER,
        people(
            {"first_name": "Hans", "date_of_birth": "1950-03-12"}, {"first_name": "Hans", "date_of_birth": "1981-07-30"}
        ),
    ),
    "sisters": (
        NEVER,
        people(
            {"first_name": "Clara", "date_of_birth": "1990-03-12"},
            {"first_name": "Klara Marie", "date_of_birth": "1993-11-02"},
        ),
    ),
    "mother and daughter": (
        NEVER,
        people(
            {"first_name": "Petra", "email": "kolbe@a.example", "date_of_birth": "1960-01-05"},
            {"first_name": "Jana", "email": "kolbe@a.example", "date_of_birth": "1988-09-17"},
        ),
    ),
    "Christian and Christina": (TWO, people({"first_name": "Christian"}, {"first_name": "Christina"})),
    "Martin and Martina": (TWO, people({"first_name": "Martin"}, {"first_name": "Martina"})),
    "English siblings": (TWO, people({"first_name": "Daniel"}, {"first_name": "Danielle"}, FIELD)),
    "English spouses": (TWO, people({"first_name": "George"}, {"first_name": "Eleanor"}, FIELD)),
    "twins": (
        TWO,
        people(
            {"first_name": "Max", "date_of_birth": "1990-03-12"},
            {"first_name": "Moritz", "date_of_birth": "1990-03-12"},
        ),
    ),
    "one person": (SURE, people({"first_name": "Hans"}, {"first_name": "Hans"})),
    "one person, another phone": (
        SURE,
        people(
            {"first_name": "Hans", "date_of_birth": "1950-03-12"},
            {"first_name": "Hans", "date_of_birth": "12.03.1950", "phone": "0170 7299611"},
        ),
    ),
    "a slip of the pen": (
        SURE,
        people(
            {"first_name": "Katharina", "date_of_birth": "1950-03-12"},
            {"first_name": "Kathrina", "date_of_birth": "1950-03-12"},
        ),
    ),
    "a nickname": (LIKELY, people({"first_name": "Hans"}, {"first_name": "Johannes"})),
    "another nickname": (LIKELY, people({"first_name": "Uli"}, {"first_name": "Ulrich"})),
    "an English nickname": (LIKELY, people({"first_name": "Bill"}, {"first_name": "William"}, FIELD)),
    "an initial": (LIKELY, people({"first_name": "George"}, {"first_name": "G."}, FIELD)),
    "married": (
        LIKELY,
        people(
            {"first_name": "Petra", "date_of_birth": "1970-03-12", "email": "petra@a.example"},
            {
                "first_name": "Petra",
                "date_of_birth": "1970-03-12",
                "email": "petra@a.example",
                "last_name": "Kolbe-Dolch",
            },
        ),
    ),
}

SWAPPED: Cases = {
    "first and last name": (
        SURE,
        people({"first_name": "Jiří", "last_name": "Kolbe"}, {"first_name": "Kolbe", "last_name": "Jiří"}),
    ),
    "with a birthday": (
        SURE,
        people(
            {"first_name": "Jana", "last_name": "Oelschläger", "date_of_birth": "1970-03-12"},
            {"first_name": "Oelschläger", "last_name": "Jana", "date_of_birth": "1970-03-12"},
            {"email": "jana@a.example"},
        ),
    ),
    "English": (
        SURE,
        people({"first_name": "Whitfield", "last_name": "Eleanor"}, {"first_name": "Eleanor"}, FIELD),
    ),
    "swapped, another birthday": (
        NEVER,
        people(
            {"first_name": "Hans", "last_name": "Walter", "date_of_birth": "1950-03-12"},
            {"first_name": "Walter", "last_name": "Hans", "date_of_birth": "1981-07-30"},
        ),
    ),
    "half of it": (
        TWO,
        people({"first_name": "Hans", "last_name": "Walter"}, {"first_name": "Walter", "last_name": "Dolch"}),
    ),
    "swapped, of another town": (
        TWO,
        (
            {"first_name": "Hans", "last_name": "Walter", "postcode": "01099", "city": "Dresden"},
            {"first_name": "Walter", "last_name": "Hans", "postcode": "50667", "city": "Köln"},
        ),
    ),
}

FIRM = {
    "company": "Dolch Logistik AG",
    "street": "Hafenstr. 2",
    "postcode": "20457",
    "city": "Hamburg",
    "phone": "040 7299680",
}
NAMESAKES: Cases = {
    "a direct line": (
        SURE,
        people(
            {"first_name": "Jana", "last_name": "Oelschläger"},
            {"first_name": "Jana", "last_name": "Oelschlaeger"},
            {**FIRM, "phone": "040 7299680-17"},
        ),
    ),
    "a title": (
        SURE,
        people(
            {"first_name": "Dr. Jana", "last_name": "Oelschläger", "email": "jana@dolch.example"},
            {"first_name": "Jana", "last_name": "Oelschläger", "email": "jana@dolch.example"},
            FIRM,
        ),
    ),
    "one mail address": (
        SURE,
        people(
            {"first_name": "Jana", "last_name": "Oelschläger", "email": "j.oelschlaeger@dolch.example"},
            {"first_name": "Jana", "last_name": "Oelschlaeger", "email": "j.oelschlaeger@dolch.example"},
            FIRM,
        ),
    ),
    "married, with one mail address": (
        LIKELY,
        people(
            {"first_name": "Jana", "last_name": "Oelschläger", "email": "jana@dolch.example"},
            {"first_name": "Jana", "last_name": "Kraszewski", "email": "jana@dolch.example"},
            FIRM,
        ),
    ),
    "colleagues": (
        NEVER,
        people(
            {"first_name": "Jana", "last_name": "Oelschläger"}, {"first_name": "Uwe", "last_name": "Kraszewski"}, FIRM
        ),
    ),
    "colleagues of one name": (
        TWO,
        people(
            {"first_name": "Jana", "last_name": "Müller", "email": "jana.mueller@dolch.example"},
            {"first_name": "Jana", "last_name": "Müller", "email": "jana.mueller2@dolch.example"},
            FIRM,
        ),
    ),
    "relatives in one firm": (
        TWO,
        people({"first_name": "Jana", "last_name": "Dolch"}, {"first_name": "Heinrich", "last_name": "Dolch"}, FIRM),
    ),
}

NUMBERS: Cases = {
    "an area code and a slash": (
        SURE,
        firms("Dolch Logistik", "Dolch Logistik AG", {}, {"phone": "0911 / 7299687"}, {"phone": "+49 911 7299687"}),
    ),
    "a main line": (
        SURE,
        firms(
            "Dolch Logistik", "Dolch Logistik AG", {}, {"phone": "+49 (0) 7131 / 640533 - 0"}, {"phone": "07131/640533"}
        ),
    ),
    "an extension": (
        SURE,
        firms("Dolch Logistik", "Dolch Logistik AG", {}, {"phone": "07131 640533-0"}, {"phone": "07131 640533-17"}),
    ),
    "another line": (
        TWO,
        firms("Dolch Logistik", "Blumen Oelschläger", {}, {"phone": "0911 / 7299687"}, {"phone": "0911 7299688"}),
    ),
    "a placeholder": (NEVER, firms("Dolch Logistik", "Blumen Oelschläger", {"phone": "0000000", "vat": "DE000000000"})),
    "nobody's mail": (NEVER, firms("Dolch Logistik", "Blumen Oelschläger", {"email": "info@"})),
}

KINDS: Mapping[str, Cases] = {
    "words that tell apart": WORDS,
    "moved and renamed": MOVED,
    "spelled otherwise": SPELLED,
    "a household": HOUSEHOLD,
    "swapped names": SWAPPED,
    "namesakes": NAMESAKES,
    "numbers": NUMBERS,
}
