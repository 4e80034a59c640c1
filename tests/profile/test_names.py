from __future__ import annotations

import pytest

from etl.profile.names import kinds_of, roles_of, words_of


@pytest.mark.parametrize(
    "name", ["BillingPostalCode", "billing_postal_code", "Billing Postal Code", "billing-postal-code"]
)
def test_words_of_a_name_are_the_same_however_they_are_put_together(name: str) -> None:
    """Capitals, blanks, underscores and hyphens divide words."""
    assert words_of(name) == ("billing", "postal", "code")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("E-Mail", "email"),
        ("email1", "email"),
        ("PLZ", "postcode"),
        ("code_postal", "postcode"),
        ("CAP", "postcode"),
        ("Straße", "street"),
        ("Ort", "city"),
        ("ville", "city"),
        ("Ragione sociale", "company"),
        ("razón social", "company"),
        ("prénom", "first_name"),
        ("Nachname", "last_name"),
        ("apellidos", "last_name"),
        ("USt-IdNr.", "vat"),
        ("Partita IVA", "vat"),
        ("tva_intra", "vat"),
        ("HasOptedOutOfEmail", "opt_out"),
        ("Werbesperre", "opt_out"),
        ("IsDeleted", "deleted"),
        ("Gelöscht", "deleted"),
        ("LastModifiedDate", "changed"),
        ("geändert am", "changed"),
        ("OwnerId", "owner"),
        ("Rechnungsdatum", "happened"),
    ],
)
def test_a_columns_name_says_its_kind_in_five_languages(column: str, kind: str) -> None:
    """The kind that it needs most of the name for."""
    kinds = kinds_of(column)

    assert max(kinds, key=lambda name: kinds[name]) == kind


def test_a_name_that_says_nothing_has_no_kind() -> None:
    """Nobody knows what `xyz7` is."""
    assert kinds_of("xyz7") == {}


@pytest.mark.parametrize(
    ("table", "role"),
    [
        ("accounts", "company"),
        ("Kunden", "company"),
        ("llx_societe", "company"),
        ("Ansprechpartner", "person"),
        ("vtiger_contactdetails", "person"),
        ("Rechnungen", "strong"),
        ("llx_facture", "strong"),
        ("Servicerechnungen", "strong"),
        ("Aufträge", "strong"),
        ("Order Details", "line"),
        ("Besuche", "history"),
        ("Benutzer", "user"),
        ("AUFTR", "strong"),
        ("RECHN", "strong"),
        ("ANSP", "person"),
        ("tbl_cust", "company"),
        ("ANGEB", "history"),
    ],
)
def test_a_tables_name_says_its_role_in_singular_and_plural(table: str, role: str) -> None:
    """Also where it is the end of a German compound, or the beginning of a word."""
    assert roles_of(table).get(role, 0) >= 20
