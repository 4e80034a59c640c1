"""A plan's folder with the tables that a report reads, a row at a time; and reports of anything at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from etl.config import Config
from etl.matching.calibration import Calibration, calibrate, from_each
from etl.model import LEAD_FIELDS, SOURCE_KEY_COLUMN, Decision, Remark, Severity
from etl.plan.bundle import Manifest
from etl.plan.figures import (
    ComparedFigures,
    ConsentFigures,
    ConversionFigures,
    DatasetFigures,
    DuplicateFigures,
    Figures,
    JoinFigures,
    KeysOf,
    LiteralFigures,
    MasterFigures,
    Mislinked,
    NearValue,
    OmittedFigures,
    OverrideFigures,
    RuleFigures,
    StepFigures,
    UnaskedFigures,
    UnnamedFigures,
    ValueFigures,
    WouldMeet,
)
from etl.report import Report, build, model as m
from etl.report.html import draw
from etl.report.read import tables

TEXT = pa.string()
COLUMNS = {
    "decisions": [
        *"source_key entry key type decision decided_by rule evidence held family".split(),
        *"company lead match score findings".split(),
    ],
    "leads": ["lead", "family", *LEAD_FIELDS, "note"],
    "findings": "lead source_key code severity field value proposal message".split(),
    "rejects": "source_key dataset place column code reason advice".split(),
    "orphans": "dataset place key code reason advice".split(),
    "blocked": "lead field length limit reason".split(),
    "duplicates": "left right probability weight words".split(),
    "cases": "number source_key other for_both hash records rule evidence".split(),
}
TYPES = {
    "held": pa.list_(TEXT),
    "findings": pa.list_(TEXT),
    "score": pa.float64(),
    "probability": pa.float64(),
    "weight": pa.float64(),
    "length": pa.int64(),
    "limit": pa.int64(),
    "do_not_contact": pa.bool_(),
    "number": pa.int64(),
    "for_both": pa.bool_(),
    "records": pa.int64(),
}


def config(folder: Path, **parts: Any) -> Config:
    """A config of two entries and a related table; `leads` and `gates` as given."""
    found = {
        "name": "demo",
        "as_of": dt.date(2026, 11, 1),
        "source": {
            "url": "files:legacy",
            "records": {
                "accounts": {"key": "id", "type": "company"},
                "contacts": {"key": "id", "type": "person", "parent": {"column": "account_id", "of": "accounts"}},
            },
            "related": {"activities": {"of": {"accounts": "account_id"}}},
        },
        "classify": [
            {"as": "customer", "name": "invoiced", "when": {"exists": "invoices", "of": {"accounts": "account_id"}}},
            {"as": "lead", "name": "nothing else held"},
        ],
        "leads": {"fields": {"name": "{name}"}},
        "target": {"url": "sqlite:///pipeline.db"},
        "gates": {"customers": "0%..100%", "empty_tables": 1},
        **parts,
    }
    return Config.model_validate({**found, "path": folder / "demo.yaml", "raw": {}})


def dataset(name: str, columns: str, rows: int, kind: Literal["entry", "related"] = "entry") -> DatasetFigures:
    """One dataset, its columns parted by blanks."""
    return DatasetFigures(name, kind, name, f"{name}.parquet", tuple(columns.split()), rows)


@dataclass
class PlanFolder:
    """The tables of a plan in the making."""

    folder: Path
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    snapshot: dict[str, list[dict[str, str | None]]] = field(default_factory=dict)

    def record(self, source_key: str, decision: str, rule: str = "nothing else held", **more: Any) -> None:
        """Add a legacy record's decision."""
        entry, _, key = source_key.partition(":")
        row = {"source_key": source_key, "entry": entry, "key": key, "decision": decision, "rule": rule}
        row |= {"decided_by": source_key, "family": source_key}
        self.tables["decisions"].append(row := {**row, **more})
        if decision == "review":
            self._waits(row)
        if decision == "lead":
            self.tables["leads"].append({"lead": source_key, "family": source_key, "name": "A name", "note": "A note."})

    def _waits(self, row: Mapping[str, Any]) -> None:
        """Count a record in the case of its family."""
        for case in self.tables["cases"]:
            if (case["source_key"], case["rule"]) == (row["family"], row["rule"]):
                case["records"] += 1
                return
        case = {"number": len(self.tables["cases"]), "source_key": row["family"], "for_both": False, "records": 1}
        self.row("cases", **case, rule=row["rule"], evidence=row.get("evidence"))

    def one_case(self, source_key: str, other: str) -> None:
        """Let two families that may be the same be one open case."""
        by_key = {case["source_key"]: case for case in self.tables["cases"]}
        by_key[source_key] |= {"other": other, "for_both": True}
        by_key[source_key]["records"] += by_key[other]["records"]
        self.tables["cases"].remove(by_key[other])

    def row(self, table: str, **cells: Any) -> None:
        """Add a row to another table."""
        self.tables[table].append(cells)

    def write(self, datasets: Iterable[DatasetFigures]) -> None:
        """Write all tables, and those datasets of the snapshot."""
        (self.folder / "snapshot").mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            schema = pa.schema([(column, TYPES.get(column, TEXT)) for column in COLUMNS[name]])
            pq.write_table(pa.Table.from_pylist(rows, schema), self.folder / f"{name}.parquet")
        for one in datasets:
            schema = pa.schema([(column, TEXT) for column in (*one.columns, SOURCE_KEY_COLUMN)])
            found = pa.Table.from_pylist(self.snapshot.get(one.name, []), schema)
            pq.write_table(found, self.folder / "snapshot" / one.file)

    def figures(self, **parts: Any) -> Figures:
        """What the stages counted: datasets fit the decisions, the rest is empty unless given."""
        decisions = self.tables["decisions"]
        accounts, contacts = (sum(r["entry"] == entry for r in decisions) for entry in ("accounts", "contacts"))
        found = Figures(
            as_of=dt.date(2026, 11, 1),
            source="files:legacy",
            target="sqlite:///pipeline.db",
            datasets=(
                dataset("accounts", "id name email", accounts),
                dataset("contacts", "id account_id email", contacts),
                dataset("activities", "account_id body", 0, "related"),
            ),
            joins=(),
            values=ValueFigures(0),
            rules=(
                RuleFigures("invoiced", Decision.CUSTOMER, 0),
                RuleFigures("nothing else held", Decision.LEAD, len(decisions)),
            ),
            overrides=OverrideFigures(),
            undecided=0,
        )
        return replace(found, **parts)

    def report(self, given: Config | None = None, **figures: Any) -> Report:
        """Write the tables and build the report."""
        found = self.figures(**figures)
        self.write(found.datasets)
        with tables(self.folder) as plan:
            return build(plan, given or config(self.folder), found, "sha256:0123abcd")


def manifest(report: Report) -> Manifest:
    """The manifest of a plan without chunks."""
    return Manifest(
        3, "0", report.name, "demo", dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), report.digest, {},
        {"source": {"where": report.source}}, "demo.yaml", {}, {}, PlanFolder(Path()).figures(),
    )  # fmt: skip


def drawn(folder: Path, report: Report, given: Config | None = None) -> str:
    """The page of a report whose tables are in a folder."""
    with tables(folder) as plan:
        return draw(plan, report, given or config(folder), manifest(report))


COUNTS = st.integers(0, 10**9)
TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "a|b", "`x`", "``", "\\|", "a\\", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "<!-- x", "-->",
        "\x1b[31mred\x1b[0m", "\u202eevil", "line\nbreak", "\r", "| a | b |", "# heading", "</details>", "@someone",
        "www.example.com", "https://a.example/", "![x](y)", " blanks ", "", "007 ", "&amp;", "**bold**", "x" * 300,
        "日本" * 60,
    ]
)  # fmt: skip
NAMES = TEXTS.filter(bool)


def some(of: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    """Some of them, as a tuple."""
    return st.lists(of, max_size=most).map(tuple)


ENTRIES = st.builds(
    m.EntryCount,
    entry=NAMES,
    read=COUNTS,
    decisions=st.fixed_dictionaries(dict.fromkeys(Decision, COUNTS)),
    left_out=COUNTS,
    forgotten=COUNTS,
)
RULES = st.builds(
    m.RuleCount, NAMES, st.sampled_from(Decision), st.sampled_from(["rule", "other"]), st.none() | COUNTS, COUNTS
)
CASES = st.builds(m.OpenCase, NAMES, st.none() | NAMES, COUNTS, st.none() | TEXTS)
REASONS = st.builds(m.ReviewReason, NAMES, COUNTS, COUNTS, COUNTS, some(CASES))
JOINS = st.builds(
    JoinFigures, NAMES, st.sampled_from(["related", "evidence", "joined", "labels", "links", "merges"]), some(NAMES),
    *[COUNTS] * 5, unreadable_dates=COUNTS, not_linked=COUNTS,
    would_meet=some(st.builds(WouldMeet, st.sampled_from([("trim",), ("trim", "upper")]), COUNTS)),
    near=COUNTS, twice=COUNTS, not_taken=COUNTS, never_named=COUNTS,
    keys_of=some(st.builds(KeysOf, NAMES, COUNTS, st.booleans(), NAMES)),
)  # fmt: skip
MASTERS = st.builds(MasterFigures, NAMES, TEXTS, NAMES, *[COUNTS] * 10, pinned=st.none() | NAMES, weak_numbers=COUNTS)
NEAR = st.builds(NearValue, TEXTS, COUNTS, st.sampled_from(["case", "blanks", "unicode", "number", "truth", "date"]))
LITERALS = st.builds(
    LiteralFigures,
    NAMES,
    NAMES,
    NAMES,
    st.booleans(),
    COUNTS,
    near=some(NEAR),
    rest=COUNTS,
    never=some(TEXTS),
    formats=some(TEXTS),
)
UNASKED = st.builds(UnaskedFigures, NAMES, NAMES, COUNTS)
CONSENT = st.builds(ConsentFigures, *[COUNTS] * 6, st.booleans(), some(NAMES, 2), some(UNASKED, 2))
UNNAMED = st.builds(UnnamedFigures, NAMES, NAMES, NAMES, COUNTS, COUNTS)
COMPARED = st.builds(ComparedFigures, COUNTS, COUNTS, COUNTS)
LEAST_SURE = st.builds(m.MatchedRecord, NAMES, NAMES, NAMES, st.floats(0, 1), st.none() | TEXTS)


@st.composite
def steps(draw: st.DrawFn) -> tuple[StepFigures, ...]:
    """The steps of some rules, one of each as it is now."""
    found = []
    for rule, master in draw(st.lists(st.tuples(NAMES, NAMES), max_size=3, unique=True)):
        levels = draw(st.lists(st.floats(0.01, 1), min_size=1, max_size=4, unique=True))
        now = draw(st.integers(0, len(levels) - 1))
        for place, level in enumerate(sorted(levels)):
            counts = draw(st.tuples(*[COUNTS] * 5))
            found.append(StepFigures(rule, master, level, place == now, *counts))
    return tuple(found)


EXAMPLES = st.builds(m.FindingExample, NAMES, st.none() | NAMES, st.none() | TEXTS, st.none() | TEXTS, TEXTS)
CODES = st.sampled_from(["email-syntax", "duplicate-key"])
FINDINGS = st.builds(m.FindingCount, CODES, st.sampled_from(Severity), COUNTS, COUNTS, EXAMPLES)
FAULTY = st.builds(
    m.FaultyRows,
    COUNTS,
    some(st.builds(m.CodeCount, NAMES, CODES, COUNTS)),
    some(st.builds(m.FaultyRow, st.none() | NAMES, NAMES, TEXTS, st.none() | NAMES, CODES, TEXTS, TEXTS)),
)
WHY = st.sampled_from(["too long", "empty", "characters"])
BLOCKED = st.builds(
    m.BlockedValues,
    st.just(0),
    COUNTS,
    some(st.builds(m.BlockedValue, NAMES, st.sampled_from(LEAD_FIELDS), COUNTS, st.none() | COUNTS, WHY)),
)
COVERAGE = st.builds(
    m.ColumnCoverage, NAMES, NAMES, *[COUNTS] * 4, some(st.sampled_from(LEAD_FIELDS)), omitted=st.none() | NAMES
)
CODES_OF_REMARKS = st.sampled_from(["hidden-sheet", "hidden-sheets", "hidden-rows", "hidden-columns"])
REMARKS = st.builds(
    m.TableRemark,
    NAMES,
    st.builds(Remark, CODES_OF_REMARKS, COUNTS, some(NAMES))
    | st.builds(Remark, st.just("renamed-column"), COUNTS, st.tuples(NAMES, NAMES)),
)
VALUES = st.builds(m.Values, COUNTS, some(st.builds(OmittedFigures, NAMES, NAMES, NAMES, COUNTS)))
GATES = st.builds(
    m.GateResult,
    st.sampled_from(["review", "reject"]),
    st.just("at most 2%"),
    COUNTS,
    COUNTS,
    TEXTS,
    st.booleans(),
    TEXTS,
)
CHANCES = st.floats(0, 1)
SCORES = st.builds(m.ScoreBin, st.none() | NAMES, CHANCES, CHANCES, COUNTS, st.none() | st.sampled_from(Decision))


def calibrated(pairs: list[tuple[float | None, bool]]) -> Calibration:
    """What labelled pairs, each with its probability and whether it is the same, say of three thresholds."""
    same, unmatched = sum(right for _, right in pairs), sum(chance is None for chance, _ in pairs)
    used = {"merge_at": 0.98, "review_at": 0.8}
    return calibrate(from_each(pairs, (0.5, 0.8, 0.98)), same, len(pairs) - same, unmatched, used)


REPORTS = st.builds(
    Report,
    name=NAMES,
    approvals=COUNTS,
    digest=st.just("sha256:0123abcd"),
    as_of=st.dates(),
    source=TEXTS,
    target=TEXTS,
    entries=some(ENTRIES),
    left_out=some(st.builds(m.LeftOut, NAMES, COUNTS, TEXTS)),
    forgotten=some(st.builds(m.ForgottenRows, NAMES, st.booleans(), COUNTS, COUNTS)),
    forget_unknown=some(COUNTS),
    rules=some(RULES),
    undecided=COUNTS,
    leads=COUNTS,
    leads_with_errors=COUNTS,
    values=VALUES,
    review=some(REASONS),
    overrides=st.builds(
        OverrideFigures, COUNTS, some(NAMES), some(NAMES), some(NAMES), COUNTS, some(NAMES), some(NAMES)
    ),
    joins=some(JOINS),
    masters=some(MASTERS, 2),
    literals=some(LITERALS, 2),
    scores=some(SCORES),
    steps=steps(),
    least_sure=some(LEAST_SURE),
    duplicates=st.none() | st.builds(DuplicateFigures, COMPARED, *[COUNTS] * 5),
    calibration=st.none() | st.lists(st.tuples(st.none() | CHANCES, st.booleans()), max_size=9).map(calibrated),
    merged=some(st.builds(m.MergedPair, NAMES, NAMES, NAMES, st.floats(0, 1), TEXTS)),
    conversion=st.none() | st.builds(ConversionFigures, *[COUNTS] * 3, some(st.builds(Mislinked, *[NAMES] * 4))),
    consent=st.none() | CONSENT,
    unnamed=some(UNNAMED, 2),
    findings=some(FINDINGS),
    rejects=FAULTY,
    orphans=FAULTY,
    blocked=BLOCKED,
    coverage=some(COVERAGE),
    remarks=some(REMARKS),
    gates=some(GATES),
    next=TEXTS,
)
