"""Words of the config that stand for no value: what nearly is one."""

from __future__ import annotations

from pathlib import Path

from tests.told import planned


def test_what_nearly_is_a_word_for_no_value_is_told(tmp_path: Path) -> None:
    """`N/A` where the config says n/a is a value, and `0.0` a record where it says 0: both are counted."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name,phone,head,open\n1,A,N/A,0,no\n2,B, n/a ,0.0,no\n3,C,-,1,no",
            "calls": "id,account,text\nC1,1,N/a\nC2,NONE,hello\nC3,none,",
        },
        """
source:
  url: SOURCE
  none: ["n/a", "0"]
  records:
    accounts: {key: id, type: company, parent: {column: head, of: accounts, none: ["0"], missing: ignore},
               none: {phone: ["-"], head: []}}
  related: {calls: {key: id, of: {accounts: {column: account, none: [none]}}}}
classify: [{as: lead, name: rest}]
""",
    )

    told = {(place["at"], near["value"]): near["by"] for place in made.json["literals"] for near in place["near"]}
    assert told == {
        ("source.records.accounts.none", "N/A"): "case",
        ("source.records.accounts.parent.none", "0.0"): "number",
        ("source.none", "N/a"): "case",
        ("source.related.calls.of.accounts.none", "NONE"): "case",
    }
    assert [gate.name for gate in made.report.broken_gates if gate.count == 4] == ["near_misses"]
