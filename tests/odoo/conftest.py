"""Odoos for each test: a database of its own, with the demo data and generated partners."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.odoo.instance import VERSIONS, Instance, instance
from tests.odoo.way import Way


@pytest.fixture(params=VERSIONS)
def crm(request: pytest.FixtureRequest) -> Iterator[Instance]:
    """A database on the Odoo of each version."""
    with instance(request.param) as one:
        yield one


@pytest.fixture
def way(crm: Instance, tmp_path: Path) -> Way:
    """The clean-up of that database, in a folder of its own."""
    return Way(crm, crm, tmp_path)
