"""Lead quality: what people want to know of a lead before it becomes a customer. No value is ever changed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import pandas as pd

from etl.config import Config
from etl.model import Chunk, Severity
from etl.transform.arrow_text import keys
from etl.transform.quality.cells import Cells, Judged, Sections, cells
from etl.transform.quality.findings import Finding, table
from etl.transform.quality.mojibake import history
from etl.transform.quality.registry import CHECKS, Check, Hits


def quality(
    chunk: Chunk, members: pd.DataFrame, layout: pd.DataFrame, leads: pd.DataFrame, config: Config
) -> pd.DataFrame:
    """Run every check of the registry over a chunk of leads.

    layout: as `transform.layout` gives it; leads: index = lead key, the lead fields.
    Returns one row a finding: str columns lead, source_key, code, severity, field, value, proposal, message; value and
    proposal may be NA. A value that a lead field took from a record is flagged once, in the lead field, with the
    record's source key.
    """
    sections = Sections.of(chunk, members, layout, config)
    findings: dict[bool, list[Finding]] = {True: [], False: []}
    columns = list(cells(chunk, sections, leads, config))
    for column, by_check in zip(columns, _hits(columns), strict=True):
        for check, hits in by_check.items():
            findings[column.in_lead] += _findings_of(check, column, hits)
    return table([*_merged(findings[True], findings[False]), *history(chunk, sections, config)])


def _hits(columns: Sequence[Cells]) -> list[dict[Check, Hits]]:
    """What the checks hit in each column, in their order.

    A check is asked once of all its columns: its expressions take longer to compile than to run over one of them.
    """
    hits: list[dict[Check, Hits]] = [{} for _ in columns]
    judged: dict[tuple[str, ...], Judged] = {}
    for check in CHECKS:
        asked = [both for both in zip(columns, hits, strict=True) if not set(check.kinds).isdisjoint(both[0].kinds)]
        if not asked:
            continue
        if check.kinds not in judged:
            judged[check.kinds] = Judged.together([column for column, _ in asked])
        starts = list(accumulate((len(column.values) for column, _ in asked), initial=0))
        for row, proposal in check.find(judged[check.kinds]).items():
            place = bisect_right(starts, row) - 1
            asked[place][1].setdefault(check, {})[row - starts[place]] = proposal
    return hits


def _findings_of(check: Check, column: Cells, hits: Hits) -> Iterator[Finding]:
    rows = list(hits)
    severity = check.severity
    if severity is Severity.ERROR and not column.in_lead:
        severity = Severity.WARNING
    places = zip(*(keys(array.take(rows)) for array in (column.lead, column.source_key, column.values)), strict=True)
    for row, (lead, key, value) in zip(rows, places, strict=True):
        yield Finding(lead, key, check.code, severity, column.field, value, hits[row], check.message)


def _merged(in_leads: list[Finding], in_records: list[Finding]) -> Iterator[Finding]:
    """Leave out the records' findings that a lead field repeats, which then names the record it came from."""
    origins: dict[tuple[str, str, str | None], str] = {}
    for finding in in_records:
        key = _what(finding)
        origins[key] = min(origins.get(key, finding.source_key), finding.source_key)
    for finding in in_leads:
        yield finding._replace(source_key=origins.get(_what(finding), finding.source_key))
    repeated = {_what(finding) for finding in in_leads}
    yield from (finding for finding in in_records if _what(finding) not in repeated)


def _what(finding: Finding) -> tuple[str, str, str | None]:
    """The same value with the same fault in the same lead; outer blanks, which lead fields lose, aside."""
    return finding.lead, finding.code, finding.value.strip() if finding.value is not None else None
