from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from etl.plan.figures import KeysOf
from etl.report import Report, show, to_markdown
from etl.report.markup import BYTES
from etl.report.model import BlockedValue, BlockedValues, ColumnCoverage, FaultyRow, FaultyRows
from tests.profiles import examples
from tests.report.plans import REPORTS

RENDER = MarkdownIt("commonmark").enable("table")
OWN_HTML = re.compile(r"<details><summary>[\w ,;.]+</summary>|</details>")


@settings(max_examples=examples(25))
@given(REPORTS)
def test_no_value_becomes_markup(report: Report) -> None:
    """Whatever a report holds, its Markdown has no link, image or HTML but its own, and every table is whole."""
    tokens = RENDER.parse(to_markdown(report))

    for token in tokens:
        assert token.type not in ("fence", "code_block", "blockquote_open")
        if token.type == "html_block":
            assert OWN_HTML.fullmatch(token.content.strip())
        for child in token.children or ():
            assert child.type in ("text", "text_special", "code_inline", "html_inline", "strong_open", "strong_close",
                                  "em_open", "em_close", "softbreak")  # fmt: skip
            assert child.type != "html_inline" or child.content == "<!-- -->"
    lines = to_markdown(report).splitlines()
    assert sum(token.type == "table_open" for token in tokens) == sum(
        line.startswith(("| ---", "| --:")) for line in lines
    )


def test_long_lists_are_cut_and_say_so(report: Report) -> None:
    """A report of thousands of columns with long names keeps its size, names how many are left out, and stays whole."""
    columns = tuple(ColumnCoverage("accounts", "c" * 300, 9, 9, 9, 9, (), None) for _ in range(5000))
    row = FaultyRow("accounts:1", "accounts", "p" * 900, "c" * 300, "duplicate-key", "r" * 900, "a" * 900)
    large = replace(
        report, coverage=columns, rejects=FaultyRows(50, (), (row,) * 50), orphans=FaultyRows(50, (), (row,) * 50)
    )

    text = to_markdown(large)

    assert len(text.encode()) <= BYTES
    assert re.search(r"… and [\d,]+ more rows in report\.json", text)
    assert text.count("<details>") == text.count("</details>")
    assert text.rstrip().splitlines()[-1].startswith("| Next |")


def test_the_shortest_lists_are_not_cut(report: Report) -> None:
    """A report that is too long with one row of each list is drawn in full rather than not at all."""
    found = replace(report, entries=tuple(replace(report.entries[0], entry=str(n)) for n in range(2000)))

    assert "`1999`" in to_markdown(found)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (BlockedValue("accounts:1", "name", 300, 255, "too long"), "name is too long: 300, at most 255"),
        (
            BlockedValue("accounts:1", "note", 12, None, "characters"),
            "note has unsupported characters",
        ),
        (BlockedValue("accounts:1", "email", 0, None, "empty"), "email is required, but empty"),
    ],
)
def test_what_the_target_cannot_hold_says_why(report: Report, value: BlockedValue, why: str) -> None:
    """A lead that cannot be written is named with its field and the reason, on the screen and in Markdown."""
    found = replace(report, blocked=BlockedValues(1, 1, (value,)))

    assert f"| `accounts:1` | {why} |" in to_markdown(found)
    assert f"accounts:1, {why}" in show(found)


def test_a_small_plan_shows_only_what_it_has(report: Report) -> None:
    """Without rejects, orphans, findings and joins their headings are left out."""
    nothing = FaultyRows(0, (), ())
    text = to_markdown(replace(report, rejects=nothing, orphans=nothing, findings=(), joins=(), gates=()))

    for heading in ("Rejects", "Orphans", "Quality", "Evidence", "Gates"):
        assert f"## {heading}" not in text


def test_broken_gates_stand_first(report: Report) -> None:
    """Who opens a pull request sees which gate is broken and what to do before anything else."""
    text = to_markdown(report)

    assert "**1 gate is broken.**" in text.splitlines()[2]
    assert text.index("| `review` | **broken** | at most 1% |") < text.index("## Legacy records")
    assert "decide the families in review in decisions.csv" in text


def test_no_hint_about_joins_becomes_a_link(report: Report) -> None:
    """The line that a hint proposes holds names of the source's tables and columns, whatever they are."""
    line = "under: {'[x](http://evil.example)': a}"
    join = next(join for join in report.joins if not join.looks_up)
    odd = replace(join, keys_of=(KeysOf("orders", 3, record=False, line=line),))

    tokens = RENDER.parse(to_markdown(replace(report, joins=(odd,))))

    assert any("evil.example" in token.content for token in tokens)
    assert "link_open" not in {child.type for token in tokens for child in token.children or ()}
