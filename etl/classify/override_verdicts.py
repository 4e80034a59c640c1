"""Apply people's decisions to the families and pairs of records that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from etl.classify.overrides import Override, PairDecision
from etl.classify.reasons import BY_PERSON, CHANGED_SINCE, CONFLICTING
from etl.classify.records import Numbers
from etl.model import Decision


@dataclass(frozen=True)
class Verdict:
    """What people's decisions say of one family: the decision, its reason, and who decided when and why.

    hashed: whether the person's line says by a hash what the person saw. into: record number -> id of the existing lead
    that its lead is added to.
    """

    decision: Decision
    rule: str
    words: str
    hashed: bool = True
    into: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PairAnswer:
    """What a person says of two records: whether they are the same, and who says so when and why."""

    same: bool
    words: str


@dataclass(frozen=True)
class OverrideOutcome:
    """What became of people's decisions, by source key.

    used: those that decide; without_hash: those of them that cannot tell whether their family changed since. The others
    do not count: the family `changed_since`, decisions in one family contradict each other (`conflicting`), the source
    has no such record (`unknown`), something outweighs them, or they are `incomplete`: on a family that may be a
    duplicate, they do not say which state of which records the person has seen.
    """

    used: tuple[str, ...] = ()
    without_hash: tuple[str, ...] = ()
    changed_since: tuple[str, ...] = ()
    conflicting: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    outweighed: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True)
class OverrideVerdicts:
    """What people's decisions say. families: by root number; pairs: by the numbers of two records."""

    families: dict[int, Verdict]
    pairs: dict[tuple[int, int], PairAnswer]
    outcome: OverrideOutcome


@dataclass
class _Keys:
    """The source keys of the decisions by what became of them, while they are weighed."""

    used: list[str] = field(default_factory=list)
    without_hash: list[str] = field(default_factory=list)
    changed_since: list[str] = field(default_factory=list)
    conflicting: list[str] = field(default_factory=list)

    def use(self, overrides: Sequence[Override]) -> None:
        """Count decisions as used."""
        self.used += [override.source_key for override in overrides]
        self.without_hash += [override.source_key for override in overrides if not override.hash]


@dataclass(frozen=True)
class _Families:
    """The families that decisions are about. numbers: source key -> record number; hashes: root -> hash now."""

    numbers: Mapping[str, int]
    roots: Numbers
    hashes: Mapping[int, str]

    def root(self, source_key: str) -> int:
        """The family of a source key that exists."""
        return int(self.roots[self.numbers[source_key]])

    def changed_since(self, override: Override) -> bool:
        """Whether the records that a decision is about have changed since the person decided."""
        current = self.hashes[self.root(override.source_key)]
        if "+" in override.hash:
            current += f"+{self.hashes[self.root(override.other)] if override.other in self.numbers else ''}"
        return override.hash not in ("", current)


def weigh_overrides(
    overrides: Sequence[Override], numbers: Mapping[str, int], roots: Numbers, hashes: Mapping[int, str]
) -> OverrideVerdicts:
    """Apply people's decisions to families, and to pairs of records.

    numbers: source key -> record number, for those that exist. hashes: family's root -> its hash now.
    """
    known = [o for o in overrides if o.source_key in numbers and (o.other in numbers or not o.on_pair)]
    families, keys = _Families(numbers, roots, hashes), _Keys()
    pairs = _pair_answers([override for override in known if override.on_pair], families, keys)
    by_family: dict[int, list[Override]] = defaultdict(list)
    for override in known:
        if not override.on_pair and not override.lacks_other:
            by_family[families.root(override.source_key)].append(override)
    verdicts = {root: _verdict(decisions, families, keys) for root, decisions in by_family.items()}
    incomplete = tuple(sorted(override.source_key for override in known if override.lacks_other))
    unknown = [override.source_key for override in set(overrides) - set(known)]
    lists = (keys.used, keys.without_hash, keys.changed_since, keys.conflicting, unknown)
    outcome = OverrideOutcome(*(tuple(sorted(some)) for some in lists))
    return OverrideVerdicts(verdicts, pairs, replace(outcome, incomplete=incomplete))


def _pair_answers(overrides: Sequence[Override], families: _Families, keys: _Keys) -> dict[tuple[int, int], PairAnswer]:
    answers: dict[tuple[int, int], PairAnswer] = {}
    for override in overrides:
        if families.changed_since(override):
            keys.changed_since.append(override.source_key)
        else:
            keys.use([override])
            pair = families.numbers[override.source_key], families.numbers[override.other]
            answers[pair] = PairAnswer(override.decision is PairDecision.SAME, override.words)
    return answers


def _verdict(overrides: Sequence[Override], families: _Families, keys: _Keys) -> Verdict:
    """Combine the decisions on one family."""
    stale = [override for override in overrides if families.changed_since(override)]
    if stale:
        keys.changed_since += [override.source_key for override in stale]
        return Verdict(Decision.REVIEW, CHANGED_SINCE, stale[0].words)
    if len({(override.decision, override.into) for override in overrides}) > 1:
        keys.conflicting += [override.source_key for override in overrides]
        return Verdict(Decision.REVIEW, CONFLICTING, " / ".join(override.words for override in overrides))
    keys.use(overrides)
    hashed = all(override.hash for override in overrides)
    into = {families.numbers[override.source_key]: override.into for override in overrides if override.into}
    return Verdict(Decision(overrides[0].decision), BY_PERSON, overrides[0].words, hashed, into)
