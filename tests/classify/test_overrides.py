"""decisions.csv: read strictly, each mistake named with its line."""

from __future__ import annotations

import csv

import pytest

from etl.classify import read_overrides
from etl.errors import ConfigError
from tests.classify.crm import Crm

HEADER = "source_key,decision,who,when,why,hash\n"


def test_without_a_file_there_are_no_overrides(crm: Crm) -> None:
    """A first plan has none."""
    assert read_overrides(crm.config) == []


def test_a_later_line_replaces_an_earlier_one(crm: Crm) -> None:
    """People change their minds at the end of the file; a comma in the reason is no new column."""
    lines = 'accounts:1,lead,Jan,2026-10-01,,\naccounts:1,customer,Maria,2026-10-02,"paid, in cash",\n'
    crm.config.overrides_path.write_text(HEADER + lines, encoding="utf-8-sig")
    [override] = read_overrides(crm.config)

    assert (override.decision, override.words) == ("customer", "Maria, 2026-10-02: paid, in cash")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("key,decision\n", 1, "'source_key' is missing"),
        (HEADER + "accounts:1,lead,Jan,,,\naccounts:2,leed,Jan,,,\n", 3, "'leed' is not a decision"),
        (HEADER + "accounts,lead,Jan,,,\n", 2, "not a source key"),
        (HEADER + "accounts:1,lead,,,,\n", 2, "enter who decided"),
        (HEADER + "accounts:1,reject,Jan,,,\n", 2, "'reject' is not a decision"),
    ],
)
def test_a_wrong_line_is_named(crm: Crm, text: str, line: int, said: str) -> None:
    """Nothing is taken of a file that has a mistake."""
    crm.config.overrides_path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as caught:
        read_overrides(crm.config)

    assert caught.value.where == f"{crm.config.overrides_path}:{line}"


def test_a_file_that_is_no_text_is_a_clear_error(crm: Crm) -> None:
    """A workbook that was renamed, for one."""
    crm.config.overrides_path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(ConfigError, match="not in UTF-8") as caught:
        read_overrides(crm.config)
    assert caught.value.next == "save the file as CSV UTF-8, then run the command again"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_may_separate_the_columns_as_its_language_does(crm: Crm, delimiter: str) -> None:
    """A German spreadsheet saves semicolons, and people write Customer as they like."""
    row = ["accounts:1", "Customer", "Jan", "2026-10-01", "paid; in cash, twice", ""]
    with crm.config.overrides_path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([HEADER.strip().split(","), row])
    [override] = read_overrides(crm.config)

    assert (override.decision, override.why) == ("customer", "paid; in cash, twice")
