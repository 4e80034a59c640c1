"""What several people decided, brought together: who agrees counts once, and who does not is listed side by side."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from etl.classify.overrides import Override, replaced_lines
from etl.model import Decision

DAY = len("2026-10-31")
YEARS = range(1970, 2200)
"""The years in which somebody can have decided."""


@dataclass(frozen=True)
class Opinion:
    """One decision as a file has it.

    file: as the user typed it; row: where in it. dated: whether it names a day. saved: when the file was, in ISO 8601;
    empty where it does not say.
    """

    decision: Override
    file: str
    row: str
    dated: bool
    saved: str = ""

    def is_of(self, name: str) -> bool:
        """Whether it is this person's, or stands in this file."""
        return name == self.file or name.casefold() == self.person

    @property
    def person(self) -> str:
        """Who decided, however the name is written."""
        return self.decision.who.casefold()

    @cached_property
    def times(self) -> tuple[dt.datetime, dt.datetime]:
        """The first and the last moment at which it may have been decided: a day has many."""
        first = dt.datetime.fromisoformat(self.decision.when).astimezone()
        return first, first + dt.timedelta(days=len(self.decision.when) <= DAY)

    @property
    def leaves_open(self) -> bool:
        """Whether it says review and no reason: what the page calls later."""
        return self.decision.decision is Decision.REVIEW and not self.decision.why

    @property
    def order(self) -> tuple[dt.datetime, float]:
        """What puts the opinions of one person in order: when each was decided, and then when its file was saved."""
        return self.times[0], dt.datetime.fromisoformat(self.saved).timestamp() if self.saved else 0.0

    def after(self, other: Opinion) -> bool:
        """Whether it was surely decided later than another one of the same person."""
        if self.times == other.times:
            return bool(self.saved and other.saved) and self.order > other.order
        return self.dated and other.dated and self.times[0] >= other.times[1]


@dataclass(frozen=True)
class Agreed:
    """What several files come to.

    opinions: those that count, each once; none as long as there are contradictions. alike: how many of them several
    people have. How many others gave way: changed, to a later one of the same person; left_open, to one that decides,
    as they leave the case open; overruled, to one that was preferred. contradictions: those that say different things
    of one record or case, and of which none was chosen.
    """

    opinions: tuple[Opinion, ...]
    alike: int
    changed: int
    left_open: int
    overruled: int
    contradictions: tuple[tuple[Opinion, ...], ...]


def agree(opinions: Sequence[Opinion], families: Mapping[str, str], prefer: Sequence[str] = ()) -> Agreed:
    """Find which opinions count. families: source key -> family, as far as a plan is at hand. prefer: people or files
    that count where others say otherwise, the most important first."""
    questions = [
        [opinions[place] for place in question]
        for question in _questions([opinion.decision for opinion in opinions], families)
    ]
    changed = {id(opinion) for question in questions for opinion in _outdated(question)}
    questions = [_without(question, changed) for question in questions]
    left_open = {id(o) for question in questions if _differ(question) for o in question if o.leaves_open}
    questions = [_without(question, left_open) for question in questions]
    overruled: set[int] = set()
    for name in prefer:
        for question in questions:
            left = _without(question, overruled)
            chosen = {opinion.decision.says for opinion in left if opinion.is_of(name)}
            if len(chosen) == 1:
                overruled |= {id(opinion) for opinion in left if opinion.decision.says not in chosen}
    apart = [left for question in questions if _differ(left := _without(question, overruled))]
    contradictions = tuple(_groups(apart))
    together = [] if contradictions else list(_together(_without(opinions, changed | left_open | overruled)))
    return Agreed(
        tuple(_of_all(some) for some in together),
        sum(len({opinion.person for opinion in some}) > 1 for some in together),
        len(changed),
        len(left_open),
        len(overruled),
        contradictions,
    )


def moment_of(when: str) -> dt.datetime | None:
    """A day, or a time on one, in ISO 8601; None where it is none on which somebody can have decided."""
    try:
        moment = dt.datetime.fromisoformat(when)
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def day_of(when: str) -> str:
    """The day as decisions.csv has it: of a time that a program wrote, the day that it was here."""
    moment = moment_of(when) if "T" in when else None
    return when if moment is None else moment.astimezone().date().isoformat()


def _questions(decisions: Sequence[Override], families: Mapping[str, str]) -> Iterator[list[int]]:
    """The places of decisions that must all say the same: on one record, family, or case of two."""
    about: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, decision in enumerate(decisions):
        of_family = decision.decision is not Decision.MOVED_BEFORE
        for keys in {decision.about, *((families.get(key, key),) for key in decision.decides if of_family)}:
            about[keys].append(place)
    for keys, places in about.items():
        yield from [places] if len(keys) == 1 else _of_case(places, decisions)


def _of_case(places: Sequence[int], decisions: Sequence[Override]) -> Iterator[list[int]]:
    """Of a case of two records, those that go together: two decisions may each be for another one of them alone."""
    alone: dict[str, list[int]] = defaultdict(list)
    both = [place for place in places if len(decisions[place].decides) != 1]
    for place in places:
        if len(decisions[place].decides) == 1:
            alone[decisions[place].decides[0]].append(place)
    yield from (sorted([*own, *both]) for own in alone.values() or [[]])


def _differ(question: Iterable[Opinion]) -> bool:
    return len({opinion.decision.says for opinion in question}) > 1


def _without(opinions: Iterable[Opinion], out: set[int]) -> list[Opinion]:
    return [opinion for opinion in opinions if id(opinion) not in out]


def _outdated(question: Sequence[Opinion]) -> Iterator[Opinion]:
    """Those that gave way to what the same person said later."""
    by_person: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in question:
        by_person[opinion.person].append(opinion)
    for own in by_person.values():
        if _differ(own) and all(opinion.dated for opinion in own):
            last = max(own, key=lambda opinion: opinion.order)
            others = [opinion for opinion in own if opinion.decision.says != last.decision.says]
            if all(last.after(opinion) for opinion in others):
                yield from others


def _groups(apart: Iterable[Sequence[Opinion]]) -> Iterator[tuple[Opinion, ...]]:
    """Each contradiction once, with all that belong to it, also by another record of its case."""
    above: dict[int, int] = {}
    members: dict[int, Opinion] = {}

    def first_of(place: int) -> int:
        while (upper := above.setdefault(place, place)) != place:
            above[place] = above[upper]
            place = above[place]
        return place

    for question in apart:
        for opinion in question:
            members[id(opinion)] = opinion
            above[first_of(id(opinion))] = first_of(id(question[0]))
    groups: dict[int, list[Opinion]] = defaultdict(list)
    for place, opinion in members.items():
        groups[first_of(place)].append(opinion)
    yield from map(tuple, groups.values())


def _together(opinions: Sequence[Opinion]) -> Iterator[list[Opinion]]:
    """Those of one mind on one case, each case once, in the order of the last of them."""
    replaced = replaced_lines(opinion.decision for opinion in opinions)
    last: dict[int, int] = {}
    for place in sorted(replaced, reverse=True):
        last[place] = last.get(replaced[place], replaced[place])
    same: dict[int, list[Opinion]] = defaultdict(list)
    for place, by in sorted(last.items()):
        if opinions[place].decision.says == opinions[by].decision.says:
            same[by].append(opinions[place])
    for place, opinion in enumerate(opinions):
        if place not in replaced:
            yield [*same[place], opinion]


def _of_all(opinions: Sequence[Opinion]) -> Opinion:
    """Several of one mind as one: the last that says what the person saw, with all names and reasons."""
    last = next((opinion for opinion in reversed(opinions) if opinion.decision.hash), opinions[-1])
    names: dict[str, str] = {}
    for opinion in opinions:
        names.setdefault(opinion.person, opinion.decision.who)
    reasons = dict.fromkeys(opinion.decision.why for opinion in opinions if opinion.decision.why)
    dated = [opinion for opinion in opinions if opinion.dated]
    latest = max(dated, key=lambda opinion: opinion.times[1], default=last)
    decision = replace(last.decision, who=", ".join(names.values()), why=" / ".join(reasons), when=latest.decision.when)
    return replace(last, decision=decision, dated=bool(dated))
