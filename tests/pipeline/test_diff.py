"""What `diff` says of two plans of the small CRM, the second one made after something changed."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.errors import PlanError
from etl.model import Decision
from etl.pipeline.diff import diff
from etl.pipeline.plan import Settings, plan
from etl.plan import Bundle
from etl.report.diff.model import Diff
from etl.report.diff.short import short
from tests.pipeline import small

Tables = dict[str, small.Table]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of the small CRM as it is, beside the folder that it was read from."""
    return made(tmp_path_factory.mktemp("before"), small.TABLES)


def made(folder: Path, tables: Tables, change: tuple[str, str] = ("", "")) -> Path:
    """A plan of some tables, with one text of the config replaced by another."""
    config = small.write_config(folder, small.write_csv(folder / "in", tables))
    config.write_text(config.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    return plan(config, folder / "plan", settings=Settings(threads=1)).folder


@pytest.fixture
def changed(before: Path, tmp_path: Path) -> Callable[..., Diff]:
    """Make the second plan and compare: what is given changes the tables, or the config."""

    def compare(change: Callable[[Tables], None] = lambda _: None, config: tuple[str, str] = ("", "")) -> Diff:
        tables = copy.deepcopy(small.TABLES)
        change(tables)
        return diff(Bundle.open(before), Bundle.open(made(tmp_path, tables, config)))

    return compare


def without(table: str, key: str) -> Callable[[Tables], None]:
    """Leave a row out."""

    def change(tables: Tables) -> None:
        tables[table] = [row for row in tables[table] if row[0] != key]

    return change


def test_a_plan_made_again_changed_nothing(before: Path) -> None:
    """The same digest: nothing to read, nothing to approve anew."""
    found = diff(Bundle.open(before), Bundle.open(before))

    assert found.same
    assert (found.records.groups, found.leads.changed, found.config) == ((), 0, ())


def test_a_customer_that_becomes_a_lead_stands_on_top(changed: Callable[..., Diff]) -> None:
    """Without its invoice the family of Kraszewski moves: by which rule it stayed, and on which evidence."""
    found = changed(without("invoices", "R1"))

    first = found.records.groups[0]
    assert (first.danger, first.before, first.after) == ("worst", Decision.CUSTOMER, Decision.LEAD)
    assert (first.rule_before, first.rule_after) == ("invoiced", "no evidence")
    assert (found.customers_moved, first.records, first.families) == (3, 3, 1)
    [daughter] = [one for one in first.first if one.source_key == "accounts:002"]
    assert daughter.before is not None
    assert "R1" in (daughter.before.evidence or "")
    assert [one.source_key for one in first.first] == ["accounts:001", "accounts:002", "contacts:1"]
    assert "accounts:001" in found.leads.first_came


def test_groups_and_figures_say_the_same(changed: Callable[..., Diff]) -> None:
    """What went from one decision to another is the difference of the two reports' counts."""
    found = changed(without("invoices", "R1"))

    deltas = {one.name: one.delta for one in found.figures}
    for decision in Decision:
        came = sum(group.records for group in found.records.groups if group.after == decision)
        went = sum(group.records for group in found.records.groups if group.before == decision)
        assert deltas[decision] == came - went, decision
    assert deltas["leads"] == found.leads.came - found.leads.went


def test_records_that_came_or_went_are_groups_of_their_own(changed: Callable[..., Diff]) -> None:
    """A record that the second source has not is named with why the first plan decided on it."""

    def change(tables: Tables) -> None:
        without("accounts", "003")(tables)
        without("contacts", "2")(tables)
        tables["contacts"].append(["9", None, "Neu", "Neumann", None, None])

    found = changed(change)

    assert (found.records.came, found.records.went) == (1, 2)
    assert found.leads.first_came == ("contacts:9",)
    assert found.leads.first_went == ("accounts:003",)
    [gone] = [group for group in found.records.groups if group.after is None]
    assert [one.after for one in gone.first] == [None, None]


def test_values_of_leads_and_notes_are_named(changed: Callable[..., Diff]) -> None:
    """A new town: the field that shows it, and the value in the note, then and now."""

    def change(tables: Tables) -> None:
        tables["accounts"][3][4] = "Bonn"

    found = changed(change)

    assert {one.field: one.leads for one in found.leads.fields} == {"city": 1, "tags": 1}
    [lead] = found.leads.first
    assert (lead.fields[0].name, lead.fields[0].before, lead.fields[0].after) == ("city", "Köln", "Bonn")
    [value] = lead.note
    assert (value.name, value.before, value.after) == ("accounts:003 city: different", "Köln", "Bonn")
    assert found.leads.notes == 1


def test_history_that_came_is_named(changed: Callable[..., Diff]) -> None:
    """A row of history that only the second plan's note holds."""

    def change(tables: Tables) -> None:
        tables["activities"].append(["9", "003", None, "2026-01-01", "Rückruf"])

    found = changed(change)

    assert [one.name for lead in found.leads.first for one in lead.note] == ["accounts:003 activities row 2: added"]


def test_a_label_that_changed_shows_the_lines(changed: Callable[..., Diff]) -> None:
    """The values are the same, so the lines are told."""
    found = changed(config=("{zip: PLZ}", "{zip: Postleitzahl}"))

    assert found.records.changed == 0
    named = [(one.path, one.before, one.after) for one in found.config]
    assert ("leads.note.labels.zip", "PLZ", "Postleitzahl") in named
    said = [(one.before, one.after) for lead in found.leads.first for one in lead.note]
    assert ("PLZ: 99999999", None) in said
    assert (None, "Postleitzahl: 99999999") in said


def test_a_rule_that_decides_now_is_a_group(changed: Callable[..., Diff]) -> None:
    """The decision is the same, the rule is another: no danger, but to be read. New rules do not change those below."""
    rule = "  - {as: customer, name: wrote us, when: {column: email, equals: info@kraszewski.example}}\n"
    found = changed(config=("  - {as: customer, name: invoiced", f"{rule}  - {{as: customer, name: invoiced"))

    [group] = found.records.groups
    assert (group.before, group.rule_before, group.rule_after) == (Decision.CUSTOMER, "invoiced", "wrote us")
    assert [one.path for one in found.config if "url" not in one.path] == [
        "classify (order)",
        "classify[wrote us].as",
        "classify[wrote us].when.column",
        "classify[wrote us].when.equals",
    ]


def test_only_other_evidence_is_counted(changed: Callable[..., Diff]) -> None:
    """A newer invoice of a customer: its family has the same decision by the same rule."""

    def change(tables: Tables) -> None:
        tables["invoices"][1][4] = "2026-02-28"

    found = changed(change)

    assert (found.records.changed, found.records.groups) == (0, ())
    assert found.records.evidence == 3


def test_gates_tell_then_and_now(changed: Callable[..., Diff]) -> None:
    """A limit that is met no more is told with both measures."""
    found = changed(config=("reject: 50%", "reject: 1%"))

    [gate] = [one for one in found.gates if one.name == "reject"]
    assert gate.before is not None
    assert gate.after is not None
    assert (gate.before.ok, gate.after.ok) == (True, False)


def test_a_limit_names_fewer_and_counts_all(before: Path, tmp_path: Path) -> None:
    """With --limit 1 each group names one record, and still says how many there are."""
    tables = copy.deepcopy(small.TABLES)
    without("invoices", "R1")(tables)
    after = Bundle.open(made(tmp_path, tables))

    found = diff(Bundle.open(before), after, limit=1)

    assert [(group.records, len(group.first)) for group in found.records.groups] == [(3, 1)]


def test_notes_are_compared_where_a_password_is_not_there(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads two plans need not have the source's password: then the lines of a note are told."""
    tables = copy.deepcopy(small.TABLES)
    tables["accounts"][3][4] = "Bonn"
    monkeypatch.setenv("CRM_FOLDER", str(tmp_path / "in"))
    after = made(tmp_path, tables, (f"files:{tmp_path / 'in'}", "files:${CRM_FOLDER}"))
    monkeypatch.delenv("CRM_FOLDER")

    found = diff(Bundle.open(before), Bundle.open(after))

    [lead] = found.leads.first
    assert [(one.before, one.after) for one in lead.note] == [("city: Köln", None), (None, "city: Bonn")]


@pytest.mark.parametrize("text", ["", "{}", "not JSON"])
def test_a_damaged_report_is_named(before: Path, tmp_path: Path, text: str) -> None:
    """The file, and what to run."""
    after = Bundle.open(made(tmp_path, small.TABLES))
    (after.path / "report.json").write_text(text, encoding="utf-8")

    with pytest.raises(PlanError, match="report is damaged") as raised:
        diff(Bundle.open(before), after)

    assert raised.value.where == str(after.path / "report.json")
    assert "crm-cleanup plan" in (raised.value.next or "")


def test_a_report_of_another_plan_is_refused(before: Path, changed: Callable[..., Diff], tmp_path: Path) -> None:
    """A report that was copied into the folder says nothing of the plan in it."""
    changed(without("invoices", "R1"))
    other = tmp_path / "plan" / "report.json"
    other.write_bytes((before / "report.json").read_bytes())

    with pytest.raises(PlanError, match="of another plan"):
        diff(Bundle.open(before), Bundle.open(tmp_path / "plan"))


def test_in_short_it_is_five_lines_with_the_worst_first(changed: Callable[..., Diff]) -> None:
    """A customer that would move stands above all; then what changed, how decisions went, and how many leads."""
    lines = short(changed(without("invoices", "R1")))

    assert len(lines) <= 5
    assert lines[0].startswith("! 3 records that stayed as customers would become leads")
    assert "3 legacy records have another decision" in lines[1]
    assert "customer → lead 3" in lines[2]
    assert re.search(r"leads \d → \d \(\+\d\)", lines[3])


def test_a_plan_that_gives_way_is_compared_with_the_new_one(tmp_path: Path) -> None:
    """`plan` knows what changed before the older plan is gone; one that is none says nothing."""
    config = made(tmp_path, small.TABLES).parent / "small.yaml"
    config.write_text(config.read_text("utf-8").replace("last: 3 years", "last: 20 years"), "utf-8")
    again = plan(config, tmp_path / "plan", replace=True, compare=True, settings=Settings(threads=1))
    first = plan(config, tmp_path / "first", compare=True, settings=Settings(threads=1))

    assert again.diff is not None
    assert again.diff.records.changed > 0
    assert first.diff is None
