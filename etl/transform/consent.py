"""Who must not be contacted: which records opted out, and which lead fields reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Entry, Test, renamed
from etl.config.leads import ROLES
from etl.matching.addresses import Addresses
from etl.matching.normal import emails as read_emails
from etl.model import Chunk
from etl.rows import ask
from etl.transform.arrow_text import arrow
from etl.transform.templates import Reference

ADDRESS = ("street", "street2", "postcode", "city", "state", "country")
REACHING = ("contact_name", "email", "phone", "mobile", *ADDRESS)
"""The lead fields by which somebody is reached."""

FLAG = "do_not_contact"
OPTED_OUT = "opted_out"
"""The column of leads that has the e-mail addresses of their records that opted out."""


@dataclass(frozen=True)
class Consent:
    """What was done for those who opted out. leads: that must not be contacted; reached: those of them that have a
    value of somebody who opted out, for nobody else has one; elsewhere: those of them in which nobody opted out, but
    whose address or number another family has that did; replaced: leads that have another's value instead."""

    leads: int = 0
    reached: int = 0
    elsewhere: int = 0
    replaced: int = 0

    def __add__(self, other: Consent) -> Consent:
        return Consent(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def members_opted_out(
    chunk: Chunk, members: pd.DataFrame, columns: Mapping[str, Sequence[str]], test: Test | None
) -> pd.Series[bool]:
    """Which records of a chunk opted out, by source key.

    A record whose entry does not have the column opted out if its company did. columns: entry -> its source columns.
    """
    flags = pd.Series(False, index=members.index, dtype=bool)
    if test is None:
        return flags
    reference = Reference.parse(test.column)
    own = renamed(test, reference.column)
    asked = pd.Series(False, index=members.index, dtype=bool)
    for entry, frame in chunk.records.items():
        if reference.column in columns.get(entry, ()) and len(frame):
            kind = ROLES.get(reference.role)
            right = members["type"].reindex(frame.index).eq(kind) if kind else pd.Series(True, index=frame.index)
            here = frame.index[right.to_numpy(dtype=bool) & frame.index.isin(members.index)]
            asked[here] = True
            flags[here] = ask(own, arrow(frame.loc[here, reference.column])).holds
    of_company = flags.reindex(members["company"]).fillna(False).to_numpy(dtype=bool)
    return flags | (~asked & of_company)


def addresses_of(
    chunk: Chunk, flags: pd.Series[bool], lead_of: pd.Series[Any], entries: Mapping[str, Entry]
) -> pd.Series[Any]:
    """The e-mail addresses of the records that opted out, `; ` between them, by lead key."""
    parts = []
    for entry, frame in chunk.records.items():
        chosen = frame.index[flags.reindex(frame.index).fillna(False).to_numpy(dtype=bool)]
        for column in entries[entry].identity.get("email", ()):
            values = frame.loc[chosen, column].dropna()
            parts.append(pd.DataFrame({"lead": lead_of.reindex(values.index).array, "address": values.array}))
    if not parts:
        return pd.Series([], index=pd.Index([], dtype="str"), dtype="str")
    together = pd.concat(parts).dropna().drop_duplicates().sort_values(["lead", "address"])
    return together.groupby("lead")["address"].agg("; ".join)


def with_addresses_of_leads(own: pd.Series[Any], emails: pd.Series[Any], opted_out: Addresses) -> pd.Series[Any]:
    """The addresses of the members who opted out, and those of the lead itself that somebody opted out with.

    own: as `addresses_of` gives them; emails: what stands in the leads; both by lead key.
    """
    stands = opted_out.in_texts(arrow(emails), "email")
    more = {}
    for lead, known, text in zip(own.index[stands], own[stands].fillna(""), emails[stands], strict=True):
        new = [mail for mail in read_emails(text) if mail in opted_out and mail not in read_emails(known)]
        more[lead] = "; ".join([*([known] if known else []), *dict.fromkeys(new)])
    return own.where(~own.index.isin(list(more)), pd.Series(more, dtype="str").reindex(own.index)).astype("str")


def none_of(count: int) -> pa.Array:
    """Nobody of so many."""
    return pa.array(np.zeros(count, dtype=np.bool_))


def any_of(masks: Sequence[pa.Array], count: int) -> pa.Array:
    """Where one of some masks holds."""
    mask = none_of(count)
    for other in masks:
        mask = pc.or_(mask, other)
    return mask
