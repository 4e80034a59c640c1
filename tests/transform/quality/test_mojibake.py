from __future__ import annotations

import ftfy
from ftfy.badness import MOJIBAKE_CATEGORIES, is_bad
from hypothesis import example, given, settings, strategies as st

from etl.transform.arrow_text import texts
from etl.transform.quality.mojibake import LONGEST_REPAIR, garbled, suspicious
from tests.profiles import examples
from tests.transform.crm import Crm, make_cells

LETTERS = sorted(set("".join(MOJIBAKE_CATEGORIES.values()) + "ÃÂâ€üß œaZ ,.#×²вЂГў"))


@settings(max_examples=examples(200))
@given(st.text(st.sampled_from(LETTERS), max_size=6) | st.text(max_size=10))
@example("Â ")
@example("a Â")
@example("À‘À")
def test_the_prefilter_lets_all_mojibake_through(text: str) -> None:
    """RE2 with ftfy's expression finds what ftfy calls bad; where ftfy would change a text, it is never passed over."""
    seen = bool(len(suspicious([texts([text])])[0]))

    assert seen == is_bad(text)
    assert seen or ftfy.fix_encoding(text) == text


@given(st.text(st.sampled_from("äöüßÄÖÜéèçñåø€–„“"), min_size=2, max_size=8), st.sampled_from(["cp1252", "latin-1"]))
def test_a_proposal_is_what_ftfy_makes_of_it(text: str, encoding: str) -> None:
    """Text that was decoded wrongly is found, and the proposal is ftfy's repair."""
    wrong = text.encode().decode(encoding, "replace")
    repair = ftfy.fix_encoding(wrong)

    found = garbled(make_cells([wrong]))

    if repair != wrong:
        assert found == {0: repair}


def test_umlauts_are_no_mojibake() -> None:
    """Correct text in any script is not flagged."""
    fine: list[str | None] = [
        "Müller & Söhne",
        "ÄÖÜ GmbH",
        "Île-de-France",
        "Łódź",
        "Ελλάδα",
        "Москва",
        "東京",
        "50 °C",
        None,
    ]

    assert garbled(make_cells(fine)) == {}


def test_garbled_names_are_proposed_repaired() -> None:
    """The usual mojibake of German names is found with its repair; what cannot be repaired has no proposal."""
    long = "Ã¼" * LONGEST_REPAIR
    cells = make_cells(["MÃ¼ller", "GrÃ¶ÃŸe", "Caf\ufffdé\ufffd ", long])

    assert garbled(cells) == {0: "Müller", 1: "Größe", 2: None, 3: None}


def test_history_is_counted(crm: Crm) -> None:
    """Garbled history gives one finding a record and table: how many can be repaired, and the first one."""
    crm.company("1", name="A").contact("1", "1", last="B")
    crm.call("1", "fein").call("1", "grÃ¼n").call("1", "blÃ¤ulich").call("1", "À‘À")

    found = crm.transform().findings

    assert found[["source_key", "code", "field", "value", "proposal"]].to_numpy().tolist() == [
        ["contacts:1", "mojibake-history", "calls", "grÃ¼n", "grün"]
    ]
    assert found["message"][0].startswith("2 values")


def test_omitted_columns_are_not_looked_at(crm: Crm) -> None:
    """What the config leaves out of the note for legal reasons does not come back in a finding."""
    crm.company("1", name="A").contact("1", "1", born="MÃ¼ller", last="B").call("1", "grÃ¼n")

    made = crm.transform(note={"omit": {"contacts.born": "GDPR", "text": "GDPR"}})

    assert len(made.findings) == 0
