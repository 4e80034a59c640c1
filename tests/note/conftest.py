"""The company that examples begin with."""

from __future__ import annotations

import pytest

from tests.note.crm import Crm


@pytest.fixture
def crm() -> Crm:
    """One company, `accounts:1`, in a note of its own; the tables may have more."""
    crm = Crm(
        {
            "accounts": ["id", "name", "text"],
            "contacts": ["id", "account_id", "name"],
            "activities": ["id", "account_id", "contact_id", "happened_at", "text"],
            "orders": ["id", "account_id"],
        }
    )
    crm.record("accounts", "1", name="Musterbau GmbH", text="Ruft an,\nimmer.")
    return crm
