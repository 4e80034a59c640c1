"""The values that checks look at: lead fields, identity columns, and all the text of the records in a chunk's leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.matching.regions import regions
from etl.model import Chunk
from etl.transform.arrow_text import arrow, trimmed
from etl.transform.identity import identities, titles

LEAD_KINDS = {
    "name": ("name", "title"),
    "email": ("email",),
    "phone": ("phone",),
    "mobile": ("phone",),
    "website": ("website",),
    "postcode": ("postcode",),
    "country": ("country",),
    "vat": ("vat",),
    "partner_name": ("plain", "title"),
    "contact_name": ("plain", "title"),
    "street": ("plain",),
    "city": ("plain",),
}
"""Lead field -> what its values are meant to be; all but tags also hold one `line`."""

IDENTITY_KINDS = ("email", "phone", "website", "postcode", "country", "vat")
"""The identity fields whose columns are checked in every record, whether a lead field takes them or not."""

IDENTITIES = ("company", "first_name", "last_name", "country")


@dataclass(frozen=True)
class Judged:
    """Values as checks judge them, position by position with what is known of their record.

    region: ISO 3166-1 alpha-2 of the record's country, null where it is unknown. first_name: of the record, for names.
    All arrays have one length; values are as they stand, null where empty.
    """

    values: pa.Array
    region: pa.Array
    first_name: pa.Array

    @cached_property
    def trimmed(self) -> pa.Array:
        """The values without outer blanks, null where nothing is left."""
        return trimmed(self.values)

    @staticmethod
    def together(columns: Sequence[Judged]) -> Judged:
        """The values of several columns, one column behind the other."""
        parts = zip(*((column.values, column.region, column.first_name) for column in columns), strict=True)
        return Judged(*map(pa.concat_arrays, parts))


@dataclass(frozen=True)
class Cells(Judged):
    """Values of one column, position by position with their lead and their record.

    kinds: what the values are meant to be. field: the lead field or the source column. in_lead: whether they are what
    the lead's own field holds.
    """

    kinds: tuple[str, ...]
    field: str
    in_lead: bool
    lead: pa.Array
    source_key: pa.Array


@dataclass(frozen=True)
class Sections:
    """The records whose values stand in a lead, with what is known of each; one row a record, by source key."""

    frame: pd.DataFrame

    @classmethod
    def of(cls, chunk: Chunk, members: pd.DataFrame, layout: pd.DataFrame, config: Config) -> Sections:
        """Columns: lead, entry, title, first_name and region (the record's country, else its company's)."""
        identity = identities(chunk, config.source.records, IDENTITIES)
        frame = layout[layout["see"].isna()].set_index("source_key")[["lead", "entry"]]
        frame["title"] = titles(identity, members["type"])
        frame["first_name"] = identity["first_name"]
        region = pd.Series(pd.array(regions(arrow(identity["country"])), dtype="str"), index=identity.index)
        company = members["company"].reindex(frame.index)
        frame["region"] = region.reindex(frame.index).fillna(region.reindex(company).set_axis(frame.index))
        return cls(frame)


def cells(chunk: Chunk, sections: Sections, leads: pd.DataFrame, config: Config) -> Iterator[Cells]:
    """Every column that checks look at: the leads' fields, the records' titles, and the records' columns.

    What the config omits from the note is not looked at.
    """
    yield from _of_leads(sections, leads)
    for entry, records in chunk.records.items():
        here = sections.frame[sections.frame["entry"] == entry]
        if not len(here):
            continue
        yield from _of_entry(records.loc[here.index], here, entry, config)


def _of_leads(sections: Sections, leads: pd.DataFrame) -> Iterator[Cells]:
    own = sections.frame.reindex(leads.index)
    lead, region, first = arrow(leads.index.to_series()), arrow(own["region"]), arrow(own["first_name"])
    if "country" in leads:
        region = pc.coalesce(regions(arrow(leads["country"])), region)
    for field, values in leads.items():
        if isinstance(values.dtype, pd.StringDtype) and field not in ("family", "note"):
            kinds = LEAD_KINDS.get(str(field), ())
            kinds = (*kinds, "line") if field != "tags" else kinds
            yield Cells(arrow(values), region, first, kinds, str(field), True, lead, lead)


def _of_entry(records: pd.DataFrame, here: pd.DataFrame, entry: str, config: Config) -> Iterator[Cells]:
    identity = config.source.records[entry].identity
    lead, key = arrow(here["lead"]), arrow(here.index.to_series())
    region, first = arrow(here["region"]), arrow(here["first_name"])
    named = next((columns[0] for name in ("company", "last_name") for columns in [identity.get(name)] if columns), None)
    if named is not None:
        yield Cells(arrow(here["title"]), region, first, ("title",), named, False, lead, key)
    for column, values in records.items():
        if config.omitted(entry, str(column)) is not None:
            continue
        kinds = tuple(kind for kind in IDENTITY_KINDS if column in identity.get(kind, ()))
        yield Cells(arrow(values), region, first, (*kinds, "text"), str(column), False, lead, key)
