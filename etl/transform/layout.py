"""Who stands in which note: the company first, then its contacts, each record's values in exactly one note."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from etl.model import Decision

COLUMNS = ["lead", "source_key", "entry", "type", "title", "see"]


def layout(members: pd.DataFrame, one_per: Literal["company", "contact"], titles: pd.Series[Any]) -> pd.DataFrame:
    """Lay out the notes of all leads, one row a section.

    members: one row a legacy record, indexed by source key, with entry, type, decision, company and lead; records whose
    decision is not `lead` are passed over.
    titles: short display names, indexed by source key; NA where a record has none.
    Returns str columns lead, source_key, entry, type, title and see, leads by lead key. In a note the lead's own record
    comes first, then companies, then persons, by source key. `see` is NA where the record's values stand, else the
    lead key of the note where they do: with `one_per` contact, a contact's note names the note of its company so.
    """
    moved = members[members["decision"] == Decision.LEAD.value]
    sections = moved.rename_axis("source_key").reset_index()[["lead", "source_key", "entry", "type"]]
    sections["see"] = pd.Series(pd.NA, index=sections.index, dtype="str")
    if one_per == "contact":
        sections = pd.concat([sections, _elsewhere(moved)], ignore_index=True)
    sections["title"] = titles.reindex(sections["source_key"]).array
    sections["own"] = sections["lead"] != sections["source_key"]
    ordered = sections.sort_values(["lead", "own", "type", "source_key"], ignore_index=True)
    return ordered[COLUMNS].astype("str")


def _elsewhere(moved: pd.DataFrame) -> pd.DataFrame:
    """The sections that only name a company whose values stand in the note of another lead."""
    persons = moved[(moved["type"] == "person") & (moved["lead"] == moved.index) & moved["company"].isin(moved.index)]
    of = moved.loc[persons["company"]]
    rows = pd.DataFrame(
        {
            "lead": persons.index,
            "source_key": of.index,
            "entry": of["entry"].array,
            "type": of["type"].array,
            "see": of["lead"].array,
        },
        dtype="str",
    )
    return rows[rows["see"] != rows["lead"]]
