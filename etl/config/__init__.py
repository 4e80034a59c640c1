"""The config file: its schema, and reading it so that each mistake is named with file and line."""

from etl.config.conditions import (
    AllOf,
    AnyOf,
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
from etl.config.dates import DateColumn
from etl.config.entries import Entry, Parent, TypeColumn
from etl.config.file_format import CsvFormat
from etl.config.gates import Gate, Gates, TableLimits
from etl.config.identity import comparable
from etl.config.leads import AnyColumn, Duplicates, FieldSource, First, Leads, Mapped, NoteOptions
from etl.config.links import RESERVED, Aliases, Join, KeyColumns, LabelsOf, Link, Step, Through, link_column
from etl.config.load import load, load_match, place
from etl.config.matching import Master, Match, MatchList
from etl.config.odoo import is_odoo
from etl.config.related import Related
from etl.config.row_conditions import (
    AllOfRow,
    AnyOfRow,
    ColumnCondition,
    Flag,
    NotOfRow,
    Test,
    columns_named,
    renamed,
    said,
    single_tests,
)
from etl.config.schema import Config
from etl.config.source import Source
from etl.config.target import ColumnKind, ImportSystem, PartsTable, Target
from etl.config.variables import with_variables, without_secrets

__all__ = [
    "RESERVED",
    "Aliases",
    "AllOf",
    "AllOfRow",
    "AnyColumn",
    "AnyOf",
    "AnyOfRow",
    "ColumnCondition",
    "ColumnKind",
    "Condition",
    "Config",
    "CsvFormat",
    "DateColumn",
    "Duplicates",
    "Entry",
    "Exists",
    "FieldSource",
    "First",
    "Flag",
    "Gate",
    "Gates",
    "ImportSystem",
    "Join",
    "KeyColumns",
    "LabelsOf",
    "Leads",
    "Link",
    "Mapped",
    "Master",
    "Match",
    "MatchList",
    "Matches",
    "Not",
    "NotOfRow",
    "NoteOptions",
    "Parent",
    "PartsTable",
    "Related",
    "Rule",
    "Source",
    "Step",
    "TableLimits",
    "Target",
    "Test",
    "Through",
    "TypeColumn",
    "Within",
    "columns_named",
    "columns_of",
    "comparable",
    "exists_of",
    "is_odoo",
    "link_column",
    "load",
    "load_match",
    "matches_of",
    "place",
    "renamed",
    "replaced",
    "said",
    "single_tests",
    "with_variables",
    "without_secrets",
]
