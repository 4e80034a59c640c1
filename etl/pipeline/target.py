"""Open the target of a plan, and refuse another one than the plan was made for."""

from __future__ import annotations

from etl.config import Config
from etl.connect.target import Target
from etl.connect.targets import open_target
from etl.errors import ConfigError, StalePlan
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


def refuse_another_name(target: Target, config: Config) -> None:
    """Refuse a source that has its name from the config alone, where the ledger knows others and not this one.

    The ledger tells sources apart by name: a config that was renamed after a cutover would move the same records
    again. Raises ConfigError; `source.system` in the config says which of the two is meant.
    """
    known = target.systems()
    if known and config.system not in known and config.source.system is None:
        names = ", ".join(f"{name!r} ({count:,} legacy records)" for name, count in known.items())
        raise ConfigError(
            f"The target's ledger holds what was moved from {names}, and this config's source is called "
            f"{config.system!r}, after the config: is it another source, or the same under a new name?",
            where=config.path,
            next="say it in the config: source.system: the ledger's name for the same source, a new name for another",
        )
