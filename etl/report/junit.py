"""The report as JUnit XML, for CI: gates as test cases, and quality findings for people to see.

The result of the file is that of the gates: one that is broken is a failure. A quality finding never fails by itself,
for the gate `quality_errors` says how many are too many: errors and warnings are skipped cases with a message, which CI
shows apart; what only tells passes. The figures are properties of the first suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from etl.errors import PlanError
from etl.model import Decision, Severity
from etl.report import wording
from etl.report.model import FindingCount, GateResult, Report
from etl.report.text import shown
from etl.texts import t, tn

LONGEST = 400


def to_junit(report: Report) -> str:
    """Draw a report as JUnit XML that Jenkins, GitLab and GitHub's readers take.

    Every text is on one line and of printable characters alone, so that none is outside of XML 1.0.
    """
    suites = [
        _suite("gates", [_gate(gate) for gate in report.gates], _figures(report)),
        _suite("quality findings", [_finding(finding) for finding in report.findings]),
    ]
    tests, failures = (sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures"))
    root = Element(
        "testsuites",
        {"name": _text(f"crm-cleanup plan: {report.name}"), "tests": str(tests), "failures": str(failures),
         "errors": "0", "time": "0"},
    )  # fmt: skip
    root.extend(suites)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(name: str, cases: list[Element], properties: Iterable[tuple[str, int]] = ()) -> Element:
    counts = {kind: sum(case.find(tag) is not None for case in cases)
              for kind, tag in (("failures", "failure"), ("skipped", "skipped"))}  # fmt: skip
    suite = Element(
        "testsuite",
        {"name": name, "tests": str(len(cases)), "errors": "0", "time": "0",
         **{kind: str(count) for kind, count in counts.items()}},
    )  # fmt: skip
    figures = list(properties)
    if figures:
        listed = SubElement(suite, "properties")
        for figure, count in figures:
            SubElement(listed, "property", {"name": figure, "value": str(count)})
    suite.extend(cases)
    return suite


def _figures(report: Report) -> Iterator[tuple[str, int]]:
    """The numbers that a person who looks at CI wants to see beside the gates."""
    yield "read", report.read
    yield from ((str(decision), report.decided(decision)) for decision in Decision)
    yield "leads", report.leads
    yield "leads with errors", report.leads_with_errors
    yield "values conserved", report.values.conserved
    yield "values omitted", report.values.left_out
    yield "undecided", report.undecided
    yield "open cases", report.open_cases
    yield "families in review", report.review_families
    yield "rejects", report.rejects.total
    yield "orphans", report.orphans.total


def _gate(gate: GateResult) -> Element:
    case = _case("gates", gate.name)
    sentence = f"{gate.name} {gate.actual}, {gate.limit}"
    if gate.ok:
        SubElement(case, "system-out").text = _text(sentence)
    else:
        failure = SubElement(case, "failure", {"message": _text(sentence), "type": "gate"})
        failure.text = _text(t(gate.advice))
    return case


def _finding(finding: FindingCount) -> Element:
    case = _case("quality findings", f"{finding.code} ({finding.severity})")
    findings = tn(finding.findings, "{n} finding", "{n} findings")
    sentence = f"{t(finding.severity)}: {findings} {tn(finding.leads, 'in {n} lead', 'in {n} leads')}"
    if finding.severity is not Severity.INFO:
        SubElement(case, "skipped", {"message": sentence})
    example = f"{sentence}, {t('for example')} {wording.example(finding.example)}: {finding.example.message}"
    SubElement(case, "system-out").text = _text(example)
    return case


def _case(suite: str, name: str) -> Element:
    return Element("testcase", {"classname": f"crm-cleanup.{suite}", "name": _text(name), "time": "0"})


def _text(value: str) -> str:
    return shown(value, LONGEST)


def write_junit(path: Path, report: Report) -> None:
    """Write it for a CI that may run as another user. Raises PlanError where that cannot be."""
    try:
        path.write_text(to_junit(report), encoding="utf-8")
    except OSError as error:
        raise PlanError(
            f"The JUnit file cannot be written: {error.strerror}.",
            where=path,
            written="the plan, whole",
            next="make the folder writable, or name another file",
        ) from None
