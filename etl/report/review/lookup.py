"""The same page in reading mode: where did a record go, for people without this tool; every record, and no decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from etl.report.review.pack import Pack
from etl.report.review.page import Sheet, drawn
from etl.report.text import escaped, shown
from etl.texts import mark, texts

MOST = 100_000
"""So many records can be searched in a browser without a wait."""
LONGEST = 200
"""So many characters of a line of a note, and of evidence, are shown."""


@dataclass(frozen=True)
class Line:
    """One record on the page.

    company: of a person; lead_id: None where no lead of it is known; keys: its source key and the numbers that identify
    it; note: some lines of its lead's note.
    """

    name: str
    city: str
    company: str
    decision: str
    lead_id: str | None
    keys: str
    rule: str = ""
    evidence: str = ""
    note: tuple[str, ...] = ()


WORDS = {
    "count": mark("{found} found"),
    "start": mark("{total} records. Type to search."),
    "none": mark("Nothing found. Try fewer words."),
    "loading": mark("Getting ready …"),
    "nameless": mark("without a name"),
    "place": mark("Record {n} of {all}"),
    "all": mark("all"),
    "nobody": mark("nobody"),
    "in lead": mark("Lead {id}"),
    "lead": mark("becomes a lead"),
    "moved before": mark("moved before"),
    "customer": mark("customer, stays in the CRM"),
    "keep": mark("stays in the CRM"),
    "review": mark("stays in the CRM until it is decided"),
    "reject": mark("stays in the CRM, cannot be processed"),
    "why": mark("Why:"),
    "note": mark("From the note of its lead"),
    "company": mark("Company"),
    "city": mark("City"),
    "keys": mark("Numbers"),
}
"""What the page says, by the script's names."""


def draw_lookup(lines: Iterable[Line], language: str = "en") -> str:
    """Draw the page. language: of what it says; English for one that has no catalogue."""
    spoken = texts(language)
    pack = Pack(MOST, characters=MOST * LONGEST)
    for line in lines:
        pack.add_row(_row(line), _detail(line))
    data = {"mode": "lookup", "words": {name: spoken.text(english) for name, english in WORDS.items()}}
    return drawn(Sheet(spoken.text("Where did a record go?"), spoken.code, pack, data, lookup=True))


def _row(line: Line) -> Mapping[str, Any]:
    """A record as the list has it; what cannot be seen is escaped as in `report.html`."""
    return {
        "name": escaped(line.name),
        "city": escaped(line.city),
        "company": escaped(line.company),
        "decision": line.decision,
        "lead": line.lead_id and escaped(line.lead_id),
        "keys": escaped(line.keys),
    }


def _detail(line: Line) -> Mapping[str, Any]:
    return {
        "rule": shown(line.rule, LONGEST),
        "evidence": shown(line.evidence, 2 * LONGEST),
        "note": [escaped(row)[:LONGEST] for row in line.note],
    }
