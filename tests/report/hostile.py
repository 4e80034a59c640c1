"""Legacy values that would be an order somewhere, and a report and a diff that have them in every place."""

from __future__ import annotations

from dataclasses import replace

from etl.model import Decision
from etl.report import Report, model as m
from etl.report.diff.model import Diff, LeadChange, RecordChange, RecordGroup, ValueChange, Why
from tests.report.diffs import NOTHING

VALUES = [
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1,1)",
    "{{7*7}}",
    "${7*7}",
    "](javascript:alert(1))",
    "[x](javascript:alert(1)) | cell | cell",
    "![x](https://a.example/x.png)",
    "]]><failure/>&lt;&#0;",
    "\x1b[2J\x1b[1;1Hgone",
    "\x1b]0;title\x07",
    "\x1b[31mred\x1b[8mhidden",
    "\x9b2J\x9d0;title\x9c",
    "\x1bc\x1b(0\x0e",
    "\u202egnp.exe\u2066",
    "a\rb\nc\td\x00\x08\x08\x7f",
    "\ufffe\uffff\x0b\x0c\x1f",
]


def shown_in(report: Report, value: str) -> Report:
    """A report that has a value as every name, key, rule, value, proposal, reason and message."""
    example = m.FindingExample(value, "email", value, value, value)
    gate = m.GateResult("review", "at most 1%", 20, 1231, f"1.62% ({value})", False, value)
    row = m.FaultyRow(value, "accounts", value, value, "duplicate-key", value, value)
    cases = (m.OpenCase(value, value, 1, value),)
    return replace(
        report,
        name=value,
        source=value,
        rules=tuple(replace(rule, name=value) for rule in report.rules),
        review=tuple(replace(reason, reason=value, first=cases) for reason in report.review),
        findings=tuple(replace(one, example=example) for one in report.findings),
        rejects=replace(report.rejects, first=(row,)),
        orphans=replace(report.orphans, first=(row,)),
        gates=(gate,),
    )


def diff_of(value: str) -> Diff:
    """A diff that has a value in every place."""
    why = Why(Decision.CUSTOMER, value, value, value)
    record = RecordChange(value, why, replace(why, decision=Decision.LEAD))
    group = RecordGroup(Decision.CUSTOMER, Decision.LEAD, value, value, 1, 1, (record,))
    lead = LeadChange(value, (ValueChange("email", value, None),), (ValueChange(value, value, value),))
    return replace(
        NOTHING,
        after=replace(NOTHING.after, name=value, digest="4567", source=value),
        fingerprints=(value,),
        records=replace(NOTHING.records, groups=(group,)),
        leads=replace(NOTHING.leads, changed=1, came=1, first_came=(value,), first=(lead,)),
    )
