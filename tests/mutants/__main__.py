"""Plant faults in a copy of `etl/` and see that tests catch each: `python -m tests.mutants`.

Each fault is planted alone, and the tests of its room are run; it is caught where one of them fails within a minute of
CPU. After that, the tests that caught something are run with no fault planted: what one caught that fails then, too, is
tried again without it. The checkout is only read.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.listed import LIST, markdown, written
from tests.mutants.mutant import Mutant
from tests.mutants.planted import MUTANTS
from tests.mutants.trial import Bench, Result

Results = dict[Mutant, Result]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the faults that are asked for and say how each ended; 1 where one was not caught."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    chosen = chosen_of(MUTANTS, asked.only, asked.share)
    if not chosen:
        parser.error("no planted fault is asked for: --list names all")
    if asked.list:
        print("\n".join(f"{mutant.room:10} {mutant.name}" for mutant in chosen))  # noqa: T201
        return 0
    begun = time.monotonic()
    with TemporaryDirectory(prefix="mutants-") as folder:
        bench = Bench(Path(folder), asked.seconds, written(LIST))
        bench.prepare(_tests(chosen))
        results = tried(bench, chosen, asked.workers)
    _say(_summary(results, time.monotonic() - begun))
    if asked.markdown:
        LIST.write_text(markdown(MUTANTS, {**written(LIST), **_catchers(results)}), encoding="utf-8")
    return 0 if all(result.outcome == "caught" for result in results.values()) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only",
        metavar="TEXT",
        action="append",
        default=[],
        help="faults with this text in name, file or promise; again for more",
    )
    parser.add_argument("--share", metavar="SEED/N", help="N of the faults, drawn by a seed, such as a commit's hash")
    parser.add_argument("--list", action="store_true", help="name them, and try none")
    parser.add_argument("--workers", "-n", type=int, default=2, help="how many are tried at a time")
    parser.add_argument("--seconds", type=int, default=60, help="the CPU seconds in which each must be caught")
    parser.add_argument("--markdown", action="store_true", help=f"write which test caught each into {LIST.name}")
    return parser


def chosen_of(mutants: Sequence[Mutant], only: Sequence[str] = (), share: str | None = None) -> list[Mutant]:
    """The faults that have one of some texts, and of these a share, drawn by a seed; in their order."""
    wanted = [text.lower() for text in only] or [""]
    having = [one for one in mutants if any(text in f"{one.name} {one.file} {one.breaks}".lower() for text in wanted)]
    if share is None:
        return having
    seed, _, count = share.rpartition("/")
    drawn = set(random.Random(seed).sample(having, min(int(count), len(having))))
    return [one for one in having if one in drawn]


def _tests(mutants: Sequence[Mutant]) -> list[str]:
    """All tests that are to catch something, each once."""
    return sorted({path for mutant in mutants for path in mutant.paths})


def tried(bench: Bench, mutants: Sequence[Mutant], workers: int) -> Results:
    """Try faults until each that is caught is caught by a test that passes where none is planted."""
    results: Results = {}
    again = list(mutants)
    while again:
        results |= _planted(bench, again, workers)
        failing = _failing(bench, sorted({results[one].by for one in again if results[one].by}), workers)
        bench.no_catch |= failing
        again = [one for one in again if results[one].by in failing]
    return results


def _planted(bench: Bench, mutants: Sequence[Mutant], workers: int) -> Results:
    """Try each fault once, and say how each ended as soon as it did."""
    results: Results = {}
    with _pool(bench, workers) as pool:
        jobs = {pool.submit(bench.plant, mutant): mutant for mutant in mutants}
        for job in as_completed(jobs):
            results[jobs[job]] = job.result()
            _say(_line(jobs[job], job.result()))
    return results


def _failing(bench: Bench, tests: Sequence[str], workers: int) -> set[str]:
    """Those of some tests that fail with no fault planted."""
    size = -(-len(tests) // workers) or 1
    with _pool(bench, workers) as pool:
        found = pool.map(bench.failing, [tests[first : first + size] for first in range(0, len(tests), size)])
        failing = {test for tests_failing in found for test in tests_failing}
    for test in sorted(failing):
        _say(f"no catch: {test} fails with no fault planted, too")
    return failing


@contextmanager
def _pool(bench: Bench, workers: int) -> Iterator[ThreadPoolExecutor]:
    """Threads, each of which waits for one trial; whatever ends this command ends the trials."""
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield pool
        except BaseException:
            bench.stop()
            raise


def _line(mutant: Mutant, result: Result) -> str:
    line = f"{result.outcome:9} {result.seconds:5.1f} s  {mutant.room:10} {mutant.name}"
    if result.outcome == "caught":
        return f"{line}\n{'':20}by {result.by}"
    return line if result.outcome == "survived" else f"{line}\n{result.said}"


def _summary(results: Results, seconds: float) -> str:
    counts = Counter(result.outcome for result in results.values())
    said = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()) or "none tried"
    used = sum(result.seconds for result in results.values())
    slowest = max((result.seconds for result in results.values()), default=0.0)
    lines = [
        f"{len(results)} planted faults: {said}; {used:.0f} s of CPU, the slowest {slowest:.0f}, in {seconds:.0f} s."
    ]
    lines += [
        f"  {result.outcome}: {one.name} (etl/{one.file})"
        for one, result in results.items()
        if result.outcome != "caught"
    ]
    return "\n".join(lines)


def _catchers(results: Results) -> dict[str, str]:
    """The test that caught each fault; of one that was not caught, none."""
    return {mutant.name: result.by for mutant, result in results.items()}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
