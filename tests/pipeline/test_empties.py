"""Words that stand for an empty value: missing for decisions, verbatim in notes, suggested where they are many."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.errors import ConfigError
from etl.pipeline.apply import apply
from etl.pipeline.check import check
from etl.pipeline.plan import Planned, Settings, plan
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.pipeline.test_plan import decided

EMPTY = dict.fromkeys(("NULL", "n/a", "-"), "")
ONE = Settings(threads=1)
CONFIG = """\
name: empties
as_of: 2026-11-01
source:
  url: files:{folder}
  none: ["NULL", "n/a"]
  records:
    accounts:
      key: id
      type: company
      parent: {{column: parent, of: accounts}}
      identity: {{company: name, email: email, phone: phone, city: city}}
      none: {{phone: ["-"], name: []}}
  related:
    calls: {{key: no, of: {{accounts: account}}, order_by: day}}
classify:
  - {{as: keep, name: without an address, when: {{column: email, empty: true}}}}
  - as: customer
    name: paid
    when:
      {{exists: invoices, of: {{accounts: account}}, where: {{state: paid}}, within: {{column: day, last: 3 years}}}}
  - {{as: lead, name: others}}
leads:
  fields:
    name: "{{name}}"
    email: {{first: ["{{email}}", "{{second}}"]}}
    phone: "{{phone}}"
    city: "{{city}}"
target: {{url: "sqlite:///{folder}/pipeline.db"}}
gates: {{customers: 0%..100%, reject: 100%, evidence_without_record: 100%}}
approvals: waived
"""
TABLES = {
    "accounts": "id,parent,name,email,second,phone,city\n"
    "1,NULL,NULL GmbH,a@a.example,,-,n/a\n"
    "2,n/a,Beta,NULL,b@b.example,n/a,Bonn\n"
    "3,1,NULL, n/a ,c@c.example,0228 1,NULL\n"
    "NULL,1,Delta,d@d.example,,,\n"
    "5,NULL,Eta,e@e.example,,,\n",
    "calls": "no,account,day,text\n1,NULL,2026-01-01,nobody\n2,5,NULL,n/a\n3,5,2026-01-02,later\n",
    "invoices": "account,state,day\n5,n/a,2026-01-01\nNULL,paid,2026-01-01\n1,NULL,2026-01-01\n",
}


def made(folder: Path, config: str = CONFIG) -> Path:
    """Write the tables and the config."""
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
    path = folder / "config.yaml"
    path.write_text(config.format(folder=folder))
    return path


def planned(folder: Path, config: str = CONFIG) -> Planned:
    """Plan them."""
    return plan(made(folder, config), folder / "plan", settings=ONE)


def leads(made_plan: Planned) -> list[dict[str, object]]:
    """The leads of a plan, without their notes."""
    table = pq.read_table(made_plan.folder / "leads.parquet")
    rows: list[dict[str, object]] = table.drop_columns("note").to_pylist()
    return rows


def test_such_a_value_decides_nothing(tmp_path: Path) -> None:
    """It is no parent, no key, no address, and no state that was paid; with `[]` a column has no such words."""
    decisions = decided(planned(tmp_path))

    assert {key: (decision, rule) for key, (decision, rule, _) in decisions.items()} == {
        "accounts:1": ("keep", "without an address"),
        "accounts:3": ("keep", "without an address"),
        "accounts:2": ("keep", "without an address"),
        "accounts:": ("reject", "missing-key"),
        "accounts:5": ("lead", "others"),
    }


def test_it_is_as_if_nothing_stood_there(tmp_path: Path) -> None:
    """Decisions, lead fields and findings are those of the same tables without the words; notes keep each word."""
    (tmp_path / "words").mkdir()
    (tmp_path / "nothing").mkdir()
    everybody = CONFIG.replace("as: keep", "as: lead").replace("name: []", 'name: ["NULL"]')
    words = planned(tmp_path / "words", everybody)
    for name, text in TABLES.items():
        cells = [[EMPTY.get(cell.strip(), cell) for cell in line.split(",")] for line in text.splitlines()]
        (tmp_path / "nothing" / f"{name}.csv").write_text("\n".join(map(",".join, cells)) + "\n")
    (tmp_path / "nothing" / "config.yaml").write_text(everybody.format(folder=tmp_path / "nothing"))
    nothing = plan(tmp_path / "nothing" / "config.yaml", tmp_path / "nothing" / "plan", settings=ONE)

    assert decided(words) == decided(nothing)
    assert leads(words) == leads(nothing)
    findings = [pq.read_table(one.folder / "findings.parquet").to_pylist() for one in (words, nothing)]
    assert findings[0] == findings[1]
    notes = "\n".join(pq.read_table(words.folder / "leads.parquet")["note"].to_pylist())
    assert (notes.count(": NULL"), notes.count(": n/a")) == (3, 3)


def test_what_was_planned_is_written_and_verified(tmp_path: Path) -> None:
    """Also where a row is as empty as it could be."""
    bundle = Bundle.open(planned(tmp_path, CONFIG.replace("as: keep", "as: lead")).folder)
    applied = apply(bundle, threads=1)

    assert (applied.leads, len(applied.stale)) == (2, 0)
    assert verify(bundle).holds


def test_usual_words_are_suggested(tmp_path: Path) -> None:
    """With the line of the config that counts them as empty; not a few of them, nor those that the config has."""
    path = made(tmp_path, CONFIG)
    rows = "".join(f"{key},,Firm {key},e{key}@x.example,,k.A.,n/a\n" for key in range(100, 104))
    (tmp_path / "accounts.csv").write_text(TABLES["accounts"] + rows)
    hints = [hint for hint in check(path).hints if "none: " in hint]

    assert hints == [
        'accounts: 4 values of phone are \'k.A.\', which mostly stands for an empty value: none: {phone: ["-", "k.A."]}'
    ]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the line of the config."""
    with pytest.raises(ConfigError, match="no column 'fax'"):
        planned(tmp_path, CONFIG.replace('phone: ["-"]', 'fax: ["-"]'))
