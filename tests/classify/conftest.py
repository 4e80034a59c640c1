"""The `crm` fixture of the tests of decisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.classify.crm import Crm


@pytest.fixture
def crm(tmp_path: Path) -> Crm:
    """An empty legacy CRM."""
    return Crm(tmp_path)
