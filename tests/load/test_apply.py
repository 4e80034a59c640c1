"""What apply promises: each lead once, however often and however badly it ran, and every refusal named."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st

from etl.errors import PlanError, TargetError
from etl.load import apply
from etl.plan import Bundle
from tests.load.conftest import Pipeline
from tests.load.plans import small_plan, with_leads
from tests.profiles import ONE_FIXTURE, examples

ALIKE = ["A1", "a1", "A1 ", "Ä1", "ä1", "A1\t", " A1", "1", "01", "001", "Straße", "STRASSE", "A1\n", "%s", "a'b\"c\\"]
"""Keys that a database may take for one another."""


def test_a_second_apply_writes_nothing(pipeline: Pipeline) -> None:
    """Apply twice writes once, also where keys differ only in case, accent or blanks."""
    plan = small_plan(ALIKE)

    first, second = apply(plan, pipeline.open()), apply(plan, pipeline.open())

    assert (first.leads, first.records, first.before, first.refused) == (len(ALIKE), 2 * len(ALIKE), 0, ())
    assert (second.leads, second.records, second.before, second.refused) == (0, 0, len(ALIKE), ())
    assert pipeline.counts() == (len(ALIKE), 2 * len(ALIKE))


def test_each_alike_key_has_its_own_lead(pipeline: Pipeline) -> None:
    """Each ledger row points to the lead whose note holds that very key."""
    apply(small_plan(ALIKE), pipeline.open())

    ids = dict(pipeline.rows("SELECT source_key, lead_id FROM crm_cleanup_ledger WHERE source_key LIKE 'accounts:%'"))

    notes = {str(lead): note for lead, note in pipeline.rows("SELECT id, note FROM leads")}
    assert set(ids) == {f"accounts:{key}" for key in ALIKE}
    assert len(set(ids.values())) == len(ALIKE)
    assert all(f"[accounts:{key}]" in notes[ids[f"accounts:{key}"]] for key in ("A1", "a1", "Ä1", "01", "Straße"))


def test_the_ledger_is_streamed_by_source_key(pipeline: Pipeline) -> None:
    """The ledger of one system gives each moved record once, with its lead, in the order of exact keys."""
    apply(small_plan(["x"], system="other"), pipeline.open())
    target = pipeline.open()
    apply(small_plan(ALIKE), target)

    rows = [row for table in target.ledger("crm") for row in table.to_pylist()]

    keys = [f"{entry}:{key}" for entry in ("accounts", "contacts") for key in ALIKE]
    assert [row["source_key"] for row in rows] == sorted(keys, key=str.encode)
    assert all(row["lead_key"].partition(":")[2] == row["source_key"].partition(":")[2] for row in rows)
    assert {row["plan"] for row in rows} == {"sha256:1"}


def test_plans_of_two_systems_do_not_meet(pipeline: Pipeline) -> None:
    """The same source key of another source system is another record."""
    apply(small_plan(["A1"], system="old"), pipeline.open())

    assert apply(small_plan(["A1"], system="new"), pipeline.open()).leads == 1


def test_apply_makes_the_schema_and_nothing_before_does(pipeline: Pipeline) -> None:
    """Looking at an empty target leaves it empty; apply makes leads, their further notes and the ledger."""
    target = pipeline.open()
    described = target.schema(), target.fields(), target.part(), list(target.ledger("crm"))
    assert sa.inspect(pipeline.engine).get_table_names() == []

    apply(small_plan(["A1"]), target)

    own = {name for name in sa.inspect(pipeline.engine).get_table_names() if name != "crm_cleanup_lock"}
    assert own == {"leads", "lead_notes", "crm_cleanup_ledger", "crm_cleanup_former"}
    assert (target.schema(), target.fields(), target.part()) == described[:3]


def test_looking_at_a_missing_sqlite_file_does_not_make_it(sqlite_pipeline: Pipeline) -> None:
    """A check before the first apply leaves no file behind."""
    target = sqlite_pipeline.open()

    assert list(target.ledger("crm")) == []
    assert target.read(["1"]).leads.empty
    assert "note" in target.fields()
    assert not Path(sa.make_url(sqlite_pipeline.url).database or "").exists()


def test_an_interrupted_apply_goes_on(pipeline: Pipeline) -> None:
    """A batch that fails leaves nothing, those before it stay, and the next apply writes the rest once."""
    plan = small_plan([f"C{number}" for number in range(12)], at_once=4)
    apply(small_plan(["other"], system="other"), pipeline.open())
    _forbid(pipeline, "accounts:C9")

    with pytest.raises(TargetError) as raised:
        apply(plan, pipeline.open(), rows=2)
    assert raised.value.written.startswith("8 leads with 16 legacy records")
    assert str(raised.value.next).startswith("crm-cleanup apply plans/small")
    assert pipeline.counts() == (9, 18)

    _allow(pipeline)
    assert (apply(plan, pipeline.open()).before, pipeline.counts()) == (8, (13, 26))


def _forbid(pipeline: Pipeline, key: str) -> None:
    """Let the database end the run, as if its disk were full, when the ledger row of one record is written."""
    if pipeline.kind == "postgresql":
        pipeline.sql(
            "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'disk is full' USING ERRCODE = 'disk_full'; END $$",
            f"CREATE TRIGGER stop BEFORE INSERT ON crm_cleanup_ledger FOR EACH ROW"
            f" WHEN (NEW.source_key = '{key}') EXECUTE FUNCTION full()",
        )
    elif pipeline.kind == "mariadb":
        pipeline.sql(
            f"CREATE TRIGGER stop BEFORE INSERT ON crm_cleanup_ledger FOR EACH ROW IF NEW.source_key = '{key}'"
            " THEN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'disk is full'; END IF"
        )
    else:
        pipeline.sql(
            f"CREATE TRIGGER stop BEFORE INSERT ON crm_cleanup_ledger WHEN NEW.source_key = '{key}'"
            " BEGIN SELECT abs(-9223372036854775807 - length(NEW.source_key) / length(NEW.source_key)); END"
        )


def _allow(pipeline: Pipeline) -> None:
    pipeline.sql("DROP TRIGGER stop" + (" ON crm_cleanup_ledger" if pipeline.kind == "postgresql" else ""))


def test_refused_leads_stand_alone(pipeline: Pipeline) -> None:
    """A check of the target refuses two leads of forty; they are named without values, and the rest is written."""
    pipeline.sql(
        "CREATE TABLE opportunities (id {id}, title VARCHAR(200), mail VARCHAR(200), body {long},"
        " CONSTRAINT no_webmail CHECK (mail NOT LIKE '%@webmail.example'))"
    )
    pipeline.map(name="title", email="mail", note="body")
    mails = {"C7": "anna@webmail.example", "C31": "bert@webmail.example"}
    plan = small_plan([f"C{number}" for number in range(40)], at_once=20, fields={"email": mails})

    done = apply(plan, pipeline.open())

    assert [refusal.lead for refusal in done.refused] == ["accounts:C7", "accounts:C31"]
    assert all("no_webmail" in refusal.reason and "webmail.example" not in refusal.reason for refusal in done.refused)
    assert (done.leads, pipeline.counts()) == (38, (38, 76))


def test_a_target_that_takes_nothing_ends_the_run(sqlite_pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """After many refusals and no lead written the run ends with the reason, instead of refusing all."""
    monkeypatch.setattr(sys.modules["etl.load.apply"], "HOPELESS", 60)
    sqlite_pipeline.sql(
        "CREATE TABLE opportunities (id {id}, title TEXT CONSTRAINT short CHECK (title = ''), body TEXT)"
    )
    sqlite_pipeline.map(name="title", note="body")

    with pytest.raises(TargetError, match=r"refused the first 60 leads. The first was refused because: .*short"):
        apply(small_plan([f"C{number}" for number in range(90)], at_once=30), sqlite_pipeline.open())
    assert sqlite_pipeline.counts() == (0, 0)


def test_a_trigger_that_names_a_value_does_not_get_it_shown(pipeline: Pipeline) -> None:
    """What a trigger of the target says is shown without the lead's values."""
    apply(small_plan(["first"]), pipeline.open())
    if pipeline.kind == "postgresql":
        pipeline.sql(
            "CREATE FUNCTION moan() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'No leads in % please', NEW.city; END $$",
            "CREATE TRIGGER moan BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION moan()",
        )
    elif pipeline.kind == "mariadb":
        pipeline.sql(
            "CREATE TRIGGER moan BEFORE INSERT ON leads FOR EACH ROW BEGIN"
            " SET @said = CONCAT('No leads in ', NEW.city, ' please');"
            " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @said; END"
        )
    else:
        pipeline.sql(
            "CREATE TRIGGER moan BEFORE INSERT ON leads"
            " BEGIN SELECT RAISE(ABORT, 'No leads in Musterstadt please'); END"
        )

    done = apply(small_plan(["A1"]), pipeline.open())

    assert [(refusal.lead, refusal.reason) for refusal in done.refused] == [("accounts:A1", "No leads in … please")]


def test_a_value_of_the_wrong_kind_is_refused(served_pipeline: Pipeline) -> None:
    """A text for a number column, or one that is too long, is refused and not cut, with no value in the reason."""
    pipeline = served_pipeline
    pipeline.sql("CREATE TABLE opportunities (id {id}, title VARCHAR(20), owner_id INTEGER, body {long})")
    pipeline.map(name="title", city="owner_id", note="body")
    cities = {"A": "17", "B": "Entenhausen", "C": "18"}
    names = {"A": "Erste", "B": "Zweite", "C": "Dritte, und das ist sehr lang"}

    done = apply(small_plan("ABC", fields={"city": cities, "name": names}), pipeline.open())

    assert [refusal.lead for refusal in done.refused] == ["accounts:B", "accounts:C"]
    assert not any(word in refusal.reason for refusal in done.refused for word in ("Entenhausen", "Dritte"))
    assert pipeline.rows("SELECT title, owner_id FROM opportunities") == [("Erste", 17)]


def test_a_record_that_another_plan_moved_is_not_moved_again(pipeline: Pipeline) -> None:
    """A contact that an earlier plan moved alone is not moved again in its company's lead, which is refused."""
    earlier = small_plan(["A1", "A2"])
    _, members, leads = earlier.frames[0]  # type: ignore[attr-defined]
    alone = members.loc[["contacts:A1"]].assign(lead="contacts:A1")
    own = leads.loc[["accounts:A1"]].set_axis(pd.Index(["contacts:A1"], name="lead", dtype="str"))
    target = pipeline.open()
    apply(_plan_of(earlier, alone, own), target)

    done = apply(earlier, target)

    assert (done.leads, [refusal.lead for refusal in done.refused]) == (1, ["accounts:A1"])
    assert done.refused[0].reason == "contacts:A1 was moved before into the lead contacts:A1; make a new plan"
    assert pipeline.counts() == (2, 3)


def _plan_of(plan: Bundle, members: pd.DataFrame, leads: pd.DataFrame) -> Bundle:
    chunk = plan.frames[0][0]  # type: ignore[attr-defined]
    return type(plan)(plan.manifest, ((chunk, members, leads),))  # type: ignore[arg-type]


def test_two_runners_at_once_write_each_lead_once(pipeline: Pipeline) -> None:
    """Two applies of one plan to an empty target at the same time write each lead once, and nobody is refused."""
    plan = small_plan([f"C{number}" for number in range(120)], at_once=30)
    done = []

    def run() -> None:
        done.append(apply(plan, pipeline.open(), rows=7))

    runners = [threading.Thread(target=run) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()

    assert sum(one.leads for one in done) == 120
    assert [one.refused for one in done] == [(), ()]
    assert pipeline.counts() == (120, 240)


def test_a_damaged_plan_is_not_written(sqlite_pipeline: Pipeline) -> None:
    """A moved record whose lead is not in the plan would get no ledger row: nothing of its chunk is written."""
    plan = small_plan(["A1", "A2"])
    _, members, leads = plan.frames[0]  # type: ignore[attr-defined]

    with pytest.raises(PlanError) as raised:
        apply(_plan_of(plan, members, leads.iloc[:1]), sqlite_pipeline.open())
    assert raised.value.where == "accounts:A2"
    assert sqlite_pipeline.counts() == (0, 0)


def test_a_lost_connection_is_made_anew(served_pipeline: Pipeline) -> None:
    """A server that hangs up after each batch is asked again, and gets each lead once."""
    pipeline = served_pipeline
    plan = small_plan(["A1", "A2", "A3"], at_once=1)

    assert apply(plan, pipeline.open(), progress=lambda *_: _hang_up(pipeline)).leads == 3
    assert pipeline.counts() == (3, 6)


def _hang_up(pipeline: Pipeline) -> None:
    if pipeline.kind == "postgresql":
        own = "datname = current_database() AND pid <> pg_backend_pid()"
        pipeline.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {own}")
    else:
        own = "db = database() AND id <> connection_id()"
        for (number,) in pipeline.rows(f"SELECT id FROM information_schema.processlist WHERE {own}"):
            pipeline.sql(f"KILL {number}")


def test_batches_are_bounded(sqlite_pipeline: Pipeline) -> None:
    """Progress tells each batch: at most so many leads, and at most so many bytes of notes."""
    plan = small_plan([f"C{number}" for number in range(10)], at_once=10, remark="x" * 1000)
    seen: list[int] = []

    apply(plan, sqlite_pipeline.open(), rows=4, progress=lambda _stage, done, _total: seen.append(done))
    assert seen == [4, 8, 10]

    seen.clear()
    apply(plan, sqlite_pipeline.open(), size=3000, progress=lambda _stage, done, _total: seen.append(done))
    assert seen == [2, 4, 6, 8, 10]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(name=texts, city=texts)
@settings(max_examples=examples(30), suppress_health_check=ONE_FIXTURE)
def test_field_values_arrive_verbatim(sqlite_pipeline: Pipeline, name: str, city: str) -> None:
    """Any text in a lead field comes back as it was planned."""
    plan = small_plan(["A1"], fields={"name": {"A1": name}, "city": {"A1": city}}, system=f"{name!r}{city!r}"[:100])
    target = sqlite_pipeline.open()

    apply(plan, target)

    stored = target.read(target.ledger_of(plan.manifest.system, ["accounts:A1"])["lead_id"].tolist()).leads
    assert (stored["name"].iloc[0], stored["city"].iloc[0]) == (name, city)


CHARACTERS = (
    "".join(map(chr, [*range(1, 0x100), 0x2028, 0xFEFF, 0xFFFD, 0x1F600, 0x10FFFF])) + '"",\\.\n\\.\n\\N\t%s{}:x;--'
)


def test_every_odd_character_arrives_verbatim(pipeline: Pipeline) -> None:
    """Control characters, quotes, COPY's own marks and characters beyond the BMP come back as they were."""
    plan = small_plan(["A1", "A2"], fields={"name": {"A1": CHARACTERS, "A2": "\\."}, "city": {"A1": " "}})
    target = pipeline.open()

    apply(plan, target)

    stored = target.read(list(target.ledger_of("crm", ["accounts:A1", "accounts:A2"])["lead_id"])).leads
    assert stored["name"].tolist() == [CHARACTERS, "\\."]
    assert stored["city"].tolist() == [" ", "Musterstadt"]


def test_nul_is_refused_where_the_target_cannot_hold_it(pipeline: Pipeline) -> None:
    """PostgreSQL says beforehand that it holds no NUL, and refuses a lead with one; the others hold it."""
    plan = small_plan(["A1", "A2"], fields={"city": {"A1": "nul\0nul"}})
    target = pipeline.open()

    done = apply(plan, target)

    without = target.fields()["city"].without
    assert [refusal.lead for refusal in done.refused] == (["accounts:A1"] if "\0" in without else [])
    assert without == target.key().without == ("\0" if pipeline.kind == "postgresql" else "")


def test_long_notes_stand_in_parts(pipeline: Pipeline) -> None:
    """A note of 9 MB is written in parts below MariaDB's packet, and read back whole."""
    plan = small_plan(["A1", "A2"])
    note = "Zeile äöü 'zitiert' \\ und mehr\n" * 250_000
    plan = with_leads(plan, note=pd.array([note, "short"], dtype="str"))

    apply(plan, pipeline.open())

    (length,) = pipeline.rows("SELECT max(length(text)) FROM lead_notes")[0]
    assert pipeline.rows("SELECT part FROM lead_notes ORDER BY part") == [(2,), (3,)]
    assert length <= 4_000_000
