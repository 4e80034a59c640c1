"""A world of its own for each test, on each kind of database, source and target of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import KINDS, throw_away
from tests.cutover.world import World


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A legacy CRM in one database, and an empty one for leads, of each kind."""
    with throw_away(request.param, tmp_path_factory) as source, throw_away(request.param, tmp_path_factory) as target:
        made = World(tmp_path, source, target).create()
        yield made
        made.close()


@pytest.fixture
def files(tmp_path: Path) -> Iterator[World]:
    """A legacy CRM in CSV files, and an empty SQLite file for leads."""
    made = World(tmp_path, f"files:{tmp_path / 'in'}", f"sqlite:///{tmp_path / 'out.db'}").create()
    yield made
    made.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[World]:
    """A legacy CRM and a lead pipeline in two SQLite files."""
    made = World(tmp_path, f"sqlite:///{tmp_path / 'in.db'}", f"sqlite:///{tmp_path / 'out.db'}").create()
    yield made
    made.close()
