"""What a plan must know of the target before anything is read from the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from etl.classify import Override
from etl.config import Config
from etl.connect.target import Customers, FieldLimit, Target, Unique, require
from etl.errors import ConfigError, excerpt
from etl.pipeline.planning.leads import LEAD_KEY
from etl.pipeline.target import refuse_another_name, refuse_unfit_constants

LEDGER = pa.table({name: pa.array([], pa.large_string()) for name in ("source_key", "lead_id", "plan", "contents")})
"""An empty ledger: what a plan must know of each record that moved before."""


@dataclass(frozen=True)
class TargetState:
    """The target as it is when a plan is made.

    where: who and where. limits: what its fields hold, and by the name LEAD_KEY what its key holds. moved: the source
    keys in its ledger, their lead ids and what they added up to; plans: the digests of the plans that wrote them.
    customers: those that its own wizard would link leads to, None where it has no such wizard. lead_id: an id such as
    a new lead may get; None where that is its key. unique: the fields in which no two leads may have the same.
    """

    where: str
    limits: dict[str, FieldLimit | None]
    schema: str
    moved: pa.Table
    plans: frozenset[str]
    customers: Customers | None
    lead_id: str | None
    unique: tuple[Unique, ...] = ()


def read_target(target: Target, config: Config, overrides: Sequence[Override]) -> TargetState:
    """Look at an opened target. Raises TargetError, and ConfigError where config or decisions do not fit it."""
    fields = target.fields()
    require(fields, list(config.leads.fields), str(config.path))
    refuse_unfit_constants(target, fields, config)
    refuse_another_name(target, config)
    ledger = moved_before(target, config)
    _refuse_unknown_leads(target, overrides, config)
    return TargetState(
        where=target.where,
        limits=limits_of(target, fields),
        schema=target.schema(),
        moved=ledger.drop_columns("plan"),
        plans=frozenset(ledger["plan"].unique().to_pylist()),
        customers=target.customers(),
        lead_id=target.next_id(),
        unique=tuple(own for own in target.unique() if set(own.fields) & set(config.leads.names)),
    )


def moved_before(target: Target, config: Config) -> pa.Table:
    """What the target's ledger knows of each record of this source that moved before, as LEDGER."""
    tables = (table.select(LEDGER.column_names).cast(LEDGER.schema) for table in target.ledger(config.system))
    return pa.concat_tables([LEDGER, *tables])


def limits_of(target: Target, fields: Mapping[str, FieldLimit]) -> dict[str, FieldLimit | None]:
    """What the target's fields hold, and by the name LEAD_KEY what its key holds; None for any length."""
    limits: dict[str, FieldLimit | None] = dict(fields)
    if target.part() is not None:
        limits["note"] = None
    limits[LEAD_KEY] = target.key()
    return limits


def _refuse_unknown_leads(target: Target, overrides: Sequence[Override], config: Config) -> None:
    """Refuse a person's `into` with the id of a lead that does not exist in the target."""
    wanted = sorted({override.into for override in overrides if override.into})
    missing = set(wanted) - set(target.read(wanted, []).leads.index) if wanted else set()
    if missing:
        first = min(missing)
        override = next(override for override in overrides if override.into == first)
        raise ConfigError(
            f"A decision puts {override.source_key} into lead {excerpt(first)}, but the target has no such lead.",
            where=config.overrides_path,
            next=f"correct the id of the lead; the leads are in {target.where}",
        )
