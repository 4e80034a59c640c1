"""Who must not be contacted: which records opted out, and which lead fields reach them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Test, renamed
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

APART = re.compile(r"[;,|\n]|\s/\s")
"""What stands between the addresses of one field."""
QUOTED_NAME = re.compile(r'"[^"]*"\s*(?=<)')
"""A name before its address, which may have a comma: `"Muster, Ann" <ann@x.example>`."""

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
    chunk: Chunk, members: pd.DataFrame, columns: Mapping[str, Sequence[str]], tests: Sequence[Test]
) -> dict[Test, pa.Array]:
    """The source keys of the records of a chunk that opted out, by each test.

    A record whose entry does not have the column opted out if its company did. What is neither a yes nor a no counts as
    a yes: who lets such a record move does not say that it may be contacted. columns: entry -> its source columns.
    """
    return {test: _opted_out_by(test, chunk, members, columns) for test in tests}


def _opted_out_by(test: Test, chunk: Chunk, members: pd.DataFrame, columns: Mapping[str, Sequence[str]]) -> pa.Array:
    reference = Reference.parse(test.column)
    own, kind = renamed(test, reference.column), ROLES.get(reference.role)
    keys, types = arrow(members.index.to_series()), arrow(members["type"])
    flags, asked = np.zeros(len(members), dtype=np.bool_), np.zeros(len(members), dtype=np.bool_)
    for entry, frame in chunk.records.items():
        if reference.column in columns.get(entry, ()) and len(frame):
            places = pc.index_in(arrow(frame.index.to_series()), value_set=keys)
            right = pc.is_valid(places) if kind is None else pc.fill_null(pc.equal(types.take(places), kind), False)
            here = np.asarray(places.filter(right))
            asked[here] = True
            flags[here] = ask(own, arrow(frame[reference.column]).filter(right)).possible
    of_company = np.asarray(pc.is_in(arrow(members["company"]), value_set=keys.filter(pa.array(flags))))
    return keys.filter(pa.array(flags | (~asked & of_company)))


def addresses_of(
    chunk: Chunk, opted_out: Mapping[Test, pa.Array], lead_of: pd.Series[Any], config: Config
) -> pd.Series[Any]:
    """The e-mail addresses of the records that opted out, `; ` between them, by lead key. opted_out: their keys by the
    test that says so.

    What is none stands as it is, also beside one: `jane(at)x.example`.
    They are read from the columns that `identity` names as such, and from those that the lead's field takes them from.
    Of further rows of a joined table that say who opted out, those which say so.
    """
    parts, of_leads = [], config.leads.columns("email")
    for entry, frame, further in _frames(chunk, config):
        chosen = np.asarray(any_of([_rows_out(frame, further, *each) for each in opted_out.items()], len(frame)))
        identity = config.source.records[entry].identity.get("email", ())
        for column in dict.fromkeys(column for column in (*identity, *of_leads) if column in frame.columns):
            values = frame.loc[chosen, column].dropna()
            parts.append(pd.DataFrame({"lead": lead_of.reindex(values.index).array, "address": values.array}))
    if not parts:
        return pd.Series([], index=pd.Index([], dtype="str"), dtype="str")
    together = pd.concat(parts).dropna().drop_duplicates()
    together["address"] = [_parts(text) for text in together["address"]]
    together = together.explode("address").drop_duplicates().sort_values(["lead", "address"])
    return together.groupby("lead")["address"].agg("; ".join)


def _parts(text: str) -> list[str]:
    """The addresses of a text, and each part of it in which there is none; the text if there is nothing else."""
    parts = [part.strip() for part in APART.split(QUOTED_NAME.sub("", text))]
    others = [part for part in parts if re.search(r"\w", part) and not read_emails(part)]
    return [*read_emails(text), *others] or [text]


def _rows_out(frame: pd.DataFrame, further: bool, test: Test, opted_out: pa.Array) -> pa.Array:
    """The rows of records that opted out by a test; further rows of a joined table say it themselves where they can."""
    own = renamed(test, Reference.parse(test.column).column)
    if further and own.column in frame.columns:
        return pa.array(ask(own, arrow(frame[own.column])).possible)
    return pc.is_in(arrow(frame.index.to_series()), value_set=opted_out)


def _frames(chunk: Chunk, config: Config) -> Iterator[tuple[str, pd.DataFrame, bool]]:
    """The records of each entry, and the further rows of its joined tables, and whether they are such rows."""
    yield from ((entry, frame, False) for entry, frame in chunk.records.items())
    for name, frame in chunk.related.items():
        of = config.source.related[name].further_of
        if of is not None and of.dataset in config.source.records:
            yield of.dataset, frame, True


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
