"""The records of a plan that people decide on: whether it has them, and which decisions cannot be followed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify.overrides import GONE, Override, PairDecision
from etl.classify.reasons import EXISTING_LEAD, MAYBE_SAME_AS_LEAD, MAYBE_SAME_AS_STAYING
from etl.errors import PlanError, StalePlan, excerpt
from etl.model import Decision
from etl.plan import Bundle
from etl.plan.damage import reading
from etl.plan.intact import refuse_changed

PLANS = Path("plans")
MAYBE = (EXISTING_LEAD, MAYBE_SAME_AS_STAYING, MAYBE_SAME_AS_LEAD)
"""Reasons to wait for which a person must have seen which records may be the same."""


@dataclass(frozen=True)
class Reject:
    """A record that cannot be processed, and why."""

    source_key: str
    reason: str


@dataclass(frozen=True)
class PlannedRecords:
    """What a plan knows of the records that decisions name.

    families: source key -> family. duplicates: those families that wait as they may be duplicates. rejects: family ->
    one of its members that cannot be processed; whole: the families of which no member can be.
    """

    folder: Path
    families: Mapping[str, str]
    rejects: Mapping[str, Reject]
    whole: Collection[str]
    duplicates: frozenset[str] = frozenset()

    def faults_in(self, override: Override) -> list[str]:
        """Why the next plan could not follow a decision, in words."""
        known_once = override.hash and GONE not in override.hashes  # so it is told as changed since
        for key in (override.source_key, *([override.other] if override.on_pair else [])):
            if key not in self.families and not known_once:
                return [f"{excerpt(key)!r} is not a record of {self.folder}; compare the key with the plan's lists"]
        decided = {self.families[key] for key in override.decides if key in self.families}
        if override.decision is Decision.LEAD and not (
            override.hash or override.into or decided.isdisjoint(self.duplicates)
        ):
            return [
                "'lead' needs the hash of the case, for the record may be a duplicate: copy hash and other from the "
                "plan's open-cases.csv"
            ]
        return [fault for family in sorted(decided) if (fault := self._fault_of(family, override.decision))][:1]

    def _fault_of(self, family: str, decision: Decision | PairDecision) -> str | None:
        """Why a decision on a family cannot be followed."""
        reject = self.rejects.get(family)
        if reject is None:
            return None
        words = f"{excerpt(reject.source_key)} cannot be processed ({reject.reason})"
        if family in self.whole:
            return f"no decision can be followed: {words}; correct the record in the CRM, and plan again"
        if decision is Decision.LEAD:
            return (
                f"'lead' cannot be followed: {words}, and a family moves whole or not at all; correct the record "
                "in the CRM and plan again, or decide customer, keep or review"
            )
        return None


def plan_beside(files: Sequence[Path], name: str, plan: Path | None) -> Bundle | None:
    """The plan that people looked at: the one that is named, else that beside a file of theirs, else plans/NAME.

    name: of the clean-up. None where there is no plan with that name, or it was purged or is of another version.
    Raises PlanError or StalePlan where the plan that is named cannot be read.
    """
    if plan is not None:
        return Bundle.open(plan)
    for folder in (*(file.absolute().parent for file in files), PLANS / name):
        try:
            bundle = Bundle.open(folder)
        except (PlanError, StalePlan):
            continue
        if bundle.manifest.name == name:
            return bundle
    return None


def planned_records(bundle: Bundle, keys: Collection[str]) -> PlannedRecords:
    """Look up some source keys in a plan. Raises PlanError or StalePlan where it is damaged or was changed."""
    refuse_changed(bundle, ["decisions.parquet"])
    path = bundle.path / "decisions.parquet"
    with reading(path):
        table = pq.read_table(path, columns=["source_key", "family", "decision", "rule", "evidence"])
    text = table.schema.field("source_key").type
    named = table.filter(pc.is_in(table["source_key"], pa.array(sorted(keys), text)))
    families = dict(zip(named["source_key"].to_pylist(), named["family"].to_pylist(), strict=True))
    members = table.filter(pc.is_in(table["family"], pa.array(sorted(set(families.values())), text)))
    rejected = pc.equal(members["decision"], Decision.REJECT.value)
    rejects = {
        row["family"]: Reject(row["source_key"], row["evidence"])
        for row in reversed(members.filter(rejected).to_pylist())
    }
    alive = set(members.filter(pc.invert(rejected))["family"].to_pylist())
    waiting = pc.and_(
        pc.equal(members["decision"], Decision.REVIEW.value), pc.is_in(members["rule"], pa.array(MAYBE, text))
    )
    duplicates = frozenset(members.filter(waiting)["family"].to_pylist())
    return PlannedRecords(bundle.path, families, rejects, set(rejects) - alive, duplicates)
