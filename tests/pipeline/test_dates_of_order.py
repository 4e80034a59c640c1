"""Dates by which records and rows are put in order: what of them cannot be read is counted and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.report.model import GateResult
from tests.running import run
from tests.told import Planned, planned

DATED = {
    "changed": ("accounts", "changed: day"),
    "history": ("calls", "related: {calls: {of: {accounts: id}, order_by: day}}"),
    "a join": ("mails", "join: {m: {from: mails, key: id, order_by: day}}"),
    "links": ("rel", "parent: {of: accounts, through: {table: rel, from: id, to: up, order_by: day}}"),
}
HEAD = "id,up,day,name\n"


def config(case: str, form: str = "") -> str:
    """A config with one column of dates that puts something in order."""
    part = DATED[case][1].replace(": day", f": {{column: day, format: {form}}}") if form else DATED[case][1]
    related = part if "related" in part else "none: []"
    own = "identity: {company: name}" if "related" in part else part
    return f"""
source:
  url: SOURCE
  records: {{accounts: {{key: id, type: company, {own}}}}}
  {related}
classify: [{{as: lead, name: rest}}]
"""


def tables(case: str, days: list[str]) -> dict[str, str]:
    """Tables of which one has these days."""
    rows = dict.fromkeys(("accounts", "calls", "mails", "rel"), f"{HEAD}1,,2023-02-01,A\n2,1,,B")
    return rows | {DATED[case][0]: HEAD + "\n".join(f'{n},,"{day}",A{n}' for n, day in enumerate(days, 1))}


def gate(made: Planned) -> GateResult | None:
    """The gate of unreadable dates, if it is broken."""
    return next((gate for gate in made.report.broken_gates if gate.name == "unreadable_dates"), None)


@pytest.mark.parametrize("case", DATED)
def test_days_that_cannot_be_read_are_told_and_break_a_gate(tmp_path: Path, case: str) -> None:
    """`31.12.2004` is no ISO date: each report and `check` say so, with the line that cures it, which then does."""
    rows = tables(case, ["01.02.2023", "31.12.2004", ""])
    made = planned(tmp_path, rows, config(case))
    [told] = made.report.literals

    assert (told.rows, told.formats) == (2, ("%d.%m.%Y",))
    assert (broken := gate(made)) is not None
    assert (broken.count, broken.total) == (2, 2)
    for text in (made.text("report.md"), run("check", tmp_path / "told.yaml").stdout):
        assert "has the value '31.12.2004', which cannot be read as a date" in text
        assert 'all of the column is read with format: "%d.%m.%Y"' in text
    assert "31.12.2004" in made.text("report.html")

    cured = planned(tmp_path, rows, config(case, '"%d.%m.%Y"'))
    assert (cured.report.literals, gate(cured)) == ((), None)


@pytest.mark.parametrize(
    ("days", "formats"),
    [
        (["12/31/2004", "02/14/2023"], ("%m/%d/%Y",)),
        (["12/11/2004", "02/04/2023"], ("%m/%d/%Y", "%d/%m/%Y")),
        (["12/31/04", "02/14/23"], ("%m/%d/%y",)),
        (["31.12.04"], ("%d.%m.%y",)),
        (["31.12.2004", "2023-01-01"], ()),
        (
            [*(f"{month:02}/{day:02}/2004" for month in range(1, 12) for day in range(1, 12)), "12/31/2004"],
            ("%m/%d/%Y",),
        ),
        (["Dec 31 2004"], ("%b %d %Y",)),
        (["2004-12-31 10:00 AM"], ("%Y-%m-%d %I:%M %p",)),
    ],
)
@pytest.mark.parametrize("case", ["changed", "a join"])
def test_the_format_that_reads_the_whole_column_is_named(
    tmp_path: Path, case: str, days: list[str], formats: tuple[str, ...]
) -> None:
    """American dates get American advice; where two formats read all, or none does, it is said to be open."""
    [told] = planned(tmp_path, tables(case, days), config(case)).report.literals

    assert told.formats == formats


def test_a_format_that_does_not_read_the_column_is_no_cure(tmp_path: Path) -> None:
    """With `%d/%m/%Y`, `02/14/2023` is no date: the gate breaks, and the format that reads all is named."""
    made = planned(tmp_path, tables("changed", ["12/11/2004", "02/14/2023"]), config("changed", '"%d/%m/%Y"'))

    [told] = made.report.literals
    assert (told.rows, told.formats) == (1, ("%m/%d/%Y",))
    assert gate(made) is not None


@pytest.mark.parametrize("days", [["1", "2", "10"], ["first", "2004-01-01", "last"], ["20041231", "20230201"]])
def test_numbers_and_words_are_an_order_of_their_own(tmp_path: Path, days: list[str]) -> None:
    """`order_by` may name a position or a word, which is no date and none that cannot be read; `changed` is one."""
    assert planned(tmp_path, tables("history", days), config("history")).report.literals == ()
    assert planned(tmp_path, tables("changed", days), config("changed")).report.literals != ()


SAME = """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, changed: day,
                       identity: {company: name, email: mail, street: street, postcode: zip, city: city}}}
classify: [{as: lead, name: rest}]
leads: {duplicates: {merge_at: 0.98, review_at: 0.8}, fields: {name: "{name}"}}
"""


@pytest.mark.parametrize("old", ["31.12.2004", "12/31/04", "20041231", ""])
def test_a_record_whose_day_cannot_be_read_does_not_beat_one_with_a_day(tmp_path: Path, old: str) -> None:
    """Of two that are one company the one that was changed last gives its values; a stray among many is told, too."""
    same = "{},Kraszewski Feinmechanik GmbH,kontakt@kraszewski.example,Hauptweg 5,01099,Dresden,{}"
    lines = [same.format(1, old), same.format(2, "2023-02-01")]
    lines += [
        f"{n},Company {n * 7919},c{n}@c{n}.example,Way {n},{10000 + n},City {n},2020-01-01" for n in range(3, 104)
    ]
    made = planned(tmp_path, {"accounts": "id,name,mail,street,zip,city,day\n" + "\n".join(lines)}, SAME)

    assert made.decisions["accounts:1"] == "lead"
    assert "accounts:1" not in made.leads("name")
    assert sum(told.rows for told in made.report.literals) == bool(old)


def test_moments_with_a_zone_are_in_the_order_of_time(tmp_path: Path) -> None:
    """10:00 in Berlin is before 09:30 in UTC, in a joined table and in a note."""
    made = planned(
        tmp_path,
        {
            "accounts": "id,name\n1,A",
            "mails": "id,day,mail\n1,2023-06-01T10:00:00+02:00,old@a.example\n1,2023-06-01T09:30:00Z,new@a.example",
            "calls": "id,day,what\n1,2023-06-01T09:30:00Z,second\n1,2023-06-01T10:00:00+02:00,first",
        },
        """
source:
  url: SOURCE
  records: {accounts: {key: id, type: company, join: {m: {from: mails, key: id, order_by: day, take: last}}}}
  related: {calls: {of: {accounts: id}, order_by: day}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", email: "{m.mail}"}}
""",
    )

    assert made.leads("email") == {"accounts:1": "new@a.example"}
    note = made.note("accounts:1")
    assert note.index("first") < note.index("second")
