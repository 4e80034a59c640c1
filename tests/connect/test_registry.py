"""The registry of systems, and what their fields can be."""

from __future__ import annotations

from typing import get_args

import pytest

from etl.connect import SYSTEMS, sql, system_of
from etl.connect.sql.columns import _KINDS
from etl.connect.target import Kind


@pytest.mark.parametrize("url", ["sqlite:///a.db", "postgresql://host/db", "mariadb+pymysql://host/db"])
def test_a_url_that_no_other_system_claims_is_a_databases(url: str) -> None:
    """SQLAlchemy's URLs need no line of their own."""
    assert system_of(url) is sql


@pytest.mark.parametrize("scheme", SYSTEMS)
def test_each_system_is_found_by_what_its_url_begins_with(scheme: str) -> None:
    """The part before the first colon names the system."""
    assert system_of(f"{scheme}:anything") is SYSTEMS[scheme]


def test_each_kind_of_field_has_its_column_types() -> None:
    """A kind that SQL columns do not know would be refused everywhere; websites are a kind of Odoo's alone."""
    assert set(get_args(Kind)) == {*_KINDS, "website"}
