"""Measures how soon a changed rule shows its report: `plan --from` against the whole plan, in CPU seconds.

    python tests/benchmarks/again.py                       50,000 records with their history; takes two minutes
    python tests/benchmarks/again.py --records 5000        a quick look, no target

data/generate.py makes the CRM and its ERP. The demo's config is planned whole; then one of its rules counts invoices of
four years in place of three, and that config is planned on the first plan's snapshot. Both are commands of their own,
with one thread, so that no process goes uncounted; each is run as often as `--rounds` says, in turn, and the fewest CPU
seconds count. Nothing is written into the checkout.

Exit code 1 where the target is missed, 2 where a command failed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import Failed, Measured, measure
from tests.benchmarks.pipeline import environment, tell

ROOT = Path(__file__).resolve().parents[2]
FULL = 50_000
"""So many records the target is set for."""
SHARE = 0.25
"""The most that a changed rule may take of the whole plan's CPU time."""
RULE = ("last: 3 years", "last: 4 years")


def write_configs(folder: Path) -> None:
    """Write `whole.yaml`, the demo's config on the data of the folder, and `changed.yaml` with another rule."""
    text = (ROOT / "configs" / "demo.yaml").read_text(encoding="utf-8")
    text = text.replace("files:data/", f"files:{folder}/data/").replace("build/demo/", f"{folder}/")
    text = text[: text.index("\ngates:")] + text[text.index("\nreport:") :]
    assert text.count(RULE[0]) == 1
    (folder / "whole.yaml").write_text(text, encoding="utf-8")
    (folder / "changed.yaml").write_text(text.replace(*RULE), encoding="utf-8")


def run(records: int, rounds: int) -> tuple[Measured, Measured]:
    """The fewest CPU seconds of the whole plan, and of the changed rule on its snapshot. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-bench-") as name:
        folder, environ = Path(name), environment(Path(name))
        write_configs(folder)
        generator = [sys.executable, str(ROOT / "data" / "generate.py"), "--seed", "1", "--records", str(records)]
        measure([*generator, "--to", f"files:{folder / 'data'}"], folder, environ)
        command = [sys.executable, "-m", "etl", "plan", "--threads", "1"]
        calls = {
            "whole": [*command, "whole.yaml", "--out", "whole", "--replace"],
            "changed": [*command, "changed.yaml", "--from", "whole", "--out", "changed", "--replace"],
        }
        taken: dict[str, list[Measured]] = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                taken[name].append(measure(call, folder, environ))
                tell(f"  {name}: {taken[name][-1].cpu:.1f} s of CPU, {taken[name][-1].seconds:.1f} s")
    whole, changed = (min(each, key=lambda measured: measured.cpu) for each in taken.values())
    return whole, changed


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, and say by the exit code whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=FULL, metavar="N", help=f"(default: {FULL:,})")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="(default: 2)")
    call = parser.parse_args(argv)
    try:
        whole, changed = run(call.records, call.rounds)
    except Failed as failed:
        tell(str(failed))
        return 2
    share = changed.cpu / whole.cpu
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {call.records:,} records with their history.\n")
    print("| step | CPU seconds | share | peak MiB |\n|---|---:|---:|---:|")
    print(f"| plan | {whole.cpu:.1f} | 1 | {whole.peak / 2**20:,.0f} |")
    print(f"| plan --from, one rule changed | {changed.cpu:.1f} | {share:.2f} | {changed.peak / 2**20:,.0f} |")
    if call.records < FULL:
        print(f"\nNo target: it is set for {FULL:,} records.")
        return 0
    print(f"\nTarget: at most {SHARE:.2f}. {'PASS' if share <= SHARE else 'FAIL'}")
    return 0 if share <= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
