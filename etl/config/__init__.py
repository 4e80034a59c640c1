"""The config file: its schema, and reading it so that each mistake is named with file and line."""

from etl.config.conditions import (
    AllOf,
    AnyOf,
    ColumnCondition,
    Condition,
    Exists,
    Matches,
    Not,
    Rule,
    Within,
    columns_of,
    exists_of,
    matches_of,
    replaced,
)
from etl.config.file_format import CsvFormat
from etl.config.identity import comparable
from etl.config.leads import Duplicates, FieldSource, First, Flag, Leads, Mapped, NoteOptions
from etl.config.load import load, load_match, place
from etl.config.matching import Master, Match, MatchList
from etl.config.odoo import is_odoo
from etl.config.schema import Config, Gate, Gates, PartsTable, Target
from etl.config.source import Entry, OrderBy, Parent, Related, Source, TypeColumn

__all__ = [
    "AllOf",
    "AnyOf",
    "ColumnCondition",
    "Condition",
    "Config",
    "CsvFormat",
    "Duplicates",
    "Entry",
    "Exists",
    "FieldSource",
    "First",
    "Flag",
    "Gate",
    "Gates",
    "Leads",
    "Mapped",
    "Master",
    "Match",
    "MatchList",
    "Matches",
    "Not",
    "NoteOptions",
    "OrderBy",
    "Parent",
    "PartsTable",
    "Related",
    "Rule",
    "Source",
    "Target",
    "TypeColumn",
    "Within",
    "columns_of",
    "comparable",
    "exists_of",
    "is_odoo",
    "load",
    "load_match",
    "matches_of",
    "place",
    "replaced",
]
