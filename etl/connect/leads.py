"""Batches of leads, whatever system takes them: what the ledger has of them, and which go into existing ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from etl.connect.target import Batch

if TYPE_CHECKING:
    import pandas as pd


def divide(batch: Batch, known: Mapping[str, str]) -> tuple[Batch, tuple[str, ...], dict[str, str]]:
    """Tell the leads of a batch apart by the ledger.

    known: source key -> lead key of those of its records that the ledger has. Returns the leads that are new, the
    keys of those that were written before, and lead key -> reason for those that are partly there.
    """
    if not known:
        return batch, (), {}
    members = batch.members
    rows = [(key, lead, known.get(key)) for key, lead in zip(texts(members.index), texts(members["lead"]), strict=True)]
    in_ledger = {lead for _, lead, ledger_lead in rows if ledger_lead is not None}
    conflicts: dict[str, str] = {}
    for key, lead, ledger_lead in rows:
        if lead in in_ledger and ledger_lead is None:
            conflicts.setdefault(lead, f"this lead was written before without {key}; make a new plan")
        elif lead in in_ledger and ledger_lead != lead:
            conflicts[lead] = f"{key} was moved before into the lead {ledger_lead}; make a new plan"
    leads = texts(batch.leads.index)
    before = tuple(key for key in leads if key in in_ledger and key not in conflicts)
    return batch.only([key for key in leads if key not in in_ledger]), before, conflicts


def added(batch: Batch) -> tuple[Batch, Batch]:
    """The leads of a batch that go into one that is there already, and those that are new."""
    if "into" not in batch.leads or batch.leads["into"].isna().all():
        return batch.only([]), batch
    adds, keys = batch.leads["into"].notna(), batch.leads.index
    return batch.only(keys[adds].tolist()), batch.only(keys[~adds].tolist())


def texts(values: Collection[str] | pd.Index[str] | pd.Series[str]) -> list[str]:
    """The texts of a frame's index or column as a list; pandas alone would make it one by one."""
    listed: list[str] = pa.array(values, pa.large_string()).to_pylist()
    return listed
