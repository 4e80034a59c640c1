from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from hypothesis import Phase, given, settings

from etl.model import Decision
from etl.pipeline.approve import approve
from etl.plan import Bundle
from etl.report import Report
from etl.report.codes import DECISIONS, FINDINGS, GATES, REASONS
from etl.report.gates import SILENT
from etl.report.html import PAGE
from etl.report.html.links import GATES as GATE_LINKS
from etl.report.html.rows import FIRST
from etl.report.html.words import Language
from etl.report.model import GateResult
from etl.transform.duplicates import STANDS_IN
from etl.transform.quality.registry import CHECKS
from tests.profiles import ONE_FIXTURE, examples
from tests.report.html.pages import Read
from tests.report.plans import REPORTS, PlanFolder, config, drawn

FOUND = (Phase.explicit, Phase.generate)  # a page takes too long to be drawn for the least example
OWN = set(
    "html head meta title style body a header p span h1 h2 h3 h4 bdi nav ul li main section div strong article code "
    "table caption thead tbody tr th td figure figcaption svg desc path rect text tspan line details summary dl dt dd "
    "pre em script".split()
)


class Foreign(HTMLParser):
    """A German page. german: its text but for values, code and what is said to be English."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._aside: list[str] = []
        self._texts: list[str] = []
        self.feed(text)
        self.german = " ".join(self._texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What begins here is set aside with all in it."""
        aside = tag in ("bdi", "code", "pre", "style", "script", "dl") or ("lang", "en") in attrs
        if aside or self._aside:
            self._aside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """What was set aside ends."""
        if self._aside and self._aside[-1] == tag:
            self._aside.pop()

    def handle_data(self, data: str) -> None:
        """Text that must be German."""
        if not self._aside:
            self._texts.append(data)


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
@settings(
    max_examples=examples(30),
    phases=FOUND,
    suppress_health_check=ONE_FIXTURE,
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_any_report_is_a_page_of_its_own_elements(report: Report, language: str, nothing: Path) -> None:
    """Whatever names, rules and values are, no element, attribute or script comes of them."""
    given = config(nothing, report={"language": language})
    parts = Parts(drawn(nothing, report, given))

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
        assert link[1:] in parts.names if link.startswith("#") else (folder / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("plan", ["demo", "german", "hostile"])
def test_each_number_has_as_many_rows_as_it_says(plan: str, request: pytest.FixtureRequest) -> None:
    """Where a number leads to a file, as many of its rows have the values that the link names; lists are whole."""
    folder: Path = request.getfixturevalue(plan)
    links = re.findall(
        r'<a class="num" href="([^"#]+)"(?: title="([^"]*)")?>([^<]+)</a>', (folder / PAGE).read_text(encoding="utf-8")
    )

    assert len(links) >= (35 if plan != "hostile" else 5)
    assert len({href for href, _, _ in links}) >= (8 if plan != "hostile" else 2)
    for href, title, count in links:
        where = [unescape(one).split(" = ", 1) for one in title.split("; ") if one]
        found = (
            duckdb.connect().read_csv(str(folder / href), all_varchar=True, header=True)
            if href.endswith(".csv")
            else duckdb.connect().read_parquet(str(folder / href))
        )
        table = found.to_arrow_table().to_pylist()
        rows = [row for row in table if all(has(row[column], value) for column, value in where)]
        assert len(rows) == int(re.sub("[.,]", "", count)), (href, title)


def has(cell: object, value: str) -> bool:
    """Whether a cell is this value, or one of its values is; numbers are compared as numbers."""
    if isinstance(cell, list):
        return value in cell
    try:
        return float(str(cell)) == float(value)
    except ValueError:
        return str(cell) == value


def test_the_page_does_not_grow_with_faults(tmp_path: Path) -> None:
    """A thousand rejects of one key are as many rows of the page as those of a thousand keys."""
    plan = PlanFolder(tmp_path)
    for number in range(1000):
        plan.record("accounts:", "reject", "missing-key")
        plan.record(f"contacts:{number}", "reject", "parent-missing", evidence="e" * 299 + "x" * (number == 1))
        plan.tables["decisions"][-1]["evidence"] += "y" * (2 * (number == 10))
    report = plan.report()
    text = drawn(tmp_path, report)

    assert text.count("<code><bdi>accounts:</bdi></code>") <= 4 * FIRST
    assert text.count("e" * 299) == FIRST
    assert f"{'e' * 299}</bdi>" in text
    assert f"{'e' * 299}x</bdi>" in text  # as long as may be
    assert f"{'e' * 299}…</bdi>" in text  # one longer


def test_what_a_note_says_stays() -> None:
    """What looks like an escape in a value is not undone, and blanks at the ends of lines are there."""
    from etl.report.html.document import _lines

    assert _lines("path C:\\x20y \n\tz\u202e") == "path C:\\x20y \n\\tz\\u202e"


@given(report=REPORTS)
@settings(
    max_examples=examples(30),
    phases=FOUND,
    suppress_health_check=ONE_FIXTURE,
)
def test_the_first_sentence_adds_up(report: Report, nothing: Path) -> None:
    """What it says becomes of records is what was read, also of those that moved before."""
    report = replace(report, entries=tuple(replace(one, read=one.decided) for one in report.entries))
    page = Read(drawn(nothing, report))
    said = page.text[page.text.index("Of ") :].partition(" + ")[0].replace(",", "")
    read, moving, leads, *others = map(int, re.findall(r"(?<= )\d+(?= )", said.partition("person")[0]))

    assert (read, leads) == (report.read, report.leads)
    assert moving + sum(others) == read


def test_german_has_no_english_left(german: Path) -> None:
    """What the English page says and no config, value or name of a column does, is not on the German page."""
    parts = Foreign((german / PAGE).read_text(encoding="utf-8"))

    assert "Entscheidung" in parts.german
    words = set(re.findall(r"[a-z]{3,}", parts.german.lower()))
    assert words & {"the", "and", "its", "of", "with", "from", "may", "records", "rows", "same", "where"} == set()


def test_each_reason_is_translated() -> None:
    """What decides beside rules and faults has its German words."""
    from etl.classify import reasons

    assert set(reasons.ALL) == set(REASONS)


def test_a_silent_gate_has_its_own_advice() -> None:
    """Where no row was asked, German says what to look at, as English does."""
    gate = GateResult(
        "evidence_without_record", "at most 1%", 0, 0, "no row of any evidence table matches `where`", False, SILENT
    )

    assert "`where` prüfen" in Language("de").advice(gate)
    assert Language("de").actual(gate) == "keine Zeile einer Belegtabelle erfüllt `where`"


def test_each_gate_decision_and_finding_has_its_words() -> None:
    """What has a code has a name in both languages."""
    from etl.config import Gate

    assert set(GATES) == set(Gate.NAMES)
    assert set(DECISIONS) == {str(one) for one in Decision}
    assert set(GATE_LINKS) == set(Gate.NAMES)
    assert {one.code for one in CHECKS} | {STANDS_IN} <= set(FINDINGS)


def test_numbers_are_written_as_readers_write_them() -> None:
    """1,204 and 2.5% in English, 1.204 and 2,5 % in German."""
    english, german = Language("en"), Language("de")

    assert (english.number(1204), english.percent(25, 1000)) == ("1,204", "2.5%")
    assert (german.number(1204), german.percent(25, 1000)) == ("1.204", "2,5\u00a0%")


def test_an_approval_stands_on_the_page(demo: Path, tmp_path: Path) -> None:
    """`approve` puts name and condition on the page, escaped, and says what comes next."""
    plan = tmp_path / "plan"
    shutil.copytree(demo, plan)
    before = (plan / PAGE).read_text(encoding="utf-8")
    approve(Bundle.open(plan), by="Maria <b>Muster</b>", note="only the north")
    after = (plan / PAGE).read_text(encoding="utf-8")

    assert "Nobody has approved this plan yet." in before
    assert "Maria &lt;b&gt;Muster&lt;/b&gt;" in after
    assert "only the north" in after
    signed, unsigned = Read(after).text, Read(before).text
    for part in (r"Approvals .* Next", r"Next crm-cleanup \w+"):
        signed, unsigned = re.sub(part, "", signed), re.sub(part, "", unsigned)
    assert "crm-cleanup apply" in after
    assert signed.split("Examples")[-1] == unsigned.split("Examples")[-1]


def test_a_name_stands_under_what_the_plan_holds(demo: Path, tmp_path: Path) -> None:
    """Reports that were edited, emptied or lost are made anew before somebody's name is put there; answers stay."""
    plan = tmp_path / "plan"
    shutil.copytree(demo, plan)
    page = (plan / PAGE).read_text(encoding="utf-8")
    (plan / PAGE).write_bytes(page.replace("2,716", "2,999").encode() + b"\xff")
    (plan / "report.md").unlink()
    (plan / "report.json").write_text("{")
    (plan / "lists" / "lead.csv").write_text("")
    (plan / "open-cases.csv").write_text("filled in")
    approve(Bundle.open(plan), by="Maria Muster")

    assert "2,999" not in (plan / PAGE).read_text(encoding="utf-8")
    for name in ("lists/lead.csv", "lists/flips.csv"):
        assert (plan / name).read_bytes() == (demo / name).read_bytes()
    assert '"digest"' in (plan / "report.json").read_text(encoding="utf-8")
    assert "2,716" in (plan / "report.md").read_text(encoding="utf-8")
    assert (plan / "open-cases.csv").read_text() == "filled in"


def test_the_examples_show_rules_and_findings(demo: Path) -> None:
    """Twenty leads, and records that do not move, show each rule that decided a family, and each finding of a lead."""
    text = (demo / PAGE).read_text(encoding="utf-8")
    rules = json.loads((demo / "report.json").read_text(encoding="utf-8"))["rules"]
    decided = [one["name"] for one in rules if one["decided"] and one["decision"] != "reject"]
    examples = re.findall(r'<details class="example".*?</details>', text, re.DOTALL)
    shown = " ".join(re.findall(r'<span class="shows">.*?</summary>', text, re.DOTALL))

    assert sum("badge lead" in one.split("</summary>")[0] for one in examples) == 20
    assert [rule for rule in decided if f"<bdi>{rule}</bdi>" not in shown] == []
    assert all("<pre" in one for one in examples if "badge lead" in one.split("</summary>")[0])
    found = set(re.findall(r'<details id="finding-([a-z-]+)-(?:error|warning|info)"', text))
    assert len(found) >= 8
    assert [code for code in found if FINDINGS[code] not in shown] == []


def test_what_the_tiles_show_adds_up(demo: Path) -> None:
    """The first screen's sum is one that a reader can add up: what is left out is a tile of its own."""
    page = (demo / PAGE).read_text(encoding="utf-8")
    tiles = re.findall(r'<a class="tile[^>]*><strong>([\d,]+)</strong><span>([^<]+)</span>', page)
    *parts, read = [int(number.replace(",", "")) for number, _ in tiles]

    assert sum(parts) == read > 4_000
    assert "left out" in [name for _, name in tiles]


def test_what_the_notes_omit_is_not_in_the_examples(demo: Path) -> None:
    """A value that is left out for a legal reason is not shown to those who read the report either."""
    text = (demo / PAGE).read_text(encoding="utf-8")

    assert "<dt>birth_date</dt><dd><span" in text
    assert not re.search(r"<dt>birth_date</dt><dd><bdi", text)
