"""Reports name what the config names, never what the tool makes of it, and each reason for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import ConfigError
from tests.told import planned

HEAD = "\nclassify:\n  - {as: lead, name: rest}\nleads: {fields: {name: '{no}'}}\n"


def test_evidence_that_has_no_key_is_told_by_the_columns_that_name_its_record(tmp_path: Path) -> None:
    """A link that is made stands as its own columns."""
    made = planned(
        tmp_path,
        {"accounts": "id,name\n1,A\n2,B", "inv": "acc,total\n 1 ,5"},
        """
source: {url: SOURCE, records: {accounts: {key: id, type: company}}}
classify:
  - {as: customer, name: buys, when: {exists: inv, of: {accounts: {column: acc, normalize: [trim]}}}}
  - {as: lead, name: rest}
""",
    )

    assert made.why("accounts:1") == ("buys", "inv: acc  1 ")
    assert "_crm_cleanup" not in made.text("report.html")


def test_rejects_name_the_columns_of_the_config(tmp_path: Path) -> None:
    """A key and a parent of several columns: the fault is in these columns, in each report."""
    made = planned(
        tmp_path,
        {"accounts": "client,no,up\n1,1,\n1,1,\n1,,\n1,3,9"},
        """
source:
  url: SOURCE
  records: {accounts: {key: [client, no], type: company, parent: {column: [client, up], of: accounts}}}
"""
        + HEAD,
    )

    rejects = (made.folder / "rejects.csv").read_text("utf-8")
    for text in (rejects, made.text("report.md"), made.text("report.html"), made.text("report.json")):
        assert "_crm_cleanup" not in text
    assert {"client, no", "client, up"} <= {column for line in rejects.splitlines() for column in line.split('"')}


def test_records_in_doubt_have_a_reason_of_their_own(tmp_path: Path) -> None:
    """Merged away and still there, or perhaps opted out: no value nearly meets a rule."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,stop\n1,A,0\n2,B,0\n3,C,vielleicht", "merges": "old,new\n1,2"},
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, aliases: {from: merges, old: old, new: new}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", do_not_contact: {flag: stop}}}
report: {language: de}
""",
    )

    assert made.why("accounts:1")[0] == "it was merged into another record and is still there"
    assert made.why("accounts:3") == ("it is not clear whether it may be contacted", "stop says neither yes nor no")
    page = made.text("report.html")
    assert "wurde mit einem anderen Datensatz zusammengeführt" in page
    assert "wie eine Regel ihn verlangt" not in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("source: {url: SOURCE, records: RECORDS, ignore: {payy: none}}", "no table 'payy'"),
        (
            "source: {url: SOURCE, records: RECORDS}\ngates: {evidence_without_record: {callss: 10%}}",
            "no table of source",
        ),
        ("source: {url: SOURCE, records: RECORDS}\ngates: {empty_tables: {account: 1}}", "no table of source.records"),
    ],
)
def test_a_table_that_is_not_there_is_an_error(tmp_path: Path, more: str, said: str) -> None:
    """One that is ignored, or that has a limit of its own: what it was meant for would go on without a word."""
    config = more.replace("RECORDS", "{accounts: {key: id, type: company}}") + HEAD.replace("{no}", "{name}")
    with pytest.raises(ConfigError, match=said):
        planned(tmp_path, {"accounts": "id,name\n1,A", "pay": "id\n1"}, config)
