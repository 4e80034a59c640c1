from __future__ import annotations

import ast
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings

from etl.pipeline.approve import approve
from etl.plan import Bundle
from etl.report import Report
from etl.report.html import PAGE, draw
from etl.report.html.german import DECISIONS, FINDINGS, GATES, WORDS
from etl.report.html.words import Language
from etl.transform.duplicates import STANDS_IN
from etl.transform.quality.registry import CHECKS
from tests.report.plans import REPORTS, PlanFolder, config, manifest

TEMPLATES = Path(__file__).parents[3] / "etl" / "report" / "html"
OWN = set(
    "html head meta title style body a header p span h1 h2 h3 h4 bdi nav ul li main section div strong article code "
    "table caption thead tbody tr th td figure figcaption svg desc path rect text tspan line details summary dl dt dd "
    "pre em script".split()
)


class Parts(HTMLParser):
    """The elements, links and names of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element is, and is called."""
        self.tags.append(tag)
        found = dict(attrs)
        self.attributes |= set(found)
        self.links += [found["href"] or ""] if "href" in found else []
        self.names += [found["id"] or ""] if "id" in found else []


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan's folder whose tables have no rows."""
    plan = PlanFolder(tmp_path_factory.mktemp("nothing"))
    plan.write([])
    return plan.folder


@given(report=REPORTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@pytest.mark.parametrize("language", ["en", "de"])
def test_any_report_is_a_page_of_its_own_elements(report: Report, language: str, nothing: Path) -> None:
    """Whatever names, rules and values are, no element, attribute or script comes of them."""
    given = config(nothing, report={"language": language})
    parts = Parts(draw(nothing, report, given, manifest(report)))

    assert set(parts.tags) <= OWN
    assert parts.tags.count("script") == 1
    assert not [name for name in parts.attributes if name.startswith("on") or name in ("src", "style", "srcset")]
    assert all(not re.match(r"\s*\w+:", link) for link in parts.links)


@pytest.mark.parametrize("plan", ["demo", "german", "hostile"])
def test_every_link_leads_somewhere(plan: str, request: pytest.FixtureRequest) -> None:
    """A link's target is on the page, each name once, or a file beside it."""
    folder: Path = request.getfixturevalue(plan)
    parts = Parts((folder / PAGE).read_text(encoding="utf-8"))

    assert len(parts.names) == len(set(parts.names))
    for link in set(parts.links):
        assert link[1:] in parts.names if link.startswith("#") else (folder / link).exists(), link


def test_each_sentence_is_translated() -> None:
    """German has each sentence of the page, and no other."""
    environment = jinja2.Environment(autoescape=True)
    said = {"Search this table", "{shown} of {all} rows", "Sorted by {column}", "no row of any table was asked"}
    for path in TEMPLATES.glob("*.j2"):
        for call in environment.parse(path.read_text(encoding="utf-8")).find_all(jinja2.nodes.Call):
            if isinstance(call.node, jinja2.nodes.Name) and call.node.name in ("t", "n"):
                said |= {one.value for one in call.args if isinstance(one, jinja2.nodes.Const)}
    for node in ast.walk(ast.parse((TEMPLATES / "document.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
            said |= {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    said |= {"parents", "related", "evidence", "linked", "merged", "email", "name", "error", "warning", "info"}

    assert said - set(WORDS) == set()
    assert set(WORDS) - said == set()


def test_each_gate_decision_and_finding_has_its_words() -> None:
    """What has a code has a name in both languages."""
    from etl.config import Gate
    from etl.model import Decision

    assert set(GATES) == set(Gate.NAMES)
    assert set(DECISIONS) == {str(one) for one in Decision}
    assert {one.code for one in CHECKS} | {STANDS_IN} <= set(FINDINGS)


def test_numbers_are_written_as_readers_write_them() -> None:
    """1,204 and 2.5% in English, 1.204 and 2,5 % in German."""
    english, german = Language("en"), Language("de")

    assert (english.number(1204), english.percent(25, 1000)) == ("1,204", "2.5%")
    assert (german.number(1204), german.percent(25, 1000)) == ("1.204", "2,5\u00a0%")


def test_an_approval_stands_on_the_page(demo: Path, tmp_path: Path) -> None:
    """`approve` puts the name on the page, escaped, and changes nothing else on it."""
    plan = tmp_path / "plan"
    shutil.copytree(demo, plan)
    before = (plan / PAGE).read_text(encoding="utf-8")
    approve(Bundle.open(plan), by="Maria <b>Muster</b>")
    after = (plan / PAGE).read_text(encoding="utf-8")

    assert "Nobody has put a name under this plan yet." in before
    assert "Maria &lt;b&gt;Muster&lt;/b&gt;" in after
    outside = re.compile("<!--approvals-->.*<!--/approvals-->", re.DOTALL)
    assert outside.sub("", after) == outside.sub("", before)


def test_the_examples_show_rules_and_findings(demo: Path) -> None:
    """About twenty records and leads show each rule that decided a family, and each finding of a lead."""
    text = (demo / PAGE).read_text(encoding="utf-8")
    examples = re.findall(r'<details class="example".*?</details>', text, re.DOTALL)
    shown = " ".join(re.findall(r'<span class="shows">.*?</summary>', text, re.DOTALL))

    assert 12 <= len(examples) <= 24
    assert all("<pre" in one for one in examples if "badge lead" in one.split("</summary>")[0])
    found = set(re.findall(r'<details id="finding-([a-z-]+)-(?:error|warning|info)"', text))
    assert len(found) >= 8
    assert [code for code in found if FINDINGS[code][0] not in shown] == []


def test_what_the_notes_omit_is_not_in_the_examples(demo: Path) -> None:
    """A value that is left out for a legal reason is not shown to those who read the report either."""
    text = (demo / PAGE).read_text(encoding="utf-8")

    assert "<dt>birth_date</dt><dd><span" in text
    assert not re.search(r"<dt>birth_date</dt><dd><bdi", text)
