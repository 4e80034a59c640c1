"""Diffs of anything at all, for tests of how they are drawn."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from etl.model import Decision
from etl.report.diff import model as d
from tests.report.plans import COUNTS, GATES, NAMES, TEXTS, some

SIDE = d.Side("plans/demo", "demo", "0123abcd", dt.date(2026, 11, 1), "files:legacy", "sqlite:///pipeline.db")
NOTHING = d.Diff(SIDE, SIDE, (), (), (), (), (), (), d.Records(0, 0, 0, 0, ()), d.Leads(0, 0, 0, 0, (), (), (), ()))
"""What is told of two plans that are the same."""

SIDES = st.builds(d.Side, NAMES, NAMES, st.just("0123abcd") | st.just("4567"), st.dates(), TEXTS, TEXTS)
DECISIONS = st.none() | st.sampled_from(Decision)
WHYS = st.builds(d.Why, st.sampled_from(Decision), st.none() | TEXTS, st.none() | TEXTS, st.none() | TEXTS)
RECORDS = st.builds(d.RecordChange, NAMES, st.none() | WHYS, st.none() | WHYS)
GROUPS = st.builds(
    d.RecordGroup, DECISIONS, DECISIONS, st.none() | TEXTS, st.none() | TEXTS, COUNTS, COUNTS, some(RECORDS)
)
VALUES = st.builds(d.ValueChange, NAMES, st.none() | TEXTS, st.none() | TEXTS)
FIGURES = some(st.builds(d.FigureChange, NAMES, COUNTS, COUNTS))
DIFFS = st.builds(
    d.Diff,
    before=SIDES,
    after=SIDES,
    figures=FIGURES,
    gates=some(st.builds(d.GateChange, st.sampled_from(["review", "reject"]), st.none() | GATES, st.none() | GATES)),
    rules=some(st.builds(d.RuleChange, NAMES, st.sampled_from(Decision), st.none() | COUNTS, st.none() | COUNTS)),
    findings=FIGURES,
    config=some(st.builds(d.ConfigChange, NAMES, st.none() | TEXTS, st.none() | TEXTS)),
    fingerprints=some(NAMES),
    records=st.builds(d.Records, COUNTS, COUNTS, COUNTS, COUNTS, some(GROUPS)),
    leads=st.builds(
        d.Leads,
        *[COUNTS] * 4,
        some(st.builds(d.FieldCount, st.just("email"), COUNTS)),
        some(NAMES),
        some(NAMES),
        some(st.builds(d.LeadChange, NAMES, some(VALUES), some(VALUES))),
    ),
)
