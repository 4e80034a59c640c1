"""Apply people's decisions to the families and pairs of records that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from etl.classify.overrides import Override, PairDecision
from etl.classify.reasons import BY_PERSON, CHANGED_SINCE, CONFLICTING
from etl.classify.records import Numbers
from etl.model import Decision


@dataclass(frozen=True)
class Verdict:
    """What people's decisions say of one family: the decision, its reason, and who decided when and why.

    hashed: whether the person's line says by a hash what the person saw. whole: whether a line says so of the family
    whatever it may be the same as, and not of one case with another. into: record number -> id of the existing lead
    that its lead is added to. lines: of each line, or of each that does not count, the record of the family that it
    names, and the other one, or an empty text.
    """

    decision: Decision
    rule: str
    words: str
    hashed: bool = True
    whole: bool = True
    into: Mapping[int, str] = field(default_factory=dict)
    lines: tuple[tuple[str, str], ...] = ()


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
    """What people's decisions say.

    families: by root number; pairs: by the numbers of two records; parted: the roots of families that a person calls
    leads although they may be the same, the lesser first.
    """

    families: dict[int, Verdict]
    pairs: dict[tuple[int, int], PairAnswer]
    outcome: OverrideOutcome
    parted: frozenset[tuple[int, int]] = frozenset()


@dataclass
class _Keys:
    """The decisions by what became of them, while they are weighed; one that is for two families is weighed twice."""

    used: set[Override] = field(default_factory=set)
    changed_since: set[Override] = field(default_factory=set)
    conflicting: set[Override] = field(default_factory=set)

    def outcome(self, unknown: Iterable[Override], incomplete: Iterable[Override]) -> OverrideOutcome:
        """The source keys of all of them."""
        used = self.used - self.changed_since - self.conflicting
        without_hash = [override for override in used if not override.hash]
        lists = (used, without_hash, self.changed_since, self.conflicting, unknown, (), incomplete)
        return OverrideOutcome(*(tuple(sorted(override.source_key for override in some)) for some in lists))


@dataclass(frozen=True)
class _Families:
    """The families that decisions are about. numbers: source key -> record number; hashes: root -> hash now."""

    numbers: Mapping[str, int]
    roots: Numbers
    hashes: Mapping[int, str]

    def root(self, source_key: str) -> int:
        """The family of a source key that exists."""
        return int(self.roots[self.numbers[source_key]])

    def decided_by(self, override: Override) -> set[int]:
        """The families that a decision is for, of those that are there."""
        return {self.root(key) for key in override.decides if key in self.numbers}

    def changed_since(self, override: Override) -> bool:
        """Whether the records that a decision is about have changed since the person decided."""
        known = [key for key in override.about if key in self.numbers]
        return override.changed_since({key: self.hashes[self.root(key)] for key in known})

    def line(self, override: Override, root: int) -> tuple[str, str]:
        """The source keys that a decision names, one of this family first."""
        mine = override.source_key in self.numbers and self.root(override.source_key) == root
        return (override.source_key, override.other) if mine else (override.other, override.source_key)


def weigh_overrides(
    overrides: Sequence[Override], numbers: Mapping[str, int], roots: Numbers, hashes: Mapping[int, str]
) -> OverrideVerdicts:
    """Apply people's decisions to families, and to pairs of records.

    numbers: source key -> record number, for those that exist. hashes: family's root -> its hash now.
    """
    families, keys = _Families(numbers, roots, hashes), _Keys()
    known = [o for o in overrides if families.decided_by(o) or (o.on_pair and {*o.about} <= numbers.keys())]
    pairs = _pair_answers([override for override in known if override.on_pair], families, keys)
    by_family: dict[int, list[Override]] = defaultdict(list)
    for override in known:
        if not override.lacks_other:
            for root in families.decided_by(override):
                by_family[root].append(override)
    against = _contradictions(by_family, families)
    keys.conflicting |= {*against}
    verdicts = {root: _verdict(root, decisions, against, families, keys) for root, decisions in by_family.items()}
    outcome = keys.outcome(set(overrides) - set(known), (override for override in known if override.lacks_other))
    return OverrideVerdicts(verdicts, pairs, outcome, _parted(keys.used - keys.conflicting, families))


def _pair_answers(overrides: Sequence[Override], families: _Families, keys: _Keys) -> dict[tuple[int, int], PairAnswer]:
    answers: dict[tuple[int, int], PairAnswer] = {}
    for override in overrides:
        if families.changed_since(override):
            keys.changed_since.add(override)
        else:
            keys.used.add(override)
            pair = families.numbers[override.source_key], families.numbers[override.other]
            answers[pair] = PairAnswer(override.decision is PairDecision.SAME, override.words)
    return answers


def _parted(used: Iterable[Override], families: _Families) -> frozenset[tuple[int, int]]:
    """The families that a person calls leads, knowing that they may be the same."""
    knowing = [o for o in used if o.decision is Decision.LEAD and o.hash and {*o.about} <= families.numbers.keys()]
    pairs = [sorted(families.root(key) for key in override.about) for override in knowing if override.other]
    return frozenset((left, right) for left, right in pairs)


def _contradictions(
    by_family: Mapping[int, Sequence[Override]], families: _Families
) -> dict[Override, Sequence[Override]]:
    """The decisions that say one thing of a family of which others say another, each with all on that family.

    One that is for two families counts for neither where it is contradicted for one of them.
    """
    against: dict[Override, Sequence[Override]] = {}
    for overrides in by_family.values():
        if len({o.says for o in overrides}) > 1 and not any(map(families.changed_since, overrides)):
            against |= dict.fromkeys(overrides, overrides)
    return against


def _verdict(
    root: int,
    overrides: Sequence[Override],
    against: Mapping[Override, Sequence[Override]],
    families: _Families,
    keys: _Keys,
) -> Verdict:
    """Combine the decisions on one family. against: as of `_contradictions`."""
    stale = [override for override in overrides if families.changed_since(override)]
    if stale:
        keys.changed_since |= {*stale}
        return Verdict(Decision.REVIEW, CHANGED_SINCE, stale[0].words, lines=_lines(root, stale, families))
    contradicted = [override for override in overrides if override in against]
    if contradicted:
        said = dict.fromkeys(each for override in contradicted for each in against[override])
        words = " / ".join(override.words for override in said)
        return Verdict(Decision.REVIEW, CONFLICTING, words, lines=_lines(root, contradicted, families))
    lines = _lines(root, overrides, families)
    keys.used |= {*overrides}
    hashed = all(override.hash for override in overrides)
    whole = any(not override.other for override in overrides)
    into = {families.numbers[line[0]]: o.into for o, line in zip(overrides, lines, strict=True) if o.into}
    return Verdict(Decision(overrides[0].decision), BY_PERSON, overrides[0].words, hashed, whole, into, lines)


def _lines(root: int, overrides: Sequence[Override], families: _Families) -> tuple[tuple[str, str], ...]:
    return tuple(families.line(override, root) for override in overrides)
