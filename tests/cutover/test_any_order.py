"""Everything that people do around a cutover, in any order: after each step the promises of the design hold."""

from __future__ import annotations

import contextlib
import csv
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow.parquet as pq
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from etl.errors import NotApproved, PlanError
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.retire import retire
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.cutover.world import World
from tests.profiles import examples

COMPANIES = st.sampled_from([2, 4, 5, 1, 3, 6])
"""The first three move: the others are our own or were invoiced."""
NEWEST_FIRST = st.sampled_from([0, 0, 0, 1, 2])


@dataclass
class Planned:
    """A plan, and what the model knows of it. versions: of each family when it was made."""

    bundle: Bundle
    versions: dict[int, int]
    leads: frozenset[int]
    approved: bool = False


class Cutover(RuleBasedStateMachine):
    """Six companies; the model knows how often each family was edited, and which leads somebody has touched."""

    @initialize()
    def begin(self) -> None:
        """An untouched CRM, an empty pipeline, no plan."""
        self.folder = Path(tempfile.mkdtemp())
        source, target = (f"sqlite:///{self.folder / name}.db" for name in ("in", "out"))
        self.world = World(self.folder, source, target, companies=6, chunk_records=7, approvals="1").create()
        self.versions = dict.fromkeys(range(1, 7), 0)
        self.plans: list[Planned] = []
        self.touched: set[str] = set()
        self.edits = 0

    def teardown(self) -> None:
        """Nothing stays behind."""
        if hasattr(self, "world"):
            self.world.close()
            shutil.rmtree(self.folder)

    @rule()
    def plan(self) -> None:
        """Every record gets one decision; made twice, it is the same plan."""
        bundle, again = self.world.plan(), self.world.plan()
        rows = pq.read_table(bundle.path / "decisions.parquet", columns=["source_key", "decision", "lead"]).to_pylist()
        keys = [f"accounts:{own}" for (own,) in self.ask("SELECT id FROM accounts")]
        keys += [f"contacts:{own}" for (own,) in self.ask("SELECT id FROM contacts")]
        leads = frozenset(int(row["lead"].partition(":")[2]) for row in rows if row["lead"])

        assert sorted(row["source_key"] for row in rows) == sorted(keys)
        assert bundle.manifest.digest == again.manifest.digest
        assert not leads & self.in_ledger()
        self.plans.append(Planned(bundle, dict(self.versions), leads))

    @rule()
    def plan_and_approve(self) -> None:
        """As people do it on the day."""
        self.plan()
        self.approve()

    @precondition(lambda self: self.plans)
    @rule()
    def approve(self) -> None:
        """A name counts once."""
        with contextlib.suppress(PlanError):
            approve(self.plans[-1].bundle, by="Maria Muster")
        self.plans[-1].approved = True

    @precondition(lambda self: self.plans)
    @rule(which=NEWEST_FIRST, limit=st.none() | st.integers(1, 3))
    def apply(self, which: int, limit: int | None) -> None:
        """Only what was approved and is as it was planned is written, and what was written is not written again."""
        planned = self.plans[-1 - which % len(self.plans)]
        before = self.in_ledger()
        if not planned.approved:
            with contextlib.suppress(NotApproved):
                apply(planned.bundle, limit=limit, threads=1)
                raise AssertionError("it was written without an approval")
            assert self.in_ledger() == before
            return
        applied = apply(planned.bundle, limit=limit, threads=1)
        new = self.in_ledger() - before
        fresh = {own for own in planned.leads - before if planned.versions[own] == self.versions[own]}

        assert new <= fresh
        assert len(new) == applied.leads
        assert limit is not None or new == fresh

    @precondition(lambda self: self.plans)
    @rule(which=NEWEST_FIRST)
    def verify(self, which: int) -> None:
        """Every value of every lead is found, but where somebody has touched the lead."""
        planned = self.plans[-1 - which % len(self.plans)]
        verified = verify(planned.bundle, threads=1)
        mine = {key for key, digest in self.ledger().values() if digest == planned.bundle.manifest.digest}

        assert {one.lead for one in verified.differences if one.lead in mine} <= self.touched

    @precondition(lambda self: self.plans)
    @rule(which=NEWEST_FIRST)
    def retire(self, which: int) -> None:
        """Only families whose lead was read back as planned, and that were not edited since, are archived."""
        planned = self.plans[-1 - which % len(self.plans)]
        if not planned.approved:
            return
        before = self.archived()
        retire(planned.bundle, threads=1)

        for own in self.archived() - before:
            assert planned.versions[own] == self.versions[own]
            assert f"accounts:{own}" not in self.touched
            assert self.ledger()[f"accounts:{own}"][1] == planned.bundle.manifest.digest

    @precondition(lambda self: self.plans)
    @rule(which=NEWEST_FIRST)
    def undo(self, which: int) -> None:
        """What nobody touched is taken back; a touched lead stays, and its record stays archived."""
        planned = self.plans[-1 - which % len(self.plans)]
        mine = {own for own, (_, digest) in self.ledger().items() if digest == planned.bundle.manifest.digest}
        undone = undo(planned.bundle)
        left = {own for own, (_, digest) in self.ledger().items() if digest == planned.bundle.manifest.digest}

        kept = {one.lead for one in undone.kept}
        assert {key for key in left if key.startswith("accounts:")} == kept
        assert kept <= mine
        assert kept >= {key for key in self.touched if key in mine}

    @rule(own=COMPANIES, what=st.sampled_from(["name", "activity", "invoice", "contact"]))
    def edit_source(self, own: int, what: str) -> None:
        """Somebody works in the CRM."""
        self.edits += 1
        number = self.edits
        self.world.do(
            {
                "name": f"UPDATE accounts SET name = 'Neu {number}' WHERE id = {own}",
                "activity": f"INSERT INTO activities VALUES ({1000 + number}, {own}, NULL, '2026-01-05', 'n {number}')",
                "invoice": f"INSERT INTO invoices VALUES ('N{number}', {own}, 'draft')",
                "contact": f"INSERT INTO contacts VALUES ('N{number}', {own}, 'Neu', NULL, 1)",
            }[what]
        )
        self.versions[own] += 1

    @precondition(lambda self: self.ledger())
    @rule(which=st.integers(0, 8))
    def edit_target(self, which: int) -> None:
        """Somebody works with a lead."""
        rows = sorted(self.world.ask("SELECT lead_key, lead_id FROM crm_cleanup_ledger"))
        key, own = rows[which % len(rows)]
        self.world.do(f"UPDATE leads SET city = 'Bonn {key}' WHERE id = {own}", self.world.target)
        self.touched.add(key)

    @rule(own=COMPANIES)
    def decide(self, own: int) -> None:
        """A person keeps a company, whatever the rules say."""
        with (self.folder / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["source_key", "decision", "who"], [f"accounts:{own}", "keep", "Maria"]])

    @invariant()
    def promises(self) -> None:
        """Leads and ledger agree, each once; who is archived has a lead; no family is half archived."""
        if not hasattr(self, "world"):
            return
        leads = [str(own) for (own,) in self.target("SELECT id FROM leads", "leads")]
        rows = self.target("SELECT DISTINCT lead_key, lead_id FROM crm_cleanup_ledger", "crm_cleanup_ledger")
        assert sorted(leads) == sorted(own for _, own in rows)
        assert len({key for key, _ in rows}) == len(rows)
        ledger = self.in_ledger()
        for own in self.archived():
            assert own in ledger
        for own, active, status in self.ask("SELECT id, active, status FROM accounts"):
            assert (active == 0) == (status == "moved"), own
        self.touched &= set(self.ledger())

    def ask(self, statement: str) -> list[Any]:
        """Ask the source."""
        return self.world.ask(statement, self.world.source)

    def target(self, statement: str, table: str) -> list[Any]:
        """Ask the target, where it has a table."""
        there = self.world.ask(f"SELECT 1 FROM sqlite_master WHERE name = '{table}'")
        return self.world.ask(statement) if there else []

    def ledger(self) -> dict[str, tuple[str, str]]:
        """Source key -> lead key and plan digest."""
        rows = self.target("SELECT source_key, lead_key, plan FROM crm_cleanup_ledger", "crm_cleanup_ledger")
        return {str(key): (str(lead), str(plan)) for key, lead, plan in rows}

    def in_ledger(self) -> set[int]:
        """The companies that have a lead."""
        return {int(lead.partition(":")[2]) for lead, _ in self.ledger().values() if lead.startswith("accounts:")}

    def archived(self) -> set[int]:
        """The companies that are archived."""
        return {int(str(own)) for (own,) in self.ask("SELECT id FROM accounts WHERE active = 0")}


Cutover.TestCase.settings = settings(
    max_examples=examples(8), stateful_step_count=16, suppress_health_check=list(HealthCheck)
)
TestCutover = Cutover.TestCase
