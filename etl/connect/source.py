"""What every source can do, however it is stored: name its tables and columns, and read them as text in batches."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import pyarrow as pa

from etl.errors import excerpt
from etl.model import Fault, Remark

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from etl import config

TEXT = pa.large_string()
"""The type of every column that is read; large, so that no batch of long notes is too much for its offsets."""

BATCH_BYTES = 32 * 2**20
"""The text a batch may hold before it is handed on with fewer rows than were asked for."""

Among = Mapping[str, Sequence[str]]
"""Column -> values, as text: the rows that have one of them in one of these columns."""

Keep = Callable[[bytes], str]
"""Puts a binary value away and gives the text that stands for it; the same bytes always give the same text."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a table, in the order of the source.

    data: every column `TEXT`, null where the source had NULL or the empty text. faults: what is wrong with single rows;
    each of these rows is in `data` too, with what could be read of it. `Fault.row` counts from the table's first row.
    origins: which row of the table each is, where one may stand several times; None where each stands once.
    """

    data: pa.Table
    faults: list[Fault] = field(default_factory=list)
    origins: npt.NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Reference:
    """A foreign key. columns: of the table that declares it; to: those of the other table that they name, in order."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


class Place(Protocol):
    """Where tables are: the config's source, or one of the lists of a match."""

    @property
    def url(self) -> str:
        """`files:FOLDER`, a URL of an Odoo, or a URL of SQLAlchemy's."""

    @property
    def csv(self) -> config.CsvFormat:
        """How CSV files are written, if there are any."""

    @property
    def formats(self) -> Mapping[str, config.CsvFormat]:
        """What is said of single tables alone, by the name that tables are asked for with."""


class Source(Protocol):
    """A system that legacy records are read from. As a context manager it is one consistent view of all its tables."""

    @property
    def where(self) -> str:
        """Who and where the source is, without any secret."""

    @property
    def refuses_changes(self) -> bool:
        """Whether a table that changes while the source is open is an error; where not, a view of it grows old."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def tables(self) -> list[str]:
        """Name all tables, views or files, in the alphabet's order."""

    def listed(self, table: str, /) -> str:
        """What `tables` calls a table that the config names, perhaps otherwise; the name itself if it lists none."""

    def columns(self, table: str) -> list[str]:
        """Name a table's columns in their order. Raises SourceError where the table is missing or cannot be used."""

    def read(
        self,
        table: str,
        dataset: str,
        columns: Sequence[str] | None,
        rows: int,
        keep: Keep,
        among: Among | None = None,
    ) -> Iterator[Batch]:
        """Read a table in batches of at most `rows` rows and about `BATCH_BYTES` of text; no batch of an empty table.

        dataset: what the faults name it. columns: those wanted, in any order; all if None. The batches have them in the
        source's order. among: only these rows, and perhaps more, as a database may find `A1` equal to `a1`; what
        `finds` said no to must not be asked. Raises SourceError where the table as a whole cannot be read.
        """

    def finds(self, table: str, columns: Sequence[str]) -> bool:
        """Tell whether rows can be asked for by the values of these columns, without reading the whole table."""

    def references(self, table: str, /) -> list[Reference]:
        """Name the foreign keys that a table declares."""

    def keys(self, table: str, /) -> tuple[str, ...]:
        """Name the columns that a table declares to tell its rows apart; none where it declares none."""

    def suggest(self, table: str, /) -> list[str]:
        """Say what in the config does not seem to fit how the table is stored, each with what would."""

    def remarks(self, table: str, /) -> list[Remark]:
        """Say what of a table is read otherwise than it may seem."""

    def passed_over(self) -> list[tuple[str, str]]:
        """Name what may hold tables and is not read, each with why and what would let it be."""

    def fingerprint(self) -> dict[str, str]:
        """Who and where the source is, for the approval of a plan."""


def near(name: str, known: Sequence[str]) -> str:
    """Say what could have been meant by a name that is not known, as the end of a sentence with its mark."""
    close = difflib.get_close_matches(name, known, 3, 0.6)
    folded = [candidate for candidate in known if candidate.casefold().strip() == name.casefold().strip()]
    meant = list(dict.fromkeys(folded + close))
    if meant:
        return "did you mean " + " or ".join(repr(excerpt(candidate)) for candidate in meant) + "?"
    if not known:
        return "there are none."
    shown = ", ".join(excerpt(name) for name in known[:12])
    return f"there are {shown}" + (f" and {len(known) - 12} more." if len(known) > 12 else ".")
