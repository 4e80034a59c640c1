"""The report as JUnit XML: as its readers in CI expect it, with the result of the gates."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import given, settings

from etl.model import Severity
from etl.report import Report, to_junit
from tests.profiles import examples
from tests.report.plans import REPORTS

CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["skipped", "failure", "system-out"],
}
"""What may stand in what, in the order of Jenkins' junit-10.xsd."""

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"name", "classname", "time"},
    "property": {"name", "value"},
    "failure": {"message", "type"},
    "skipped": {"message"},
}


@settings(max_examples=examples(40))
@given(REPORTS)
def test_it_is_built_as_its_readers_expect(report: Report) -> None:
    """Elements in the order of the schema, their attributes, and counts that agree with the cases."""
    root = ElementTree.fromstring(to_junit(report).encode())

    assert root.tag == "testsuites"
    for one in root.iter():
        tags = [child.tag for child in one]
        order = CHILDREN.get(one.tag, [])
        assert tags == sorted(tags, key=order.index)
        assert set(one.attrib) == ATTRIBUTES.get(one.tag, set())
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))
    assert int(root.get("tests", "")) == len(report.gates) + len(report.findings)


@settings(max_examples=examples(40))
@given(REPORTS)
def test_the_result_is_that_of_the_gates(report: Report) -> None:
    """A failure for each gate that is broken, and for nothing else."""
    root = ElementTree.fromstring(to_junit(report))

    assert int(root.get("failures", "")) == len(report.broken_gates)
    assert [suite.get("name") for suite in root] == ["gates", "quality findings"]
    assert root[1].get("failures") == "0"


def test_findings_are_seen_and_do_not_fail(report: Report) -> None:
    """Errors and warnings are skipped cases with a count; what only informs passes."""
    [one] = report.findings
    several = tuple(replace(one, severity=severity) for severity in Severity)

    cases = list(ElementTree.fromstring(to_junit(replace(report, findings=several)))[1])

    skipped = [None if (found := case.find("skipped")) is None else found.get("message") for case in cases]
    assert skipped == ["error: 43 findings in 43 leads", "warning: 43 findings in 43 leads", None]
    assert all("accounts:L00 email: x00@@a.example" in (case.findtext("system-out") or "") for case in cases)


def test_a_broken_gate_says_what_to_do(report: Report) -> None:
    """What was measured, the limit, and the advice."""
    [failure] = ElementTree.fromstring(to_junit(report)).iter("failure")

    assert failure.get("message") == "review 1.62% (20 of 1,231), at most 1%"
    assert failure.text == "decide the families in review in decisions.csv, or change the rule that sends them there"
