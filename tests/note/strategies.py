"""Legacy values at their worst, and whole CRMs made of them."""

from __future__ import annotations

from hypothesis import strategies as st

from etl.note.vocabulary import WORDS
from tests.note.crm import Crm

CHARACTERS = st.characters(codec="utf-8")
STRUCTURE = [
    *(words.first for words in WORDS.values()),
    *(
        f"{words.last}1 {words.record[0]} · 2 {words.value[1]}{words.mark}0123 4567 89ab cdef ═══"
        for words in WORDS.values()
    ),
    "Firma: Musterbau GmbH [accounts:1]",
    "→ Kontakt: Erika [contacts:2] steht beim Interessenten [accounts:1]",
    "activities (2)",
    "  name: x",
    "  • id: 7",
    "    id: 7",
    "      weiter",
    "id: 7",
    "── 1/2 ──",
]
ODD = [
    "\n", "\n\n", "\r\n", "\r", "\t", "\x00", "\x0b", "\x0c", "\x1c", "\x7f", "\x85", "\xa0", "\u2028", "\u2029",
    "\u202e", "\u200f", "\ufeff", "\ufffe", "\uffff", "⟦", "⟧", "⟦⟧", "⟦000D⟧", "⟦x0009⟧", "⟦x⟧", "⟦x",
    " ", "  ", ": ", ":", "[", "]", "•", "%41", "%", "<b>", "</li>", "<br>", "&nbsp;", "&amp;", "&lt;%", "%>", "💶",
]  # fmt: skip
values = st.lists(st.one_of(st.sampled_from(ODD + STRUCTURE), st.text(CHARACTERS, max_size=5)), max_size=4).map("".join)
filled = values.filter(bool)
names = st.one_of(st.sampled_from(["name", "id (2)", "a: b", "• a", " a", "", "⟦⟧"]), values)


@st.composite
def crms(draw: st.DrawFn) -> Crm:
    """CRMs of a few records with history in one to three notes, some with references to each other."""
    columns = {
        "accounts": _columns(draw, "id"),
        "contacts": _columns(draw, "id"),
        "activities": _columns(draw, "id", "account_id", "contact_id", "happened_at"),
        "orders": _columns(draw, "account_id"),
    }
    every = sorted({column for dataset in columns.values() for column in dataset} | set(columns))
    labels = draw(st.dictionaries(st.sampled_from(every), filled | st.sampled_from(["A", "A (id)", "B"]), max_size=4))
    omit = draw(st.sets(st.sampled_from([column for column in every if column != "id"]), max_size=2))
    crm = Crm(columns, {"language": draw(st.sampled_from(["de", "en"])), "labels": labels}, tuple(omit))
    keys = draw(
        st.lists(st.tuples(st.sampled_from(["accounts", "contacts"]), filled), min_size=1, max_size=3, unique=True)
    )
    leads = draw(st.lists(filled, min_size=1, max_size=3, unique=True))
    for entry, key in keys:
        own = crm.record(entry, key, draw(st.sampled_from(leads)), draw(st.none() | filled))
        crm.records[entry][own].update(_row(draw, [column for column in columns[entry] if column != "id"]))
        for table in ["activities", "orders"] if entry == "accounts" else ["activities"]:
            for _ in range(draw(st.integers(0, 2))):
                crm.history(table, own)
                row = crm.related[table][-1][1]
                row.update(_row(draw, [column for column in columns[table] if column not in row]))
    for entry, key in draw(st.lists(st.sampled_from(keys), max_size=2, unique=True)):
        _refer(draw, crm, f"{entry}:{key}")
    return crm


def _columns(draw: st.DrawFn, *known: str) -> list[str]:
    more = draw(st.lists(names.filter(lambda name: name not in known), max_size=2, unique=True))
    return draw(st.permutations([*known, *more]))


def _row(draw: st.DrawFn, columns: list[str]) -> dict[str, str]:
    return {column: draw(values) for column in columns}


def _refer(draw: st.DrawFn, crm: Crm, key: str) -> None:
    """Let another note name the record; no note names one whose values it holds."""
    where = next(lead for lead, own, _, see in crm.sections if own == key and see is None)
    others = sorted({lead for lead, *_ in crm.sections} - {where})
    if others:
        crm.see(draw(st.sampled_from(others)), key, where, draw(st.none() | filled))
