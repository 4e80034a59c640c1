from __future__ import annotations

from etl.config import Config
from etl.model import SOURCE_KEY_COLUMN
from etl.report.model import ColumnCoverage
from tests.report.plans import PlanFolder, config


def columns(plan: PlanFolder, given: Config | None = None) -> dict[str, ColumnCoverage]:
    """Field coverage by `dataset.column`."""
    return {f"{one.dataset}.{one.column}": one for one in plan.report(given).coverage}


def test_columns_are_counted_for_all_and_for_moved_records(plan: PlanFolder) -> None:
    """A column filled in three of four records, of which two move, is filled 3 times and for moved records once."""
    for key, decision, email in (("1", "lead", "x"), ("2", "lead", None), ("3", "customer", "y"), ("4", "keep", "z")):
        plan.record(f"accounts:{key}", decision)
        plan.snapshot.setdefault("accounts", []).append(
            {"id": key, "email": email, SOURCE_KEY_COLUMN: f"accounts:{key}"}
        )

    found = columns(plan)["accounts.email"]

    assert (found.rows, found.filled, found.rows_moved, found.filled_moved) == (4, 3, 2, 1)


def test_related_rows_move_with_their_record(plan: PlanFolder) -> None:
    """Rows of moved records are counted as moved; rows without a record are not."""
    plan.record("accounts:1", "lead")
    plan.snapshot["activities"] = [
        {"body": "a call", SOURCE_KEY_COLUMN: "accounts:1"},
        {"body": "a visit", SOURCE_KEY_COLUMN: "accounts:1"},
        {"body": "lost", SOURCE_KEY_COLUMN: None},
    ]

    found = columns(plan)["activities.body"]

    assert (found.rows, found.filled, found.rows_moved, found.filled_moved) == (3, 3, 2, 2)


def test_lead_fields_are_named(plan: PlanFolder) -> None:
    """A column is named with each lead field that takes it, from whatever kind of source."""
    leads = {
        "fields": {
            "name": {"first": ["{name}", "{contact.email}"]},
            "email": "{email}",
            "phone": "{{id}} {company.email}",
            "tags": ["x", "{id}"],
            "salesperson": {"column": "company.name", "map": {}},
            "do_not_contact": {"column": "contact.account_id", "equals": "1"},
        }
    }

    found = {name: one.fields for name, one in columns(plan, config(plan.folder, leads=leads)).items() if one.fields}

    assert found == {
        "accounts.name": ("name", "salesperson"),
        "accounts.email": ("email", "phone"),
        "accounts.id": ("tags",),
        "contacts.email": ("name", "email"),
        "contacts.id": ("tags",),
        "contacts.account_id": ("do_not_contact",),
    }


def test_omitted_columns_carry_their_reason(plan: PlanFolder) -> None:
    """A column that the config omits by its name or by entry and name says why; the same name elsewhere does not."""
    leads = {"fields": {"name": "{name}"}, "note": {"omit": {"contacts.email": "GDPR", "body": "secret"}}}

    found = {name: one.omitted for name, one in columns(plan, config(plan.folder, leads=leads)).items() if one.omitted}

    assert found == {"contacts.email": "GDPR", "activities.body": "secret"}
