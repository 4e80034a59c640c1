"""How the work is cut up; neither a plan nor its digest depends on it."""

from __future__ import annotations

from dataclasses import dataclass

from etl.pipeline.parallel import cores


@dataclass(frozen=True)
class Settings:
    """How much is worked on at a time.

    threads: worker processes, and threads of DuckDB; as many as there are cores if 0. rows: read from the source at a
    time. chunk_bytes, chunk_records: the most that a chunk of whole families has.
    """

    threads: int = 0
    rows: int = 20_000
    chunk_bytes: int = 4_000_000
    chunk_records: int = 4_000

    @property
    def workers(self) -> int:
        """How many worker processes."""
        return self.threads or cores()


DEFAULT = Settings()
