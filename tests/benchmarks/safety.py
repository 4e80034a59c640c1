"""Measures what the safety of apply costs: approval, lock, re-reading, ledger and journal, against bare writing.

    python tests/benchmarks/safety.py                                    10,000 and 100,000 leads
    python tests/benchmarks/safety.py --records 38000 --databases sqlite a quick look

data/generate.py fills a source, the demo's config plans it, and the plan is applied twice into empty pipelines, each
time in a process of its own: as `crm-cleanup apply` does, and bare, by the same writers and batches without ledger,
lock, approval, journal and re-reading. The seconds are those from the first work to the last, without the start of
Python. About 3.8 records of the demo's kind give one lead. Nothing is written into the checkout.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

import sqlalchemy as sa

from etl.connect.sql.target import SqlTarget
from etl.connect.target import Batch, Written
from etl.plan import Bundle
from tests.benchmarks.databases import KINDS, databases
from tests.benchmarks.pipeline import ROOT, config_text, environment, tell

INDEXED = {
    "accounts": ("id", "parent_id"),
    "contacts": ("id", "account_id"),
    **dict.fromkeys(("activities", "orders", "invoices"), ("account_id", "contact_id")),
}
"""What a CRM has indexes on; the generator's tables have none. Without them tables are read as a whole."""

MOST = 0.5
"""The share of the bare time that safety may cost."""


@dataclass(frozen=True)
class Figure:
    """One plan, applied both ways, in seconds."""

    database: str
    records: int
    leads: int
    bare: float
    safe: float

    @property
    def cost(self) -> float:
        """What safety costs, as a share of the bare time."""
        return self.safe / self.bare - 1


class Bare(SqlTarget):
    """A target that writes leads as fast as it can, and knows nothing of what was written before."""

    def _write(self, connection: sa.Connection, batch: Batch, system: str, _plan: str) -> Written:
        from etl.connect.sql.write import writer

        self._insert(connection, writer(connection.dialect), batch, system)
        return Written(tuple(batch.leads.index), (), {})


def work(plan: Path, bare: bool) -> None:
    """Apply a plan in this process and print the seconds."""
    from etl import load
    from etl.pipeline.apply import apply

    bundle = Bundle.open(plan)
    target = Bare(bundle.config.target)
    if bare:
        target.prepare()
    begun = time.perf_counter()
    written = load.apply(bundle, target).leads if bare else apply(bundle).leads
    assert written == bundle.manifest.leads, f"{written} of {bundle.manifest.leads} leads written"
    print(time.perf_counter() - begun)


def run(database: str, records: int) -> Figure:
    """Plan once, apply both ways."""
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name, databases(database, Path(name)) as make:
        folder = Path(name)
        environ, source = environment(folder), make("source")
        generator = [sys.executable, str(ROOT / "data" / "generate.py"), "--seed", "1", "--related", "3"]
        _call([*generator, "--records", str(records), "--to", source], folder, environ)
        _index(source)
        seconds = {}
        for way in ("bare", "safe"):
            text = config_text(source, make(way)).replace('"approvals": "waived"', '"approvals": 1')
            (folder / "bench.yaml").write_text(text, encoding="utf-8")
            _call([sys.executable, "-m", "etl", "plan", "bench.yaml", "--out", way], folder, environ)
            _call([sys.executable, "-m", "etl", "approve", way, "--by", "Maria Muster"], folder, environ)
            call = [
                sys.executable,
                str(Path(__file__).resolve()),
                "--work",
                way,
                *(["--bare"] if way == "bare" else []),
            ]
            seconds[way] = float(_call(call, folder, environ))
            tell(f"{database}, {records:,} records: {way} {seconds[way]:.2f} s")
        return Figure(database, records, Bundle.open(folder / "safe").manifest.leads, seconds["bare"], seconds["safe"])


def _index(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table, columns in INDEXED.items():
            for column in columns:
                connection.execute(sa.text(f"CREATE INDEX {table}_{column} ON {table} ({column})"))
    engine.dispose()


def _call(command: list[str], folder: Path, environ: dict[str, str]) -> str:
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {ended.returncode}\n{ended.stderr}")
    return ended.stdout


def main() -> int:
    """Print the table; 1 where safety costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", default="38000,380000", help="(default: 38000,380000)")
    parser.add_argument("--databases", default=",".join(KINDS), help=f"(default: {','.join(KINDS)})")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work is not None:
        work(asked.work, asked.bare)
        return 0
    figures = [run(kind, int(size)) for kind in asked.databases.split(",") for size in asked.records.split(",")]
    lines = ["| database | leads | bare s | safe s | safety costs |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {f.database} | {f.leads:,} | {f.bare:.2f} | {f.safe:.2f} | {f.cost:.0%} |" for f in figures]
    print("\n".join(lines))
    return 1 if any(figure.cost > MOST for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
