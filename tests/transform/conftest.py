"""Fixtures of the tests of transform."""

from __future__ import annotations

import pytest

from tests.transform.crm import Crm


@pytest.fixture
def crm() -> Crm:
    """An empty CRM, one lead a company."""
    return Crm()


@pytest.fixture
def crm_per_contact() -> Crm:
    """An empty CRM, one lead a contact."""
    return Crm(one_per="contact")
