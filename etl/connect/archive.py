"""What a source must be able to do so that moved records can be archived in it, and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


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


class RetireRefused(Exception):
    """The source took nothing of some records. `reason`: why, without a value of theirs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Archive(Protocol):
    """A source that can be written. Everything raises SourceError where it cannot be reached, read or written."""

    @property
    def where(self) -> str:
        """Who and where, without a secret."""

    def prepare(self) -> None:
        """Make the tool's own table, where it is missing."""

    def retire(self, records: Sequence[Retiring], *, system: str, plan: str) -> int:
        """Archive records in one transaction, their former values in it; gives how many were not archived before.

        Raises RetireRefused, with nothing written.
        """

    def restore(self, keys: Sequence[str], *, system: str, plan: str) -> dict[str, str]:
        """Bring back those of some records that a plan has archived, in one transaction; one that is active stays.

        keys: source keys. Returns source key -> why it stays as it is.
        """

    def retired(self, system: str, plan: str | None = None) -> Iterator[pa.Table]:
        """Stream the records that are archived by this tool, by source key: source_key, entry; all text."""

    def counts(self, system: str, tables: Mapping[str, str]) -> dict[str, tuple[int, int]]:
        """By entry how many rows its table has, and how many of them this tool has archived. tables: entry -> table."""

    def close(self) -> None:
        """Give the connections back."""
