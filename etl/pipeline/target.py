"""Open the target of a plan, and refuse another one than the plan was made for."""

from __future__ import annotations

from etl.connect.target import Target
from etl.connect.targets import open_target
from etl.errors import StalePlan
from etl.plan import Bundle


def open_planned_target(bundle: Bundle) -> Target:
    """Open the target that a plan was made for; nothing is connected yet.

    Raises StalePlan where the config means another place now, as a relative path does from another folder, and a
    `${NAME}` with another value.
    """
    target = open_target(bundle.config.target)
    planned = bundle.manifest.fingerprints["target"]["where"]
    if target.where != planned:
        target.close()
        raise StalePlan(
            f"The target is another one than the plan was made for: its place differs; it was {planned}.",
            where=target.where,
            next="run the command from the folder where the plan was made, with the same environment; "
            f"for another target, crm-cleanup plan {bundle.manifest.config_path}",
        )
    return target
