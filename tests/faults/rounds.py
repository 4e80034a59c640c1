"""One round: apply, retire and undo, each with a fault in it, each resumed, and what must hold after every step."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.cutover.world import Dump, World
from tests.faults.child import KILLED, VERBS, Ended, run

AGAIN = "run the command again"
Fault = Callable[[Any], None]


class Broken(AssertionError):
    """Something that must hold does not."""


@dataclass
class Tally:
    """What was tried: trials by database, verb and fault, those that struck while the command was at work, failures."""

    trials: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    struck: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass
class Round:
    """A world with its plan, and what it was like before. seconds: how long each command takes when nothing happens."""

    kind: str
    world: World
    bundle: Bundle
    source: Dump
    target: Dump
    seconds: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def begin(kind: str, world: World) -> Round:
        """Make the plan, and go the whole way once without a fault."""
        before = world.dump(world.source)
        made = Round(kind, world, world.plan(), before, {})
        for verb in VERBS:
            made.seconds[verb] = made.ends_well(verb)
            made.check(verb)
        return made

    def go(self, fault_of: Callable[[str], tuple[str, Fault, Callable[[Ended], bool]]], tally: Tally) -> None:
        """Each command with a fault, and then again. fault_of: verb -> name, fault, whether it struck by the end."""
        for verb in VERBS:
            name, fault, struck = fault_of(verb)
            case = (self.kind, verb, name)
            tally.trials[case] += 1
            ended = run(verb, self.bundle.path, fault)
            tally.struck[case] += struck(ended)
            if ended.code not in (KILLED, 0, 1, 4):
                raise Broken(f"{case}: exit code {ended.code}: {ended.said}")
            if (
                ended.code in (1, 4)
                and f"crm-cleanup {verb}" not in ended.said
                and "run the command again" not in ended.said
            ):
                raise Broken(f"{case}: the message names no next command: {ended.said}")
            self.consistent(f"{case} interrupted")
            self.ends_well(verb)
            self.check(verb)

    def ends_well(self, verb: str) -> float:
        """Run a command to its end, again where its server was not there yet; gives its seconds."""
        for _ in range(20):
            ended = run(verb, self.bundle.path)
            if ended.code == 0:
                return ended.seconds
            if ended.code == 2:
                break
            time.sleep(0.5)
        raise Broken(f"{self.kind}: {verb} does not end well: exit code {ended.code}: {ended.said}")

    def check(self, verb: str) -> None:
        """What must hold after a command that ended well."""
        self.consistent(verb)
        if verb == "undo":
            if self.world.dump(self.world.source) != self.source:
                raise Broken(f"{self.kind}: the source is not as it was before")
            left = {name: rows for name, rows in self.world.dump(self.world.target).items() if rows}
            if left != self.target:
                raise Broken(f"{self.kind}: the target is not as it was before: {sorted(left)}")
            return
        verified = verify(self.bundle, threads=1)
        if not verified.holds or verified.waiting or verified.leads != self.bundle.manifest.leads:
            raise Broken(f"{self.kind}: after {verb}: {verified}")
        moved = self.world.ask("SELECT count(*) FROM accounts WHERE status = 'moved'", self.world.source)[0][0]
        if verb == "retire" and moved != self.bundle.manifest.leads:
            raise Broken(f"{self.kind}: {moved} companies of {self.bundle.manifest.leads} are archived")

    def consistent(self, when: str) -> None:
        """What must hold at any moment: leads and ledger agree, no family is half archived, no record is nowhere."""
        ask = self.world.ask
        leads = {str(row[0]) for row in ask("SELECT id FROM leads")} if self._made("leads") else set()
        rows = ask("SELECT lead_key, lead_id FROM crm_cleanup_ledger") if self._made("crm_cleanup_ledger") else []
        ids = dict(rows)
        if len({(key, own) for key, own in rows}) != len(ids) or set(ids.values()) != leads or len(ids) != len(leads):
            raise Broken(f"{self.kind}, {when}: {len(leads)} leads, {len(ids)} in the ledger")
        accounts = ask("SELECT id, active, status, lead FROM accounts", self.world.source)
        contacts = ask("SELECT account_id, active FROM contacts", self.world.source)
        archived = {own for own, active, status, lead in accounts if active == 0}
        for own, active, status, lead in accounts:
            states = {status == "moved", lead is not None, active == 0}
            states |= {is_active == 0 for account, is_active in contacts if account == own}
            if len(states) != 1:
                raise Broken(f"{self.kind}, {when}: the family of accounts:{own} is half archived")
        nowhere = [own for own in archived if f"accounts:{own}" not in ids]
        if nowhere:
            raise Broken(f"{self.kind}, {when}: accounts:{nowhere[0]} is archived and has no lead")

    def _made(self, table: str) -> bool:
        import sqlalchemy as sa

        with self.world.begin(self.world.target) as connection:
            return sa.inspect(connection).has_table(table)


def kill_at(seconds: float) -> Fault:
    """Kill the process after so many seconds."""

    def fault(process: Any) -> None:
        time.sleep(seconds)
        process.kill()

    return fault


def killer(round_: Round, chance: random.Random) -> Callable[[str], tuple[str, Fault, Callable[[Ended], bool]]]:
    """Kill each command at some moment of the time that it takes."""

    def fault_of(verb: str) -> tuple[str, Fault, Callable[[Ended], bool]]:
        return "killed", kill_at(chance.uniform(0, round_.seconds[verb])), lambda ended: ended.code == KILLED

    return fault_of
