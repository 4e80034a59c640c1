"""How records are archived in a database: in a table of their own, stamps that move, and what is refused before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.errors import ConfigError
from etl.pipeline.apply import apply
from etl.pipeline.check import check
from etl.pipeline.retire import retire, script
from etl.pipeline.status import status
from etl.pipeline.undo import undo
from etl.pipeline.verify import compare_source
from tests.conftest import throw_away
from tests.cutover.small_crm import SmallCrm, decisions
from tests.cutover.test_script import run_script
from tests.cutover.world import World
from tests.running import run

TABLES = {
    "sqlite": (
        "CREATE TABLE crm_accounts (id INTEGER PRIMARY KEY, name TEXT, deleted INTEGER, tms TEXT DEFAULT 'old')",
        "CREATE TRIGGER stamp AFTER UPDATE ON crm_accounts WHEN NEW.tms = OLD.tms"
        " BEGIN UPDATE crm_accounts SET tms = CURRENT_TIMESTAMP WHERE id = NEW.id; END",
    ),
    "postgresql": (
        "CREATE TABLE crm_accounts (id char(10) PRIMARY KEY, name text, deleted smallint,"
        " tms timestamptz DEFAULT '2020-01-01')",
        "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN IF NEW.tms = OLD.tms THEN NEW.tms := now(); END IF; RETURN NEW; END'",
        "CREATE TRIGGER stamp BEFORE UPDATE ON crm_accounts FOR EACH ROW EXECUTE FUNCTION stamp()",
    ),
    "mariadb": (
        "CREATE TABLE crm_accounts (id BIGINT UNSIGNED PRIMARY KEY, name TEXT, deleted TINYINT,"
        " tms TIMESTAMP(3) DEFAULT '2020-01-01' ON UPDATE CURRENT_TIMESTAMP(3))",
    ),
}
"""A table with soft deletes and a stamp that the server moves itself; its keys are padded, or above 2^63."""

FIRST = {"sqlite": 1, "postgresql": 1, "mariadb": 2**63}
QUERY = "SELECT a.id, a.name, a.tms, c.city FROM crm_accounts a LEFT JOIN crm_city c ON c.id = a.id WHERE deleted = 0"
OWN_TABLE = "{table: crm_accounts, key: id, set: {deleted: 1}}"
WAYS = {"join": (QUERY, OWN_TABLE), "table": ("crm_accounts", "{deleted: 1}")}


@pytest.fixture
def crm(fresh_database: str, tmp_path: Path) -> SmallCrm:
    """Three accounts, the first a customer, on each kind of database."""
    return filled(SmallCrm(tmp_path, fresh_database, "crm_accounts"))


@pytest.fixture(params=["postgresql", "mariadb"])
def served_crm(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SmallCrm]:
    """The same on each database that has a server, where views can be written."""
    with throw_away(request.param, tmp_path_factory) as url:
        yield filled(SmallCrm(tmp_path, url, "crm_accounts"))


def filled(crm: SmallCrm) -> SmallCrm:
    """A CRM with its rows."""
    names = ("Ours GmbH", "Alpha GmbH", "Beta GmbH")
    rows = ", ".join(f"({FIRST[crm.kind] + number}, '{name}', 0)" for number, name in enumerate(names))
    crm.do(
        *TABLES[crm.kind],
        f"INSERT INTO crm_accounts (id, name, deleted) VALUES {rows}",
        "CREATE TABLE crm_city (id VARCHAR(20), city VARCHAR(20))",
    )
    return crm


@pytest.fixture
def sqlite_crm(tmp_path: Path) -> SmallCrm:
    """A table of three accounts in an SQLite file."""
    crm = SmallCrm(tmp_path, f"sqlite:///{tmp_path / 'crm.db'}")
    crm.do(
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT, deleted INTEGER)",
        "INSERT INTO accounts VALUES (1, 'Ours GmbH', 0), (2, 'Alpha GmbH', 0), (3, 'Beta GmbH', 0)",
    )
    return crm


@pytest.mark.parametrize("by_script", [False, True])
@pytest.mark.parametrize(
    ("query", "how"), [(QUERY, OWN_TABLE), ("crm_accounts", "{deleted: 1}")], ids=["join", "table"]
)
def test_records_are_archived_in_their_table_and_come_back_with_their_stamps(
    crm: SmallCrm, query: str, how: str, by_script: bool
) -> None:
    """Though a query hides them then: none is stale or edited for the stamp that moved, and undo leaves no trace."""
    crm.table, crm.retire = query, how
    before = crm.ask("SELECT id, name, deleted, tms FROM crm_accounts ORDER BY id")
    bundle = crm.plan()
    apply(bundle, threads=1)
    if by_script:
        script(bundle, crm.folder / "retire.sql", threads=1)
        run_script(World(crm.folder, crm.source, crm.target), crm.folder / "retire.sql")
    retired = retire(bundle, threads=1)
    archived = crm.ask("SELECT name FROM crm_accounts WHERE deleted = 1 ORDER BY name")
    moved = crm.ask("SELECT tms FROM crm_accounts ORDER BY id")
    source, again = compare_source(bundle, threads=1), crm.plan()
    undone = undo(bundle)

    assert bundle.stamps == {"accounts": ["tms"]}
    assert (retired.records, retired.before) == ((0, 2) if by_script else (2, 0))
    assert (retired.skipped, retired.whole) == ((), True)
    assert archived == [("Alpha GmbH",), ("Beta GmbH",)]
    assert [row != (old[3],) for row, old in zip(moved, before, strict=True)] == [False, True, True]
    assert source.changed == {}
    assert set(decisions(again).values()) <= {"customer", "moved before"}
    assert undone.records == 2
    assert crm.ask("SELECT id, name, deleted, tms FROM crm_accounts ORDER BY id") == before


def test_a_stamp_that_somebody_moved_since_stays_when_a_record_comes_back(crm: SmallCrm) -> None:
    """Who edits an archived record moves its stamp; the column that archived it gets its former value all the same."""
    crm.retire = OWN_TABLE
    bundle = crm.plan()
    apply(bundle, threads=1)
    retire(bundle, threads=1)
    later = "'later'" if crm.kind == "sqlite" else "'2031-01-01 10:00:00'"
    crm.do(f"UPDATE crm_accounts SET tms = {later} WHERE name = 'Beta GmbH'")
    undo(bundle)

    [(deleted, stamp)] = crm.ask("SELECT deleted, tms FROM crm_accounts WHERE name = 'Beta GmbH'")
    assert deleted == 0
    assert str(stamp)[:5] not in ("old", "2020-")
    assert crm.kind != "mariadb" or str(stamp).startswith("2031-01-01 10:00")


def test_what_a_trigger_sets_beside_the_stamp_is_no_stamp(sqlite_crm: SmallCrm) -> None:
    """A person's change of it is an edit, before and after the record is archived; undo gives it its former value."""
    sqlite_crm.do(
        "ALTER TABLE accounts ADD COLUMN state TEXT DEFAULT 'open'",
        "CREATE TRIGGER state AFTER UPDATE OF deleted ON accounts WHEN NEW.deleted = 1"
        " BEGIN UPDATE accounts SET state = 'archived' WHERE id = NEW.id; END",
    )
    bundle = sqlite_crm.plan()
    sqlite_crm.do("UPDATE accounts SET state = 'urgent' WHERE id = 2")
    applied = apply(bundle, threads=1)
    retire(bundle, threads=1)
    archived = sqlite_crm.ask("SELECT id, state FROM accounts ORDER BY id")
    undo(bundle)

    assert bundle.stamps == {}
    assert [one.lead for one in applied.stale] == ["accounts:2"]
    assert archived == [(1, "open"), (2, "urgent"), (3, "archived")]
    assert sqlite_crm.ask("SELECT id, state FROM accounts ORDER BY id") == [(1, "open"), (2, "urgent"), (3, "open")]


def refused(crm: SmallCrm) -> str:
    """What `check` says; the source is as it was before."""
    before = crm.ask("SELECT * FROM crm_accounts ORDER BY id"), tables(crm)
    with pytest.raises(ConfigError) as raised:
        check(crm.config)
    assert (crm.ask("SELECT * FROM crm_accounts ORDER BY id"), tables(crm)) == before
    return raised.value.message


def tables(crm: SmallCrm) -> list[str]:
    """The names of the source's tables."""
    engine = sa.create_engine(crm.source)
    names = sa.inspect(engine).get_table_names()
    engine.dispose()
    return names


def test_what_retire_would_refuse_is_refused_by_check(crm: SmallCrm) -> None:
    """Each is named with its reason, after the database was asked in a transaction that was rolled back."""
    crm.do(
        "CREATE VIEW active_accounts AS SELECT id, name, deleted FROM crm_accounts WHERE deleted = 0",
        "CREATE TABLE others (id VARCHAR(20) PRIMARY KEY, deleted INTEGER)",
    )
    crm.retire = "{table: crm_account, key: id, set: {deleted: 1}}"
    assert "there is no table 'crm_account'; there are crm_accounts" in refused(crm)
    crm.retire = "{table: crm_accounts, key: id, set: {delete: 1}}"
    assert "crm_accounts has no column 'delete'; it has deleted" in refused(crm)
    crm.retire = "{table: others, key: id, set: {deleted: 1}}"
    assert "none of the records that were looked for is in others by its column id" in refused(crm)
    crm.table, crm.retire = QUERY, "{deleted: 1}"
    assert "is read by a query" in refused(crm)
    if crm.kind != "sqlite":  # there a view is written through triggers alone, and a column takes any value
        crm.table = "active_accounts"
        assert "active_accounts is a view that hides a record once it is archived" in refused(crm)
        crm.table, crm.retire = "crm_accounts", "{deleted: moved}"
        assert re.search("invalid input syntax|Incorrect integer value", refused(crm))


def test_a_user_who_may_only_read_is_refused_by_check(crm: SmallCrm) -> None:
    """The database's own words say what is missing, on each kind of it."""
    url = sa.make_url(crm.source)
    if crm.kind == "sqlite":
        crm.source = f"sqlite:///file:{url.database}?mode=ro&uri=true"
    elif crm.kind == "postgresql":
        crm.source = url.update_query_dict({"options": "-cdefault_transaction_read_only=on"}).render_as_string(False)
    else:
        only = {"init_command": "SET SESSION TRANSACTION READ ONLY"}
        crm.source = url.update_query_dict(only).render_as_string(False)

    with pytest.raises(ConfigError, match=r"could not be archived: .*(read-only|readonly|READ ONLY)"):
        check(crm.config)


def test_a_table_without_transactions_is_refused_by_check(mariadb: str, tmp_path: Path) -> None:
    """On MyISAM a family could be archived by half, and nothing can be tried without being done."""
    crm = SmallCrm(tmp_path, mariadb, "stock")
    crm.do(
        "DROP TABLE IF EXISTS stock",
        "CREATE TABLE stock (id INT PRIMARY KEY, name TEXT, deleted INT) ENGINE=MyISAM",
        "INSERT INTO stock VALUES (1, 'Alpha GmbH', 0)",
    )

    with pytest.raises(ConfigError, match="uses the engine MyISAM, which has no transactions"):
        check(crm.config)
    assert crm.ask("SELECT deleted FROM stock") == [(0,)]


def test_a_column_that_keeps_its_value_is_refused_by_check(sqlite_crm: SmallCrm) -> None:
    """A trigger undoes what is set: the records would all stay active."""
    sqlite_crm.do(
        "CREATE TRIGGER keep AFTER UPDATE OF deleted ON accounts WHEN NEW.deleted = 1"
        " BEGIN UPDATE accounts SET deleted = 0 WHERE id = NEW.id; END"
    )

    with pytest.raises(ConfigError, match="the column deleted of accounts keeps its value"):
        check(sqlite_crm.config)


def test_a_record_that_our_own_write_hides_is_told_as_that(served_crm: SmallCrm) -> None:
    """Not as one that is not there any more; the view was another one when the plan was made."""
    crm = served_crm
    crm.do("CREATE VIEW shown AS SELECT id, name, deleted FROM crm_accounts")
    crm.table = "shown"
    bundle = crm.plan()
    apply(bundle, threads=1)
    crm.do("DROP VIEW shown", "CREATE VIEW shown AS SELECT id, name, deleted FROM crm_accounts WHERE deleted = 0")
    retired = retire(bundle, threads=1)

    assert {"shown is a view that hides a record once it is archived" in one.reason for one in retired.skipped} == {
        True
    }
    assert crm.ask("SELECT count(*) FROM crm_accounts WHERE deleted = 1") == [(0,)]


def test_retire_that_archives_nothing_ends_with_1_and_is_not_called_retired(sqlite_crm: SmallCrm) -> None:
    """The source refuses each record after the plan was made: nobody is told that all is done."""
    bundle = sqlite_crm.plan()
    apply(bundle, threads=1)
    run("verify", bundle.path)
    sqlite_crm.do("CREATE TRIGGER no BEFORE UPDATE ON accounts BEGIN SELECT RAISE(ABORT, 'locked'); END")
    ended, then = run("retire", bundle.path), status(bundle)
    sqlite_crm.do("DROP TRIGGER no")
    again, at_last = run("retire", bundle.path), status(bundle)

    assert (ended.returncode, then.state) == (1, "partly retired")
    assert "archived less than it should: 2 families" in ended.stderr
    assert then.next.startswith(f"crm-cleanup retire {bundle.path}")
    assert (again.returncode, at_last.state) == (0, "retired")


def test_retire_before_apply_ends_with_1(sqlite_crm: SmallCrm) -> None:
    """No lead was written, so nothing can be archived, and that is not called done."""
    ended = run("retire", sqlite_crm.plan().path)

    assert ended.returncode == 1
    assert "was not written" in ended.stderr


def test_undo_of_a_plan_that_was_never_applied_makes_nothing(world: World) -> None:
    """The target's database stays as empty as it was."""
    undone = undo(world.plan())

    assert (undone.leads, undone.records, undone.kept) == (0, 0, ())
    target = sa.create_engine(world.target)
    assert sa.inspect(target).get_table_names() == []
    target.dispose()
