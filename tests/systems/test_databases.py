"""The schemas of known systems go the whole way, from check to undo, with the config that is shipped for each.

Each stands in a file of SQL with a few rows of our own, and is loaded into SQLite and into the server that it runs on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from tests.conftest import throw_away
from tests.systems.truth import SYSTEMS
from tests.systems.way import config_of, decisions, leads, walk, walk_on

HERE = Path(__file__).parent
SERVED = {"northwind": "postgresql"}
"""The server of those that do not run on MariaDB."""


@dataclass(frozen=True)
class Crm:
    """The legacy database of a system, loaded."""

    system: str
    url: str

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        engine = open_engine(self.url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(query))]
        finally:
            engine.dispose()

    def load(self) -> None:
        """Run the file of SQL."""
        engine = open_engine(self.url)
        with engine.begin() as connection:
            for statement in (HERE / f"{self.system}.sql").read_text("utf-8").split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        engine.dispose()

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables but this tool's own."""
        engine = open_engine(self.url)
        names = [name for name in sa.inspect(engine).get_table_names() if not name.startswith("crm_cleanup")]
        quote = engine.dialect.identifier_preparer.quote
        engine.dispose()
        return {name: sorted(self.ask(f"SELECT * FROM {quote(name)}"), key=repr) for name in names}


@pytest.fixture(params=[(system, kind) for system in SYSTEMS for kind in ("sqlite", "server")], ids="-".join)
def crm(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Crm]:
    """The database of each system; the variables that its config asks for are set."""
    system, kind = request.param
    with throw_away(SERVED.get(system, "mariadb") if kind == "server" else kind, tmp_path_factory) as url:
        made = Crm(system, url)
        made.load()
        monkeypatch.setenv(f"{system.upper()}_URL", url)
        monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
        yield made


def test_the_whole_way_and_back(crm: Crm, tmp_path: Path) -> None:
    """Decisions are those of plain SQL, notes hold what other tables knew, and undo leaves no trace."""
    system, before = SYSTEMS[crm.system], crm.dump()
    decided = {f"{entry}:{str(key).strip()}": decision for entry, key, decision in crm.ask(system.decided)}
    walk(config_of(crm.system, tmp_path), tmp_path)

    assert {"customer", "lead"} <= set(decided.values())
    assert decisions(tmp_path) == decided
    for lead, texts in system.notes.items():
        assert [text for text in texts if text not in leads(tmp_path)[lead]["note"]] == []
    if system.archived:
        walk_on(tmp_path, ("retire", "plan"), ("verify", "plan", "--source"), ("retire", "plan"))
        moved = sorted(key.partition(":")[2] for key, decision in decided.items() if decision == "lead")
        assert sorted(str(key).strip() for (key,) in crm.ask(system.archived)) == moved
    walk_on(tmp_path, ("undo", "plan"))
    assert crm.dump() == before


@pytest.mark.parametrize("crm", [("suitecrm", "sqlite")], indirect=True, ids=["suitecrm"])
def test_nobody_who_opted_out_is_reached(crm: Crm, tmp_path: Path) -> None:
    """SuiteCRM keeps opt-outs at addresses: the lead has that of the contact who did not, and the owner by name."""
    walk(config_of(crm.system, tmp_path), tmp_path)
    lead = leads(tmp_path)["accounts:a1"]

    assert (lead["email"], lead["contact_name"], lead["salesperson"]) == ("ben@alpha.example", "Ben Beispiel", "maria")
    assert (lead["do_not_contact"], lead["opted_out"]) == (False, "ann@alpha.example")
