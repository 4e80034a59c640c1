"""What the page has saved is taken as the page writes it; anything else is refused with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.errors import ConfigError
from etl.pipeline import saved_decisions
from etl.pipeline.answers import read_rows
from etl.report.safe_csv import guarded
from tests.pipeline.filled_in import Clean, cleanup

DECISION = {"source_key": "accounts:Ä9", "decision": "lead", "other": "", "who": "Maria", "when": "2026-11-02T10:31:00",
            "why": "", "hash": ""}  # fmt: skip
PAGE: dict[str, Any] = {"crm_cleanup": "decisions", "version": 1, "name": "small", "plan": "0" * 64, "by": "Maria",
                        "saved": "2026-11-02T11:00:00+01:00", "decisions": [DECISION]}  # fmt: skip


def written(path: Path, page: object) -> Path:
    """A file with JSON, or with a text as it stands."""
    file = path / "decisions-small.json"
    file.write_text(page if isinstance(page, str) else json.dumps(page), encoding="utf-8")
    return file


def without(name: str) -> dict[str, Any]:
    """The page without a key."""
    return {key: value for key, value in PAGE.items() if key != name}


def decided(**other: object) -> dict[str, Any]:
    """The page with a decision that is otherwise."""
    return {**PAGE, "decisions": [DECISION, {**DECISION, **other}]}


WRONG: dict[str, tuple[object, str]] = {
    "nothing": ("", "no JSON from line 1, column 1"),
    "cut off": (json.dumps(PAGE)[:-30], "it may have been cut off"),
    "a list": ([], "does not say crm_cleanup: decisions"),
    "another file": ({"crm_cleanup": "report"}, "does not say crm_cleanup: decisions"),
    "a later version": ({**PAGE, "version": 2}, "version 2, and this version of crm-cleanup reads 1"),
    "a version that is true": ({**PAGE, "version": True}, "version True"),
    "no plan": (without("plan"), "plan is missing"),
    "another plan than a digest": ({**PAGE, "plan": "demo"}, "plan is no digest"),
    "no time": ({**PAGE, "saved": "yesterday"}, "saved is no time"),
    "a time before all times": ({**PAGE, "saved": "0001-01-01T00:00"}, "saved is no time"),
    "an unknown key": ({**PAGE, "more\x1b": 1}, "the key 'more.* is unknown"),
    "a key twice": ('{"crm_cleanup": "decisions", "crm_cleanup": "decisions"}', "'crm_cleanup' stands twice"),
    "decisions that are none": ({**PAGE, "decisions": {}}, "decisions is no list"),
    "a decision that is none": ({**PAGE, "decisions": [1]}, "decision 1 is no object"),
    "a decision without hash": ({**PAGE, "decisions": [{"source_key": "a:1"}]}, "decision 1: decision is missing"),
    "an unknown key of a decision": (decided(lead=1), "decision 2: the key 'lead' is unknown"),
    "a number": (decided(other=7), "decision 2: other is no text"),
    "null": (decided(why=None), "decision 2: why is no text"),
    "half a character": (decided(who="\ud83d"), "decision 2: who has a character that is none"),
    "a character that is none": (decided(why="a\0b"), "decision 2: why has a character that is none"),
    "a novel": (decided(why="x" * 32_768), "decision 2: why has more than 32,767 characters"),
    "no number": (json.dumps({**PAGE, "version": float("nan")}), "NaN is no number"),
    "a number without end": (f'{{"version": {"9" * 5000}}}', "no|digits"),
    "a tower": ('{"a":' * 100_000, "no JSON that a page writes"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_the_page_has_not_written_is_refused(tmp_path: Path, what: str) -> None:
    """With its name and the reason, and exit code 2."""
    page, reason = WRONG[what]

    with pytest.raises(ConfigError, match=reason) as error:
        read_rows(written(tmp_path, page))
    assert (error.value.exit_code, error.value.where) == (2, str(tmp_path / "decisions-small.json"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b'{"who": "\xe4"}', "not in UTF-8"), (b"\xff\xfe{\0", "not in UTF-8")],
    ids=["latin 1", "UTF-16"],
)
def test_another_encoding_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    """JSON is UTF-8; a mark of it at the beginning is none of the text."""
    file = tmp_path / "x.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=reason):
        read_rows(file)
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(PAGE).encode())

    assert len(read_rows(file).rows) == 1


def test_more_decisions_than_any_page_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their number, and by the bytes of the file before it is read."""
    many = written(tmp_path, {**PAGE, "decisions": [DECISION] * 100_001})
    with pytest.raises(ConfigError, match="decisions is no list of at most 100,000"):
        read_rows(many)
    monkeypatch.setattr(saved_decisions, "LARGEST", 1_000)
    with pytest.raises(ConfigError, match="it has more than 1,000 bytes"):
        read_rows(many)


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    """A clean-up that was planned."""
    return cleanup(tmp_path_factory.mktemp("clean"))


def bad(**texts: str) -> Callable[[Clean], Path]:
    """What makes a file with a decision that has these texts."""
    return lambda crm: crm.saved("x.json", {"case": "1", "decision": "lead", "who": "K", **texts})


REFUSED: dict[str, tuple[Callable[[Clean], Path], str]] = {
    "another clean-up": (lambda crm: crm.saved("x.json", name="demo"), "belongs to the clean-up 'demo', but"),
    "an unknown word": (bad(decision="later"), "not a decision"),
    "nobody": (bad(who=""), "column who is empty"),
    "no time": (bad(when="0001-01-01T00"), "is not a date"),
    "an unknown record": (bad(source_key="accounts:4711", hash=""), "not a record of"),
    "a hash that was changed": (bad(hash="x"), "hash 'x' was changed"),
    "a name that turns around": (bad(who="K\u202e"), "invisible"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_decision_that_cannot_be_taken_changes_nothing(crm: Clean, what: str) -> None:
    """Nor do the others of the file."""
    make, reason = REFUSED[what]
    files = crm.saved("good.json", {"case": "1", "decision": "lead", "who": "Jan"}), make(crm)
    with pytest.raises(ConfigError, match=reason):
        crm.take(*files, plan=crm.planned.folder)

    assert not crm.decisions.exists()


def test_csv_of_the_page_says_what_its_json_says(crm: Clean) -> None:
    """Who decided and why, too, although it has an apostrophe before what a spreadsheet would take for a formula."""
    case = crm.cases()[1]
    decision = {**case, "decision": "lead", "who": "=Kim", "when": "2026-11-02", "why": "'+1: a supplier"}
    cells = [f'"{guarded(text)}"' for text in decision.values()]
    files = crm.saved("x.json", decision), crm.csv(",".join(decision), ",".join(cells))
    taken = crm.take(*files, plan=crm.planned.folder, dry_run=True)
    both = [read_rows(file).rows[0].texts for file in files]

    assert (both[0], taken.agreed) == (both[1], 0)


def test_hostile_texts_stay_texts(crm: Clean) -> None:
    """Quotes, line ends and formulas come back from decisions.csv as they were; a name stands for who is not named."""
    why = "=cmd|' /C calc'!A0\r\n\"; DROP TABLE x\n</script><script>\u2028"
    decision = {"case": "1", "decision": "Lead", "why": why, "when": "2026-11-02T10:31:00"}
    crm.take(crm.saved("x.json", decision, by="=Kim"))
    row = crm.rows()["accounts:Ä9"]

    assert (row["why"], row["who"], row["decision"], row["when"]) == (why.strip(), "=Kim", "lead", "2026-11-02")
    assert crm.again().report.overrides.used == 1
