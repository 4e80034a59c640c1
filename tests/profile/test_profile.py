from __future__ import annotations

from pathlib import Path

import pytest

from etl.profile.model import Role
from tests.profile.profiles import files_in, profiled

COMPANIES = "nr,firma,strasse,plz,ort,gelöscht\n" + "".join(
    f"{1000 + n},Muster{n} GmbH,Weg {n},{10000 + n},Dresden,{'ja' if n == 7 else 'nein'}\n" for n in range(1, 31)
)
PEOPLE = "id,kunde_nr,vorname,nachname,mail\n" + "".join(
    f"p{n},{1000 + n},Anna,Muster{chr(96 + n % 26)},anna{n}@firma{n}.example\n" for n in range(1, 31)
)
BILLS = "beleg,kunde_nr,datum,status,summe\n" + "".join(
    f"R{n:04},{1000 + n},{n:02}.0{1 + n % 9}.2026,{'bezahlt' if n % 2 else 'storniert'},{n},\n".replace(",\n", "\n")
    for n in range(1, 29)
)


def test_tables_columns_and_links_are_told_by_what_they_hold(tmp_path: Path) -> None:
    """German names, keys of four digits, one date format that all values prove."""
    folder = files_in(tmp_path / "crm", {"Kunden": COMPANIES, "Ansprechpartner": PEOPLE, "Rechnungen": BILLS})
    with profiled(f"files:{folder}", tmp_path / "copies") as profile:
        roles = {name: part.role for name, part in profile.parts.items()}
        links = {(link.table, link.columns, link.to): (link.met, link.filled) for link in profile.graph.links}

        assert roles == {"Kunden": Role.COMPANY, "Ansprechpartner": Role.PERSON, "Rechnungen": Role.EVIDENCE}
        assert {name: key.columns for name, key in profile.keys.items()} == {
            "Kunden": ("nr",),
            "Ansprechpartner": ("id",),
            "Rechnungen": ("beleg",),
        }
        assert links == {
            ("Ansprechpartner", ("kunde_nr",), "Kunden"): (30, 30),
            ("Rechnungen", ("kunde_nr",), "Kunden"): (28, 28),
        }
        dates = profile.parts["Rechnungen"].table["datum"].dates
        assert dates is not None
        assert (dates.formats, dates.ambiguous) == (("%d.%m.%Y",), False)


@pytest.mark.parametrize(
    ("values", "formats", "ambiguous"),
    [
        (["2026-01-02", "2026-12-31 10:00:00"], (), False),
        (["31.12.2026", "01.02.2026"], ("%d.%m.%Y",), False),
        (["12/31/2026", "01/02/2026"], ("%m/%d/%Y",), False),
        (["03/04/2026", "01/02/2026"], ("%m/%d/%Y", "%d/%m/%Y"), True),
        (["20261231", "20260102"], ("%Y%m%d",), False),
    ],
)
def test_a_columns_dates_have_the_form_that_reads_every_value(
    tmp_path: Path, values: list[str], formats: tuple[str, ...], ambiguous: bool
) -> None:
    """Where day and month could be either, both forms are told."""
    rows = "".join(f"{number},{value}\n" for number, value in enumerate(values * 3))
    folder = files_in(tmp_path / "crm", {"visits": "id,visited\n" + rows})
    with profiled(f"files:{folder}", tmp_path / "copies") as profile:
        dates = profile.tables[0]["visited"].dates

        assert dates is not None
        assert (set(dates.formats), dates.ambiguous) == (set(formats), ambiguous)


def test_versions_and_numbers_are_no_dates(tmp_path: Path) -> None:
    """`1.2.3` and `4711` name no day."""
    folder = files_in(tmp_path / "crm", {"things": "id,version,number\n1,1.2.3,4711\n2,2.10.4,4712\n"})
    with profiled(f"files:{folder}", tmp_path / "copies") as profile:
        assert [column.dates for column in profile.tables[0].columns] == [None, None, None]


def test_keys_that_nearly_meet_are_told_with_what_brings_them_together(tmp_path: Path) -> None:
    """Leading zeros in one of two tables."""
    accounts = "id,name,city\n" + "".join(f"{n:07},Muster {n} GmbH,Dresden\n" for n in range(1, 20))
    contacts = "id,account_id,first_name,last_name\n" + "".join(f"c{n},{n},Anna,Muster\n" for n in range(1, 20))
    folder = files_in(tmp_path / "crm", {"accounts": accounts, "contacts": contacts})
    with profiled(f"files:{folder}", tmp_path / "copies") as profile:
        [link] = profile.graph.of("contacts")

        assert (link.to, link.steps, link.met, link.filled) == ("accounts", ("leading_zeros",), 19, 19)


def test_a_column_that_another_explains_names_several_tables(tmp_path: Path) -> None:
    """`parent_type` says of which table `parent_id` is."""
    accounts = "id,name,city\n" + "".join(f"a{n},Muster {n} GmbH,Dresden\n" for n in range(1, 20))
    contacts = "id,first_name,last_name,email\n" + "".join(f"c{n},Anna,Muster,a{n}@x.example\n" for n in range(1, 20))
    calls = "id,parent_type,parent_id,subject\n" + "".join(
        f"k{n},{'Account' if n % 2 else 'Contact'},{'a' if n % 2 else 'c'}{n},Hello\n" for n in range(1, 20)
    )
    folder = files_in(tmp_path / "crm", {"accounts": accounts, "contacts": contacts, "calls": calls})
    with profiled(f"files:{folder}", tmp_path / "copies") as profile:
        links = {(link.to, link.where) for link in profile.graph.of("calls")}

        assert links == {("accounts", ("parent_type", "Account")), ("contacts", ("parent_type", "Contact"))}


def test_a_damaged_table_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    """An empty file has not even a header."""
    folder = files_in(tmp_path / "crm", {"Kunden": COMPANIES, "broken": ""})
    with profiled(f"files:{folder}", tmp_path / "copies") as profile:
        assert [table.name for table in profile.tables] == ["Kunden"]
        assert [table.name for table in profile.unread] == ["broken"]
