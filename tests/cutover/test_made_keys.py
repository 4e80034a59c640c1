"""Records whose key is made of several columns, or brought to one form, are archived and brought back like others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import run
from tests.told import write

COMPANIES = """\
office,number,name,deleted,changed
10,01,Alpha,,2026-01-01
10,02,Beta,,2026-01-01
20,01,Gamma,,2026-01-01
20,03,Delta,1,2026-01-01
"""
RULES = """
classify:
  - {as: customer, name: known, when: {column: name, equals: Beta}}
  - {as: lead, name: rest}
gates: {customers: 100%}
"""


@pytest.mark.parametrize(
    ("key", "left"), [("[office, number]", "Beta Delta"), ("{column: name, normalize: [upper]}", "Beta Delta")]
)
def test_what_is_left_has_all_that_did_not_move(tmp_path: Path, key: str, left: str) -> None:
    """Also what `where` leaves out, which is none of the active records that are counted; undo takes it back."""
    entry = f"{{key: {key}, type: company, changed: changed, where: {{deleted: {{empty: true}}}}}}"
    source = f"source: {{url: SOURCE, records: {{c: {entry}}}}}"
    write(tmp_path, {"c": COMPANIES}, source + RULES)
    verify = ("verify", "plan", "--source")
    for verb in (("plan", "told.yaml", "--out", "plan"), ("apply", "plan"), verify, ("retire", "plan")):
        ended = run(*verb, folder=tmp_path)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    assert "2 legacy records archived" in ended.stdout
    assert "Active in the CRM: 1 = 1 customer" in ended.stdout
    lines = (tmp_path / "data" / "remaining" / "c.csv").read_text("utf-8").splitlines()
    assert " ".join(line.split(",")[2] for line in lines[1:]) == left

    assert "2 legacy records active again" in run("undo", "plan", folder=tmp_path).stdout
    assert not (tmp_path / "data" / "remaining").exists()
