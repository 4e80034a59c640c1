"""A CRM of a few rows, made by plain SQL, whose records are archived in one way or another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from etl.pipeline.plan import Settings, plan
from etl.plan import Bundle
from tests.pipeline.small import without_password

CONFIG = """\
name: small
as_of: 2026-11-01
source:
  url: "{source}"
  records:
    accounts: {{from: "{table}", key: id, type: company, identity: {{company: name}}}}
classify:
  - {{as: customer, name: ours, when: {{column: name, equals: Ours GmbH}}}}
  - {{as: lead, name: all others}}
leads: {{fields: {{name: "{{name}}"}}}}
retire: {{accounts: {retire}}}
approvals: waived
gates: {{customers: 0%..100%}}
target: {{url: "{target}"}}
"""


@dataclass
class SmallCrm:
    """A source, what its entry is read from, and how its records are archived. target: a URL."""

    folder: Path
    source: str
    table: str = "accounts"
    retire: str = "{deleted: 1}"
    plans: int = 0

    @property
    def kind(self) -> str:
        """sqlite, postgresql or mariadb."""
        return sa.make_url(self.source).get_backend_name()

    @property
    def target(self) -> str:
        """An SQLite file."""
        return f"sqlite:///{self.folder / 'leads.db'}"

    @property
    def config(self) -> Path:
        """The config, written anew each time that it is asked for."""
        path, source = self.folder / "small.yaml", without_password(self.source, "SMALL")
        values = {"source": source, "table": self.table, "retire": self.retire, "target": self.target}
        path.write_text(CONFIG.format(**values), encoding="utf-8")
        return path

    def plan(self) -> Bundle:
        """Make another plan."""
        self.plans += 1
        folder = self.folder / f"plan{self.plans}"
        return Bundle.open(plan(self.config, folder, settings=Settings(threads=1)).folder)

    def do(self, *statements: str) -> None:
        """Change something in the source."""
        with self._begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the source."""
        with self._begin() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        engine = open_engine(self.source)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def decisions(bundle: Bundle) -> dict[str, str]:
    """The decision on each record."""
    rows = pq.read_table(bundle.path / "decisions.parquet").to_pylist()
    return {row["source_key"]: row["decision"] for row in rows}
