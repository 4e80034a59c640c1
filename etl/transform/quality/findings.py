"""What a finding is, and the table they are handed on in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from etl.model import Severity


class Finding(NamedTuple):
    """Something about a value that people want to know before its lead becomes a customer.

    code: stable, for machines and gates. field: the lead field or the source column. value: the value in full, None
    where it is missing. proposal: what it could be instead, "" to leave it empty, None without a proposal.
    """

    lead: str
    source_key: str
    code: str
    severity: Severity
    field: str
    value: str | None
    proposal: str | None
    message: str


COLUMNS = list(Finding._fields)
ORDER = ["lead", "source_key", "field", "code", "value"]


def table(findings: Iterable[Finding]) -> pd.DataFrame:
    """The findings as a table of str columns, each once, in the order in which they were found."""
    return pd.DataFrame(list(dict.fromkeys(findings)), columns=COLUMNS, dtype="str")


def merge(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several tables of findings as one, in a total order."""
    return pd.concat(tables).sort_values(ORDER, ignore_index=True)
