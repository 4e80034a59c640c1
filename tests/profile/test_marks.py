"""What a first config cannot tell, it says: nobody who bought is a lead without a mark, and leads alone are refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from etl.config import CsvFormat
from etl.pipeline.init import Initial, init
from etl.pipeline.plan import plan
from etl.profile.formats import said_of
from tests.profile.profiles import files_in

AS_OF = dt.date(2026, 11, 1)
KEYS = [1000 + 3 * n + n % 2 for n in range(1, 31)]
COMPANIES = "KNR;FIRMA;STRASSE;ORT\n" + "".join(f"{key};Muster{key} GmbH;Weg {key};Köln\n" for key in KEYS)
BOUGHT = {str(key) for key in KEYS[:9]}
SALES = [(f"A{n}", KEYS[n % 9], f"0{1 + n % 9}.02.2026", f"{n * 7},50", "N") for n in range(30)]
TAKEN_BACK = [(f"A{90 + n}", KEYS[10 + n], "01.03.2026", "99,00", "J") for n in range(5)]


def table(header: str, rows: list[tuple[Any, ...]]) -> str:
    """A table as a file has it."""
    return "\n".join([header, *(";".join(map(str, row)) for row in rows)]) + "\n"


def first(tmp_path: Path, **tables: str) -> Initial:
    """The first config of some tables beside companies."""
    folder = files_in(tmp_path / "crm", {"KUND": COMPANIES, **tables})
    return init(f"files:{folder}", tmp_path / "first.yaml", target=f"sqlite:///{tmp_path / 'l.db'}", as_of=AS_OF)


def planned(tmp_path: Path) -> tuple[Mapping[str, set[str]], Mapping[str, Any]]:
    """Decision -> keys, and the report, of a plan by the first config as it stands."""
    out = tmp_path / "first.yaml"
    out.write_text(out.read_text("utf-8").replace("\nsource:", f"\nas_of: {AS_OF}\nsource:", 1), "utf-8")
    plan(out, tmp_path / "plan")
    decided = pd.read_parquet(tmp_path / "plan" / "decisions.parquet", columns=["key", "decision"])
    keys = {str(name): set(rows["key"]) for name, rows in decided.groupby("decision")}
    return keys, json.loads((tmp_path / "plan" / "report.json").read_text("utf-8"))


def test_orders_are_known_by_the_beginning_of_their_name_and_by_what_they_hold(tmp_path: Path) -> None:
    """Which column links them and which has their date is told by values; what was taken back does not count."""
    first(tmp_path, AUFTR=table("AUFNR;KNR;TAG;SUMME;KZ_STORNO", SALES + TAKEN_BACK))

    assert planned(tmp_path)[0]["customer"] == BOUGHT


def test_rows_with_an_amount_and_a_date_may_be_purchases_whatever_their_table_is_called(tmp_path: Path) -> None:
    """Who has some waits for a person, and the rule says why."""
    made = first(tmp_path, XVORG=table("NR;KNR;TAG;WERT7;STORNO", SALES + TAKEN_BACK))
    keys, report = planned(tmp_path)

    assert keys["review"] == BOUGHT
    assert any("amount (WERT7) and a date (TAG)" in line for line in made.unsure)
    assert [gate["ok"] for gate in report["gates"] if gate["name"] == "customers"] == [False]


@pytest.mark.parametrize(
    ("plus", "minus"),
    [("Soll", "Haben"), ("Debit", "Credit"), ("Débit", "Crédit"), ("Debe", "Haber"), ("Dare", "Avere")],
)
def test_a_ledger_of_two_columns_of_amounts_is_asked_about_like_one(tmp_path: Path, plus: str, minus: str) -> None:
    """Whole numbers, and one column may be empty; a column of words is no amount, whatever its end is."""
    rows = [(KEYS[n % 9], f"0{1 + n % 9}.02.2026", n * 7, "") for n in range(30)]
    words = [(KEYS[n % 9], f"0{1 + n % 9}.02.2026", f"Umbau {'abc'[n % 3]}") for n in range(30)]
    made = first(
        tmp_path,
        XKONTO=table(f"KNR;Tag;{plus};{minus}", rows),
        XBAU=table("KNR;Tag;Vorhaben", words),
    )

    assert planned(tmp_path)[0]["review"] == BOUGHT
    assert any(f"amount ({plus}) and a date (Tag)" in line for line in made.unsure)
    assert not any("Vorhaben" in line for line in made.unsure)


def test_a_config_by_which_nobody_is_a_customer_says_so_on_top_and_its_plan_is_refused(tmp_path: Path) -> None:
    """The question is there with its number, and the gate is broken until somebody answers."""
    made = first(tmp_path)
    text = (tmp_path / "first.yaml").read_text("utf-8")
    keys, report = planned(tmp_path)

    assert made.unsure[0].startswith("Nobody is a customer by this config")
    assert text.startswith("# ? Nobody is a customer by this config")
    assert "# 1. How long ago may a purchase be? No table says who bought when: 0 customers by it." in text
    assert set(keys) == {"lead"}
    assert [gate["ok"] for gate in report["gates"] if gate["name"] == "customers"] == [False]


@pytest.mark.parametrize(
    ("name", "rows", "why"),
    [
        (
            "Rechnungen",
            table("Nr;Wer;Datum;Betrag", [(f"R{n}", "x", "01.02.2026", "1,00") for n in range(9)]),
            "bought",
        ),
        ("Vorgang", table("Nr;Wer;Tag;Wert7", [(f"V{n}", "x", "01.02.2026", f"{n},10") for n in range(9)]), "amount"),
        ("Extern", table("A;Mail", [("Nordbau GmbH", f"a{n}@x.example") for n in range(9)]), "company and email"),
        ("Vereine", table("VNR;Firma;Ort", [(f"V{n}", "Nordbau e.V.", "Köln") for n in range(9)]), "company"),
        ("Kunden", "nr;firma;ort\n", "no rows"),
        ("Aufträge", "", "it does not even have a header"),
    ],
    ids=["invoices of nobody", "amounts of nobody", "companies without a key", "companies", "no rows", "damaged"],
)
def test_a_table_that_may_be_needed_is_not_left_out_without_a_mark(
    tmp_path: Path, name: str, rows: str, why: str
) -> None:
    """Each with why it may be needed; a list of values gets none."""
    made = first(tmp_path, **{name: rows, "Farben": table("Nr;Farbe", [(1, "rot"), (2, "blau")])})
    [line] = [line for line in made.unsure if "left out" in line]

    assert line.startswith(f"classify: {name} ")
    assert why in line


def test_what_records_are_is_told_by_words_whatever_their_column_is_called(tmp_path: Path) -> None:
    """Suppliers stay, and who is called a customer without a purchase waits."""
    rows = [(key, f"Muster{key} SARL", "Lyon", "Fournisseur" if key < 1010 else "Client") for key in KEYS]
    folder = files_in(tmp_path / "crm", {"tiers": table("Code;Raison sociale;Ville;Nature", rows)})
    made = init(f"files:{folder}", tmp_path / "first.yaml", target=f"sqlite:///{tmp_path / 'l.db'}", as_of=AS_OF)
    keys, _ = planned(tmp_path)

    assert keys == {"keep": {str(key) for key in KEYS if key < 1010}, "customer": {str(k) for k in KEYS if k >= 1010}}
    assert made.unsure[0].startswith("Customers are only whom a column calls so")


def test_the_name_beside_first_names_is_one_of_persons(tmp_path: Path) -> None:
    """`Nom` alone is one of companies."""
    people = [(f"p{n}", KEYS[n % 30], "Anna", "Moreau" if n % 2 else "Lefèvre", f"a{n}@x.example") for n in range(30)]
    made = first(tmp_path, interlocuteurs=table("ID;KNR;Prénom;Nom;Courriel", people))
    identity = made.draft.config["source"]["records"]["interlocuteurs"]["identity"]

    assert (identity["first_name"], identity["last_name"]) == ("Prénom", "Nom")
    assert "company" not in identity


def test_credit_notes_consents_and_values_that_name_no_record_are_asked_about(tmp_path: Path) -> None:
    """Each with the words or numbers that people need."""
    bills = [(f"R{n}", KEYS[n % 9], "01.02.2026", f"{'-' if n % 5 == 0 else ''}{n + 1},50", "RE") for n in range(30)]
    bills[0] = (*bills[0][:4], "ST")
    calls = [(f"C{n}", KEYS[n] if n < 25 else f"000{n}7", "Gespräch") for n in range(30)]
    companies = [(f"V{key}", "Nordbau GmbH", f"i{key}@x.example", "J" if key % 4 else "N") for key in KEYS]
    made = first(
        tmp_path,
        RECHN=table("NR;KNR;TAG;NETTO;ART", bills),
        Anrufe=table("NR;KNR;Text", calls),
        Firmen=table("VNR;Firma;Mail;Newsletter", companies),
    )
    told = "\n".join(made.unsure)

    assert "Some rows of NETTO are below zero" in told
    assert "ART (RE, ST)" in told
    assert "Firmen.Newsletter: J (" in told
    assert "source.related.Anrufe: KNR: 5 of 30 name no record." in told


def test_an_encoding_that_is_a_guess_is_marked(tmp_path: Path) -> None:
    """That of a source and of a master; those of western Europe are none."""
    crm, erp = files_in(tmp_path / "crm", {}), files_in(tmp_path / "erp", {})
    rows = "".join(f"{n};ООО Иванов и сыновья {n};Москва;a{n}@x.example\n" for n in range(30))
    for folder in (crm, erp):
        (folder / "firmen.csv").write_bytes(("id;firma;ort;mail\n" + rows).encode("cp1251"))
    made = init(f"files:{crm}", tmp_path / "first.yaml", masters=[f"files:{erp}"], as_of=AS_OF)
    marked = [line for line in made.unsure if "the encoding seems to be cp1251" in line]

    assert [line.split(":")[0] for line in marked] == ["source", "masters.erp"]


def test_how_files_are_written_is_said_in_one_order() -> None:
    """The same source has the same first config whenever it is made."""
    form = CsvFormat(skip_rows=2, encoding="cp1252", escape="|", quote="'", delimiter=";")

    assert [*said_of(form)] == ["delimiter", "quote", "escape", "encoding", "skip_rows"]


def test_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    """A workbook of the old form is easily taken for a table of the source; a picture is none."""
    folder = files_in(tmp_path / "crm", {"accounts": COMPANIES})
    for name in ("Old.XLS", "crm.sqlite", "logo.png"):
        (folder / name).write_bytes(b"\xd0\xcf\x11\xe0")
    unsure = init(f"files:{folder}", tmp_path / "first.yaml", as_of=dt.date(2026, 11, 1)).unsure

    assert "classify: Old.XLS is left out: files that end with .XLS are not read: save it as .xlsx or .csv" in unsure
    assert any(line.startswith("classify: crm.sqlite is left out:") and "sqlite:///" in line for line in unsure)
    assert not any("logo" in line for line in unsure)


def test_invoices_of_companies_that_are_gone_do_not_break_the_first_plan(tmp_path: Path) -> None:
    """So many name a record that is not there that the usual gate would refuse the plan: the number is marked."""
    gone = [(f"A{200 + n}", 999_000 + n, f"0{1 + n % 9}.02.2026", "5,50", "N") for n in range(12)]
    made = first(tmp_path, RECHN=table("BELEG;KNR;REDAT;BETRAG;STORNO", [*SALES, *TAKEN_BACK, *gone]))
    _, report = planned(tmp_path)

    assert made.draft.config["gates"]["evidence_without_record"] == "40%"
    assert any(
        line.startswith("gates.evidence_without_record: 12 of 42 rows of RECHN that count name a record which is not")
        for line in made.unsure
    )
    assert [gate["name"] for gate in report["gates"] if not gate["ok"]] == []
