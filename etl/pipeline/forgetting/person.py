"""The record that is to be taken out of a plan: what the plan has of it, and whether it can be taken out alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import CleanupError, plural
from etl.plan import Bundle
from etl.plan.damage import reading

NAMED = 20
"""How many leads an error names."""


@dataclass(frozen=True)
class Person:
    """A record of a plan. lead: that its values stand in; rule: that decided on it; rules: those that held for it."""

    key: str
    entry: str
    lead: str | None
    rule: str | None = None
    rules: tuple[str, ...] = ()

    @property
    def own_key(self) -> str:
        """Its key as the source has it."""
        return self.key.partition(":")[2]


def mentions(text: str, key: str) -> bool:
    """Whether a text names a source key, and not one that begins or ends like it."""
    return key in text and re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text) is not None


def person_of(bundle: Bundle, key: str) -> Person:
    """Look a record up. Raises CleanupError where the plan has no such record, or others hang on it."""
    rows = _rows(bundle, key)
    mine = [row for row in rows if row["source_key"] == key]
    if not mine:
        raise CleanupError(
            "The plan has no record with this key.",
            where=bundle.path,
            next="crm-cleanup find NAME shows the source keys; a record that no plan has yet goes into forget.csv",
        )
    [row] = mine[:1]
    refuse_a_head(bundle, key, rows)
    lead = row["lead"]
    if lead is not None and row["into"] is not None:
        raise CleanupError(
            "The record was added to a lead that was there before, which this command does not change.",
            where=bundle.path,
            next=f"crm-cleanup undo {bundle.path} --lead {lead} gives that lead what it had; then run this again",
        )
    return Person(key, row["entry"], lead, row["rule"], tuple(row["held"] or ()))


def refuse_a_head(bundle: Bundle, key: str, rows: list[dict[str, Any]]) -> None:
    """Check that no others hang on a record. rows: `source_key` and `lead` of those that may. Raises CleanupError."""
    others = [row for row in rows if row["source_key"] != key]
    if not others:
        return
    leads = sorted({row["lead"] for row in rows if row["lead"] is not None})
    first = f"crm-cleanup undo {bundle.path}{''.join(f' --lead {lead}' for lead in leads[:NAMED])}, "
    first += f"and the same for {plural(len(leads) - NAMED, 'further lead')} of the family, " if leads[NAMED:] else ""
    raise CleanupError(
        f"{plural(len(others), 'other record')} of the plan hang on this one, {others[0]['source_key']} for one: their "
        "family or their lead is called by it.",
        where=bundle.path,
        next=f"{first + 'if that was written; then ' if leads else ''}add {key} to {bundle.config.forget_path}, and "
        f"run crm-cleanup plan {bundle.manifest.config_path} --out NEW_FOLDER; the others are families of their own",
    )


COLUMNS = ["source_key", "entry", "decision", "rule", "held", "family", "company", "lead", "into"]


def _rows(bundle: Bundle, key: str) -> list[dict[str, Any]]:
    """The decisions on a record, and on those whose family, company or lead it is."""
    path, rows = bundle.path / "decisions.parquet", list[dict[str, Any]]()
    with reading(path), pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, COLUMNS)
            for row in table.filter(_naming(table, key)).to_pylist():
                rows.append(row)
    return rows


def _naming(table: pa.Table, key: str) -> pa.Array:
    """The rows that are a record, or are called by it."""
    named = np.zeros(len(table), dtype=np.bool_)
    for column in ("source_key", "family", "company", "lead"):
        named |= np.asarray(pc.fill_null(pc.is_in(table[column], pa.array([key], table[column].type)), False))
    return pa.array(named)
