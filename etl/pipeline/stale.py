"""Decisions on records that changed after the person looked at them, and what changed since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from etl.classify.overrides import Override
from etl.config.dates import DateColumn
from etl.dates import DAY_MICROSECONDS, NO_MOMENT, read_moments
from etl.errors import CleanupError, excerpt
from etl.model import Decision
from etl.pipeline.family_states import FamilyState, family_states, open_cases_of
from etl.pipeline.former_families import former_families
from etl.plan import Bundle
from etl.plan.bundle import MANIFEST

TOLD = 8
"""So many changes of one case are told."""


@dataclass(frozen=True)
class _Now:
    """What the plan at hand has now. cases: of its open cases the two keys and the hash; states: by source key."""

    bundle: Bundle
    cases: Collection[tuple[str, str, str]]
    states: Mapping[str, FamilyState]

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        """The hash of each family, by source key."""
        return {key: state.hash for key, state in self.states.items()}

    @cached_property
    def open(self) -> frozenset[str]:
        """The records that open cases are of."""
        return frozenset(key for key, _, _ in self.cases)

    def outdated(self, decision: Override) -> bool:
        """Whether a decision is about another state than this. Of a record that moved before, the open case alone says
        which state that is."""
        if not decision.hash or (decision.source_key, decision.other, decision.hash) in self.cases:
            return False
        if decision.decision is Decision.MOVED_BEFORE:
            return decision.source_key in self.open
        return decision.changed_since(self.hashes)


def changed_since(bundle: Bundle, decisions: Sequence[Override], folders: Iterable[Path]) -> dict[int, tuple[str, ...]]:
    """The decisions whose records changed since, by their place, each with what changed, in words.

    bundle: the plan at hand. folders: where earlier plans may be, from which the former values are. Raises PlanError
    where the plan cannot be read.
    """
    cases = open_cases_of(bundle)
    asked = [o for o in decisions if o.hash and (o.source_key, o.other, o.hash) not in cases]
    if not asked:
        return {}
    now = _Now(bundle, cases, family_states(bundle, {key for decision in asked for key in decision.about}))
    outdated = {place: decision for place, decision in enumerate(decisions) if now.outdated(decision)}
    before = _former_states(bundle, outdated.values(), folders)
    return {place: tuple(_changes(now, decision, before)) for place, decision in outdated.items()}


def _changes(now: _Now, decision: Override, before: Mapping[str, FamilyState]) -> Iterator[str]:
    """What changed in the families of a decision. before: hash -> the family as it was."""
    unmatched = [before[own] for own in decision.hashes if own in before]
    told: list[str] = []
    for key in decision.about:
        state = now.states.get(key)
        if state is None:
            told.append(f"{excerpt(key)} is not in the plan any more")
        elif state.hash not in decision.hashes:
            was = next((some for some in unmatched if not some.records.keys().isdisjoint(state.records)), None)
            told += _against(now, key, state, was, decision)
    yield from told[:TOLD]
    if len(told) > TOLD:
        yield f"and {len(told) - TOLD:,} more changes"


def _against(now: _Now, key: str, state: FamilyState, was: FamilyState | None, decision: Override) -> list[str]:
    """What is another in one family: held against how it was, or as far as its records say when they were changed."""
    if was:
        return list(state.changes_from(was)) or [
            f"{excerpt(key)}: the source has the same, but the config makes something else of it"
        ]
    stamped = list(_stamped(now.bundle, state, decision.when))
    members = ", ".join(map(excerpt, list(state.records)[:TOLD]))
    return stamped or [f"no plan with the former values is at hand (the family: {members})"]


def _stamped(bundle: Bundle, state: FamilyState, when: str) -> Iterator[str]:
    """The records that say by their own column that they were changed after a day."""
    for key, cells in state.records.items():
        column = bundle.config.source.records[key.partition(":")[0]].changed
        value = dict(cells).get(column.column) if column else None
        if column and value and _later(bundle, value, column, when):
            yield f"{excerpt(key)} was changed after that: {column.column} is {excerpt(value)!r}"


def _later(bundle: Bundle, value: str, column: DateColumn, when: str) -> bool:
    """Whether a moment is not before the day on which somebody decided: on that day, either may have come first."""
    moment = read_moments(pa.array([value], pa.large_string()), column.form.within(bundle.config.source.time_zone))[0]
    day = read_moments(pa.array([when[:10]], pa.large_string()))[0]
    return bool(moment != NO_MOMENT and day != NO_MOMENT and moment // DAY_MICROSECONDS >= day // DAY_MICROSECONDS)


def _former_states(bundle: Bundle, outdated: Iterable[Override], folders: Iterable[Path]) -> dict[str, FamilyState]:
    """The families as they were, by their hashes, as far as an earlier plan is at hand."""
    outdated = list(outdated)
    wanted = {own for decision in outdated for own in decision.hashes}
    states = former_families(bundle, wanted)
    for earlier in _earlier(bundle, folders):
        if missing := wanted - states.keys():
            keys = {key for decision in outdated for key in decision.about if missing & {*decision.hashes}}
            try:
                former = family_states(earlier, keys).values()
            except CleanupError:
                continue
            states |= {state.hash: state for state in former if state.hash in missing}
    return states


def _earlier(bundle: Bundle, folders: Iterable[Path]) -> Iterator[Bundle]:
    """The other plans of this clean-up in some folders, the newest first."""
    plans = {manifest.parent.resolve() for folder in folders for manifest in folder.glob(f"*/{MANIFEST}")}
    opened = []
    for path in sorted(plans - {bundle.path.resolve()}):
        try:
            opened.append(Bundle.open(path))
        except CleanupError:
            continue
    own = [plan for plan in opened if plan.manifest.name == bundle.manifest.name]
    yield from sorted(own, key=lambda plan: plan.manifest.created, reverse=True)
