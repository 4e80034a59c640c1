"""What no command does with a plan: one that breaks a gate moves nothing, and no source is moved under two names."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from etl.errors import ConfigError, GateError
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.plan import Settings, plan
from etl.pipeline.retire import retire
from etl.plan import Bundle
from etl.plan.seal import CHECKSUM, checksum_of
from tests.cutover.world import World

VERBS: dict[str, Callable[[Bundle], object]] = {
    "approve": lambda bundle: approve(bundle, by="Maria"),
    "apply": lambda bundle: apply(bundle, threads=1),
    "retire": lambda bundle: retire(bundle, threads=1),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_plan_that_breaks_a_gate_is_not_gone_on_with(sqlite: World, verb: str) -> None:
    """It is neither approved nor applied, and no record is archived by it."""
    path = sqlite.plan().path / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"broken_gates": ["review"]}
    manifest[CHECKSUM] = checksum_of(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")

    with pytest.raises(GateError, match="review"):
        VERBS[verb](Bundle.open(path.parent))


def test_a_source_is_not_moved_again_under_a_new_name(sqlite: World) -> None:
    """Of two plans of one source, made under two names before anything was moved, the second is refused."""
    first, config = sqlite.plan(), sqlite.config
    config.write_text(config.read_text(encoding="utf-8").replace("name: cutover", "name: renamed", 1), encoding="utf-8")
    folder = plan(config, sqlite.folder / "renamed", settings=Settings(threads=1)).folder
    apply(first, threads=1)

    with pytest.raises(ConfigError, match="renamed"):
        apply(Bundle.open(folder), threads=1)
