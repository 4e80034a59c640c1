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

from etl.config import Config, Test
from etl.matching.addresses import Addresses
from etl.matching.normal import emails as read_emails
from etl.matching.opted_out import Mask, kind_asked, other_kind, own_test
from etl.model import Chunk
from etl.rows import ask
from etl.transform.arrow_text import arrow, empty

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

    def __sub__(self, other: Consent) -> Consent:
        return Consent(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(self)))


def members_opted_out(chunk: Chunk, members: pd.DataFrame, tests: Sequence[Test]) -> dict[Test, pa.Array]:
    """The source keys of the records of a chunk that opted out, by each test.

    A record that is not asked opted out if its company did. What is neither a yes nor a no counts as a yes: who lets
    such a record move does not say that it may be contacted.
    """
    return {test: _opted_out_by(test, chunk, members) for test in tests}


def _opted_out_by(test: Test, chunk: Chunk, members: pd.DataFrame) -> pa.Array:
    asked, out = [empty(0)], [empty(0)]
    for frame in chunk.records.values():
        keys, (is_asked, says) = arrow(frame.index.to_series()), _by_itself(test, frame, members["type"])
        asked.append(keys.filter(pa.array(is_asked)))
        out.append(keys.filter(pa.array(says)))
    keys, flagged = arrow(members.index.to_series()), pa.concat_arrays(out)
    of_company = pc.is_in(arrow(members["company"]), value_set=flagged)
    unasked = pc.invert(pc.is_in(keys, value_set=pa.concat_arrays(asked)))
    return keys.filter(pc.or_(pc.is_in(keys, value_set=flagged), pc.and_(unasked, of_company)))


def _by_itself(test: Test, frame: pd.DataFrame, types: pd.Series[Any]) -> tuple[Mask, Mask]:
    """Which rows are asked, and which say themselves that they opted out: those that have the column, and are not of
    the other kind where one kind is asked. types: of the members, by source key."""
    own, kind = own_test(test, frame.columns), kind_asked(test)
    asked = np.full(len(frame), own is not None)
    if own is None or not len(frame):
        return asked, asked
    if kind is not None:
        of_other = pc.equal(arrow(types.reindex(frame.index)), other_kind(kind))
        asked = ~np.asarray(pc.fill_null(of_other, False))
    return asked, asked & ask(own, arrow(frame[own.column])).possible


def addresses_of(
    chunk: Chunk, opted_out: Mapping[Test, pa.Array], members: pd.DataFrame, config: Config
) -> pd.Series[Any]:
    """The e-mail addresses of the records that opted out, `; ` between them, by lead key. opted_out: their keys by the
    test that says so.

    What is none stands as it is, also beside one: `jane(at)x.example`.
    They are read from the columns that `identity` names as such, and from those that the lead's field takes them from.
    Of further rows of a joined table that say who opted out, those which say so.
    """
    by_lead: dict[str, set[str]] = {}
    of_leads = config.leads.columns("email")
    for entry, frame, further in _frames(chunk, config):
        chosen = np.asarray(
            any_of([_rows_out(frame, further, members, *each) for each in opted_out.items()], len(frame))
        )
        identity = config.source.records[entry].identity.get("email", ())
        for column in dict.fromkeys(column for column in (*identity, *of_leads) if column in frame.columns):
            values = frame.loc[chosen, column].dropna()
            leads = members["lead"].reindex(values.index)
            for lead, text in zip(arrow(leads).to_pylist(), arrow(values).to_pylist(), strict=True):
                if lead is not None:
                    by_lead.setdefault(lead, set()).update(_parts(text))
    joined = ["; ".join(sorted(addresses)) for addresses in by_lead.values()]
    return pd.Series(joined, index=pd.Index(list(by_lead), dtype="str"), dtype="str")


def _parts(text: str) -> list[str]:
    """The addresses of a text, and each part of it in which there is none; the text if there is nothing else."""
    parts = [part.strip() for part in APART.split(QUOTED_NAME.sub("", text))]
    others = [part for part in parts if re.search(r"\w", part) and not read_emails(part)]
    return [*read_emails(text), *others] or [text]


def _rows_out(frame: pd.DataFrame, further: bool, members: pd.DataFrame, test: Test, opted_out: pa.Array) -> pa.Array:
    """The rows of records that opted out by a test; further rows of a joined table say it themselves where they can."""
    if further and own_test(test, frame.columns):
        return pa.array(_by_itself(test, frame, members["type"])[1])
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
