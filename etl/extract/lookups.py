"""What is counted of how rows met the tables that they look up: joined columns, labels and links."""

from __future__ import annotations

from collections.abc import Collection

from etl.plan.figures import JoinFigures, WouldMeet
from etl.rows.meetings import Meeting
from etl.rows.merges import Merges


def lookup_figures(meeting: Meeting, records: Collection[str]) -> JoinFigures:
    """The figures of one table and the rows that look up what it has.

    records: the tables of entries. Where one of these leads from a code to its key, records that no row names are no
    fault.
    """
    missing, (cures, near) = len(meeting.missing), meeting.near()
    met = meeting.filled - missing
    return JoinFigures(
        dataset=f"{meeting.dataset}, {meeting.name}",
        kind=meeting.kind,
        rules=(),
        rows_read=meeting.rows,
        rows=meeting.filled,
        joined=met,
        without_record=missing,
        records_with_row=met,
        would_meet=tuple(WouldMeet(steps, rows) for steps, rows in cures),
        near=near,
        twice=meeting.known.twice,
        not_taken=meeting.known.not_taken,
        never_named=0 if meeting.kind == "links" and meeting.name in records else meeting.never_named,
        left_out=meeting.known.left_out,
    )


def merge_figures(entry: str, merges: Merges) -> JoinFigures:
    """The figures of the table that says which records of an entry were merged into others."""
    return JoinFigures(
        dataset=f"{entry}, {merges.table}",
        kind="merges",
        rules=(),
        rows_read=merges.rows + merges.left_out,
        rows=merges.rows,
        joined=merges.rows - merges.nowhere,
        without_record=merges.nowhere,
        records_with_row=len({*merges.now.values()}),
        would_meet=tuple(WouldMeet(steps, rows) for steps, rows in merges.cures),
        near=merges.near,
        twice=merges.twice,
        left_out=merges.left_out,
    )
