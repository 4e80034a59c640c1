"""What says in a first config which rows are purchases: labels of codes, orders between, offers, states, dates."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from etl.pipeline.init import Initial, init
from etl.pipeline.plan import plan
from etl.profile.states import is_accepted, meaning_of
from tests.profile.profiles import files_in

AS_OF = dt.date(2026, 11, 1)
KEYS = [1000 + 3 * n + n % 2 for n in range(1, 31)]
COMPANIES = [(key, f"Muster{key} GmbH", f"Weg {key}", "Köln") for key in KEYS]
DAY = "2026-02-01"
Rows = Sequence[tuple[object, ...]]


def table(header: str, rows: Rows) -> str:
    """A table as a file has it."""
    return "\n".join([header, *(";".join(map(str, row)) for row in rows)]) + "\n"


def first(tmp_path: Path, **tables: str) -> Initial:
    """The first config of companies and some tables."""
    companies = {"clients": table("code;firma;strasse;ort", COMPANIES)}
    folder = files_in(tmp_path / "crm", {**companies, **tables})
    return init(f"files:{folder}", tmp_path / "first.yaml", target=f"sqlite:///{tmp_path / 'l.db'}", as_of=AS_OF)


def decided(tmp_path: Path) -> dict[str, set[int]]:
    """Decision -> keys, of a plan by the first config as it stands."""
    out = tmp_path / "first.yaml"
    out.write_text(out.read_text("utf-8").replace("\nsource:", f"\nas_of: {AS_OF}\nsource:", 1), "utf-8")
    plan(out, tmp_path / "plan")
    rows = pd.read_parquet(tmp_path / "plan" / "decisions.parquet", columns=["key", "decision"])
    return {str(name): set(map(int, some["key"])) for name, some in rows.groupby("decision")}


def rules(made: Initial) -> list[dict[str, Any]]:
    """The rules that ask for rows of evidence."""
    return [rule for rule in made.draft.config["classify"] if "exists" in rule.get("when", {})]


def lines_above(made: Initial, number: int = 0) -> str:
    """The comments above a rule."""
    return "\n".join(made.draft.above[("classify", number)])


def sales(states: Sequence[str], *more: Sequence[object]) -> list[tuple[object, ...]]:
    """Rows with a number, a client, a day, a state, and further values in turn: each client has one state."""
    return [
        (f"N{n:04}", key, DAY, states[n % len(states)], *(values[n % len(values)] for values in more))
        for n, key in enumerate(KEYS)
    ]


STATES: Mapping[str, tuple[str, str, str, tuple[str, str, str, str]]] = {
    "en": ("invoices", "state", "invoice states", ("Issued", "Paid", "Credit note", "Draft")),
    "de": ("Rechnungen", "status", "Rechnungsstatus", ("Verschickt", "Bezahlt", "Storniert", "Entwurf")),
    "fr": ("factures", "etat", "etats", ("Envoyée", "Payée", "Annulée", "Brouillon")),
    "es": ("facturas", "estado", "tab_estados", ("Emitida", "Cobrada", "Anulada", "Borrador")),
    "it": ("fatture", "stato", "tab_stati", ("Emessa", "Pagata", "Stornata", "Bozza")),
}
CODES = {"numbers": ("1", "2", "3", "4"), "letters": ("EM", "PA", "ST", "BZ"), "zeros": ("01", "02", "03", "04")}


@pytest.mark.parametrize(
    ("language", "codes"),
    [*((language, CODES["numbers"]) for language in STATES), ("it", CODES["letters"]), ("de", CODES["zeros"])],
)
def test_codes_of_states_say_what_their_list_calls_them(tmp_path: Path, language: str, codes: tuple[str, ...]) -> None:
    """Codes into `where`, labels into the comment; small numbers that no link leads to a list as well."""
    name, column, listed, labels = STATES[language]
    made = first(
        tmp_path,
        **{name: table(f"nr;client;date;{column}", sales(codes)),
           listed: table("code;libelle", list(zip(codes, labels, strict=True)))},
    )  # fmt: skip
    where = rules(made)[0]["when"]["where"]

    assert set(where[column]) == set(codes[:2])
    assert f"{codes[0]} ({labels[0]})" in lines_above(made)
    assert f"{codes[3]} ({labels[3]})" in lines_above(made).split("Not counted: ")[1]
    assert not any("Do these states" in line for line in made.unsure)
    assert f"{codes[1]} ({labels[1]}, 8)" in (tmp_path / "first.yaml").read_text("utf-8")


def test_codes_whose_rows_are_drafts_make_no_customers(tmp_path: Path) -> None:
    """Who has only drafts and credit notes is a lead."""
    codes = ("1", "2", "3", "4")
    labels = [*zip(codes, STATES["it"][3], strict=True)]
    first(tmp_path, fatture=table("nr;client;date;stato", sales(codes)), tab_stati=table("cod;descrizione", labels))

    assert decided(tmp_path)["customer"] == {key for n, key in enumerate(KEYS) if n % 4 < 2}


@pytest.mark.parametrize(
    ("order_list", "offer_list"), [("ref_etat_cde", "ref_etat_devis"), ("etat_cde", "etat_devis"), ("a_etat", "b_etat")]
)
@pytest.mark.parametrize("declared", [False, True])
def test_of_two_lists_of_states_the_one_that_has_all_codes_and_is_called_as_the_table_says_what_they_mean(
    tmp_path: Path, order_list: str, offer_list: str, declared: bool
) -> None:
    """One that has a part of them is none, as long as no key leads to it that the database declares."""
    refers = " references ORDERED(code)" if declared else ""
    with closing(sqlite3.connect(tmp_path / "crm.db")) as database:
        database.executescript(
            """create table client(id integer primary key, raison_sociale text, ville text);
            create table ORDERED(code integer primary key, libelle text);
            create table OFFERED(code integer primary key, libelle text);
            create table cde(no_cde integer primary key, id_client integer, jour text, etat integer, total real);
            create table devis(no_devis integer primary key, id_client integer, jour text, etat integerREFERS,
                total real);
            insert into ORDERED values (1,'Brouillon'),(2,'Confirmée'),(3,'Livrée'),(9,'Annulée');
            insert into OFFERED values (1,'En cours'),(2,'Envoyé'),(4,'Refusé');""".replace("REFERS", refers)
            .replace("ORDERED", order_list)
            .replace("OFFERED", offer_list)
        )
        for n in range(60):
            database.execute("insert into client values (?, ?, 'Lyon')", (100 + 3 * n + n % 2, f"Exemple {n} SARL"))
            row = (100 + 3 * (n % 20) + n % 2, f"2026-0{1 + n % 9}-01")
            database.execute("insert into cde values (?, ?, ?, ?, 9.5)", (5000 + n, *row, (1, 2, 3, 9)[n % 4]))
            database.execute("insert into devis values (?, ?, ?, ?, 9.5)", (7000 + n, *row, (1, 2, 4)[n % 3]))
        database.commit()
    made = init(f"sqlite:///{tmp_path / 'crm.db'}", tmp_path / "first.yaml", as_of=AS_OF)
    lists = {name: part.get("labels_of", {}).get("etat", {}).get("from") for name, part in related(made).items()}

    assert lists["cde"] == order_list
    assert lists["devis"] == (order_list if declared else offer_list)


def related(made: Initial) -> dict[str, Any]:
    """The tables of history of a first config."""
    tables: dict[str, Any] = made.draft.config["source"]["related"]
    return tables


def test_a_code_whose_label_says_nothing_is_asked_about(tmp_path: Path) -> None:
    """It counts until somebody says no."""
    labels = [("1", "Paid"), ("2", "Sonderfall"), ("3", "Draft")]
    made = first(
        tmp_path,
        invoices=table("nr;client;date;status", sales(("1", "2", "3"))),
        invoice_status=table("code;label", labels),
    )

    assert set(rules(made)[0]["when"]["where"]["status"]) == {"1", "2"}
    assert "classify.0: Do these states speak for a purchase: 2 (Sonderfall)?" in "\n".join(made.unsure)


@pytest.mark.parametrize("codes", [CODES["numbers"], CODES["letters"]])
def test_codes_without_a_list_are_asked_about_and_count(tmp_path: Path, codes: tuple[str, ...]) -> None:
    """Nobody who bought is a lead without a word."""
    made = first(tmp_path, invoices=table("nr;client;date;status", sales(codes)))

    assert any("Do these states speak for a purchase" in line for line in made.unsure)
    assert set(rules(made)[0]["when"]["where"]["status"]) == set(codes)
    assert decided(tmp_path)["customer"] == set(KEYS)


def test_one_list_of_several_kinds_says_what_codes_mean_by_the_kind_that_is_called_so(tmp_path: Path) -> None:
    """The numbers of its own rows, which meet the codes by chance, say nothing."""
    kinds = [(1, "stato", "1", "Bozza"), (2, "stato", "2", "Pagata"), (3, "pagamento", "1", "Bonifico")]
    made = first(
        tmp_path,
        fatture=table("nr;client;date;stato", sales(("1", "2"))),
        codici=table("id;tipo;codice;testo", kinds),
    )

    assert rules(made)[0]["when"]["where"] == {"stato": "2"}
    assert made.draft.config["source"]["related"]["fatture"]["labels_of"]["stato"] == {
        "from": "codici", "key": "codice", "show": "testo", "where": {"tipo": "stato"}
    }  # fmt: skip


def test_codes_of_records_say_who_is_a_customer_and_a_supplier_by_their_labels(tmp_path: Path) -> None:
    """A list says what stands in the records' own columns as well."""
    rows = [(key, f"Muster{key} GmbH", "Köln", "CPF"[n % 3]) for n, key in enumerate(KEYS)]
    labels = [("C", "Customer"), ("P", "Prospect"), ("F", "Supplier")]
    folder = files_in(
        tmp_path / "crm",
        {"firms": table("code;firma;ort;status", rows), "status codes": table("code;meaning", labels)},
    )
    init(f"files:{folder}", tmp_path / "first.yaml", target=f"sqlite:///{tmp_path / 'l.db'}", as_of=AS_OF)
    keys = decided(tmp_path)

    assert keys["customer"] == set(KEYS[::3])
    assert keys["keep"] == set(KEYS[2::3])
    assert "10 firms say so by C (Customer)." in (tmp_path / "first.yaml").read_text("utf-8")


ORDERS: Mapping[str, tuple[str, str, str]] = {
    "en": ("orders", "invoices", "order_no"),
    "de": ("Aufträge", "Rechnungen", "auftrag"),
    "fr": ("commandes", "factures", "commande"),
    "es": ("pedidos", "facturas", "pedido"),
    "it": ("ordini", "fatture", "ordine"),
}


@pytest.mark.parametrize("language", ORDERS)
def test_invoices_that_name_an_order_count_for_whom_the_order_names(tmp_path: Path, language: str) -> None:
    """They stand under the order in notes, and their rule makes customers of who bought by them."""
    orders, invoices, column = ORDERS[language]
    made = first(
        tmp_path,
        **{orders: table("nr;client;date;state", sales(("cancelled",))),
           invoices: table(f"no;{column};date;state", [(f"F{n}", f"N{n:04}", DAY, "paid") for n in range(9)])},
    )  # fmt: skip
    [rule] = [rule for rule in rules(made) if rule["when"]["exists"].startswith(invoices[:4])]

    assert made.draft.config["source"]["related"][rule["when"]["exists"]]["under"]
    assert rule["as"] == "customer"
    assert rule["when"]["of"]["clients"]["through"]["to"] == "client"
    assert "9 within 1, 9 within 2" in (tmp_path / "first.yaml").read_text("utf-8")
    assert decided(tmp_path)["customer"] == set(KEYS[:9])


def test_invoices_that_name_some_records_themselves_count_by_their_order_as_well(tmp_path: Path) -> None:
    """Where a third of them names nobody, their order says who it was."""
    rows = [(f"F{n}", f"N{n:04}", KEYS[n] if n % 3 else "", DAY, "paid") for n in range(9)]
    first(
        tmp_path,
        orders=table("nr;client;date;state", sales(("cancelled",))),
        invoices=table("no;order_no;client;date;state", rows),
    )

    assert decided(tmp_path)["customer"] == set(KEYS[:9])


def test_keys_with_zeros_in_front_lead_from_invoices_to_orders(tmp_path: Path) -> None:
    """The steps that bring them to one form stand on the way; a 0 names no order, whatever zeros do."""
    made = first(
        tmp_path,
        orders=table("order no;client;date;state", [(f"{n:03}", key, DAY, "cancelled") for n, key in enumerate(KEYS)]),
        invoices=table("no;order no;date;state", [(f"F{n}", n, DAY, "paid") for n in range(9)]),
    )

    assert rules(made)[0]["when"]["of"]["clients"]["through"]["normalize"] == ["leading_zeros"]
    assert "8 of 8 meet orders." in (tmp_path / "first.yaml").read_text("utf-8")
    assert decided(tmp_path)["customer"] >= set(KEYS[1:9])


def test_lines_of_orders_are_no_invoices_whatever_else_their_name_says(tmp_path: Path) -> None:
    """`righe_fattura` begins with what it is."""
    lines = [(n, f"N{n % 30:04}", DAY, f"{n},50") for n in range(60)]
    made = first(
        tmp_path,
        fatture=table("nr;client;date;stato", sales(("Pagata",))),
        righe_fattura=table("id;fattura;date;importo", lines),
    )

    assert [rule["when"]["exists"] for rule in rules(made)] == ["fatture"]


OFFERS: Mapping[str, tuple[str, tuple[str, str, str]]] = {
    "quotations": ("status", ("sent", "Accepted", "rejected")),
    "Angebote": ("status", ("versendet", "angenommen", "abgelehnt")),
    "devis": ("etat", ("envoyé", "accepté", "refusé")),
    "presupuestos": ("estado", ("Enviado", "Aceptado", "Rechazado")),
    "cotizaciones": ("estado", ("Enviada", "Aceptada", "Caducada")),
    "preventivi": ("stato", ("Inviato", "Accettato", "Rifiutato")),
    "offerte": ("esito", ("In attesa", "Accettata", "Scaduta")),
}


@pytest.mark.parametrize("name", OFFERS)
def test_offers_are_no_purchases_but_those_that_were_accepted_wait_for_a_person(tmp_path: Path, name: str) -> None:
    """They stand in notes; an order that is nowhere else may stand behind an offer."""
    column, states = OFFERS[name]
    made = first(tmp_path, **{name: table(f"nr;client;date;{column};amount", sales(states, ("10,50", "7,25")))})
    [rule] = rules(made)

    assert name in made.draft.config["source"]["related"]
    assert (rule["as"], rule["when"]["where"]) == ("review", {column: states[1]})
    assert any("An offer is no purchase, but these were accepted" in line for line in made.unsure)
    assert decided(tmp_path)["review"] == set(KEYS[1::3])


def test_offers_of_which_nothing_says_that_they_were_accepted_make_nobody_wait(tmp_path: Path) -> None:
    """Also where they have an amount and a date."""
    made = first(tmp_path, Angebote=table("nr;client;date;amount", [(f"A{k}", k, DAY, "10,50") for k in KEYS]))

    assert rules(made) == []
    assert "An offer is no purchase" in (tmp_path / "first.yaml").read_text("utf-8")


def test_an_offer_of_long_ago_makes_no_lead_of_whom_a_column_calls_a_customer(tmp_path: Path) -> None:
    """It is no purchase, so that who was accepted then and bought nothing waits as any other."""
    rows = [(key, f"Muster{key} GmbH", "Lyon", "Client" if n < 9 else "Prospect") for n, key in enumerate(KEYS)]
    offers = [(f"D{key}", key, "2012-02-01", "accepté") for key in KEYS[:5]]
    tables = {
        "tiers": table("code;raison sociale;ville;nature", rows),
        "devis": table("nr;tiers;date;etat", offers),
        "commandes": table("nr;tiers;date;etat", [(f"C{key}", key, DAY, "livrée") for key in KEYS[20:]]),
    }
    folder = files_in(tmp_path / "crm", tables)
    init(f"files:{folder}", tmp_path / "first.yaml", target=f"sqlite:///{tmp_path / 'l.db'}", as_of=AS_OF)

    assert decided(tmp_path)["review"] == set(KEYS[:9])


def test_of_two_columns_of_states_the_better_one_is_taken_and_the_other_is_said(tmp_path: Path) -> None:
    """The one that tells purchases from drafts, whichever comes first."""
    rows = sales(("shipped", "pending"), ("paid", "draft", "cancelled"))
    made = first(tmp_path, invoices=table("nr;client;date;delivery_status;status", rows))
    [line] = [line for line in made.unsure if "also has" in line]

    assert rules(made)[0]["when"]["where"] == {"status": "paid"}
    assert "It also has delivery_status: pending (15), shipped (15)." in line


@pytest.mark.parametrize(("columns", "is_asked"), [("del", False), ("del;scade", True)])
def test_the_only_date_of_a_table_is_no_doubt(tmp_path: Path, columns: str, is_asked: bool) -> None:
    """Of two dates of which no name says which one it is, both are named."""
    rows = [(f"F{key}", key, "paid", *([DAY, "2026-03-01"][: columns.count(";") + 1])) for key in KEYS]
    made = first(tmp_path, fatture=table(f"nr;client;stato;{columns}", rows))
    asked = [line for line in made.unsure if "is taken for its date" in line]

    assert bool(asked) is is_asked
    assert all("Is it scade?" in line for line in asked)


def test_a_day_on_which_a_few_rows_were_cancelled_takes_them_out(tmp_path: Path) -> None:
    """The rows that have it are no purchases."""
    made = first(tmp_path, facturas=table("nr;client;date;estado;fecha_anulacion", sales(("Cobrada",), ("", "", DAY))))

    assert rules(made)[0]["when"]["where"]["fecha_anulacion"] == {"empty": True}
    assert decided(tmp_path)["customer"] == {key for n, key in enumerate(KEYS) if n % 3 < 2}


def test_credit_notes_that_their_state_takes_out_are_no_question(tmp_path: Path) -> None:
    """Only rows that count and are below zero are asked about."""
    rows = sales(("Cobrada", "Rectificativa"), ("10,50", "-7,25"))
    made = first(tmp_path, facturas=table("nr;client;date;estado;total", rows))

    assert not any("below zero" in line for line in made.unsure)


@pytest.mark.parametrize(
    ("column", "values", "is_owner"),
    [
        ("comercial", ["LP", "MG", "LP"], True),
        ("nombre_comercial", [f"Bodegas {n}" for n in range(30)], False),
        ("nombre_comercial", ["Talleres Romero S.L.", "Frutas Cano S.A."], False),
        ("agente", ["Rossi", "Bianchi"], True),
        ("Betreuer", [f"Betreuer {n}" for n in range(30)], False),
        ("commercial", ["Anne", "Luc", ""], True),
    ],
)
def test_owners_are_few_and_look_after_several(
    tmp_path: Path,
    column: str,
    values: list[str],
    is_owner: bool,
) -> None:
    """A trade name is that of one company, whatever else its name says."""
    rows = [(*row, values[n % len(values)]) for n, row in enumerate(COMPANIES)]
    folder = files_in(tmp_path / "crm", {"clientes": table(f"code;razon social;calle;ciudad;{column}", rows)})
    made = init(f"files:{folder}", tmp_path / "first.yaml", target=f"sqlite:///{tmp_path / 'l.db'}", as_of=AS_OF)

    assert ("salesperson" in made.draft.config["leads"]["fields"]) is is_owner


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Pagata", "bought"), ("pagate", "bought"), ("COBRADAS", "bought"), ("payées", "bought"),
        ("Stornata", "not"), ("annulées", "not"), ("Rectificativa", "not"), ("Gutschrift", "not"),
        ("Fattura pagata", "bought"), ("Paid in full", "bought"), ("not confirmed", None), ("nicht versendet", None),
        ("in Bearbeitung", "bought"), ("In attesa di pagamento", "bought"), ("Pendiente", None),
        ("Da spedire", None), ("offer sent", None), ("Sonderfall 7", None), ("off", None),
    ],
)  # fmt: skip
def test_what_a_state_says_of_a_purchase(word: str, meaning: str | None) -> None:
    """In any gender and number; of several words, if none turns it around."""
    assert meaning_of(word) == meaning


def test_an_offer_is_accepted_in_five_languages() -> None:
    """And neither where it was sent nor where it was refused."""
    assert all(map(is_accepted, ("Accepted", "angenommen", "acceptée", "Aceptados", "Accettata", "won")))
    assert not any(map(is_accepted, ("sent", "abgelehnt", "refusé", "Caducado", "In attesa", "paid")))
