"""What columns of yes and no say of companies and persons is taken, or asked about: none is passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from etl.pipeline.init import Initial, init
from tests.profile.profiles import files_in
from tests.profile.test_marks import AS_OF, KEYS, table

NAMES = ("Rossi", "Bianchi", "Greco", "Conti", "Moretti")


def first(
    tmp_path: Path, columns: dict[str, tuple[str, ...]], people: dict[str, tuple[str, ...]] | None = None
) -> Initial:
    """The first config of companies, and persons, whose further columns have some values in turn."""
    header = ["codcli", "ragione sociale", "cap", "citta", *columns]
    rows = [
        (key, f"Ditta{key} S.r.l.", "40121", "Bologna", *(values[n % len(values)] for values in columns.values()))
        for n, key in enumerate(KEYS)
    ]
    tables = {"clienti": table(";".join(header), rows)}
    if people is not None:
        persons = [
            (f"p{n}", key, "Anna", NAMES[n % 5], f"a{n}@x.example", *(each[n % len(each)] for each in people.values()))
            for n, key in enumerate(KEYS)
        ]
        tables["contatti"] = table(";".join(["id", "codcli", "nome", "cognome", "email", *people]), persons)
    folder = files_in(tmp_path / "crm", tables)
    return init(f"files:{folder}", tmp_path / "first.yaml", target=f"sqlite:///{tmp_path / 'l.db'}", as_of=AS_OF)


S_N = ("N", "N", "S")


@pytest.mark.parametrize(
    ("column", "values", "test"),
    [
        ("non_contattare", S_N, {"column": "non_contattare", "equals": "S"}),
        ("no_llamar", ("no", "s", "S"), {"column": "no_llamar", "in": ["S", "s"]}),
        ("rgpd_baja", ("NO", "", "SI"), {"flag": "rgpd_baja"}),
        ("disiscritto_nl", ("0", "0", "1"), {"flag": "disiscritto_nl"}),
        ("ne_pas_contacter", ("non", "oui"), {"flag": "ne_pas_contacter"}),
        ("opt_out", S_N, {"column": "opt_out", "equals": "S"}),
        ("disiscritto_il", ("", "", "", "2026-03-01", "", "2026-04-02"), {"column": "disiscritto_il", "empty": False}),
    ],
)
def test_who_opted_out_is_told_in_five_languages(
    tmp_path: Path, column: str, values: tuple[str, ...], test: dict[str, Any]
) -> None:
    """By a flag where its words are those of flags, else by its words; a date says so by being there."""
    made = first(tmp_path, {column: values})

    assert made.draft.config["leads"]["fields"]["do_not_contact"] == test


def test_s_beside_n_says_yes_wherever_a_flag_is_asked(tmp_path: Path) -> None:
    """Suppliers stay, and who was deleted is left out."""
    made = first(tmp_path, {"fornitore": S_N, "borrado": ("N", "S")})
    suppliers = [rule["when"] for rule in made.draft.config["classify"] if rule["name"] == "supplier"]

    assert suppliers == [{"column": "fornitore", "equals": "S"}]
    assert made.draft.config["source"]["records"]["clienti"]["where"] == {"not": {"column": "borrado", "equals": "S"}}


def test_flags_that_nothing_uses_are_asked_about_in_one_block_with_their_values(tmp_path: Path) -> None:
    """Also a word alone, and a date by which somebody left; a column that says the same of all is no question."""
    columns = {"annullato": ("0", "0", "1"), "zz9": ("", "S"), "fornitore": S_N, "usato": ("1",), "vuoto": ("N", "")}
    left = ("", "", "2026-05-30", "", "2026-06-20")
    made = first(tmp_path, columns, {"consenso_mkt": S_N, "cessato_il": left, "annullato": ("0", "1")})
    marked = [line for line in made.unsure if "Nothing uses" in line]
    text = (tmp_path / "first.yaml").read_text("utf-8")

    assert [line.split(":")[1].strip() for line in marked] == [
        "Nothing uses annullato, zz9",
        "Nothing uses cessato_il, annullato",
    ]
    assert "    #   annullato: 0 (20), 1 (10)\n    #   zz9: S (15), empty (15)\n" in text
    assert "    #   cessato_il: 2026-05-30 (6), 2026-06-20 (6), empty (18)\n    #   annullato: 0 (15), 1 (15)\n" in text
    assert any(
        "contatti.consenso_mkt: N (20), S (10). Does it say who must not be contacted?" in m for m in made.unsure
    )


def test_a_column_is_used_where_the_config_names_it_as_a_column_and_nowhere_else(tmp_path: Path) -> None:
    """Not because a rule says `as: customer` or has a name, an entry has a part, or a column has words for none."""
    days = tuple(f"2026-03-{day:02}" for day in range(1, 10))
    called = {"customer": ("0", "1"), "lead": ("0", "1"), "none": ("0", "1"), "mailing gesperrt": (*days, "")}
    made = first(tmp_path, {**called, "zz9": ("0", "1", "n/a")})

    assert [line.split(":")[1].strip() for line in made.unsure if "Nothing uses" in line] == [
        "Nothing uses customer, lead, none, mailing gesperrt, zz9"
    ]


def test_a_mark_on_a_column_is_none_on_that_of_an_entry_with_a_longer_name(tmp_path: Path) -> None:
    """Consents of `ex_clienti` are asked about; that says nothing of a column of `clienti` with the same name."""
    consents = {"clienti": ("", "S"), "ex_clienti": ("N", "S")}
    tables = {
        name: table(
            "codcli;ragione sociale;cap;citta;marketing",
            [(f"{name}{key}", f"Ditta{key} S.r.l.", "40121", "Bologna", says[n % 2]) for n, key in enumerate(KEYS)],
        )
        for name, says in consents.items()
    }
    made = init(f"files:{files_in(tmp_path / 'crm', tables)}", tmp_path / "first.yaml", as_of=AS_OF)

    assert any("ex_clienti.marketing: " in line for line in made.unsure)
    assert any("records.clienti: Nothing uses marketing" in line for line in made.unsure)
