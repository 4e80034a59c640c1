"""A world of its own for each test of import files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.connect.import_folder.world import ImportWorld

Make = Callable[..., ImportWorld]


@pytest.fixture
def world(tmp_path: Path) -> Make:
    """Make a source in files and a folder of import files for a system."""

    def make(code: str, **options: object) -> ImportWorld:
        own = ImportWorld(tmp_path, f"files:{tmp_path / 'in'}", "", code=code, **options)  # type: ignore[arg-type]
        made = own.create()
        assert isinstance(made, ImportWorld)
        return made

    return make
