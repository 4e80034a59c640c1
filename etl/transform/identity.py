"""Who a record is: the columns that the config calls its company name, first name, e-mail and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Entry
from etl.model import Chunk
from etl.transform.arrow_text import arrow, column, empty, text, trimmed

TITLE_LENGTH = 80


def identities(chunk: Chunk, entries: Mapping[str, Entry], names: Sequence[str]) -> pd.DataFrame:
    """The first value of each identity field, one row a record of the chunk, indexed by source key.

    names: the identity fields that are wanted; they are the columns. A value of blanks alone does not count, outer
    blanks are cut off; NA where a record has none.
    """
    frames = [_of_entry(frame, entries[entry], names) for entry, frame in chunk.records.items() if len(frame)]
    return pd.concat(frames) if frames else pd.DataFrame(columns=list(names), dtype="str")


def _of_entry(frame: pd.DataFrame, entry: Entry, names: Sequence[str]) -> pd.DataFrame:
    arrays = {name: empty(len(frame)) for name in names}
    for name in names:
        columns = [trimmed(arrow(frame[source])) for source in entry.identity.get(name, ())]
        if columns:
            arrays[name] = pc.coalesce(*columns)
    return pd.DataFrame({name: column(values, frame.index) for name, values in arrays.items()}, index=frame.index)


def person_names(identity: pd.DataFrame) -> pa.Array:
    """First and last name with a blank between; null where a record has neither."""
    first, last = arrow(identity["first_name"]), arrow(identity["last_name"])
    return pc.coalesce(pc.binary_join_element_wise(first, last, text(" ")), first, last)


def titles(identity: pd.DataFrame, types: pd.Series[Any]) -> pd.Series[Any]:
    """Short display names: the company's name, or the person's; on one line, of at most 80 characters.

    identity: with company, first_name and last_name; types: `company` or `person`, by source key.
    """
    company, person = arrow(identity["company"]), person_names(identity)
    is_person = pa.array((types.reindex(identity.index) == "person").to_numpy(dtype=bool))
    name = pc.if_else(is_person, pc.coalesce(person, company), pc.coalesce(company, person))
    line = trimmed(pc.replace_substring_regex(name, r"[\s\p{Z}\p{Cc}]+", " "))
    short = pc.binary_join_element_wise(pc.utf8_slice_codeunits(line, 0, TITLE_LENGTH - 1), text("…"), text(""))
    return column(pc.if_else(pc.greater(pc.utf8_length(line), TITLE_LENGTH), short, line), identity.index)
