"""Open the target of a plan, and refuse another one than the plan was made for."""

from __future__ import annotations

from collections.abc import Mapping

from etl.config import Config, Mapped, place
from etl.connect import open_target
from etl.connect.target import FieldLimit, Html, Target, nearest
from etl.errors import CleanupError, ConfigError, GateError, StalePlan, excerpt, plural
from etl.note import from_html, replaced_in_html, to_html
from etl.plan import Bundle
from etl.plan.digest import digest_of
from etl.runner import host, user
from etl.texts import speaking


def open_planned_target(bundle: Bundle) -> Target:
    """Open the target that a plan was made for; nothing is connected yet.

    Raises StalePlan where the config means another place now, as a relative path does from another folder, and a
    `${NAME}` with another value.
    """
    target = open_target(bundle.config.target, Html(to_html, from_html, replaced_in_html))
    planned = bundle.manifest.fingerprints["target"]["where"]
    if target.where != planned:
        target.close()
        raise StalePlan(
            f"This plan was made for the target {planned}; the config now points to {target.where}.",
            where=target.where,
            next="run the command from the folder where the plan was made, with the same environment; "
            f"for another target, crm-cleanup plan {bundle.manifest.config_path} --out NEW-FOLDER",
        )
    return target


def open_target_to_prove(bundle: Bundle, *, export: bool) -> Target:
    """Open it so that leads are read back from where they ended up.

    export: from what a CRM has exported, where leads went into it by files. Raises TargetError where there is none.
    """
    target = open_planned_target(bundle)
    try:
        target.read_back(export=export)
    except CleanupError:
        target.close()
        raise
    return target


def finish(bundle: Bundle, target: Target) -> str | None:
    """End a run that has written, or taken back; what people read of it is in the language of the reports.

    Gives the file that says what they have to do now, if there is anything.
    """
    with speaking(bundle.config.language):
        return target.finish(system=bundle.manifest.system, plan=bundle.manifest.written_as)


def refuse_broken_gates(bundle: Bundle) -> None:
    """Raise GateError for a plan that breaks a gate."""
    if bundle.manifest.broken_gates:
        raise GateError(
            f"The plan breaks {', '.join(bundle.manifest.broken_gates)}.",
            where=bundle.path,
            next=f"read {bundle.path}/report.html, correct what it names, "
            f"and run crm-cleanup plan {bundle.manifest.config_path} --out {bundle.path} --replace",
        )


def refuse_another_schema(bundle: Bundle, target: Target) -> None:
    """Raise StalePlan for a target whose tables are not as they were when the plan was made."""
    if bundle.manifest.fingerprints["target"]["schema"] != digest_of(target.schema()):
        raise StalePlan(
            "The target's tables or columns have changed since the plan was made.",
            where=target.where,
            next=f"crm-cleanup plan {bundle.manifest.config_path} --out {bundle.path} --replace",
        )


def holder(command: str) -> str:
    """How a runner signs the target's lock."""
    return f"{user()} on {host()}, crm-cleanup {command}"


def refuse_another_name(target: Target, config: Config) -> None:
    """Refuse to move again, under another name, what the ledger has already.

    The ledger tells sources apart by name, and their records by entry and key: a config that was renamed, or got a
    `source.system`, or an entry that was renamed after a cutover would move the same records once more. Raises
    ConfigError, which says what to write into the config.
    """
    known = target.systems()
    same = config.name if config.source.system else ", ".join(map(repr, known))
    if config.system not in known and known and (config.source.system is None or config.name in known):
        names = ", ".join(f"{name!r} ({plural(count, 'legacy record')})" for name, count in known.items())
        raise ConfigError(
            f"The target already holds leads from {names}. This config calls its source {config.system!r}. "
            "Is it the same source?",
            where=config.path,
            next=f"for the same source write source.system: {same}; for another, give the config "
            "and source.system names that the ledger does not have",
        )
    if config.system in known:
        entries = target.entries(config.system)
        gone, new = sorted(entries - set(config.source.records)), sorted(set(config.source.records) - entries)
        if gone and new:
            raise ConfigError(
                f"The target's ledger has records of the entry {gone[0]!r}, which is not in the config, and none of "
                f"the config's entry {new[0]!r}. If the entry was renamed, its records would be moved again.",
                where=config.path,
                next=f"keep the entry name {gone[0]!r} and name its table with `from:`, or remove the entry that was "
                "already moved",
            )


def refuse_unfit_constants(target: Target, fields: Mapping[str, FieldLimit], config: Config) -> None:
    """Refuse what the config gives every lead, or those without a better value, where the target cannot hold it.

    fields: of `Target.fields`. Raises ConfigError with the line.
    """
    from etl.transform.limits import unfit

    for column, limit in target.values().items():
        if reason := unfit(config.target.values[column], limit):
            raise ConfigError(
                f"target.values: {column} cannot take {excerpt(config.target.values[column])!r}: {reason}.",
                where=place(config.path, ("target", "values", column)),
            )
    for name, source in config.leads.fields.items():
        choices, default = fields[name].choices, source.default if isinstance(source, Mapped) else None
        if choices is not None and default and default.casefold().strip() not in choices:
            raise ConfigError(
                f"leads.fields.{name}: the target does not know the default {excerpt(default)!r}; it has "
                f"{nearest(default, choices.values()) or 'none'}.",
                where=place(config.path, ("leads", "fields", name, "default")),
            )
