"""What a source must be able to do so that moved records can be archived in it, and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from etl.rows.forgotten import Forgotten


@dataclass(frozen=True)
class Retiring:
    """One legacy record that is to be archived.

    family: what it is retired together with. key: as the source has it. values: column -> what it is set to, as text,
    None for NULL.
    """

    source_key: str
    entry: str
    key: str
    family: str
    lead_id: str
    values: Mapping[str, str | None]


Stamps = Mapping[str, Sequence[str]]
"""Entry -> columns that the source moves itself when others are set, such as the stamp of the last change."""


class RetireRefused(Exception):
    """The source took nothing of some records. `reason`: why, without a value of theirs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Guarded:
    """A table of which rows belong to families.

    links: entry -> the column that names its records; columns: all. left_out: those links, and further ones, by which a
    row that names a forgotten record is none of the family's; by another link the cell alone is none.
    """

    table: str
    links: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ScriptTerms:
    """What a script archives records by, and what it says of itself.

    tables: those of which rows belong to families. forgotten: the records that neither move nor hold their family.
    plan: its digest. at: when the script was written.
    """

    tables: Sequence[Guarded]
    forgotten: Forgotten
    stamps: Stamps
    plan: str
    at: str


class ArchiveScript(Protocol):
    """Writes what would archive records as a script, for somebody to review and run. Nothing is written to the source.

    The methods raise SourceError where the source cannot be read.
    """

    @property
    def command(self) -> str:
        """How the script is run; `{file}` stands for its name."""

    def head(self, name: str) -> str:
        """What comes first. name: of the plan."""

    def families(self, families: Sequence[Sequence[Retiring]]) -> str:
        """The statements that archive some families, each only if it is still as it is now."""

    def close(self) -> None:
        """Give the connections back."""


class Archive(Protocol):
    """A source that can be written. Everything raises SourceError where it cannot be reached, read or written."""

    @property
    def where(self) -> str:
        """Who and where, without a secret."""

    def prepare(self) -> None:
        """Make the tool's own table, where it is missing."""

    def rehearse(self, entry: str, records: Sequence[Retiring], /) -> tuple[str, ...]:
        """Archive some records of an entry, and take that back before anybody sees it.

        Gives the stamps that move by themselves with what is set, such as that of the last change. Raises
        RetireRefused where `retire` would be refused, ConfigError for a table or column that is not there.
        """

    def retire(self, records: Sequence[Retiring], *, system: str, plan: str) -> int:
        """Archive records in one transaction, their former values in it; gives how many were not archived before.

        Raises RetireRefused, with nothing written.
        """

    def finish(self, *, system: str, plan: str) -> None:
        """End a run that came to all records: files are written now."""

    def restore(self, keys: Sequence[str], *, system: str, plan: str) -> tuple[int, dict[str, str]]:
        """Bring back those of some records that a plan has archived, in one transaction; one that is active stays.

        keys: source keys. Returns how many were brought back, and source key -> why it stays as it is.
        """

    def unfinish(self, *, system: str, plan: str) -> None:
        """End an undo that came to all records: the files of a plan are taken away now."""

    def known(self, system: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of some source keys that are archived."""

    def moved_columns(self, system: str, /) -> dict[str, tuple[str, ...]]:
        """The columns that archiving has moved so far, those that it set and stamps, by entry."""

    def retired(self, system: str, plan: str | None = None) -> Iterator[pa.Table]:
        """Stream the source keys of the records that this tool has archived: source_key, entry; all text."""

    def close(self) -> None:
        """Give the connections back."""
