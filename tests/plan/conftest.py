"""A small plan that is made once, and copied for each test that damages it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl.plan import Bundle
from tests.cutover.world import World


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A legacy CRM and a lead pipeline in two SQLite files, with one plan of six chunks, whose approval is waived."""
    folder = tmp_path_factory.mktemp("small")
    made = World(folder, f"sqlite:///{folder / 'in.db'}", f"sqlite:///{folder / 'out.db'}").create()
    made.plan()
    yield made
    made.close()


@pytest.fixture
def plan(small: World, tmp_path: Path) -> Callable[[], Path]:
    """Gives a copy of the plan that is as it was made, and an empty target."""

    def fresh() -> Path:
        small.close()
        (small.folder / "out.db").unlink(missing_ok=True)
        shutil.rmtree(tmp_path / "plan", ignore_errors=True)
        shutil.copytree(small.folder / "plan1", tmp_path / "plan")
        return tmp_path / "plan"

    assert Bundle.open(fresh()).manifest.leads == 7
    return fresh
