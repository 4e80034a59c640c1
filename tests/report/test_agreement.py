"""Terminal, Markdown, HTML, JSON, workbook and JUnit are read back, and say the same numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from etl.model import Decision
from etl.report import Report, show, to_json, to_junit, to_markdown
from etl.report.workbook.paper import book
from etl.report.workbook.summary import summary
from tests.report.books import section, sheet
from tests.report.html.pages import Read
from tests.report.plans import PlanFolder, drawn

FIGURES = {
    "read": 1231,
    "lead": 1106,
    "customer": 73,
    "keep": 5,
    "review": 20,
    "reject": 16,
    "moved before": 11,
    "held by nothing else held": 1231,
    "decided by nothing else held": 1106,
    "held by invoiced": 61,
    "decided by invoiced": 73,
    "decided by duplicate-key": 16,
    "leads": 1106,
    "leads with errors": 43,
    "conserved": 31415,
    "omitted": 271,
    "undecided": 1107,
    "open cases": 9,
    "families in review": 10,
    "asked rows": 890,
    "joined rows": 888,
    "rows without a record": 2,
    "records with a row": 61,
    "findings": 43,
    "rejects": 16,
    "orphans": 7,
    "gates broken": 1,
}


def number(text: str, pattern: str) -> int:
    """The one number that a pattern finds in a text."""
    (found,) = re.findall(pattern, text)
    return int(found.replace(",", ""))


def cells(line: str) -> list[str]:
    """The cells of a line of a table: parted by pipes, or by at least two blanks."""
    return [
        cell.strip() for cell in (line.strip("| ").split("|") if "|" in line else re.split(r"\s{2,}", line.strip()))
    ]


def row(text: str, *starts: str) -> list[int]:
    """The counts in the one row of a table that has these first cells."""
    (found,) = [
        cells(line) for line in text.splitlines() if [c.strip("`*") for c in cells(line)[: len(starts)]] == [*starts]
    ]
    return [int(m.group().replace(",", "")) for cell in found if (m := re.match(r"[\d,]+(?=$| \()", cell))]


def from_text(text: str) -> dict[str, int]:
    """The figures of a terminal or of Markdown."""
    records = row(text, "together")
    found = dict(zip(["read", *Decision], records, strict=True))
    held = {
        name: row(text, name, decision) for name, decision in (("invoiced", "customer"), ("nothing else held", "lead"))
    }
    read, asked, joined, without, having = row(text, "invoices")
    assert read == 999
    return {
        **found,
        **{f"held by {name}": counts[0] for name, counts in held.items()},
        **{f"decided by {name}": counts[1] for name, counts in held.items()},
        "decided by duplicate-key": row(text, "duplicate-key", "reject")[-1],
        "leads": number(text, r"([\d,]+) leads? will be written"),
        "leads with errors": number(text, r"([\d,]+) of them with (?:a )?data errors?"),
        "conserved": number(text, r"([\d,]+) values? stands? in (?:a note|notes)"),
        "omitted": number(text, r", ([\d,]+) (?:is|are) left out"),
        "undecided": number(text, r"([\d,]+) records? ha(?:s|ve) no evidence"),
        **dict(zip(("open cases", "families in review"), row(text, "unreadable date", "9"), strict=False)),
        "asked rows": asked,
        "joined rows": joined,
        "rows without a record": without,
        "records with a row": having,
        "findings": row(text, "email-syntax", "error")[0],
        "gates broken": len(re.findall(r"^  (?:review|near_misses) .* at most|\*\*broken\*\*", text, re.MULTILINE)),
    }


def test_the_terminal_says_the_figures(report: Report) -> None:
    """All figures can be read from the screen."""
    text = show(report)
    found = from_text(text)
    found["rejects"] = row(text, "reject: duplicate-key")[0]
    found["orphans"] = row(text, "orphan: no-record")[0]

    assert found == FIGURES


def test_markdown_says_the_figures(report: Report) -> None:
    """All figures can be read from report.md."""
    text = to_markdown(report)
    found = from_text(text)
    found["rejects"] = row(text, "accounts", "duplicate-key")[0]
    found["orphans"] = row(text, "activities", "no-record")[0]

    assert found == FIGURES


def count(cell: str) -> int:
    """The count at the start of a cell."""
    return int(re.match(r"[\d,]+", cell).group().replace(",", ""))  # type: ignore[union-attr]


def test_the_page_says_the_figures(plan: PlanFolder, report: Report) -> None:
    """All figures can be read from report.html."""
    page = Read(drawn(plan.folder, report))
    records = page.tables["by-entry"]
    rules = {row[0]: row for row in page.tables["rules"]}
    joins = page.tables["join-list"]
    join = dict(zip(joins[0], joins[1], strict=True))

    found = {
        **{name: count(cell) for name, cell in zip(records[0][1:], records[-1][1:], strict=True)},
        **{f"held by {name}": count(rules[name][2]) for name in ("invoiced", "nothing else held")},
        **{f"decided by {name}": count(rules[name][3]) for name in ("invoiced", "nothing else held")},
        "decided by duplicate-key": count(rules["Several rows have the same key"][3]),
        "leads": number(page.text, r"move into ([\d,]+) leads"),
        "leads with errors": number(page.text, r"([\d,]+) leads have data errors"),
        "conserved": number(page.text, r"([\d,]+) values stand in the notes of"),
        "omitted": sum(count(row[1]) for row in page.tables["omitted-list"][1:]),
        "undecided": number(page.text, r"([\d,]+) records have no evidence"),
        "open cases": number(page.text, r"People must decide ([\d,]+) open cases"),
        "families in review": number(page.text, r"open cases ([\d,]+) families: "),
        "asked rows": count(join["used"]),
        "joined rows": count(join["with record"]),
        "rows without a record": count(join["without record"]),
        "records with a row": count(join["records with a row"]),
        "findings": sum(count(row[2]) for row in page.tables["finding-list"][1:]),
        "rejects": sum(count(row[-1]) for row in page.tables["rejects-codes"][1:]),
        "orphans": sum(count(row[-1]) for row in page.tables["orphans-codes"][1:]),
        "gates broken": sum("broken" in row[1] for row in page.tables["gate-list"][1:]),
    }

    assert found == FIGURES


def test_json_says_the_figures(report: Report) -> None:
    """All figures can be read from report.json."""
    data = json.loads(to_json(report))
    rules = {rule["name"]: rule for rule in data["rules"]}
    (join,) = data["joins"]

    found: dict[str, int] = {
        "read": sum(entry["read"] for entry in data["entries"]),
        **{d: sum(entry["decisions"][d] for entry in data["entries"]) for d in Decision},
        **{f"held by {name}": rules[name]["held"] for name in ("invoiced", "nothing else held")},
        **{f"decided by {name}": rules[name]["decided"] for name in ("invoiced", "nothing else held", "duplicate-key")},
        "leads": data["leads"],
        "leads with errors": data["leads_with_errors"],
        "conserved": data["values"]["conserved"],
        "omitted": sum(one["values"] for one in data["values"]["omitted"]),
        "undecided": data["undecided"],
        "open cases": sum(reason["cases"] for reason in data["review"]),
        "families in review": sum(reason["families"] for reason in data["review"]),
        "asked rows": join["rows"],
        "joined rows": join["joined"],
        "rows without a record": join["without_record"],
        "records with a row": join["records_with_row"],
        "findings": sum(one["findings"] for one in data["findings"]),
        "rejects": data["rejects"]["total"],
        "orphans": data["orphans"]["total"],
        "gates broken": sum(not gate["ok"] for gate in data["gates"]),
    }

    assert found == FIGURES


def test_junit_says_the_figures_that_it_has(report: Report) -> None:
    """Of rules and joins it says nothing; all other figures can be read from its properties and cases."""
    root = ElementTree.fromstring(to_junit(report))
    named = {one.get("name"): int(one.get("value", "")) for one in root.iter("property")}
    skipped = [one.get("message", "") for one in root.iter("skipped")]

    found = {figure: named[figure] for figure in FIGURES if figure in named}
    found |= {"conserved": named["values conserved"], "omitted": named["values omitted"]}
    found["findings"] = sum(number(said, r"([\d,]+) findings?") for said in skipped)
    found["gates broken"] = int(root.get("failures", ""))

    left_out = [figure for figure in FIGURES if figure not in found]
    assert found == {figure: count for figure, count in FIGURES.items() if figure in found}
    assert all(figure.startswith(("held by", "decided by")) or "row" in figure for figure in left_out)
    assert len(found) == 18


def test_the_workbook_says_the_figures(report: Report, tmp_path: Path) -> None:
    """All figures stand in cells of the first sheet."""
    with book(tmp_path / "review.xlsx", report.as_of) as new:
        summary(new, report)
    cells = sheet(tmp_path / "review.xlsx", "Summary")
    records = section(cells, "Legacy records")
    together = dict(zip(records[0][1:], records[-1][1:], strict=True))
    rules = {row[0]: row for row in section(cells, "Decisions by rule")}
    counts = {row[0]: row[1] for row in section(cells, "Figures")}
    join = dict(zip(*section(cells, "Evidence joins"), strict=True))
    stays = section(cells, "What stays behind")[1:]

    found: dict[str, int] = {
        **{name: together[name] for name in ("read", *Decision)},
        **{f"held by {name}": rules[name][2] for name in ("invoiced", "nothing else held")},
        **{f"decided by {name}": rules[name][3] for name in ("invoiced", "nothing else held", "duplicate-key")},
        "leads": counts["leads to be written"],
        "leads with errors": counts["leads with errors"],
        "conserved": counts["values conserved"],
        "omitted": counts["values omitted"],
        "undecided": counts["records without evidence: the last rule decided them"],
        "open cases": counts["open cases"],
        "families in review": counts["families in review"],
        "asked rows": join["used"],
        "joined rows": join["with record"],
        "rows without a record": join["without record"],
        "records with a row": join["records with a row"],
        "findings": sum(row[2] for row in section(cells, "Quality findings")[1:]),
        "rejects": sum(row[2] for row in stays if row[0].startswith("reject")),
        "orphans": sum(row[2] for row in stays if row[0].startswith("orphan")),
        "gates broken": [row[1] for row in section(cells, "Gates")].count("BROKEN"),
    }
    assert found == FIGURES
    assert records[1][0] == "accounts"


@pytest.mark.parametrize("draw", [show, to_markdown])
def test_the_sum_is_written_out(report: Report, draw: object) -> None:
    """What the records divide into is written as a sum that a reader can check."""
    assert callable(draw)
    text = " ".join(draw(report).split())

    read = number(text, r"= ([\d,]+) records read")
    (parts,) = re.findall(r"The sum is right: (.*?) = ", text)
    assert sum(int(n.replace(",", "")) for n in re.findall(r"[\d,]+", parts)) == read == FIGURES["read"]
