"""The note: legacy values folded into a text that sales reads every day, and that is read back exactly."""

from etl.note.blocks import State
from etl.note.differences import Difference
from etl.note.fold import fold
from etl.note.html import from_html, replaced_in_html, to_html
from etl.note.labels import DatasetLabels, Labels
from etl.note.parse import ParsedNote, parse, parse_all
from etl.note.parts import join, split
from etl.note.prove import Proof, prove

__all__ = [
    "DatasetLabels",
    "Difference",
    "Labels",
    "ParsedNote",
    "Proof",
    "State",
    "fold",
    "from_html",
    "join",
    "parse",
    "parse_all",
    "prove",
    "replaced_in_html",
    "split",
    "to_html",
]
