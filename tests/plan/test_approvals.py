"""An approval is of one state of a plan, whatever else still holds of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from etl.pipeline.approve import approve
from etl.plan import Bundle
from etl.plan.approvals import approvals, counts_for
from etl.plan.seal import CHECKSUM, checksum_of


def test_an_approval_is_of_the_manifest_as_it_was(plan: Callable[[], Path]) -> None:
    """A gate's result that was changed after the approval, with a checksum that fits, is another state of the plan."""
    folder = plan()
    approve(Bundle.open(folder), by="Maria")
    [approval] = approvals(Bundle.open(folder))
    before = counts_for(approval, Bundle.open(folder))
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"broken_gates": ["review"]}
    manifest[CHECKSUM] = checksum_of(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")

    assert (before, counts_for(approval, Bundle.open(folder))) == (True, False)
