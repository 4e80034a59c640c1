"""One person taken out of a finished plan, and out of the lead that it wrote: nothing of them is left."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from etl.errors import CleanupError
from etl.pipeline import forget as forgetting
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.find import find
from etl.pipeline.forget import forget
from etl.pipeline.retire import retire
from etl.pipeline.status import status
from etl.pipeline.undo import undo
from etl.pipeline.verify import compare_source, verify
from etl.plan import Bundle, reading
from etl.plan.approvals import approvals, counts_for
from tests.cutover.small_crm import decisions
from tests.cutover.world import World
from tests.running import run
from tests.searching import places_of

KEY, LEAD = "contacts:P5-0", "accounts:5"
VALUES = ("P5-0", "p5.0@firma.example", "Vergissmeinnicht", "Geheimnis")


def person(world: World) -> Bundle:
    """A plan in which a contact says who she is, in her own row and in her history."""
    world.do("UPDATE contacts SET last_name = 'Vergissmeinnicht' WHERE id = 'P5-0'")
    world.do("INSERT INTO activities VALUES (901, 5, 'P5-0', '2025-03-01', 'Ein Geheimnis')")
    world.do("INSERT INTO activities VALUES (902, NULL, 'P5-0', '2025-03-02', 'Noch ein Geheimnis')")
    return world.plan()


def everything(world: World) -> str:
    """All rows of the target but its ledger, which keeps the key."""
    return repr(world.dump(world.target)).casefold()


def again(bundle: Bundle) -> Bundle:
    """The plan as it is on the disk now."""
    return Bundle.open(bundle.path)


def test_nothing_of_a_person_is_left_in_plan_and_target_and_all_goes_on(world: World) -> None:
    """Verify, the live source, retire, find, status and undo hold; the ledger keeps that the record was forgotten."""
    bundle = person(world)
    apply(bundle)
    assert find("Vergissmeinnicht", [bundle.path]).hits
    [(own,)] = world.ask(f"SELECT lead_id FROM crm_cleanup_ledger WHERE source_key = '{LEAD}'")
    [(note,)] = world.ask(f"SELECT note FROM leads WHERE id = {own}")
    before = verify(bundle, threads=1)
    assert "vergissmeinnicht" in everything(world)
    assert "Geheimnis" in note

    done = forget(bundle, KEY, by="Dana", why="Art. 17")
    new = again(bundle)

    assert (done.leads, done.rows, done.shared, done.kept) == ((LEAD,), 3, 1, {})
    assert places_of(VALUES, bundle.path) == []
    assert not [value for value in VALUES if value.casefold() in everything(world)]
    [(email,)] = world.ask(f"SELECT email FROM leads WHERE id = {own}")
    assert email == "p5.1@firma.example"
    after = verify(new, threads=1)
    assert (after.holds, after.leads, before.values - after.values) == (True, 7, 5 + 4 + 5 + 4)
    assert compare_source(new, threads=1).changed == {}
    assert world.ask(f"SELECT state, plan FROM crm_cleanup_ledger WHERE source_key = '{KEY}'") == [
        ("forgotten", "forgotten")
    ]
    stands = status(new)
    assert (stands.state, stands.applied, stands.damage) == ("verified", 7, None)
    assert any("Dana took a record out of the plan" in note for note in stands.notes)
    assert not [hit for hit in find("Vergissmeinnicht", [new.path]).hits if hit.source_key == KEY]
    assert (world.folder / "forget.csv").read_text("utf-8").splitlines()[1].startswith(f"{KEY},Dana,")
    assert KEY not in decisions(world.plan())
    assert decisions(world.plan())[LEAD] == "moved before"
    retired = retire(new, threads=1)
    assert (retired.whole, retired.active is not None and retired.active.forgotten) == (True, 1)
    undone = undo(new)
    assert (undone.leads, undone.records, status(new).state) == (7, retired.records, "undone")


def test_what_people_wrote_stays_and_the_block_alone_gives_way(sqlite: World) -> None:
    """Above and below the block, and in a field; the field is named."""
    bundle = person(sqlite)
    apply(bundle)
    [(own,)] = sqlite.ask(f"SELECT lead_id FROM crm_cleanup_ledger WHERE source_key = '{LEAD}'")
    note = "'call on Monday' || char(10) || note || char(10) || 'ok'"
    sqlite.do(f"UPDATE leads SET note = {note}, email = 'new@x.example' WHERE id = {own}", sqlite.target)
    done = forget(bundle, KEY, by="Dana")

    [(note, email)] = sqlite.ask(f"SELECT note, email FROM leads WHERE id = {own}")
    assert (note.startswith("call on Monday\n"), note.endswith("\nok"), email) == (True, True, "new@x.example")
    assert done.kept == {LEAD: ("email",)}
    assert not [value for value in VALUES if value.casefold() in everything(sqlite)]


def test_a_block_that_was_edited_is_refused_and_nothing_changes(sqlite: World) -> None:
    """It says what to do by hand."""
    bundle = person(sqlite)
    apply(bundle)
    sqlite.do(
        "UPDATE leads SET note = replace(note, 'Geheimnis', 'Gerücht') WHERE note LIKE '%Geheimnis%'", sqlite.target
    )
    before, files = everything(sqlite), {p: p.read_bytes() for p in bundle.path.rglob("*.parquet")}
    with pytest.raises(CleanupError, match="the block of its note was edited"):
        forget(bundle, KEY, by="Dana")

    assert everything(sqlite) == before
    assert {p: p.read_bytes() for p in bundle.path.rglob("*.parquet")} == files
    assert not (bundle.path / "forgetting.json").exists()
    assert not (sqlite.folder / "forget.csv").exists()


def test_an_approval_still_counts_and_the_plan_can_be_applied(sqlite: World) -> None:
    """Of the plan before, as nothing but the person is gone; a change by hand is none."""
    sqlite.approvals = "1"
    bundle = person(sqlite)
    approve(bundle, by="Maria")
    dry = forget(bundle, KEY, by="Dana", dry_run=True)
    assert (dry.written, dry.rows, again(bundle).manifest.digest) == (False, 3, bundle.manifest.digest)
    done = forget(bundle, KEY, by="Dana")
    new = again(bundle)

    assert (dry.digest, done.leads) == (done.digest, ())
    assert new.manifest.digest == done.digest != bundle.manifest.digest
    assert status(new).approvals[0].startswith("Maria")
    [approval] = approvals(new)
    assert not counts_for(replace(approval, manifest="0" * 64), new)
    assert apply(new).leads == 7
    assert verify(again(new), threads=1).holds
    assert places_of(VALUES, bundle.path) == []


def test_what_people_wrote_of_the_person_is_named_and_is_a_failure(sqlite: World) -> None:
    """In their own words in the note, and in a field that the plan leaves empty; status goes on naming it."""
    bundle = person(sqlite)
    apply(bundle)
    [(own,)] = sqlite.ask(f"SELECT lead_id FROM crm_cleanup_ledger WHERE source_key = '{LEAD}'")
    sqlite.do(f"UPDATE leads SET note = note || char(10) || 'ask Vergissmeinnicht' WHERE id = {own}", sqlite.target)
    sqlite.do(f"UPDATE leads SET city = 'p5.0@firma.example' WHERE id = {own}", sqlite.target)
    dry = run("forget", bundle.path, KEY, "--by", "Dana", "--dry-run")
    done = run("forget", bundle.path, KEY, "--by", "Dana")

    places = [f"lead {own}: city", f"lead {own}: what people have written in its note"]
    assert (dry.returncode, done.returncode) == (0, 1)
    assert all(f"Would still be held: {place}" in dry.stderr for place in places)
    assert "The target still holds values of the record: " + "; ".join(places) in done.stderr
    notes = status(again(bundle)).notes
    assert [place for place in places if any(place in note for note in notes)] == places
    assert places_of(VALUES, bundle.path) == []


def test_a_lead_that_another_plan_wrote_of_the_person_is_named(sqlite: World) -> None:
    """This plan has her row as moved before; her values in that lead are for the other plan to take out."""
    apply(person(sqlite))
    [(own,)] = sqlite.ask(f"SELECT lead_id FROM crm_cleanup_ledger WHERE source_key = '{LEAD}'")
    done = forget(sqlite.plan(), KEY, by="Dana")

    assert [place.partition(",")[0] for place in done.remaining] == [f"lead {own}: all of it"]


def test_who_stays_is_taken_out_of_the_leads_that_share_history_with_them(sqlite: World) -> None:
    """A call that names a customer's contact and a company that moves stands in that company's note."""
    sqlite.do("INSERT INTO invoices VALUES ('N8', 8, 'posted')")
    sqlite.do("INSERT INTO activities VALUES (903, 5, 'P8-0', '2025-03-01', 'Geheimnis')")
    bundle = sqlite.plan()
    apply(bundle)
    assert "geheimnis" in everything(sqlite)
    done = forget(bundle, "contacts:P8-0", by="Dana")

    assert (done.leads, "geheimnis" in everything(sqlite)) == ((LEAD,), False)
    assert verify(again(bundle), threads=1).holds


def test_it_is_the_plan_that_forget_csv_would_have_made(sqlite: World) -> None:
    """Row by row: snapshot, decisions, leads and merged records, and the figures that reports show; but for what
    `plan --from` reads, which is gone, as the person is in it."""
    bundle = person(sqlite)
    forget(bundle, KEY, by="Dana")
    taken_out, made = again(bundle), sqlite.plan()

    names = sorted({str(path.relative_to(made.path)) for path in made.path.rglob("*.parquet")} - {*reading.FILES})
    assert names == sorted(str(path.relative_to(bundle.path)) for path in bundle.path.rglob("*.parquet"))
    for name in names:
        rows, others = (sorted(map(repr, pq.read_table(p.path / name).to_pylist())) for p in (taken_out, made))
        assert rows == others, name
    assert taken_out.manifest.digest == made.manifest.digest
    figures = [replace(p.manifest.figures, joins=(), target="") for p in (taken_out, made)]
    assert figures[0] == figures[1]


class Killed(BaseException):
    """What a kill is here."""


@pytest.mark.parametrize("place", ["_listed", "_amended", "put_in_place", "renew_all"])
def test_a_kill_at_any_step_is_ended_by_the_same_command(
    sqlite: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Once before the step and once after it; no other command takes the plan meanwhile."""
    bundle = person(sqlite)
    apply(bundle)
    for after in (False, True):
        step = getattr(forgetting, place)

        def killed(*args: object, step: object = step, after: bool = after, **options: object) -> object:
            if options.get("dry"):
                return step(*args, **options)  # type: ignore[operator]
            if after:
                step(*args, **options)  # type: ignore[operator]
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(forgetting, place, killed)
            with pytest.raises(Killed):
                forget(Bundle.open(bundle.path, forgetting=True), KEY, by="Dana")
        with pytest.raises(CleanupError, match="interrupted"):
            Bundle.open(bundle.path)
    forget(Bundle.open(bundle.path, forgetting=True), KEY, by="Dana")

    assert verify(again(bundle), threads=1).holds
    assert not [value for value in VALUES if value.casefold() in everything(sqlite)]
    assert places_of(VALUES, bundle.path) == []
    assert len((sqlite.folder / "forget.csv").read_text("utf-8").splitlines()) == 2


def test_a_person_whose_lead_is_hers_alone_has_none_any_more(sqlite: World) -> None:
    """It is removed; where somebody has worked with it, that is refused."""
    sqlite.do("INSERT INTO contacts VALUES ('solo', NULL, 'Einzelperson', 'solo@firma.example', 1)")
    bundle = sqlite.plan()
    apply(bundle)
    sqlite.do("UPDATE leads SET city = 'Bonn' WHERE email = 'solo@firma.example'", sqlite.target)
    with pytest.raises(CleanupError, match="its city is different"):
        forget(bundle, "contacts:solo", by="Dana")
    sqlite.do("UPDATE leads SET city = NULL WHERE email = 'solo@firma.example'", sqlite.target)
    forget(bundle, "contacts:solo", by="Dana")
    new = again(bundle)

    assert (verify(new, threads=1).holds, new.manifest.leads) == (True, 7)
    assert places_of(("Einzelperson", "contacts:solo", "solo@"), bundle.path) == []
    assert "einzelperson" not in everything(sqlite)
    assert status(new).state == "verified"


def test_who_stays_in_the_crm_is_taken_out_as_well(sqlite: World) -> None:
    """A contact of a customer stands in the snapshot, in decisions and lists."""
    sqlite.do("UPDATE contacts SET last_name = 'Vergissmeinnicht' WHERE id = 'P8-0'")
    sqlite.do("INSERT INTO invoices VALUES ('N8', 8, 'posted')")
    bundle = sqlite.plan()
    assert places_of(("Vergissmeinnicht",), bundle.path)
    forget(bundle, "contacts:P8-0", by="Dana")

    assert places_of(("Vergissmeinnicht", "P8-0", "p8.0@"), bundle.path) == []
    assert decisions(again(bundle))["accounts:8"] == "customer"


def test_what_cannot_be_taken_out_is_refused(sqlite: World) -> None:
    """A company that others hang on, and a key that is none; nobody without a name."""
    bundle = person(sqlite)
    with pytest.raises(CleanupError, match="2 other records of the plan hang on this one, contacts:P5-0") as raised:
        forget(bundle, LEAD, by="Dana")
    assert f"crm-cleanup undo {bundle.path} --lead {LEAD}, if" in str(raised.value.next)
    assert f"add {LEAD} to {sqlite.folder / 'forget.csv'}, and run crm-cleanup plan" in str(raised.value.next)
    with pytest.raises(CleanupError, match="no record with this key"):
        forget(bundle, "contacts:nobody", by="Dana")
    with pytest.raises(CleanupError, match="name of a person is missing"):
        forget(bundle, KEY, by=" ")


def test_the_command_says_what_it_did(sqlite: World) -> None:
    """In words and in JSON."""
    bundle = person(sqlite)
    dry = run("forget", bundle.path, KEY, "--by", "Dana", "--dry-run", "--json")
    done = run("forget", bundle.path, KEY, "--by", "Dana")

    assert (json.loads(dry.stdout)["rows"], json.loads(dry.stdout)["written"]) == (3, False)
    assert done.returncode == 0, done.stderr
    assert "taken out of the plan, with 3 rows, 1 of which name other records, too" in done.stdout
