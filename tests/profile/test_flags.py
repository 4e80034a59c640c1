"""What columns of yes and no say of companies and persons is taken, or asked about: none is passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from etl.pipeline.init import Initial, init
from etl.profile.columns import flag_of
from etl.profile.draft import as_list
from etl.profile.model import Column
from etl.profile.table_parts import says_yes
from etl.rows.literals import flagged
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
        ("ne_plus_solliciter", ("N", "O", "N"), {"column": "ne_plus_solliciter", "equals": "O"}),
        ("ne_plus_solliciter", ("", "", "O"), {"column": "ne_plus_solliciter", "equals": "O"}),
        ("bloctel", ("o", "n", "O"), {"column": "bloctel", "in": ["O", "o"]}),
        ("non_disturbare", ("no", "sì", "SÌ", "si"), {"flag": "non_disturbare"}),
        ("non_contattare", ("", "", "S"), {"column": "non_contattare", "equals": "S"}),
        ("no_molestar", ("sí", "no", "no"), {"flag": "no_molestar"}),
        ("robinson", ("", "x"), {"flag": "robinson"}),
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


@pytest.mark.parametrize(
    "words",
    [
        *(
            [yes, no]
            for yes in ("O", "S", "sì", "sí", "J", "Oui", "ja", "X", "1", "Vero", "*", "✓")
            for no in ("N", "no", "non", "0")
        ),
        *([yes, ""] for yes in ("O", "S", "Sì", "x", "mail", "*", "✓", "n", "2")),
        ["ja", "nein", "unbekannt"],
        ["email", "phone", "no"],
        ["N", "O", "A"],
    ],
    ids="-".join,
)
def test_a_flag_is_written_only_for_words_that_flags_know(words: list[str]) -> None:
    """Of any other column the words stand that do not say no, or that say yes."""
    filled = [word for word in words if word]
    column = Column(
        "c", 9, 8, len(filled), 9, tuple((word, 4) for word in filled), flag=flag_of(filled, is_partly="" in words)
    )
    test = says_yes(column)
    yes, unknown = flagged(pa.array(filled, pa.large_string()))

    assert ("flag" in test) == (not unknown.any())
    if "flag" not in test:
        assert {*as_list(test.get("in", test.get("equals")))} >= {
            w for w, is_yes in zip(filled, yes, strict=True) if is_yes
        }


def test_words_that_say_neither_yes_nor_no_are_an_opt_out_until_somebody_says_otherwise(tmp_path: Path) -> None:
    """Nobody is written to because of a word that nobody knows; a mark asks about it."""
    made = first(tmp_path, {"opt_out": ("ja", "nein", "unbekannt"), "bloctel": ("", "tel", "mail")})

    assert made.draft.config["leads"]["fields"]["do_not_contact"] == {
        "any": [{"column": "opt_out", "in": ["ja", "unbekannt"]}, {"column": "bloctel", "in": ["mail", "tel"]}]
    }
    assert [line.split(": ", 1)[1] for line in made.unsure if "So it is taken" in line] == [
        "opt_out: unbekannt (10). Does it say who must not be contacted? So it is taken.",
        "bloctel: mail (10), tel (10). Does it say who must not be contacted? So it is taken.",
    ]


@pytest.mark.parametrize(
    ("supplier", "deleted", "yes"), [("fornitore", "borrado", "S"), ("fournisseur", "supprime", "O")]
)
def test_s_and_o_beside_n_say_yes_wherever_a_flag_is_asked(
    tmp_path: Path, supplier: str, deleted: str, yes: str
) -> None:
    """Suppliers stay, and who was deleted is left out."""
    made = first(tmp_path, {supplier: ("N", "N", yes), deleted: ("N", yes)})
    suppliers = [rule["when"] for rule in made.draft.config["classify"] if rule["name"] == "supplier"]

    assert suppliers == [{"column": supplier, "equals": yes}]
    assert made.draft.config["source"]["records"]["clienti"]["where"] == {"not": {"column": deleted, "equals": yes}}


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
    consents = {"clienti": ("A", "D"), "ex_clienti": ("N", "S")}
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


@pytest.mark.parametrize(
    ("column", "live", "gone"),
    [
        ("record_status", "active", "deleted"),
        ("status", "aktiv", "gelöscht"),
        ("etat", "actif", "supprimé"),
        ("estado", "activo", "eliminado"),
        ("stato", "attivo", "cancellato"),
    ],
)
def test_who_is_deleted_by_a_word_is_left_out_in_five_languages(
    tmp_path: Path, column: str, live: str, gone: str
) -> None:
    """With the number of them, and the words of the others; no state of an address is made of it."""
    made = first(tmp_path, {column: (live, live, gone)})
    entry = made.draft.config["source"]["records"]["clienti"]
    said = f"10 rows are marked as deleted by {column} and are left out; the others are {live} (20)."

    assert entry["where"] == {"not": {"column": column, "equals": gone}}
    assert "state" not in entry["identity"]
    assert f"      # {said}\n" in (tmp_path / "first.yaml").read_text("utf-8")


def test_words_beside_a_deletion_that_nobody_knows_are_asked_about(tmp_path: Path) -> None:
    """They may be gone as well."""
    made = first(tmp_path, {"status": ("aktiv", "ruhend", "gelöscht")})

    assert any("gelöscht" not in line and "ruhend (10). Are all of these still in use?" in line for line in made.unsure)


@pytest.mark.parametrize(
    ("column", "values", "shown"),
    [
        ("rec_state", ("A", "A", "D"), "A (20), D (10)"),
        ("state", ("A", "M", "D"), "A (10), D (10), M (10)"),
        ("zz9", ("A", "", "I"), "A (10), I (10), empty (10)"),
        ("status", ("aktiv", "inaktiv"), "aktiv (15), inaktiv (15)"),
        ("etat", ("actif", "inactif", "actif"), "actif (20), inactif (10)"),
    ],
)
def test_letters_and_words_by_which_rows_may_be_gone_are_asked_about(
    tmp_path: Path, column: str, values: tuple[str, ...], shown: str
) -> None:
    """They are no state of an address either."""
    made = first(tmp_path, {column: values})

    assert any(f"Nothing uses {column}:" in line for line in made.unsure)
    assert f"    #   {column}: {shown}\n" in (tmp_path / "first.yaml").read_text("utf-8")
    assert "state" not in made.draft.config["source"]["records"]["clienti"]["identity"]


@pytest.mark.parametrize(
    ("values", "is_marked"), [(("Bayern", "Hessen"), True), (("BO", "MI", "TO", "RM", "NA", "FI"), False)]
)
def test_few_words_may_be_states_of_an_address_and_are_marked(
    tmp_path: Path, values: tuple[str, ...], is_marked: bool
) -> None:
    """They may also say what became of a row; many are regions."""
    made = first(tmp_path, {"state": values})

    assert made.draft.config["source"]["records"]["clienti"]["identity"]["state"] == "state"
    assert any("state as state" in line for line in made.unsure) == is_marked
