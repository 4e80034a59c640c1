"""A folder whose files are each written in another way: read by one config, to the same decisions and notes."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pyarrow.parquet as pq

from etl.pipeline.check import check
from etl.pipeline.plan import Settings, plan
from etl.report import terminal
from tests.connect.files.workbooks import rows, workbook
from tests.pipeline.test_plan import decided

CONFIG = """\
name: dialects
as_of: 2026-11-01
source:
  url: files:{folder}
  csv: {{delimiter: ";", encoding: cp1252}}
  records:
    accounts: {{key: id, type: company, identity: {{company: name}}, csv: {{skip_rows: 1}}}}
    contacts: {{from: people, key: id, type: person, parent: {{column: account, of: accounts}}}}
  related:
    notes: {{key: no, of: {{accounts: account}}, csv: {{delimiter: "|", encoding: utf-8, header: [no, account, text]}}}}
classify:
  - as: customer
    name: invoiced
    when:
      {{exists: invoices, csv: {{delimiter: ",", escape: "\\\\"}}, of: {{accounts: account}}, where: {{state: 'a"b'}}}}
  - {{as: lead, name: others}}
leads: {{fields: {{name: {{first: ["{{name}}", "{{last}}"]}}}}}}
target: {{url: "sqlite:///{folder}/pipeline.db"}}
approvals: waived
gates: {{customers: 0%..100%}}
"""


def write(folder: Path) -> Path:
    """Write the folder and its config."""
    (folder / "accounts.csv").write_bytes(
        "Firmen, Stand 2026\r\nid;name;\r\n01067;Müller GmbH;\r\n2;Öztürk KG;\r\n;;\r\n".encode("cp1252")
    )
    (folder / "notes.txt").write_text("1|2|grün\n2|01067|blau\n\x1a", encoding="utf-8")
    (folder / "invoices.csv").write_text('account,state\n2,"a\\"b"\n01067,open\n', encoding="cp1252")
    people = rows(("Kontakte",), ("id", "account", "last"), (1.0, '<c r="@" s="1"><v>1067</v></c>', "Ann"))
    workbook(folder / "people.xlsx", people, formats=["00000"], merged=["A1:C1"])
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    return path


def test_each_file_is_read_as_its_table_says(tmp_path: Path) -> None:
    """Entry, related table, evidence and sheet: all rows are read, all keys meet."""
    checked = check(write(tmp_path))

    assert checked.datasets == {"accounts": (2, 0), "contacts": (1, 0), "notes": (2, 0), "invoices": (2, 0)}
    assert [(join.dataset, join.rows, join.joined) for join in checked.joins if join.rows != join.joined] == []


def test_they_make_the_decisions_and_notes_that_stand_in_them(tmp_path: Path) -> None:
    """The one with the escaped state is a customer; the other's note has its history in the right letters."""
    planned = plan(write(tmp_path), tmp_path / "plan", settings=Settings(threads=1))

    assert {key: decision for key, (decision, _, _) in decided(planned).items()} == {
        "accounts:01067": "lead",
        "contacts:1": "lead",
        "accounts:2": "customer",
    }
    [lead] = pq.read_table(planned.folder / "leads.parquet").to_pylist()
    assert lead["name"] == "Müller GmbH"
    assert "blau" in lead["note"]
    assert "01067" in lead["note"]
    assert "grün" not in lead["note"]


def test_every_report_says_what_is_hidden_or_renamed(tmp_path: Path) -> None:
    """With the table's name in the config: check, terminal, Markdown, HTML and JSON."""
    path = write(tmp_path)
    (tmp_path / "invoices.csv").write_text("account,state,state\n2,x,y\n")
    people = [row.replace("<row", '<row hidden="1"') for row in rows(("id", "account", "last"), ("1", "2", "Ann"))]
    workbook(tmp_path / "people.xlsx", people)
    renamed = "column 3 has the name 'state' of a column before it, and is read as 'state#2'"
    hidden = "2 rows are hidden in Excel and read like the others"

    hints = check(path).hints
    assert {f"invoices: {renamed}", f"contacts: {hidden}"} <= set(hints)
    planned = plan(path, tmp_path / "plan", settings=Settings(threads=1))
    shown = " ".join(terminal.show(planned.report, width=200).split())
    page = html.unescape((planned.folder / "report.html").read_text())
    for text in (shown, (planned.folder / "report.md").read_text(), page):
        assert renamed in text
        assert hidden in text
    remarks = json.loads((planned.folder / "report.json").read_text())["remarks"]
    assert [(one["dataset"], one["remark"]["code"], one["remark"]["count"]) for one in remarks] == [
        ("contacts", "hidden-rows", 2),
        ("invoices", "renamed-column", 3),
    ]
