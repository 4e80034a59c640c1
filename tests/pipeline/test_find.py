"""Where did a record go? It is found by whatever people remember of it, and what is shown is what is true."""

from __future__ import annotations

import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.errors import CleanupError, ConfigError, PlanError, StalePlan
from etl.pipeline.apply import apply
from etl.pipeline.find import Hit, find, state
from etl.pipeline.find_page import write_page
from etl.pipeline.plan import Settings, plan
from etl.plan import Bundle
from tests.pipeline import small

ONE = Settings(threads=1)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small CRM's plan, whose leads are written."""
    return made(tmp_path_factory.mktemp("applied"), write=True)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small CRM's plan, of which nothing is written yet."""
    return made(tmp_path_factory.mktemp("planned"))


def made(folder: Path, *, write: bool = False) -> Path:
    """Plan the small CRM, and write its leads if asked to."""
    small.write_config(folder, small.write_csv(folder / "in"))
    planned = plan(folder / "small.yaml", folder / "plan", settings=ONE)
    if write:
        apply(Bundle.open(planned.folder))
    return planned.folder


def keys(text: str, *plans: Path, limit: int = 10) -> list[str]:
    """The source keys of the hits, best first."""
    return [hit.source_key for hit in find(text, plans, limit=limit).hits]


def only(text: str, *plans: Path) -> Hit:
    """The one hit that there is."""
    [hit] = find(text, plans).hits
    return hit


@pytest.mark.parametrize(
    "text",
    [
        "Bäckerei Öztürk",
        "baeckerei oeztuerk",
        "BACKEREI OZTURK",
        "bäckerei köln",
        "Koeln Bäck",
        "öztürk e.K.",
        "oeztürk ek",
    ],
)
def test_umlauts_accents_and_case_are_forgiven(applied: Path, text: str) -> None:
    """However the name and the city are typed, and in whatever order."""
    assert keys(text, applied)[0] == "accounts:003"


@pytest.mark.parametrize("text", ["Kraszevski Metallbau", "kraszewksi metalbau", "Krszewski Dresden", "metallbua"])
def test_typing_errors_are_forgiven(applied: Path, text: str) -> None:
    """A wrong, a missing and a swapped letter."""
    assert keys(text, applied)[0] == "accounts:001"


def test_what_is_met_exactly_comes_before_what_is_nearly_met(tmp_path: Path) -> None:
    """And a name of its own before one among others."""
    rows: small.Table = [
        [f"9{n}", None, name, *[None] * 7] for n, name in enumerate(("Meier", "Maier", "Meier Bau KG"))
    ]
    small.write_config(
        tmp_path, small.write_csv(tmp_path / "in", {**small.TABLES, "accounts": [*small.TABLES["accounts"], *rows]})
    )
    folder = plan(tmp_path / "small.yaml", tmp_path / "plan", settings=ONE).folder

    assert keys("meier", folder) == ["accounts:90", "accounts:92", "accounts:91"]
    assert keys("meier", folder, limit=2) == ["accounts:90", "accounts:92"]
    assert keys("maier", folder)[0] == "accounts:91"


def test_a_company_comes_before_persons_who_meet_the_words_as_well(applied: Path) -> None:
    """Although they say less; a person is shown with its company."""
    company, person = find("öztürk", [applied]).hits

    assert (company.source_key, company.company) == ("accounts:003", None)
    assert (person.source_key, person.company) == ("contacts:2", "Bäckerei Öztürk e.K.")


@pytest.mark.parametrize(
    "text", ["0351 1234567", "+49 (0)351 123-45 67", "0049351/1234567", "03511234567", "351 1234567"]
)
def test_a_phone_number_is_found_in_any_spelling(applied: Path, text: str) -> None:
    """By its digits; the country may be missing on either side."""
    assert keys(text, applied) == ["accounts:001"]


def test_a_phone_number_with_its_country_is_found_without_it(applied: Path) -> None:
    """`0049 (0) 89` in the CRM is `089` for who calls."""
    assert keys("089 99998-111", applied) == ["accounts:006"]
    assert keys("040/66969123 Hamburg", applied) == ["accounts:004"]


def test_an_email_address_is_found(applied: Path) -> None:
    """The whole, a field with several, and by its domain alone."""
    assert keys("anna@kraszewski.example", applied)[0] == "contacts:1"
    assert keys("C@D.example", applied)[0] == "accounts:004"
    assert set(keys("kraszewski.example", applied)) == {"accounts:001", "contacts:1"}


def test_a_record_is_found_by_its_source_key_and_its_bare_key(applied: Path) -> None:
    """The key as it is typed comes first: one with a blank is another; zeros before it may be left out."""
    assert keys("accounts:003", applied)[0] == "accounts:003"
    assert keys("003", applied)[0] == "accounts:003"
    assert keys("3", applied)[0] == "contacts:3"
    assert "accounts:003" in keys("3", applied)
    assert keys("006", applied)[0] == "accounts:006"
    assert keys("006 ", applied)[0] == "accounts:006 "
    assert keys("ä9", applied)[0] == "accounts:Ä9"


def test_a_record_is_found_by_the_id_of_its_lead(applied: Path) -> None:
    """With all that went into that lead."""
    lead_id = only("Zoë Zahn", applied).lead_id
    assert lead_id is not None
    company = only("Bäckerei", applied)

    assert "contacts:3" in keys(lead_id, applied)
    assert {"accounts:003", "contacts:2"} <= set(keys(company.lead_id or "", applied))


def test_a_hit_says_where_the_record_is_and_why(applied: Path) -> None:
    """A lead with its id in the target and the note's lines on that record; a customer with the evidence."""
    lead, customer = only("Ömer Öztürk", applied), only("Kraszewski Montage", applied)

    assert (lead.decision, lead.rule, lead.lead) == ("lead", "no evidence", "accounts:003")
    assert lead.state == f"in the lead pipeline, lead {lead.lead_id}"
    assert lead.note[0].endswith("[contacts:2]")
    assert any("Ömer" in line for line in lead.note)
    assert (customer.name, customer.city) == ("Kraszewski Montage GmbH", "Leipzig")
    assert (customer.state, customer.rule) == ("stays in the CRM: customer", "invoiced")
    assert "R1" in (customer.evidence or "")
    assert (customer.lead_id, customer.note) == (None, ())


def test_what_is_not_written_yet_is_said_to_be_so(planned: Path) -> None:
    """The plan is made, the target reached, and the ledger has nothing."""
    hit, found = only("Zoë Zahn", planned), find("Zoë Zahn", [planned])

    assert (hit.state, hit.lead_id) == ("not written yet", None)
    assert found.notices == ()


def test_every_word_must_be_met(applied: Path) -> None:
    """In the same record; mojibake in the CRM is met by what it should have been."""
    assert keys("müller münchen", applied) == ["accounts:006"]
    assert keys("großhandel", applied) == ["accounts:006"]
    assert keys("müller dresden", applied) == []
    assert keys("müller & großhandel -", applied) == ["accounts:006"]


def test_rejects_are_found(applied: Path) -> None:
    """Nothing is gone: what cannot be processed stays in the CRM."""
    assert {hit.state for hit in find("Doppelt", [applied]).hits} == {"stays in the CRM: reject"}
    assert only("Verwaist", applied).decision == "reject"


def test_a_target_that_cannot_be_asked_is_one_line(tmp_path: Path) -> None:
    """Hits come without ids, and do not claim what is not known."""
    folder = made(tmp_path, write=True)
    (tmp_path / "pipeline.db").write_bytes(b"no database, but a file of this length" * 100)
    found = find("Zoë Zahn", [folder])

    [notice] = found.notices
    assert "\n" not in notice
    assert str(folder) in notice
    assert found.hits[0].lead_id is None
    assert "whether it was written is not known" in found.hits[0].state


def test_a_secret_that_is_not_set_hinders_no_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns are read from the manifest; only the target needs the environment."""
    monkeypatch.setenv("FIND_TEST_FOLDER", str(tmp_path))
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in"), "sqlite:///${FIND_TEST_FOLDER}/p.db")
    folder = plan(config, tmp_path / "plan", settings=ONE).folder
    monkeypatch.delenv("FIND_TEST_FOLDER")
    found = find("Zoë Zahn", [folder])

    assert [hit.source_key for hit in found.hits] == ["contacts:3"]
    assert "FIND_TEST_FOLDER" in found.notices[0]


def test_a_record_of_several_plans_is_shown_once_as_the_plan_that_wrote_it_has_it(tmp_path: Path) -> None:
    """The later plan only knows that it moved before; the customer is the newest plan's."""
    first = made(tmp_path, write=True)
    second = plan(tmp_path / "small.yaml", tmp_path / "second", settings=ONE).folder
    moved, stays = only("Zoë Zahn", first, second), only("Kraszewski Montage", second, first)

    assert (moved.plan, moved.decision, moved.note != ()) == (str(first), "lead", True)
    assert only("Zoë Zahn", second).decision == "moved before"
    assert only("Zoë Zahn", second).state == moved.state
    assert stays.plan == str(second)


def test_the_index_is_private_and_built_once_and_again_for_another_plan(tmp_path: Path) -> None:
    """It is no part of the plan's digest, and one that is damaged is built anew."""
    folder = made(tmp_path)
    find("Zahn", [folder])
    index, words = folder / "find.parquet", folder / "find-words.parquet"
    before = index.stat().st_mtime_ns
    find("Zahn", [folder])
    assert index.stat().st_mtime_ns == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in (index, words)} == {0o600}

    other = plan(tmp_path / "small.yaml", tmp_path / "other", settings=ONE).folder
    shutil.copy(index, other / "find.parquet")
    index.write_bytes(b"damaged")
    pq.write_table(pq.read_table(words).replace_schema_metadata({}), words)
    assert keys("Zahn", folder) == ["contacts:3"]
    assert not list(folder.glob(".find*"))
    assert apply(Bundle.open(folder)).leads == 4


def test_all_plans_of_the_folder_plans_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none is named; without any, the error says how to name one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlanError, match="no plan in"):
        find("Zahn")
    made(tmp_path / "one").rename(tmp_path / "moved")
    (tmp_path / "plans" / "no plan").mkdir(parents=True)
    (tmp_path / "moved").rename(tmp_path / "plans" / "one")

    assert [hit.plan for hit in find("Zahn").hits] == ["plans/one"]


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_to_search_for_is_an_error(planned: Path, text: str) -> None:
    """It says how to ask."""
    with pytest.raises(ConfigError, match="nothing to search for"):
        find(text, [planned])


@pytest.mark.parametrize("text", ["&", "(", r"\d+", "a|b", ".*", "%", "'; DROP TABLE x", "🙂", "x" * 5000, "\ud800"])
def test_no_text_is_an_order_to_the_search(planned: Path, text: str) -> None:
    """Signs of patterns mean nothing, and nothing breaks."""
    assert find(text, [planned]).records > 10


@pytest.mark.parametrize(
    ("decision", "lead_id", "into", "reached", "said"),
    [
        ("lead", "17", None, True, "in the lead pipeline, lead 17"),
        ("lead", None, "4711", True, "not written yet; it goes into lead 4711"),
        ("review", None, None, False, "stays in the CRM: review"),
        ("moved before", None, None, True, "moved by an earlier plan; its lead is not in the ledger any more"),
        ("moved before", None, None, False, "moved by an earlier plan"),
    ],
)
def test_the_state_in_words(decision: str, lead_id: str | None, into: str | None, reached: bool, said: str) -> None:
    """What the ledger says comes before what the plan says."""
    assert state(decision, lead_id, into, reached) == said


def cut(folder: Path) -> None:
    """Cut a table of a plan."""
    (folder / "decisions.parquet").write_bytes((folder / "decisions.parquet").read_bytes()[:-40])


def change(folder: Path) -> None:
    """Change a figure of a plan's manifest."""
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"leads": 4', '"leads": 5'), encoding="utf-8")


def make_older(folder: Path) -> None:
    """Give a plan the form of an older version of this tool."""
    (folder / "manifest.json").write_text('{"format": 0}', encoding="utf-8")


@pytest.mark.parametrize("spoil", [cut, change, make_older])
def test_a_plan_of_the_folder_plans_that_cannot_be_read_is_left_out_and_named(
    planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    """The others are searched, and go onto the page; where it is named, or there is no other, it is an error."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(planned, "plans/bad", ignore=shutil.ignore_patterns("find*.parquet"))
    spoil(Path("plans/bad"))
    with pytest.raises((PlanError, StalePlan)) as alone:
        find("Zahn")
    shutil.copytree(planned, "plans/good")
    matches, page = find("Zahn"), write_page(tmp_path / "page.html")

    assert [hit.plan for hit in matches.hits] == ["plans/good"]
    assert matches.plans == page.plans == ("plans/good",)
    assert page.notices == matches.notices
    assert matches.notices == (f"plans/bad could not be searched: {alone.value.message}",)
    with pytest.raises(CleanupError, match=re.escape(alone.value.message)):
        find("Zahn", [Path("plans/good"), Path("plans/bad")])


def test_notes_that_cannot_be_read_hinder_no_search(
    planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hit says all else, where the plan was damaged after its index was built."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(planned, "plans/one")
    [sound] = find("Zoë Zahn").hits
    Path("plans/one/leads.parquet").write_bytes(b"cut")
    matches = find("Zoë Zahn")

    assert sound.note != ()
    assert matches.hits == (replace(sound, note=()),)
    assert "leads.parquet is missing or damaged" in matches.notices[0]
