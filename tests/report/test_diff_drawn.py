"""How a diff is drawn: whatever the plans hold stands as text, and what is dangerous stands first."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from rich.cells import cell_len

from etl.model import Decision
from etl.report.diff.markdown import to_markdown
from etl.report.diff.model import Diff, RecordChange, RecordGroup, Why, to_dict
from etl.report.diff.terminal import show
from etl.report.markup import BYTES
from tests.profiles import examples
from tests.report.diffs import DIFFS, NOTHING
from tests.report.test_markdown import OWN_HTML

RENDER = MarkdownIt("commonmark").enable("table")
SPAN = ("text", "text_special", "code_inline", "html_inline", "strong_open", "strong_close", "softbreak")


@settings(max_examples=examples(40))
@given(DIFFS)
def test_no_value_leaves_its_line_on_the_screen(diff: Diff) -> None:
    """Lines are as wide as the screen and hold printable characters alone, the blanks of its own included."""
    for line in show(diff).splitlines():
        assert line.isprintable()
        assert cell_len(line) <= 100


@settings(max_examples=examples(40))
@given(DIFFS)
def test_no_value_becomes_markup(diff: Diff) -> None:
    """No link, image or HTML but its own, and each table is whole."""
    text = to_markdown(diff)
    tokens = RENDER.parse(text)

    for token in tokens:
        assert token.type not in ("fence", "code_block", "blockquote_open")
        assert token.type != "html_block" or OWN_HTML.fullmatch(token.content.strip())
        for child in token.children or ():
            assert child.type in SPAN, child
            assert child.type != "html_inline" or child.content == "<!-- -->"
    heads = sum(line.startswith(("| ---", "| --:")) for line in text.splitlines())
    assert sum(token.type == "table_open" for token in tokens) == heads


@given(DIFFS)
def test_json_holds_all_of_it(diff: Diff) -> None:
    """Every field, as JSON can hold it."""
    found = json.loads(json.dumps(to_dict(diff)))

    assert found["same"] is diff.same
    assert len(found["records"]["groups"]) == len(diff.records.groups)


def test_what_the_screen_leaves_out_is_said() -> None:
    """Of more than forty groups the rest is counted, with the records in it."""
    why = Why(Decision.CUSTOMER, "a rule", None, None)
    groups = tuple(
        RecordGroup(Decision.CUSTOMER, Decision.LEAD, f"rule {n}", "other", 7, 1, (RecordChange(f"a:{n}", why, why),))
        for n in range(50)
    )
    text = show(replace(NOTHING, records=replace(NOTHING.records, groups=groups)))

    assert "70 records of 10 more groups" in text
    assert "… and 10 more; --format json has all of them." in text


def test_a_diff_of_thousands_fits_a_comment() -> None:
    """Long lists show their first rows, say how many more there are, and where."""
    why = Why(Decision.CUSTOMER, "r" * 200, "e" * 200, "b" * 200)
    records = tuple(RecordChange(f"accounts:{number}", why, why) for number in range(10))
    group = RecordGroup(Decision.CUSTOMER, Decision.LEAD, "r" * 200, "n" * 200, 999, 99, records)
    large = replace(NOTHING, records=replace(NOTHING.records, groups=(group,) * 200))

    text = to_markdown(large)

    assert len(text.encode()) <= BYTES
    assert "more rows in crm-cleanup diff --format json." in text
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize(
    ("before", "after", "danger"),
    [
        (Decision.CUSTOMER, Decision.LEAD, "worst"),
        (Decision.CUSTOMER, Decision.REVIEW, "look"),
        (Decision.CUSTOMER, None, "look"),
        (Decision.KEEP, Decision.LEAD, "look"),
        (Decision.REVIEW, Decision.LEAD, "look"),
        (Decision.LEAD, Decision.CUSTOMER, "none"),
        (Decision.CUSTOMER, Decision.CUSTOMER, "none"),
        (None, Decision.LEAD, "none"),
    ],
)
def test_what_leaves_the_customers_is_dangerous(before: Decision | None, after: Decision | None, danger: str) -> None:
    """The worst is a customer that moves; the other way nothing is lost."""
    assert RecordGroup(before, after, "a", "b", 1, 1, ()).danger == danger
