"""Measures plan, apply and verify against the plain copy of the same rows: `make bench`.

    python tests/benchmarks/pipeline.py                                              all figures; takes half an hour
    python tests/benchmarks/pipeline.py --records 10000 --databases sqlite           a quick look, no targets
    python tests/benchmarks/pipeline.py --records 100000,1000000 --json figures.json for docs/performance.md

data/generate.py fills a source with N records and three related rows for each. Then plan, apply and verify run as
commands, with the config of the demo; and so does the floor: the same rows read and written through SQLAlchemy Core in
batches of 20,000 with no work between, once before and once after, of which the faster counts. Memory is that of all
processes of a command, sampled; the database server is none of them. Nothing is written into the checkout.

Exit code 1 where a target is missed, 2 where a command failed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.databases import KINDS, NotGiven, copy, databases
from tests.benchmarks.measure import Failed, Measured, measure

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("accounts", "contacts", "activities", "orders", "invoices")
VERBS = ("plan", "apply", "verify")
RATIOS = {"plan": 6.0, "apply": 2.0, "verify": 2.0}
FULL = 1_000_000
"""So many records the targets are set for."""
MOST_MEMORY = 1 << 30
MOST_GROWTH = 11.0
RELATED = 3


@dataclass(frozen=True)
class Figure:
    """What one command took. ratio: its time as a multiple of the floor's."""

    database: str
    records: int
    verb: str
    seconds: float
    peak: int
    ratio: float


@dataclass(frozen=True)
class Target:
    """A limit that was set, and what was measured."""

    name: str
    measured: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether what was measured keeps the limit."""
        return self.measured <= self.limit


def config_text(source: str, target: str) -> str:
    """The demo's config, reading from one database and writing into another, without its masters and duplicates.

    What matching takes is measured by tests/benchmarks/matching.py. The generator writes the CRM's first tables alone
    where it is told how many rows a record has, so that figures stay comparable: nothing else is read. JSON is YAML.
    """
    from ruamel.yaml import YAML

    config = YAML(typ="safe", pure=True).load((ROOT / "configs" / "demo.yaml").read_text(encoding="utf-8"))
    config["source"]["url"], config["target"]["url"] = source, target
    records, related = config["source"]["records"], config["source"]["related"]
    for entry in [name for name in records if name not in TABLES]:
        del records[entry]
    for table in [name for name in related if name not in TABLES]:
        del related[table]
    for entry, column in (("accounts", "parent_id"), ("contacts", "account_id")):
        del records[entry]["where"]
        records[entry]["parent"] = {"column": column, "of": "accounts"}
    leads = config["leads"]
    del config["masters"], leads["duplicates"], config["gates"], leads["note"]["labels"]  # of tables that are not there
    leads["fields"]["contact_name"]["first"].remove("{person}")
    config["classify"] = [rule for rule in config["classify"] if "matches" not in rule.get("when", {})]
    return json.dumps({**config, "approvals": "waived"}, ensure_ascii=False, indent=1, default=str)


def environment(folder: Path) -> dict[str, str]:
    """The environment of the commands: this checkout's package, and every file they leave behind in `folder`."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
        "TMPDIR": str(folder),
    }


def run(database: str, records: int) -> list[Figure]:
    """Fill a source, then measure the floor and the three verbs on it. Raises Failed and NotGiven."""
    with (
        tempfile.TemporaryDirectory(prefix="crm-cleanup-bench-") as name,
        databases(database, Path(name)) as make,
    ):
        folder, environ = Path(name), environment(Path(name))
        source, target = make("source"), make("target")
        (folder / "bench.yaml").write_text(config_text(source, target), encoding="utf-8")
        generator = [sys.executable, str(ROOT / "data" / "generate.py"), "--seed", "1", "--related", str(RELATED)]
        filled = measure([*generator, "--records", str(records), "--to", source], folder, environ)
        tell(f"{database}, {records:,} records: source filled in {filled.seconds:.0f} s")
        # the commands that a person would call; apply needs what plan leaves, verify what apply leaves
        calls = {
            "plan": ("plan", "bench.yaml", "--out", "plan"),
            "apply": ("apply", "plan"),
            "verify": ("verify", "plan"),
        }
        floors = [_floor(source, make("floor1"), folder, environ)]
        found = {
            verb: _told(verb, measure([sys.executable, "-m", "etl", *call], folder, environ))
            for verb, call in calls.items()
        }
        floors.append(_floor(source, make("floor2"), folder, environ))
    floor = min(floors, key=lambda one: one.seconds)
    return [
        Figure(database, records, verb, one.seconds, one.peak, one.seconds / floor.seconds)
        for verb, one in {"floor": floor, **found}.items()
    ]


def _floor(source: str, target: str, folder: Path, environ: Mapping[str, str]) -> Measured:
    call = [sys.executable, str(Path(__file__).resolve()), "--copy", source, target]
    measured = measure(call, folder, environ)
    (folder / Path(target).name).unlink(missing_ok=True)
    return _told("floor", measured)


def _told(verb: str, measured: Measured) -> Measured:
    tell(f"  {verb}: {measured.seconds:.1f} s, {measured.peak / 2**20:,.0f} MiB")
    return measured


def tell(line: str) -> None:
    """Say how far the benchmark is; on standard error, so that standard output is the table alone."""
    print(line, file=sys.stderr, flush=True)


def targets(figures: Sequence[Figure]) -> list[Target]:
    """The limits that these figures can be held against."""
    times = {(one.database, one.records, one.verb): one.seconds for one in figures}
    found = []
    for one in figures:
        if one.verb == "floor":
            continue
        name = f"{one.database}, {one.verb}"
        if one.records == FULL:
            found.append(Target(f"{name}: × floor", one.ratio, RATIOS[one.verb]))
            found.append(Target(f"{name}: memory, MiB", one.peak / 2**20, MOST_MEMORY / 2**20))
        tenth = times.get((one.database, one.records // 10, one.verb))
        if tenth is not None and one.records % 10 == 0:
            grown = f"{name}: time from {one.records // 10:,} to {one.records:,} records, ×"
            found.append(Target(grown, one.seconds / tenth, MOST_GROWTH))
    return found


def markdown(figures: Sequence[Figure], held: Sequence[Target]) -> str:
    """The figures and the targets as two tables."""
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {RELATED} related rows a record.",
        "",
        "| database | records | step | seconds | × floor | peak MiB |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for one in figures:
        ratio = f"{one.ratio:.2f}" if one.verb != "floor" else "1"
        lines.append(
            f"| {one.database} | {one.records:,} | {one.verb} | {one.seconds:.1f} | {ratio} | {one.peak / 2**20:,.0f} |"
        )
    if held:
        lines += ["", "| target | measured | at most | |", "|---|---:|---:|---|"]
        for target in held:
            verdict = "PASS" if target.met else "FAIL"
            lines.append(f"| {target.name} | {target.measured:,.2f} | {target.limit:,.0f} | {verdict} |")
    else:
        lines += ["", f"No targets: they are set for {FULL:,} records, and for ten times the records of another run."]
    return "\n".join(lines)


def arguments() -> argparse.ArgumentParser:
    """The call, with help that teaches by example."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--records", type=_numbers, default=(100_000, FULL), metavar="N,N", help="sizes (default: 100000,1000000)"
    )
    parser.add_argument(
        "--databases", type=_kinds, default=KINDS, metavar="KIND,KIND", help="(default: sqlite,postgresql)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--copy", nargs=2, metavar=("SOURCE", "TARGET"), help="copy the tables and end: the floor")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(text.split(","))
    for kind in kinds:
        if kind not in KINDS:
            raise argparse.ArgumentTypeError(f"{kind!r} is none of {', '.join(KINDS)}")
    return kinds


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for, print the tables, and say by the exit code whether the targets are met."""
    call = arguments().parse_args(argv)
    if call.copy:
        source, target = call.copy
        copy(source, target, TABLES)
        return 0
    figures: list[Figure] = []
    for database in call.databases:
        try:
            for records in sorted(call.records):
                figures += run(database, records)
        except NotGiven as left_out:
            tell(str(left_out))
        except Failed as failed:
            tell(str(failed))
            return 2
    held = targets(figures)
    print(markdown(figures, held))
    if call.json:
        shown = {
            "figures": [asdict(one) for one in figures],
            "targets": [{**asdict(one), "met": one.met} for one in held],
        }
        call.json.write_text(json.dumps(shown, indent=2) + "\n", encoding="utf-8")
    return 0 if all(one.met for one in held) else 1


if __name__ == "__main__":
    sys.exit(main())
