"""How the work is cut up; neither a plan nor its digest depends on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from etl.pipeline.parallel import cores

SMALL = 4_000_000
"""Bytes of text in all tables up to which no second process is worth its start, which takes a second."""


@dataclass(frozen=True)
class Settings:
    """How much is worked on at a time.

    threads: worker processes, and threads of DuckDB; if 0, as many as there are cores, or one where there is little to
    do. rows: read from the source at a time. chunk_bytes, chunk_records: the most that a chunk of whole families has.
    """

    threads: int = 0
    rows: int = 20_000
    chunk_bytes: int = 4_000_000
    chunk_records: int = 4_000

    @property
    def workers(self) -> int:
        """How many worker processes."""
        return self.threads or cores()

    def fitting(self, size: int) -> Settings:
        """These settings for so many bytes of text: up to SMALL all runs in this process, unless threads are given."""
        return replace(self, threads=1) if not self.threads and size <= SMALL else self


DEFAULT = Settings()
