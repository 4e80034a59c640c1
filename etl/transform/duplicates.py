"""Duplicates: what would have been several leads is one, with the fields of the best record and its gaps filled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from etl.model import Decision
from etl.transform.consent import ADDRESS, OPTED_OUT
from etl.transform.fields import Fields

STANDS_IN = "name-missing"
"""The finding on a lead whose name is no name: another record's name is better."""
MERGED = ["lead", "source_key", "fields"]


def apart(members: pd.DataFrame) -> pd.DataFrame:
    """The members of a chunk as though no record were a duplicate: each company that moves has a lead of its own, with
    its contacts in it. members: as `transform` takes them, of leads that are one per company."""
    moved = members.index[members["decision"] == Decision.LEAD.value]
    own = members.index.to_series().mask(members["company"].isin(moved), members["company"])
    return members.assign(lead=own.where(members["lead"].notna()).astype("str"))


def as_one(fields: Fields, lead_of: pd.Series[str]) -> tuple[Fields, pd.DataFrame]:
    """Bring the fields of what would be leads of their own to those that share one.

    lead_of: source key -> lead key; the lead's own record, which it is named by, is the best of them. A field comes
    from the best record, or from the first by source key that has it; the parts of an address from the one record that
    has most of them. `do_not_contact` holds if it does for one.
    Returns the fields of all leads, and of those that are several a row each: lead, source_key, and fields, the list of
    those that it gave.
    """
    parts = fields.leads
    lead = lead_of.reindex(parts.index)
    several = lead.duplicated(keep=False)
    if not several.any():
        return fields, pd.DataFrame(columns=MERGED)
    lead = lead[several].sort_index()
    order = np.lexsort((lead.index != lead, lead))
    lead = lead.iloc[order]
    mine = parts.reindex(lead.index)
    givers = _givers(mine, lead, fields.findings, fields.reached)
    first = ~lead.duplicated()
    made = mine[first.to_numpy()].copy()
    for name, giver in givers.items():
        made[name] = parts[name].reindex(giver.reindex(made.index)).array
    if OPTED_OUT in made:
        addresses = mine[OPTED_OUT].groupby(lead.to_numpy()).agg(lambda texts: "; ".join(sorted(set(texts.dropna()))))
        made[OPTED_OUT] = addresses.where(addresses != "").reindex(made.index).astype("str")
    if "do_not_contact" in made:
        made["do_not_contact"] = mine["do_not_contact"].groupby(lead.to_numpy()).any().reindex(made.index).astype(bool)
    leads = pd.concat([parts[~several], made]).sort_index().rename_axis("lead")
    contributed = pd.concat(
        [pd.DataFrame({"source_key": giver.dropna(), "field": name}, dtype="str") for name, giver in givers.items()]
    )
    findings = _findings(fields.findings, lead, contributed)
    return replace(fields, leads=leads, findings=findings), _contributions(lead, contributed)


def _givers(
    mine: pd.DataFrame, lead: pd.Series[str], findings: pd.DataFrame, reached: pd.DataFrame
) -> dict[str, pd.Series[Any]]:
    """For each field the record that gives it, by lead; NA where none has it.

    mine: the best record of each first. reached: by which fields somebody who opted out would be reached: another's
    value is taken before that.
    """
    givers = {}
    has = mine.drop(columns=[OPTED_OUT], errors="ignore").notna()
    spared = ~reached.reindex(index=mine.index, columns=has.columns, fill_value=False).astype(bool)
    if "do_not_contact" in mine:
        has["do_not_contact"] = mine["do_not_contact"]
    named = findings.loc[(findings["code"] == STANDS_IN) & (findings["field"] == "name"), "lead"]
    has["name"] &= ~mine.index.isin(named)
    address = [name for name in ADDRESS if name in mine]
    for name in has.columns:
        if name not in address:
            willing = _first(has[name] & spared[name], lead)
            givers[str(name)] = willing.combine_first(_first(has[name], lead))
    if address:
        parts = has[address].sum(axis=1).where(spared[address].all(axis=1), 0)
        parts = parts.where(parts.groupby(lead.to_numpy()).transform("max") > 0, has[address].sum(axis=1))
        most = _first(parts == parts.groupby(lead.to_numpy()).transform("max").to_numpy(), lead)
        for name in address:
            givers[name] = most.where(has[name].reindex(most).to_numpy(dtype=bool))
    own = pd.Series(lead.unique(), index=lead.unique(), dtype="str")
    givers["name"] = givers["name"].reindex(own.index).fillna(own)
    return givers


def _first(has: pd.Series[bool], lead: pd.Series[str]) -> pd.Series[Any]:
    """The first record of each lead that has something."""
    chosen = lead[has.to_numpy()]
    chosen = chosen[~chosen.duplicated()]
    return pd.Series(chosen.index.array, index=pd.Index(chosen.array, name="lead"), dtype="str")


def _findings(findings: pd.DataFrame, lead: pd.Series[str], contributed: pd.DataFrame) -> pd.DataFrame:
    """The findings on the lead that came of several: those on the values that stand in it."""
    ours = findings["lead"].map(lead)
    values = pd.MultiIndex.from_frame(findings[["lead", "field"]])
    stands = values.isin(pd.MultiIndex.from_frame(contributed[["source_key", "field"]]))
    return findings.assign(lead=ours.fillna(findings["lead"]))[ours.isna() | stands]


def _contributions(lead: pd.Series[str], contributed: pd.DataFrame) -> pd.DataFrame:
    """One row a record, in the order of leads, the best first."""
    fields = contributed.groupby("source_key", sort=False)["field"].agg(list)
    lists = [fields[key] if key in fields.index else [] for key in lead.index]
    return pd.DataFrame({"lead": lead.array, "source_key": lead.index, "fields": lists}, columns=MERGED)
