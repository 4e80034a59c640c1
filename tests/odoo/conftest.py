"""Odoos for each test: a database of its own, with the demo data and generated partners."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.odoo.instance import VERSIONS, Instance, instance
from tests.odoo.way import Way


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let each commit try its own share; without the option, all is tried."""
    parser.addoption(
        "--odoo-share",
        type=int,
        metavar="SEED",
        help="run each test on one version of Odoo, which the seed picks, and the kills on a third of the partners",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not of this share, and begin with the longest test, so that no worker waits for it alone."""
    seed = config.getoption("--odoo-share")
    left = [item for item in items if seed is not None and not _of_share(item, seed)]
    config.hook.pytest_deselected(items=left)
    items[:] = sorted((item for item in items if item not in left), key=lambda item: "kills" not in item.name)


def _of_share(item: pytest.Item, seed: int) -> bool:
    """Whether this is the version on which a share tries the test; a test of one version alone is in each share."""
    callspec = getattr(item, "callspec", None)
    versions = [mark for mark in item.iter_markers("parametrize") if mark.args[0] == "crm"]
    if versions or callspec is None or "crm" not in callspec.params:
        return True
    own = item.nodeid.replace(f"[{callspec.id}]", "") + str({**callspec.params, "crm": None})
    return bool(callspec.params["crm"] == VERSIONS[zlib.crc32(f"{seed} {own}".encode()) % len(VERSIONS)])


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> float:
    """How much of the partners and kills this run tries: all, or what is enough for one commit."""
    return 1.0 if request.config.getoption("--odoo-share") is None else 1 / 3


@pytest.fixture(params=VERSIONS)
def crm(request: pytest.FixtureRequest) -> Iterator[Instance]:
    """A database on the Odoo of each version."""
    with instance(request.param) as one:
        yield one


@pytest.fixture
def way(crm: Instance, tmp_path: Path) -> Way:
    """The clean-up of that database, in a folder of its own."""
    return Way(crm, crm, tmp_path)
