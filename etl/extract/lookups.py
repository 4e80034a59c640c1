"""What is counted of how rows met the tables that they take values from: joined columns and labels."""

from __future__ import annotations

from etl.plan.figures import JoinFigures, WouldMeet
from etl.rows.meetings import Meeting


def lookup_figures(meeting: Meeting) -> JoinFigures:
    """The figures of one table and the rows that take values from it."""
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
        twice=meeting.lookup.twice,
        not_taken=meeting.lookup.not_taken,
        never_named=meeting.never_named,
    )
