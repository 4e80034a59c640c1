"""What several people decided is taken together: who agrees counts once, and who does not is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from etl.errors import ConfigError, WrongRows
from etl.pipeline.family_states import family_states
from etl.pipeline.former_families import FORMER, former_families
from etl.plan import Bundle
from etl.report.workbook import read_filled
from tests.pipeline.filled_in import Clean, big_cleanup, cleanup, twin_cleanup
from tests.pipeline.test_settled import linked
from tests.report.books import filled
from tests.running import run

MONDAY, TUESDAY = "2026-11-02T10:31:00", "2026-11-03T09:12:00"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    """A clean-up with two open cases, of accounts:008 and accounts:Ä9."""
    return cleanup(tmp_path_factory.mktemp("clean"))


@pytest.fixture
def crm(planned: Clean) -> Clean:
    """The same, of which nobody decided anything."""
    planned.decisions.unlink(missing_ok=True)
    return planned


@pytest.mark.parametrize("make", [cleanup, twin_cleanup, big_cleanup])
def test_the_hash_of_a_family_is_found_again_in_the_plan(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    """From its snapshot, by records, evidence and masters, for each open case."""
    crm = make(tmp_path)
    states = family_states(Bundle.open(crm.planned.folder), {case["source_key"] for case in crm.cases()})

    assert [(case["source_key"], case["hash"][:16]) for case in crm.cases()] == [
        (key, states[key].hash) for key in (case["source_key"] for case in crm.cases())
    ]


def test_it_covers_that_a_contact_belongs_to_a_further_company(tmp_path: Path) -> None:
    """Also where that company is another family, about which nobody asks."""
    bundle = Bundle.open(linked(tmp_path, "7,\n8,ask\n9,", "1,7,1\n1,8,2").folder)
    cases = pq.read_table(bundle.path / "cases.parquet").to_pylist()

    assert {case["source_key"] for case in cases} == {"accounts:7", "accounts:8"}
    for case in cases:
        [state] = family_states(bundle, {case["source_key"]}).values()
        assert state.hash == case["hash"]


def test_forty_decisions_of_the_page_are_those_of_the_workbook(tmp_path: Path) -> None:
    """To the last byte of decisions.csv: every kind of decision, with and without a reason."""
    crm = big_cleanup(tmp_path)
    cases, book = (
        crm.cases(),
        {row.texts["source_key"]: row.where.rpartition(" ")[2] for row in read_filled(crm.book).rows},
    )
    words = [
        ("same", "different", "keep", "lead")[place % 4] if case["other"] else
        ("customer", "keep", "lead", "review", f"into: {place}")[place % 5]
        for place, case in enumerate(cases)
    ]  # fmt: skip
    answers = [
        {"decision": word, "who": "Maria Muster", "when": "2026-11-02", "why": ("", "=1+1", 'so, "far" äß')[place % 3]}
        for place, word in enumerate(words)
    ]
    cells = {
        f"{column}{book[case['source_key']]}": answer[name]
        for case, answer in zip(cases, answers, strict=True)
        for name, column in (("decision", "C"), ("who", "F"), ("when", "G"), ("why", "H"))
    }
    by_page = crm.take(crm.saved("maria.json", *({"case": str(n), **each} for n, each in enumerate(answers))))
    of_page = crm.decisions.read_bytes()
    crm.decisions.unlink()
    by_book = crm.take(filled(crm.book, tmp_path / "filled.xlsx", cells))

    assert (len(cases), by_page.added, by_book.added) == (40, 40, 40)
    assert {word.partition(":")[0] for word in words} == {
        "same", "different", "keep", "lead", "customer", "review", "into",
    }  # fmt: skip
    assert crm.decisions.read_bytes() == of_page


class Reviewed:
    """Forty open cases that three people decide by page and workbook; then a record is edited, and planned again."""

    def __init__(self, folder: Path) -> None:
        self.crm = big_cleanup(folder)
        self.maria = self.crm.saved("maria.json", *self._by("Maria", MONDAY, *range(20)))
        self.kim = self.crm.saved("kim.json", *self._by("Kim", TUESDAY, 18, 20))
        book = {row.texts["source_key"]: row.where.rpartition(" ")[2] for row in read_filled(self.crm.book).rows}
        cells = {f"{column}{book[key]}": text for key in ("accounts:x19", "accounts:x21")
                 for column, text in (("C", "lead"), ("F", "Jan"), ("G", "2026-11-04"), ("H", "he moved"))}  # fmt: skip
        self.jan = filled(self.crm.book, folder / "jan.xlsx", cells)
        self.files = (self.maria, self.kim, self.jan)

    def _by(self, who: str, when: str, *numbers: int) -> list[dict[str, str]]:
        keys = [case["source_key"] for case in self.crm.cases()]
        cases = [str(keys.index(f"accounts:x{number}")) for number in numbers]
        return [{"case": case, "decision": "keep", "who": who, "when": when} for case in cases]

    def edit(self, *, keep: bool) -> None:
        """Edit accounts:x3 and plan again; keep: the plan that people looked at."""
        rows = self.crm.config.parent / "in" / "accounts.csv"
        rows.write_text(rows.read_text("utf-8").replace("Weg 3,", "Allee 3,"), "utf-8")
        if keep:
            self.crm.planned.folder.rename(self.crm.config.parent / "monday")
        self.crm.again()


def test_three_reviewers_one_contradiction_and_one_stale_hash(tmp_path: Path) -> None:
    """Nothing is taken until one is preferred and the stale one left out; then the plan follows all the others."""
    reviewed = Reviewed(tmp_path)
    reviewed.edit(keep=True)
    crm, files = reviewed.crm, reviewed.files
    how: dict[str, Any] = {"plan": crm.planned.folder}

    with pytest.raises(WrongRows) as error:
        crm.take(*files, **how)
    assert error.value.message.replace(f"{tmp_path}/", "").splitlines() == [
        "1 decision is about records that changed since, so nothing was taken over:",
        "  maria.json, decision 4, accounts:x3: keep, Maria, 2026-11-02 10:31",
        "    accounts:x3: street was 'Weg 3', is 'Allee 3'",
        "1 case is decided in different ways, so nothing was taken over:",
        "",
        "  accounts:x19  keep  Maria, 2026-11-02 10:31  (maria.json, decision 20)",
        "  accounts:x19  lead  Jan, 2026-11-04: he moved  (jan.xlsx, Open cases, row 23)",
    ]
    assert "--without-stale" in (error.value.next or "")
    assert "--prefer NAME" in (error.value.next or "")
    assert crm.contradictions(*files, without_stale=True, **how)
    assert crm.stale(*files, prefer=["Jan"], **how) == ["accounts:x3"]

    taken = crm.take(*files, prefer=["jan"], without_stale=True, **how)
    planned = crm.again()
    counted = planned.report.overrides

    assert (taken.added, taken.agreed, taken.overruled, len(taken.stale)) == (21, 1, 1, 2)
    assert (crm.rows()["accounts:x18"]["who"], crm.rows()["accounts:x18"]["when"]) == ("Maria, Kim", "2026-11-03")
    assert (crm.rows()["accounts:x19"]["who"], crm.rows()["accounts:x19"]["decision"]) == ("Jan", "lead")
    assert "accounts:x3" not in crm.rows()
    assert (counted.used, counted.changed, planned.report.open_cases) == (21, (), 40 - 21)


def test_what_changed_is_told_as_far_as_it_is_known(tmp_path: Path) -> None:
    """By what the plan in its place was; without that, by the stamps of the records, or the members of the family."""
    crm = twin_cleanup(tmp_path)
    file = crm.saved("maria.json", {"case": "0", "decision": "same", "who": "Maria", "when": MONDAY})
    rows = tmp_path / "in" / "accounts.csv"
    text = rows.read_text("utf-8")

    def told() -> list[str]:
        with pytest.raises(WrongRows) as error:
            crm.take(file, plan=crm.planned.folder)
        [(row, key, what)] = error.value.stale
        assert (row, key) == ("decision 1", "accounts:2")
        return what.split("; ")

    former = crm.planned.folder / FORMER
    rows.write_text(text.replace("2026-01-05", "2026-11-03"), "utf-8")
    crm.again()
    assert told() == ["accounts:2: changed was '2026-01-05', is '2026-11-03'"]
    former.unlink()
    assert told() == ["accounts:2 was changed after that: changed is '2026-11-03'"]
    rows.write_text(text.replace("2026-01-05", ""), "utf-8")
    crm.again()
    former.unlink()
    assert told() == ["no plan with the former values is at hand (the family: accounts:2, contacts:c2)"]
    rows.write_text("\n".join(line for line in text.splitlines() if not line.startswith("3,")) + "\n", "utf-8")
    crm.again()
    assert told() == ["accounts:3 is not in the plan any more"]


def test_records_and_evidence_that_came_or_went_are_told(tmp_path: Path) -> None:
    """Beside the columns that changed, with both values."""
    crm = cleanup(tmp_path)
    [case] = [case for case in crm.cases() if case["source_key"] == "accounts:Ä9"]
    file = crm.saved("maria.json", {**case, "decision": "lead", "who": "Maria", "when": MONDAY})
    crm.planned.folder.rename(tmp_path / "monday")
    for name, old, new in (
        ("accounts", "Undatiert GmbH,,", "Undatiert AG,80331,"),
        ("invoices", "0000-00-00", "2010-01-01"),
        ("contacts", "7,008,Eva", "7,Ä9,Eva"),
    ):
        path = tmp_path / "in" / f"{name}.csv"
        assert old in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    crm.again()

    with pytest.raises(WrongRows) as error:
        crm.take(file, plan=crm.planned.folder)
    assert error.value.stale[0][2].split("; ") == [
        "accounts:Ä9: name was 'Undatiert GmbH', is 'Undatiert AG'",
        "accounts:Ä9: zip was empty, is '80331'",
        "contacts:7 is new in the family",
        "1 row of invoices is new: account_id 'Ä9', date '2010-01-01', no 'R5'",
        "1 row of invoices is gone: account_id 'Ä9', date '0000-00-00', no 'R5'",
    ]


def test_what_a_person_decided_later_takes_the_place_of_the_earlier(crm: Clean) -> None:
    """In whatever order the files come; on one day, the page says when; else nobody knows which was later."""
    early, late = ({"case": "1", "who": "Maria", "when": when} for when in (MONDAY, TUESDAY))
    files = crm.saved("late.json", {**late, "decision": "keep"}), crm.saved("early.json", {**early, "decision": "lead"})
    taken = crm.take(*files)
    assert (taken.added, taken.changed, crm.rows()["accounts:Ä9"]["decision"]) == (1, 1, "keep")

    day = {"case": "1", "who": "Maria", "when": "2026-11-03"}
    saved = (
        crm.saved("b.json", {**day, "decision": "lead"}, saved="2026-11-03T15:00:00+01:00"),
        crm.saved("a.json", {**day, "decision": "customer"}, saved="2026-11-03T13:59:59Z"),
    )
    assert crm.take(*saved).changed == 1
    assert crm.rows()["accounts:Ä9"]["decision"] == "lead"

    same_day = crm.csv("source_key,decision,who,when", "accounts:Ä9,lead,maria,2026-11-03")
    undated = crm.csv("source_key,decision,who", "accounts:Ä9,lead,Maria", name="undated.csv")
    for other in (same_day, undated):
        [group] = crm.contradictions(files[0], other)
        assert {decision for decision, _ in group} == {"keep", "lead"}


def test_a_file_with_what_was_agreed_upon_can_be_preferred(crm: Clean) -> None:
    """It decides where others differ, and no more; a name that is nobody's is refused."""
    one_way = crm.csv("source_key,decision,who", "accounts:Ä9,lead,Maria", "accounts:003,keep,Maria", name="m.csv")
    other = crm.csv("source_key,decision,who", "accounts:Ä9,customer,Jan", name="j.csv")
    settled = crm.csv("source_key,decision,who", "accounts:Ä9,keep,Maria and Jan", name="settled.csv")
    [group] = crm.contradictions(one_way, other, settled)
    assert len(group) == 3
    for name in ("Kim", "settled"):
        with pytest.raises(ConfigError, match=f"Nobody called '{name}' decided anything"):
            crm.take(one_way, other, settled, prefer=[name])
    taken = crm.take(one_way, other, settled, prefer=[str(settled)])

    assert (taken.added, taken.overruled) == (2, 2)
    assert {key: row["decision"] for key, row in crm.rows().items()} == {"accounts:003": "keep", "accounts:Ä9": "keep"}


def test_a_contradiction_is_listed_once_with_all_that_belong_to_it(tmp_path: Path) -> None:
    """Two records of one case, a contact of one of them, and three people: that is one question."""
    crm = twin_cleanup(tmp_path)
    case = {"case": "0", "when": MONDAY}
    files = (
        crm.saved("maria.json", {**case, "decision": "customer", "who": "Maria", "why": "paid in cash"}),
        crm.saved("jan.json", {**case, "decision": "same", "who": "Jan"}),
        crm.csv("source_key,decision,who", "contacts:c2,keep,Kim", name="kim.csv"),
    )
    [group] = crm.contradictions(*files, plan=crm.planned.folder)
    assert sorted(decision for decision, _ in group) == ["customer", "keep", "same"]
    jans = crm.take(*files, plan=crm.planned.folder, prefer=["Jan"], dry_run=True)
    assert (jans.added, jans.overruled) == (2, 1)  # the two are the same, and stay for Kim
    taken = crm.take(*files, plan=crm.planned.folder, prefer=["Maria"])

    assert (taken.added, taken.overruled) == (1, 2)
    assert crm.rows()["accounts:2"]["why"] == "paid in cash"


def test_the_command_lists_contradictions_for_people_and_machines(crm: Clean) -> None:
    """On standard error, with exit code 2; and counts on standard output what became of all decisions."""
    lead = {"case": "1", "decision": "lead", "who": "Maria", "when": MONDAY, "why": "\x1b[31m"}
    maria = crm.saved("maria.json", lead)
    jan = crm.saved("jan.json", {"case": "1", "decision": "keep", "who": "Jan", "when": TUESDAY})
    told, machine = run("decide", crm.config, maria, jan), run("decide", crm.config, maria, jan, "--json")
    taken = run("decide", crm.config, maria, jan, "--prefer", "Jan", "--dry-run")
    [group] = json.loads(machine.stderr)["contradictions"]

    assert (told.returncode, told.stdout) == (2, "")
    assert "accounts:Ä9  lead  Maria, 2026-11-02 10:31: \\x1b[31m" in told.stderr
    assert [(each["who"], each["decision"], each["file"]) for each in group] == [
        ("Maria", "lead", str(maria)), ("Jan", "keep", str(jan)),
    ]  # fmt: skip
    assert "1 decision gave way to a preferred one." in taken.stdout
    assert not crm.decisions.exists()


def test_decide_from_a_plan_plans_again_and_shows_what_changed(tmp_path: Path) -> None:
    """In one command, without the source: in a folder of its own, or in the place of the plan before."""
    crm = twin_cleanup(tmp_path)
    case = {"case": "0", "decision": "customer", "who": "Maria", "when": MONDAY}
    maria, jan = crm.saved("maria.json", case), crm.saved("jan.json", {**case, "decision": "keep"})
    folder, new = crm.planned.folder, tmp_path / "next"
    (tmp_path / "in").rename(tmp_path / "away")
    refused = run("decide", crm.config, maria, "--from", folder, "--out", tmp_path / "away")
    beside = run("decide", crm.config, maria, "--from", folder, "--out", new, "--json")
    assert (refused.returncode, "already exists" in refused.stderr, beside.returncode) == (1, True, 3)  # gates break
    told = json.loads(beside.stdout)
    again = run("decide", crm.config, jan, "--from", folder)

    assert (told["taken"]["added"], told["plan"]["open_cases"], told["diff"]["same"]) == (1, 0, False)
    assert told["diff"]["after"]["folder"] == str(new) == told["plan"]["folder"]
    assert told["plan"]["digest"] == Bundle.open(new).manifest.digest
    lines = again.stdout.splitlines()
    assert lines[0] == f"Decisions in {crm.decisions}: 0 added, 1 replaced, 0 as before; 0 rows undecided."
    assert "3 legacy records have another decision." in lines[2]
    assert f"The new plan is in {folder}; 0 open cases left to decide." in lines
    assert Bundle.open(folder).manifest.digest != crm.planned.report.digest


def test_decide_from_a_plan_says_what_is_written_where_it_fails(crm: Clean) -> None:
    """A call that cannot work is refused before anything is written; a plan that cannot be made, after it."""
    file = crm.saved("maria.json", {"case": "1", "decision": "lead", "who": "Maria"})
    nowhere = run("decide", crm.config, file, "--from", crm.config.parent / "nowhere")
    dry, alone = run("decide", crm.config, file, "--from", crm.planned.folder, "--dry-run"), run(
        "decide", crm.config, file, "--out", crm.config.parent / "x"
    )  # fmt: skip
    assert [nowhere.returncode, dry.returncode, alone.returncode] == [1, 2, 2]
    assert not crm.decisions.exists()

    text = crm.config.read_text("utf-8")
    crm.config.write_text(text.replace("exists: invoices", "exists: bills"), "utf-8")
    failed = run("decide", crm.config, file, "--from", crm.planned.folder)
    crm.config.write_text(text, "utf-8")
    assert failed.returncode == 2
    assert f"written: the decisions, in {crm.decisions}" in failed.stderr
    assert list(crm.rows()) == ["accounts:Ä9"]


def test_who_leaves_a_case_open_contradicts_nobody_without_a_reason(crm: Clean) -> None:
    """As `later` on the page; a reason to wait is an opinion, and two who leave it open agree."""
    jan = crm.saved("jan.json", {"case": "1", "decision": "keep", "who": "Jan", "when": MONDAY})
    later = {"case": "1", "decision": "review", "who": "Maria", "when": TUESDAY}
    without = crm.saved("maria.json", later)
    reason = crm.saved("kim.json", {**later, "who": "Kim", "why": "the lawyer has it"})
    taken = crm.take(jan, without)

    assert (taken.added, taken.left_open, crm.rows()["accounts:Ä9"]["decision"]) == (1, 1, "keep")
    assert crm.contradictions(jan, without, reason) == [[("keep", "decision 1"), ("review", "decision 1")]]
    assert crm.take(without, reason, dry_run=True).agreed == 1


def test_former_values_go_where_somebody_must_be_forgotten(tmp_path: Path) -> None:
    """By `forget` and by a plan with forget.csv; they are their owner's alone, and a changed file counts nothing."""
    crm = twin_cleanup(tmp_path)
    rows, former = tmp_path / "in" / "accounts.csv", crm.planned.folder / FORMER
    rows.write_text(rows.read_text("utf-8").replace("2026-01-05", "2026-11-03"), "utf-8")
    crm.again()
    table = pq.read_table(former)
    assert former.stat().st_mode & 0o777 == 0o600
    assert len(former_families(Bundle.open(former.parent), table["hash"].to_pylist())) == len(table) == 2
    pq.write_table(table.set_column(0, "hash", [["0" * 16] * len(table)]), former)
    assert former_families(Bundle.open(former.parent), ["0" * 16]) == {}

    assert run("forget", former.parent, "accounts:24", "--by", "Kim").returncode == 0
    assert not former.exists()
    rows.write_text(rows.read_text("utf-8").replace("2026-11-03", "2026-11-04"), "utf-8")
    crm.again()
    assert not former.exists()
