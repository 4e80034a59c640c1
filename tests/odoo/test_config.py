"""The example config goes the whole way on a real Odoo as it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.odoo.instance import make_partners
from tests.odoo.way import ROOT, Way


def test_the_example_config_goes_the_whole_way(way: Way) -> None:
    """From check to undo with configs/odoo.yaml, and nothing but a URL in the environment."""
    make_partners(way.source.odoo, 60)
    shutil.copy(ROOT / "configs" / "odoo.yaml", Path(way.folder))
    checked = way.run("check", "odoo.yaml")
    assert "The config fits the source and the target." in checked
    assert "Leads are not switched on in Odoo" in checked
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan", code=4)
    way.run("approve", "plan", "--by", "Maria Muster")
    way.run("apply", "plan")
    verified = way.result("verify", "plan")
    assert verified["found"] == verified["values"] > 500
    way.run("retire", "plan")
    way.run("undo", "plan")
