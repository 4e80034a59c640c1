"""What people filled in goes into decisions.csv, all of it or nothing."""

from __future__ import annotations

import csv
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from etl.classify import read_overrides
from etl.config import load
from etl.errors import ConfigError
from etl.pipeline.decide import decide
from etl.pipeline.plan import Planned, Settings, plan
from etl.report.safe_csv import OPEN_CASES
from etl.report.workbook import WORKBOOK, read_filled
from tests.pipeline import small
from tests.pipeline.filled_in import Clean, cleanup, twin_cleanup
from tests.report import office
from tests.report.books import filled, parts, sheet
from tests.running import run

BEFORE = 'source_key,decision,who,when,why,hash,note\r\naccounts:003,keep,Maria,2026-01-02,"old, but\r\ngood",,mine\r\n'


@pytest.fixture
def crm(tmp_path: Path) -> Clean:
    """A clean-up that was planned."""
    return cleanup(tmp_path)


def decided(planned: Planned) -> dict[str, list[str]]:
    """Source key -> decision and rule, as the new plan's workbook lists them."""
    return {row[0]: row[1:3] for row in sheet(planned.folder / WORKBOOK, "All decisions")[1:]}


@pytest.mark.parametrize("saved", [False, True], ids=["as filled in", "saved by LibreOffice"])
def test_a_filled_in_workbook_decides_the_next_plan(crm: Clean, saved: bool) -> None:
    """The families have the person's decisions, none of which is stale, and no case is open any more."""
    file = crm.fill(C2="Keep", F2="=Kim", H2="+1: a supplier", C3="lead", F3="Maria", G3="2026-10-12")
    if saved:
        file = office.saved(file, "xlsx", crm.config.parent / "saved")
    taken = crm.take(file)
    planned = crm.again()

    assert (taken.added, taken.replaced, taken.unchanged, taken.undecided) == (2, 0, 0, 0)
    assert (crm.rows()["accounts:008"]["who"], crm.rows()["accounts:008"]["why"]) == ("=Kim", "+1: a supplier")
    assert crm.rows()["accounts:Ä9"]["when"] == "2026-10-12"
    assert decided(planned)["contacts:7"] == ["keep", "decided by a person"]
    assert decided(planned)["accounts:Ä9"] == ["lead", "decided by a person"]
    assert (planned.report.overrides.used, planned.report.overrides.without_hash) == (2, 0)
    assert read_filled(planned.folder / WORKBOOK).rows == ()


def test_a_date_that_a_spreadsheet_made_of_the_day_is_a_day(crm: Clean) -> None:
    """Excel stores a day as a number with a format."""
    style = next(cell for cell in parts(crm.book)["Open cases"].split("<col ") if cell.startswith('min="7"'))
    number = style.split('style="')[1].split('"')[0]
    crm.take(crm.fill(C3="lead", F3="Maria", G3=f'<c s="{number}"><v>46307</v></c>'))

    assert crm.rows()["accounts:Ä9"]["when"] == "2026-10-12"


@pytest.mark.parametrize(
    ("when", "day"),
    [("31.10.2026", "2026-10-31"), ("1.2.2026", "2026-02-01"), ("31.10.2026 14:05", "2026-10-31 14:05")],
)
def test_a_day_may_be_written_as_in_german(crm: Clean, when: str, day: str) -> None:
    """In workbook and CSV, also by a person straight into decisions.csv, where it is the same day as in ISO form."""
    crm.take(crm.fill(C3="lead", F3="Maria", G3=when))
    assert crm.rows()["accounts:Ä9"]["when"] == day

    lines = crm.decisions.read_text(encoding="utf-8")
    crm.decisions.write_text(lines.replace(day, when), encoding="utf-8")
    again = crm.take(crm.csv("source_key,decision,who,when", f"accounts:Ä9,lead,Maria,{day}"))
    [override] = read_overrides(load(crm.config))

    assert again.replaced == 1  # for the hash that the CSV does not say
    assert override.words == f"Maria, {day}"


@pytest.mark.parametrize("when", ["31/10/2026", "31.2.2026", "31.10.26"])
def test_a_day_that_is_none_or_may_be_another_is_refused(crm: Clean, when: str) -> None:
    """With both ways to write one."""
    [(_, _, said)] = crm.refused(crm.fill(C3="lead", F3="Maria", G3=when))

    assert said == f"{when!r} in when is not a date such as 2026-10-12 or 12.10.2026"


def test_what_the_next_plan_could_not_follow_is_refused(crm: Clean) -> None:
    """A record that the plan has not, and a lead in a family of which a member cannot be processed; others count."""
    header = "source_key,decision,who"
    lines = ["accounts:4711,lead,K", "contacts:7,lead,K", "contacts:7,keep,K", "accounts:007,keep,K"]
    faults = [crm.refused(crm.csv(header, line), plan=crm.planned.folder) for line in (*lines[:2], lines[3])]
    taken = crm.take(crm.csv(header, lines[2]), plan=crm.planned.folder)

    assert [what for [(_, _, what)] in faults] == [
        f"'accounts:4711' is not a record of {crm.planned.folder}; compare the key with the plan's lists",
        "'lead' cannot be followed: accounts:008 cannot be processed (2 rows have the same key), and a family moves "
        "whole or not at all; correct the record in the CRM and plan again, or decide customer, keep or review",
        "no decision can be followed: accounts:007 cannot be processed (the column names a record that does not exist "
        "in accounts); correct the record in the CRM, and plan again",
    ]
    assert taken.added == 1


def test_decisions_are_held_against_the_plan_beside_their_file(crm: Clean) -> None:
    """It need not be named; where there is none, the command says that nobody checked."""
    file = filled(crm.book, crm.planned.folder / "filled.xlsx", {"C2": "lead", "F2": "Maria"})
    refused, unchecked = run("decide", crm.config, file), run("decide", crm.config, crm.fill(C2="lead", F2="Maria"))
    taken = run("decide", crm.config, filled(crm.book, file, {"C3": "lead", "F3": "Maria"}))

    assert (refused.returncode, "accounts:008 cannot be processed" in refused.stderr) == (2, True)
    assert "nobody checked whether the records exist" in unchecked.stderr
    assert f"Next: crm-cleanup plan {crm.config} --out {crm.planned.folder} --replace" in taken.stdout


def test_a_half_filled_workbook_leaves_the_rest_undecided(crm: Clean) -> None:
    """The other row waits; who and when may be said for all rows at once."""
    taken = crm.take(crm.fill(C3="lead"), by="Maria")

    assert (taken.added, taken.undecided) == (1, 1)
    assert list(crm.rows()) == ["accounts:Ä9"]
    assert crm.rows()["accounts:Ä9"]["who"] == "Maria"
    assert len(crm.rows()["accounts:Ä9"]["when"]) == 10


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "an unknown word": (
        {"C3": "custmer", "F3": "K"},
        "'custmer' is not a decision; write one of customer, .*mean 'customer'",
    ),
    "nobody": ({"C3": "lead"}, "the column who is empty; enter who decided, or run with --by NAME"),
    "no decision": ({"F3": "K"}, "who is filled in, but decision is empty"),
    "a number": ({"C3": "<c><v>7</v></c>", "F3": "K"}, "decision is a number"),
    "a truth": ({"C3": '<c t="b"><v>1</v></c>', "F3": "K"}, "decision is TRUE or FALSE"),
    "an error": ({"C3": '<c t="e"><v>#N/A</v></c>', "F3": "K"}, "decision is a formula or an error"),
    "a formula": ({"C3": '<c t="str"><f>B1</f><v>lead</v></c>', "F3": "K"}, "decision is a formula or an error"),
    "a formula as a name": ({"C3": "lead", "F3": '<c t="str"><f>B1</f><v>K</v></c>'}, "who is a formula"),
    "another key": ({"A3": "accounts:4711", "C3": "lead", "F3": "K"}, "was changed"),
    "another hash": ({"N3": "7e024fcf3a5df488", "C3": "lead", "F3": "K"}, "was changed"),
    "a number for a hash": ({"N3": "<c><v>1.2E+10</v></c>", "C3": "lead", "F3": "K"}, "hash is a number"),
    "no check": ({"O3": "", "C3": "lead", "F3": "K"}, "was changed"),
    "a day that is none": ({"C3": "lead", "F3": "K", "G3": "2026-02-30"}, "'2026-02-30' in when is not a date such as"),
    "a name that turns around": ({"C3": "lead", "F3": "K\u202e"}, "who contains invisible characters"),
    "no other": ({"C3": "same", "F3": "K"}, "'same' is about duplicates, but the config does not look for any"),
    "a lead without id": ({"C3": "into:", "F3": "K"}, "is not a decision"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_row_is_named_and_changes_nothing(crm: Clean, what: str) -> None:
    """Also for the row that is right; the message says what would be."""
    crm.decisions.write_bytes(BEFORE.encode())
    cells, reason = WRONG[what]
    [(row, key, said)] = crm.refused(crm.fill(C2="keep", F2="Kim", **cells))

    assert row == "Open cases, row 3"
    assert key == ("accounts:4711" if what == "another key" else "accounts:Ä9")
    assert re.search(reason, said)


def test_all_wrong_rows_are_named_at_once(crm: Clean) -> None:
    """Not one after the other."""
    found = crm.refused(crm.fill(C2="perhaps", F2="Kim", F3="Kim"))

    assert [row for row, _, _ in found] == ["Open cases, row 2", "Open cases, row 3"]


def test_two_decisions_on_one_record_contradict_each_other(crm: Clean) -> None:
    """They are listed side by side, with all rows that say one of them."""
    header = "source_key;decision;who"
    file = crm.csv(header, "accounts:Ä9;lead;K", "accounts:Ä9;lead;K", "accounts:Ä9;keep;K")

    assert crm.contradictions(file) == [[("lead", "line 2"), ("lead", "line 3"), ("keep", "line 4")]]


def foreign(crm: Clean) -> Path:
    """A workbook of somebody else's."""
    small.write_xlsx(crm.config.parent / "other")
    return crm.config.parent / "other" / "accounts.xlsx"


def of_another_plan(crm: Clean) -> Path:
    """The workbook of a clean-up with another name."""
    text = crm.config.read_text(encoding="utf-8")
    other = crm.config.with_name("other.yaml")
    other.write_text(text.replace("name: small", "name: other").replace("pipeline.db", "other.db"), encoding="utf-8")
    return plan(other, crm.config.parent / "second", settings=Settings(threads=1)).folder / WORKBOOK


FOREIGN: dict[str, tuple[Callable[[Clean], Path], str]] = {
    "foreign": (foreign, "not written by crm-cleanup"),
    "of another plan": (of_another_plan, "belongs to the clean-up 'other', but the config is for 'small'"),
    "no workbook": (lambda crm: crm.csv("PK\x03\x04 what is this", name="x.xlsx"), "not an XLSX file"),
    "nothing": (lambda crm: crm.csv("", name="x.csv"), "'source_key' is missing"),
    "missing": (lambda crm: crm.config.parent / "nowhere.csv", "cannot be read"),
    "in another encoding": (lambda crm: crm.csv("source_key,decision,who,Ä", encoding="cp1252"), "CSV in UTF-8"),
    "another list": (lambda crm: crm.csv("a,b", "1,2"), "'source_key' is missing"),
    "without a header": (lambda crm: crm.fill(C1="Antwort"), "'decision' is not in the first row"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_no_review_is_refused(crm: Clean, what: str) -> None:
    """With the reason, exit code 2, and the decisions as they were."""
    crm.decisions.write_bytes(BEFORE.encode())
    make, reason = FOREIGN[what]
    file = make(crm)

    with pytest.raises(ConfigError, match=reason) as error:
        crm.take(file)
    assert error.value.exit_code == 2
    assert crm.decisions.read_bytes() == BEFORE.encode()


def test_a_workbook_that_is_cut_off_is_refused_as_a_whole(crm: Clean) -> None:
    """At any place."""
    whole = crm.book.read_bytes()
    for part in range(1, 10):
        file = crm.config.parent / "cut.xlsx"
        file.write_bytes(whole[: len(whole) * part // 10])
        with pytest.raises(ConfigError):
            crm.take(file)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_open_cases_csv_can_be_filled_in_too(crm: Clean, separator: str, encoding: str) -> None:
    """As a spreadsheet of any language saves it; the apostrophe that keeps a value from being a formula is no part."""
    with (crm.planned.folder / OPEN_CASES).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[1] |= {"decision": "lead", "who": "Maria", "why": "'=1+1"}
    path = crm.config.parent / "filled.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    taken = crm.take(path)

    assert (taken.added, taken.undecided) == (1, 1)
    assert crm.rows()["accounts:Ä9"]["why"] == "=1+1"
    assert crm.again().report.overrides.used == 1


def test_a_damaged_hash_in_csv_is_named(crm: Clean) -> None:
    """A spreadsheet may take a hash for a number; so may it cut a row."""
    header = "source_key,decision,who,hash"
    found = crm.refused(crm.csv(header, "accounts:Ä9,lead,K,1.2E+10", "kunden:1,lead,K,", "accounts:1,lead,K,,x"))

    assert [row for row, _, _ in found] == ["line 2", "line 3", "line 4"]
    assert "'1.2E+10' was changed" in found[0][2]
    assert "does not belong to an entry of the config; its entries are accounts, contacts" in found[1][2]
    assert "more cells" in found[2][2]


def test_what_was_decided_before_stays_as_it_stands(crm: Clean) -> None:
    """Byte by byte, with its extra column; a line on the same record is replaced in its place, and keeps it."""
    crm.decisions.write_bytes(b"\xef\xbb\xbf" + BEFORE.encode() + "accounts:Ä9,keep,Kim,,,,yours".encode())
    first = crm.take(
        crm.csv("source_key,decision,who,when", "accounts:Ä9,lead,Maria,2026-10-12", "accounts:008,keep,K,")
    )
    now = crm.decisions.read_bytes().decode("utf-8")
    again = crm.take(
        crm.csv("source_key,decision,who,when", "accounts:Ä9,lead,Maria,2026-10-12", "accounts:008,keep,K,")
    )

    assert (first.added, first.replaced, first.unchanged, first.written) == (1, 1, 0, True)
    assert (again.added, again.replaced, again.unchanged, again.written) == (0, 0, 2, False)
    assert now.startswith("\ufeff" + BEFORE + "accounts:Ä9,lead,Maria,2026-10-12,,,yours\r\naccounts:008,keep,K,")
    assert crm.decisions.read_bytes().decode("utf-8") == now


def test_a_column_that_the_file_has_not_is_added(crm: Clean) -> None:
    """So that the hash is kept."""
    crm.decisions.write_text("who;decision;source_key\nKim;keep;accounts:003\n", encoding="utf-8")
    crm.take(crm.fill(C3="lead", F3="Maria"))
    lines = crm.decisions.read_text(encoding="utf-8").splitlines()

    assert lines[:2] == ["who;decision;source_key;when;hash", "Kim;keep;accounts:003"]
    assert crm.again().report.overrides.used == 2


def test_a_lead_that_is_there_can_be_named(crm: Clean) -> None:
    """`into: ID` is taken with the id as it is."""
    crm.take(crm.fill(C3="into: 4711", F3="Maria"))

    assert crm.rows()["accounts:Ä9"]["decision"] == "into: 4711"


def test_a_dry_run_writes_nothing_and_a_real_one_keeps_who_may_read(crm: Clean) -> None:
    """It counts as if."""
    crm.decisions.write_text(BEFORE, encoding="utf-8")
    crm.decisions.chmod(0o640)
    file = crm.fill(C3="lead", F3="Maria")
    tried = decide(crm.config, [file], dry_run=True)

    assert (tried.added, tried.written) == (1, False)
    assert len(crm.rows()) == 1
    assert crm.take(file).written
    assert stat.S_IMODE(crm.decisions.stat().st_mode) == 0o640
    assert [path.name for path in crm.config.parent.glob(".*")] == []


def test_the_command_says_what_it_took_and_what_it_could_not(crm: Clean) -> None:
    """Counts and the next command on standard output; wrong rows by row on standard error, for machines as well."""

    def decided(*arguments: str | Path) -> CompletedProcess[str]:
        return run("decide", crm.config, *arguments)

    wrong = crm.fill(C2="perhaps", F2="K\x1b[31m", C3="lead", F3="Maria")
    told, machine = decided(wrong), decided(wrong, "--json")
    assert (told.returncode, told.stdout) == (2, "")
    assert "\n  Open cases, row 2, accounts:008: 'perhaps' is not a decision" in told.stderr
    assert json.loads(machine.stderr)["rows"][0]["row"] == "Open cases, row 2"

    file = crm.fill(C3="lead", F3="Maria")
    tried, taken, again = decided(file, "--dry-run"), decided(file), decided(file, "--json")
    assert "Nothing was written." in tried.stdout
    assert "1 added, 0 replaced, 0 as before; 1 row undecided." in taken.stdout
    assert f"Next: crm-cleanup plan {crm.config} --replace" in taken.stdout
    assert json.loads(again.stdout)["unchanged"] == 1


@pytest.mark.parametrize("words", [("en", "Open cases", "customer"), ("de", "Offene Fälle", "Kunde")], ids=["en", "de"])
def test_two_records_that_may_be_one_are_one_row_which_decides_both(tmp_path: Path, words: tuple[str, ...]) -> None:
    """In the workbook of each language, as in the report: one open case; the plan after it has none."""
    language, name, word = words
    crm = twin_cleanup(tmp_path, language)
    [case] = read_filled(crm.book).rows
    taken = crm.take(filled(crm.book, tmp_path / "filled.xlsx", {"C2": word, "F2": "Maria"}, name))
    again = crm.again()

    assert (case.texts["source_key"], case.texts["other"]) == ("accounts:2", "accounts:3")
    assert (taken.added, again.report.overrides.used, again.report.overrides.without_hash) == (1, 1, 0)
    with (again.folder / "lists" / "customer.csv").open(encoding="utf-8", newline="") as file:
        assert {row["source_key"] for row in csv.DictReader(file)} == {"accounts:2", "accounts:3", "contacts:c2"}
    assert (crm.planned.report.open_cases, again.report.open_cases) == (1, 0)
    assert read_filled(again.folder / WORKBOOK).rows == ()


def test_rows_that_decide_one_of_two_records_otherwise_are_refused(tmp_path: Path) -> None:
    """Whichever of the two they name, and also by a contact; the plan says which families are one case."""
    crm = twin_cleanup(tmp_path)
    [case] = read_filled(crm.book).rows
    header, seen = "source_key,decision,who,when,why,hash,other", case.texts["hash"]
    first = f"accounts:2,customer,K,,,{seen},accounts:3"
    for second in (f"accounts:3,same,K,,,{seen},accounts:2", "accounts:3,keep,K,,,,", "contacts:c2,keep,K,,,,"):
        [[one_way, another]] = crm.contradictions(crm.csv(header, first, second, name="plan/filled.csv"))
        assert (one_way, another[1]) == (("customer", "line 2"), "line 3")
    turned = f"accounts:3,customer,Kim,,,{seen},accounts:2"

    assert crm.take(crm.csv(header, first, turned, name="plan/filled.csv")).added == 1


@pytest.mark.parametrize(("hashed", "words"), [(False, "needs the hash of the case"), (True, "other is empty")])
def test_a_lead_that_may_be_a_duplicate_needs_what_the_person_saw(tmp_path: Path, hashed: bool, words: str) -> None:
    """Without the hash, or with it and without the other record, decide refuses it; in the file it is not applied."""
    crm = twin_cleanup(tmp_path)
    [case] = read_filled(crm.book).rows
    key, seen = case.texts["source_key"], case.texts["hash"] if hashed else ""
    lines = "source_key,decision,who,when,why,hash", f"{key},lead,Maria,2026-11-02,,{seen}"
    [(_, _, reason)] = crm.refused(crm.csv(*lines, name="plan/filled.csv"))
    assert words in reason
    crm.decisions.write_text("\n".join(lines) + "\n", "utf-8")
    people = crm.again().report.overrides

    assert (people.used, people.without_hash, people.changed, people.incomplete) == (0, 0, (), (key,))
