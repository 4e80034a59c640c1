"""The words of the design as types: decisions, faults, findings, and the frames that stages hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


class Decision(StrEnum):
    """What becomes of a legacy record. Every record gets exactly one."""

    CUSTOMER = "customer"
    KEEP = "keep"
    REVIEW = "review"
    LEAD = "lead"
    REJECT = "reject"
    MOVED_BEFORE = "moved before"


STRENGTH = (Decision.CUSTOMER, Decision.KEEP, Decision.REVIEW, Decision.LEAD)
"""The order in which the decisions of a family's members outweigh each other, strongest first."""


THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
"""The probabilities for which a plan says what they would decide, and by which reports divide matches."""


class Severity(StrEnum):
    """How much a finding matters: an error makes the lead unfit for use, a warning wants a look, info tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


LEAD_FIELDS: tuple[str, ...] = (
    "name",
    "partner_name",
    "contact_name",
    "title",
    "email",
    "phone",
    "mobile",
    "website",
    "street",
    "street2",
    "postcode",
    "city",
    "state",
    "country",
    "vat",
    "language",
    "salesperson",
    "team",
    "source",
    "tags",
    "do_not_contact",
)
"""The fields a lead can have beside its note, in the order in which tables and reports show them."""


MAX_SOURCE_KEY = 500
"""The longest source key, in characters: it is a primary key of the ledger."""


SOURCE_KEY_COLUMN = "_crm_cleanup_source_key"
"""The column that the snapshot adds to each dataset: the record that a row is, or stands with."""


def source_key(entry: str, key: str) -> str:
    """Name a legacy record across the whole plan: `accounts:1042`. An entry's name holds no colon."""
    return f"{entry}:{key}"


@dataclass(frozen=True)
class Fault:
    """One row of the source that cannot be processed as it stands.

    dataset: the entry, related table or evidence table; row: its place in that dataset, from 0, None where the row
    could not be made out at all; where: file and line, or table and key; code: stable, for machines.
    """

    dataset: str
    row: int | None
    where: str
    column: str | None
    code: str
    reason: str
    advice: str
    key: str | None = None


def damaged_rows(faults: Iterable[Fault], rows: int) -> npt.NDArray[np.bool_]:
    """Which of so many rows of a dataset have a fault."""
    import numpy as np

    damaged = np.zeros(rows, dtype=np.bool_)
    damaged[[fault.row for fault in faults if fault.row is not None]] = True
    return damaged


@dataclass(frozen=True)
class Chunk:
    """Whole families, as the stages after `classify` work on them.

    records: entry -> its rows; related: name -> its rows. Columns are the source's, all `str`, NA where the source was
    empty. The index is the source key: unique in `records`; in `related` that of the record the row belongs to, rows in
    the order in which they are to be shown.
    """

    records: Mapping[str, pd.DataFrame]
    related: Mapping[str, pd.DataFrame] = field(default_factory=dict)


Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much of it is done, and the total where it is known."""


def no_progress(stage: str, done: int, total: int | None) -> None:
    """The progress of those who do not watch."""


@dataclass(frozen=True)
class Remark:
    """What of a table is read otherwise than it may seem. count: how many are; names: of what it is about."""

    code: Literal["hidden-sheet", "hidden-sheets", "hidden-rows", "hidden-columns", "renamed-column"]
    count: int = 1
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """One table of the source as `extract` has copied it: a Parquet file in source order, every column text.

    kind: an entry's records, related rows, or the rows that rules ask for evidence. table: what the config calls it in
    the source. size: bytes of text in all. left_out: rows that the config leaves out by `where`; forgotten: that are
    left out for a record that must not move, of which `forgotten_shared` name another record, too.
    """

    name: str
    kind: Literal["entry", "related", "evidence"]
    table: str
    path: Path
    columns: tuple[str, ...]
    rows: int
    size: int
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Remark, ...] = ()
    left_out: int = 0
    forgotten: int = 0
    forgotten_shared: int = 0
