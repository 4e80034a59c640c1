"""Names of companies: their legal form, abbreviations and additions apart, spellings of one name are one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from etl.matching.company_names import company
from etl.matching.data import lines
from etl.matching.folding import fold
from etl.matching.legal_forms import generate


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("Kolbe SE & Co. KGaA", "se co kgaa"),
        ("Kolbe AG & Co. KGaA", "ag co kgaa"),
        ("Kolbe GmbH & Co. KG", "gmbh co kg"),
        ("Kolbe GmbH & Cie. KG", "gmbh co kg"),
        ("Kolbe Gesellschaft mbH und Co. Kommanditgesellschaft", "gmbh co kg"),
        ("Kolbe UG (haftungsbeschränkt)", "ug"),
        ("Kolbe UG (haftungsbeschränkt) & Co. KG", "ug co kg"),
        ("Kolbe e.K.", "ek"),
        ("Kolbe e. V.", "ev"),
        ("Kolbe gGmbH", "ggmbh"),
        ("Kolbe Ges.m.b.H.", "gmbh"),
        ("Kolbe Ltd.", "ltd"),
        ("Kolbe Limited", "ltd"),
        ("Kolbe, Inc.", "inc"),
        ("Kolbe Incorporated", "inc"),
        ("Kolbe L.L.C.", "llc"),
        ("Kolbe Pty Ltd", "pty ltd"),
        ("Kolbe S.à r.l.", "sarl"),
        ("Kolbe SARL", "sarl"),
        ("Kolbe S.p.A.", "spa"),
        ("Kolbe S. p. A.", "spa"),
        ("Kolbe B.V.", "bv"),
        ("Kolbe B V", "bv"),
        ("Kolbe Sp. z o.o. Sp. k.", "sp z oo sp k"),
        ("Kolbe, spol. s r.o.", "sro"),
        ("Kolbe Zrt.", "zrt"),
        ("UAB Kolbe", "uab"),
        ("ООО Kolbe", "ooo"),
        ("Kolbe eingetragener Kaufmann", "ek"),
        ("Kolbe Oy Ab", "oy"),
    ],
)
def test_a_legal_form_is_known_with_and_without_dots(written: str, form: str) -> None:
    """At the end, before a name where it is the custom, short or in full."""
    assert company(written) == ("kolbe", form)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kolbe GmbH", "Kolbe GmbH & Co. KG"),
        ("Kolbe AG & Co. KG", "Kolbe GmbH & Co. KG"),
        ("Kolbe UG", "Kolbe UG & Co. KG"),
        ("Kolbe SE", "Kolbe SE & Co. KGaA"),
        ("Kolbe KG", "Kolbe KGaA"),
        ("Kolbe Ltd", "Kolbe LLP"),
    ],
)
def test_a_partner_is_another_form_than_its_partnership(one: str, other: str) -> None:
    """One name, two firms."""
    assert company(one)[0] == company(other)[0]
    assert company(one)[1] != company(other)[1]


@pytest.mark.parametrize(
    "name", ["Kolbe Stiftung", "Kolbe Trust", "Wellness Spa Hotel Kolbe", "Kolbe & Son", "AS Kolbe"]
)
def test_what_a_company_is_called_is_no_legal_form(name: str) -> None:
    """A foundation beside a company has another name, and a spa is one."""
    assert company(name)[1] is None
    assert len((company(name)[0] or "").split()) > 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kolbe Masch.bau", "Kolbe Maschinenbau"),
        ("Kolbe Präz.technik", "Kolbe Präzisionstechnik"),
        ("E-Technik Kolbe", "Elektrotechnik Kolbe"),
        ("Kolbe E.-Technik", "Kolbe Elektrotechn."),
        ("Kolbe E-Techn.", "Kolbe Elektrotechnik"),
        ("Gebr. Kolbe", "Gebrüder Kolbe"),
        ("Kolbe Bros.", "Kolbe Brothers"),
        ("Kolbe Intl. Mfg.", "Kolbe International Manufacturing"),
        ("Fa. Kolbe", "Kolbe"),
        ("Bäckerei Kolbe, Inh. Jiří Oelschläger", "Bäckerei Kolbe"),
        ("Kolbe c/o Business Center Nord", "Kolbe"),
        ("c/o Kolbe", "Kolbe"),
        ("Kolbe Verwaltungsgesellschaft mbH", "Kolbe Verwaltungs-GmbH"),
        ("Müller Bau", "Mueller Bau"),
        ("Müller Bau", "Muller Bau"),
        ("Ромашка", "Romashka"),
        ("Газэнерго", "Gazenergo"),
        ("Ουρανός", "Ouranos"),
        ("Αθήνα", "ATHINA"),
    ],
)
def test_a_name_is_one_however_it_is_shortened_or_spelled(one: str, other: str) -> None:
    """Abbreviations within words, owners, who takes the post, and letters of other scripts."""
    assert company(one)[0] == company(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kolbe Masch.bau", "Kolbe Metallbau"),
        ("E-Technik Kolbe", "Technik Kolbe"),
        ("Gebr. Kolbe", "Kolbe"),
        ("Kolbe, Inh. Jiří Oelschläger", "Jiří Oelschläger"),
        ("Kolbe c/o Business Center Nord", "Business Center Nord"),
        ("Ромашка", "Ромашкин"),
    ],
)
def test_another_name_stays_another(one: str, other: str) -> None:
    """What is spelled out and left out makes no two names one."""
    assert company(one)[0] != company(other)[0]


def test_the_table_is_made_of_the_list_of_iso_20275(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Abbreviations and names of its forms, those with blanks between their letters as one word; no savings banks."""
    columns = {
        generate.COUNTRY: "XX",
        generate.LANGUAGE: "xx",
        generate.NAME: "Geschlossene Gesellschaft",
        generate.ABBREVIATIONS[0]: "G.G.X.Y.;Society",
        generate.ABBREVIATIONS[1]: "",
    }
    bank = columns | {generate.NAME: "Savings Bank", generate.ABBREVIATIONS[0]: ""}
    with (tmp_path / "elf.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows([columns, bank])

    assert generate.main([str(tmp_path / "elf.csv")]) == 0
    made = capsys.readouterr().out.splitlines()

    assert "elf.csv" in made[1]
    assert "ggxy\tXX\tggxy" in made
    assert "ggxy\tXX\tgeschlossene gesellschaft" in made
    assert not [line for line in made[3:] if "savings" in line or line.endswith("\tsociety")]


def test_the_table_has_what_is_added_by_hand() -> None:
    """Who changes `usual.tsv` makes the table anew."""
    table = {spelling: form for form, _, spelling in lines("legal_forms.tsv")}
    usual = lines("usual.tsv", package="etl.matching.legal_forms")

    for form, *spellings in (words for kind, *words in usual if kind == "="):
        assert {table.get(fold(spelling)) for spelling in (form, *filter(None, spellings))} == {form}
    assert not {fold(word) for kind, *words in usual if kind == "not" for word in words} & table.keys()
