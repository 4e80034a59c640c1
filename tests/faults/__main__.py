"""Count what faults do: `python -m tests.faults --kills 200 --cuts 100 --server-kills 20`.

Each round applies, retires and undoes one plan, each command with one fault in it; then it is run again, and what must
hold is looked at: every lead once, the ledger and the target agree, every value is proven, no family is half archived,
and after undo source and target are as they were, table by table.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from etl.connect.sql.engine import open_engine
from tests.cutover.world import World
from tests.faults.child import VERBS, Ended
from tests.faults.proxy import Moment, Proxy
from tests.faults.rounds import Broken, Fault, Round, Tally, killer
from tests.faults.servers import Servers

KINDS = ("sqlite", "postgresql", "mariadb")
SERVED = KINDS[1:]
MOMENTS: tuple[Moment, ...] = ("before", "during", "after")
COMPANIES = 60
Of = Callable[[str], tuple[str, Fault, Callable[[Ended], bool]]]


def main() -> int:
    """Run the rounds that are asked for and print the counts; 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="kills of each command, over all databases")
    parser.add_argument("--cuts", type=int, default=100, help="cuts around COMMIT, over all commands")
    parser.add_argument("--server-kills", type=int, default=20, help="kills of a server, over all commands")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    tally, begun = Tally(), time.monotonic()
    with Servers() as servers:
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(_kills, kind, asked.kills, asked.seed, servers, tally) for kind in KINDS]
            jobs += [pool.submit(_cuts, kind, asked.cuts, asked.seed, servers, tally) for kind in SERVED]
            for job in jobs:
                job.result()
        for kind in SERVED:
            _server_kills(kind, asked.server_kills, asked.seed, servers, tally)
    _show(tally, time.monotonic() - begun)
    return 1 if tally.failures else 0


def _share(total: int, kind: str, kinds: tuple[str, ...]) -> int:
    """This database's part of so many trials."""
    return total // len(kinds) + (kinds.index(kind) < total % len(kinds))


def _kills(kind: str, total: int, seed: int, servers: Servers, tally: Tally) -> None:
    chance = random.Random(f"{seed} kills {kind}")
    with _world(kind, servers) as world:
        round_ = Round.begin(kind, world)
        _rounds(round_, _share(total, kind, KINDS), lambda: killer(round_, chance), tally)


def _cuts(kind: str, total: int, seed: int, servers: Servers, tally: Tally) -> None:
    chance = random.Random(f"{seed} cuts {kind}")
    with _world(kind, servers, proxied=True) as world:
        proxy = world.proxy
        round_ = Round.begin(kind, world)
        commits = _commits(round_, proxy)

        def cutter() -> Of:
            def fault_of(verb: str) -> tuple[str, Fault, Callable[[Ended], bool]]:
                moment = chance.choice(MOMENTS)
                number = chance.randint(1, commits[verb])
                return f"cut {moment} COMMIT", lambda _: proxy.arm(number, moment), lambda _: bool(proxy.cuts)

            return fault_of

        per_round = len(VERBS)
        _rounds(round_, -(-_share(total, kind, SERVED) // per_round), cutter, tally, proxy.disarm)


def _commits(round_: Round, proxy: Proxy) -> dict[str, int]:
    """How many COMMITs each command sends when nothing happens."""
    found = {}
    for verb in VERBS:
        proxy.disarm()
        round_.ends_well(verb)
        found[verb] = proxy.commits
    return found


def _server_kills(kind: str, total: int, seed: int, servers: Servers, tally: Tally) -> None:
    chance = random.Random(f"{seed} server {kind}")
    with _world(kind, servers) as world:
        round_ = Round.begin(kind, world)
        down = threading.Event()

        def start_again() -> None:
            servers.start()
            down.set()

        def killing() -> Of:
            def fault_of(verb: str) -> tuple[str, Fault, Callable[[Ended], bool]]:
                seconds = chance.uniform(0, round_.seconds[verb])

                def fault(process: Any) -> None:
                    time.sleep(seconds)
                    struck[0] = process.is_alive()
                    servers.kill(kind)
                    threading.Timer(1.0, start_again).start()

                struck = [False]
                down.clear()

                def ended(_: Ended) -> bool:
                    down.wait(120)
                    world.close()  # its own connections are dead as well
                    return struck[0]

                return "server killed", fault, ended

            return fault_of

        _rounds(round_, -(-_share(total, kind, SERVED) // len(VERBS)), killing, tally)


def _rounds(
    round_: Round, count: int, make: Callable[[], Of], tally: Tally, calm: Callable[[], None] | None = None
) -> None:
    for number in range(count):
        try:
            round_.go(make(), tally)
        except (Broken, TimeoutError, AssertionError, sa.exc.SQLAlchemyError) as error:
            tally.failures.append(f"{round_.kind}, round {number}: {error}")
            print(f"FAILED {tally.failures[-1]}", file=sys.stderr, flush=True)  # noqa: T201
            return
        if calm is not None:
            calm()


@contextmanager
def _world(kind: str, servers: Servers, *, proxied: bool = False) -> Iterator[World]:
    """A legacy CRM and an empty lead pipeline, perhaps with a proxy before both."""
    folder = Path(tempfile.mkdtemp(prefix="crm-faults-"))
    names = [f"faults_{secrets.token_hex(5)}" for _ in range(2)]
    urls = [f"sqlite:///{folder / name}.db" for name in names]
    proxy = Proxy(servers.ports[kind]) if proxied else None
    if kind != "sqlite":
        _databases(servers.urls[kind], [f"CREATE DATABASE {name}" for name in names])
        server = make_url(servers.urls[kind]).set(port=proxy.port if proxy else servers.ports[kind])
        urls = [server.set(database=name).render_as_string(hide_password=False) for name in names]
    world = World(folder, urls[0], urls[1], companies=COMPANIES, chunk_records=15).create()
    world.proxy = proxy
    try:
        yield world
    finally:
        world.close()
        if proxy is not None:
            proxy.close()
        if kind != "sqlite":
            force = " WITH (FORCE)" if kind == "postgresql" else ""
            _databases(servers.urls[kind], [f"DROP DATABASE {name}{force}" for name in names])
        shutil.rmtree(folder)


def _databases(url: str, statements: list[str]) -> None:
    engine = open_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def _show(tally: Tally, seconds: float) -> None:
    print(f"{'database':<12}{'command':<10}{'fault':<22}{'trials':>8}{'struck at work':>16}")  # noqa: T201
    for case in sorted(tally.trials):
        print(f"{case[0]:<12}{case[1]:<10}{case[2]:<22}{tally.trials[case]:>8}{tally.struck[case]:>16}")  # noqa: T201
    total, struck = sum(tally.trials.values()), sum(tally.struck.values())
    print(f"{total} trials, {struck} of them at work, {len(tally.failures)} failures, {seconds:,.0f} s.")  # noqa: T201


if __name__ == "__main__":
    for place in ("SOURCE", "TARGET"):  # of the MariaDB that tests/servers starts; the commands inherit it
        os.environ[f"CRM_CLEANUP_TEST_{place}_PASSWORD"] = "crm"
    sys.exit(main())
