"""Links are found by what columns hold: by keys that are met more often than chance, and never by amounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.profile.model import Role
from tests.profile.profiles import files_in, profiled

KEYS = [1000 + 3 * n + n % 2 for n in range(1, 61)]
"""Of companies, with gaps between them."""
COMPANIES = "{key},Firma,Strasse,Ort,Zentrale\n" + "".join(
    f"{key},Muster{key} GmbH,Weg {n},Dresden,{KEYS[n // 6] if n % 6 == 5 else 0}\n" for n, key in enumerate(KEYS)
)
PEOPLE = "ApNr,Vorname,Nachname,Mail\n" + "".join(f"{n},Anna,Muster,anna{n}@x.example\n" for n in range(1, 401))


def links(tmp_path: Path, **tables: str) -> set[tuple[str, str, str]]:
    """Table, column and the table that it names, of some tables."""
    with profiled(f"files:{files_in(tmp_path / 'crm', tables)}", tmp_path / "copies") as profile:
        return {(link.table, ",".join(link.columns), link.to) for link in profile.graph.links}


@pytest.mark.parametrize(
    ("key", "column"),
    [("KNR", "KNR"), ("ID", "KD"), ("KNR", "KU_NR"), ("KNR", "KID"), ("NR", "NR"), ("KNR", "Feld7")],
)
def test_numbers_that_are_all_keys_name_rows_whatever_their_column_is_called(
    tmp_path: Path, key: str, column: str
) -> None:
    """Between the keys are gaps, and no number is in one: that is no chance."""
    orders = f"Beleg,{column},Menge\n" + "".join(f"A{n},{KEYS[n % 47]},{n % 9}\n" for n in range(90))

    assert ("Auftraege", column, "Kunden") in links(tmp_path, Kunden=COMPANIES.replace("{key}", key), Auftraege=orders)


@pytest.mark.parametrize("column", ["Betrag", "Feld7"])
@pytest.mark.parametrize("form", ["{},00", "{}.50", "{}", "1.{:03},95 EUR"])
def test_an_amount_is_no_key(tmp_path: Path, column: str, form: str) -> None:
    """Whatever numbers there are among the keys of persons, with and without cents."""
    rows = (f"R{n};{KEYS[n % 60]};{form.format(1 + n * 7 % 300)};0{1 + n % 9}.02.2026\n" for n in range(180))
    bills = f"ReNr;KNR;{column};Datum\n{''.join(rows)}"
    tables = {"Kunden": COMPANIES.replace("{key}", "KNR"), "Ansprechpartner": PEOPLE, "Rechnungen": bills}
    with profiled(f"files:{files_in(tmp_path / 'crm', tables)}", tmp_path / "copies") as profile:
        assert [(link.columns, link.to) for link in profile.graph.of("Rechnungen")] == [(("KNR",), "Kunden")]
        assert profile.parts["Rechnungen"].role is Role.EVIDENCE


def test_a_counter_meets_keys_without_gaps_by_chance(tmp_path: Path) -> None:
    """The numbers of a log are those of persons, too, and name none of them."""
    log = "ID,Zeit\n" + "".join(f"{n},2026-01-01 08:00:00\n" for n in range(300))
    seats = "Raum,Platz\n" + "".join(f"R{n},{1 + n % 200}\n" for n in range(300))

    assert links(tmp_path, Ansprechpartner=PEOPLE, Log=log, Plan=seats) == set()


def test_a_few_numbers_meet_keys_with_gaps_by_chance(tmp_path: Path) -> None:
    """Three levels that happen to be keys of companies."""
    plans = "Beleg,Stufe\n" + "".join(f"P{n},{KEYS[n % 3]}\n" for n in range(60))

    assert ("Plan", "Stufe", "Kunden") not in links(tmp_path, Kunden=COMPANIES.replace("{key}", "KNR"), Plan=plans)


def test_a_column_names_the_company_above_by_its_values(tmp_path: Path) -> None:
    """Zero stands for none; a second key of each row names none."""
    rows = [f"{key},Muster{key} GmbH,Ort,{KEYS[n // 6] if n % 4 == 1 else 0},{key}\n" for n, key in enumerate(KEYS)]

    assert links(tmp_path, Kunden="KNR,Firma,Ort,HKNR,Alt\n" + "".join(rows)) == {("Kunden", "HKNR", "Kunden")}


def test_what_a_column_is_called_goes_before_keys_of_its_own_table(tmp_path: Path) -> None:
    """Rows that count on their own have the numbers of companies, too."""
    visits = "id,kunde_id,text\n" + "".join(f"{n},{KEYS[n % 47]},Besuch\n" for n in range(1000, 1200))
    with profiled(
        f"files:{files_in(tmp_path / 'crm', {'Kunden': COMPANIES.replace('{key}', 'KNR'), 'Besuche': visits})}",
        tmp_path / "copies",
    ) as profile:
        [link] = profile.graph.of("Besuche")

        assert (link.columns, link.to, link.rivals) == (("kunde_id",), "Kunden", ())
