"""Records whose key is made of several columns, or brought to one form, are archived and brought back like others."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from tests.conftest import KINDS, throw_away
from tests.pipeline.small import without_password
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


PARTS = ((10, "01"), (10, "1"), (20, "01"), (20, "0/1"), (20, "\\1 "), (7, "x' OR 1=1"))
DATABASE = """\
name: parts
source: {url: "SOURCE", records: {c: {key: [office, number], type: company, identity: {company: name}}}}
classify: [{as: customer, name: known, when: {column: name, equals: Beta}}, {as: lead, name: rest}]
retire: {c: {deleted: 1}}
approvals: waived
leads: {fields: {name: "{name}"}}
target: {url: "TARGET"}
gates: {customers: 100%}
"""


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_a_database_are_found_by_all_columns_of_their_key(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    """Each is archived and brought back, and none that is like it; check tries that before, and SQL is refused."""
    with throw_away(kind, tmp_path_factory) as source:
        engine = open_engine(source)
        with engine.begin() as connection:
            columns = "office INTEGER, number VARCHAR(20), name VARCHAR(20), deleted INTEGER"
            connection.execute(sa.text(f"CREATE TABLE c ({columns}, PRIMARY KEY (office, number))"))
            rows = [{"o": o, "n": n, "name": "Beta" if n == "1" else f"{o} {n}"} for o, n in PARTS]
            connection.execute(sa.text("INSERT INTO c VALUES (:o, :n, :name, NULL)"), rows)

        def deleted() -> list[tuple[int, str]]:
            with engine.connect() as connection:
                found = connection.execute(sa.text("SELECT office, number FROM c WHERE deleted = 1"))
                return sorted((int(office), str(number)) for office, number in found)

        text = DATABASE.replace("SOURCE", without_password(source, "SOURCE"))
        (tmp_path / "parts.yaml").write_text(text.replace("TARGET", f"sqlite:///{tmp_path / 'leads.db'}"), "utf-8")
        verify = ("verify", "plan", "--source")
        verbs = ("check", "parts.yaml"), ("plan", "parts.yaml", "--out", "plan"), ("apply", "plan"), verify
        for verb in (*verbs, ("retire", "plan")):
            ended = run(*verb, folder=tmp_path)
            assert ended.returncode == 0, ended.stdout + ended.stderr
        assert deleted() == sorted(row for row in PARTS if row != (10, "1"))
        assert run(*verify, folder=tmp_path).returncode == 0
        refused = run("retire", "plan", "--script", "retire.sql", folder=tmp_path)
        assert (refused.returncode, "There is no SQL for this config" in refused.stderr) == (2, True)
        assert "5 legacy records active again" in run("undo", "plan", folder=tmp_path).stdout
        assert deleted() == []
        engine.dispose()
