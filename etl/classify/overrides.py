"""People's decisions: `decisions.csv` beside the config overrides the rules as long as the records are unchanged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from etl.config import Config
from etl.config.people import PeoplesFile, iso_day
from etl.errors import excerpt
from etl.model import Decision
from etl.rows.forgotten import Forgotten
from etl.texts import ways_to_say

COLUMNS = ("source_key", "decision", "who", "when", "why", "hash", "other")
ALLOWED = (Decision.CUSTOMER, Decision.KEEP, Decision.REVIEW, Decision.LEAD, Decision.MOVED_BEFORE)
SEEN, BOTH = "+", "&"
"""Between the hashes of two families: the decision is for the first, and the other was seen; or it is for both."""
GONE = "0" * 16
"""What stands for the hash of a family that is not there any more."""
INTO = "into"
"""The decision `into: 4711`: a lead, which is added to one that is there already."""
ADVICE = "correct the line, or fill in the plan's review.xlsx and run crm-cleanup decide CONFIG review.xlsx"
"""What to do about a line that cannot be used."""


class PairDecision(StrEnum):
    """What a person can decide on two records."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Override:
    """One line of `decisions.csv`.

    other: the source key of the record that it is the same as, or not; of a decision the other one of the case.
    hash: of the family's records and evidence rows when the person decided, and after SEEN or BOTH that of the other's;
    may be empty. into: of the decision `lead`, the id of the lead that is there already, and that the record goes into.
    alone: whether its other record is forgotten, and nobody can say any more which of the hashes was that one's.
    """

    source_key: str
    decision: Decision | PairDecision
    who: str
    when: str
    why: str
    hash: str
    other: str = ""
    into: str = ""
    alone: bool = False

    @property
    def about(self) -> tuple[str, ...]:
        """The source keys that a line names, one or two."""
        return tuple(sorted(filter(None, (self.source_key, self.other))))

    @property
    def decides(self) -> tuple[str, ...]:
        """The records whose families have the decision; none of a line that says whether two are the same."""
        return () if self.on_pair else self.about if BOTH in self.hash else (self.source_key,)

    @property
    def hashes(self) -> tuple[str, ...]:
        """The hashes of the families that the person saw."""
        return tuple(self.hash.replace(BOTH, SEEN).split(SEEN)) if self.hash else ()

    def without(self, forgotten: Forgotten) -> Override | None:
        """What is left of a decision where one of its records is forgotten: the other one's, unless it is a lead, which
        was said knowing both."""
        if not any(key in forgotten for key in self.about):
            return self
        left = [key for key in self.decides if key not in forgotten and self.decision is not Decision.LEAD]
        return replace(self, source_key=left[0], other="", alone=True) if left else None

    def replaces(self, earlier: Override) -> bool:
        """Whether this later line takes the place of an earlier one.

        It does where both are about one case; but each of two records can have a line that is for it alone, and one
        record several that say the same, each for another case.
        """
        alone = len(self.decides) == len(earlier.decides) == 1
        if not alone:
            return self.about == earlier.about
        several = self.other and earlier.other and self.other != earlier.other
        return self.source_key == earlier.source_key and not (several and self.says == earlier.says)

    @property
    def says(self) -> tuple[str, str]:
        """The decision, and the lead that is there already."""
        return self.decision, self.into

    @property
    def word(self) -> str:
        """The decision as a person writes it."""
        return f"{INTO}: {self.into}" if self.into else self.decision.value

    def changed_since(self, current: Mapping[str, str]) -> bool:
        """Whether the records that it is about have changed since the person decided, in whatever order it names them.

        current: source key -> the hash of its family now; a record that is not there any more has none.
        """
        keys = [key for key in (self.source_key, self.other) if key][: len(self.hashes)]
        return not Counter(current.get(key, GONE) for key in keys) <= Counter(self.hashes)

    @property
    def on_pair(self) -> bool:
        """Whether it says that two records are the same, or that they are not."""
        return isinstance(self.decision, PairDecision)

    @property
    def lacks_other(self) -> bool:
        """Whether its hash is over two records, of which it names only one."""
        return len(self.hashes) > 1 and not self.other and not self.alone

    @property
    def words(self) -> str:
        """Who decided, when and why, as evidence."""
        return ", ".join(filter(None, (self.who, self.when))) + (f": {self.why}" if self.why else "")


def read_overrides(config: Config) -> list[Override]:
    """Read people's decisions; none where there is no file. A later line replaces an earlier one on the same case.

    Raises ConfigError, which names the line, for a file that is no such list.
    """
    file = PeoplesFile(config.overrides_path, "people's decisions", COLUMNS, 3, ADVICE)
    overrides: list[Override] = []
    for line, row in file.lines():
        texts = texts_of(row)
        if what := fault_in(texts):
            raise file.wrong(line, what)
        override = override_of(texts)
        if override.on_pair and not config.leads.duplicates:
            what = f"{override.decision.value!r} is about duplicates, but the config does not look for any"
            raise file.wrong(line, what, "add leads.duplicates to the config, or remove the line")
        overrides.append(override)
    replaced = replaced_lines(overrides)
    return [override for place, override in enumerate(overrides) if place not in replaced]


def replaced_lines(overrides: Iterable[Override]) -> dict[int, int]:
    """The places of lines that later ones replace, each with the place of the first one that does."""
    lines: dict[int, Override] = {}
    naming: dict[str, dict[int, None]] = defaultdict(dict)
    replaced: dict[int, int] = {}
    for place, override in enumerate(overrides):
        for old in [old for old in naming[override.source_key] if override.replaces(lines[old])]:
            replaced[old] = place
            for key in lines[old].about:
                naming[key].pop(old, None)
        lines[place] = override
        for key in override.about:
            naming[key][place] = None
    return replaced


def known_words(pairs: bool = True) -> tuple[str, ...]:
    """The decisions that a person can write; pairs: also those on two records."""
    on_pairs = [decision.value for decision in PairDecision] if pairs else []
    return (*(decision.value for decision in ALLOWED), *on_pairs)


def texts_of(row: Mapping[str, str | None]) -> dict[str, str]:
    """What a row of people's decisions says in each of COLUMNS; blanks around a key belong to it.

    The day is in ISO form if it was written as 2026-10-31 or 31.10.2026; any other stays as it is.
    """
    keys = ("source_key", "other")
    texts = {name: row.get(name) or "" if name in keys else (row.get(name) or "").strip() for name in COLUMNS}
    return {**texts, "when": iso_day(texts["when"])}


def fault_in(texts: Mapping[str, str]) -> str | None:
    """What is wrong with these texts, one for each of COLUMNS, as a person's decision; None if nothing is."""
    word, into = _split(texts["decision"])
    if ":" not in texts["source_key"]:
        return _no_source_key(texts)
    if word not in (*known_words(), INTO) or bool(into) != (word == INTO):
        known = ", ".join((*known_words(), f"{INTO}: the id of a lead"))
        return f"{excerpt(texts['decision'])!r} is not a decision; write one of {known}"
    if not texts["who"]:
        return "the column who is empty; enter who decided"
    if word in tuple(PairDecision) and ":" not in texts["other"]:
        return (
            f"{word!r} needs the source key of the other record, but the column other says {excerpt(texts['other'])!r}"
        )
    return None


def _no_source_key(texts: Mapping[str, str]) -> str:
    return f"{excerpt(texts['source_key'])!r} is not a source key; source keys look like accounts:1042"


def override_of(texts: Mapping[str, str]) -> Override:
    """Make a decision from texts that have no fault."""
    word, into = _split(texts["decision"])
    return Override(**{**texts, "decision": _decision(word), "into": into})  # type: ignore[arg-type]


def _decision(word: str) -> Decision | PairDecision:
    if word in tuple(PairDecision):
        return PairDecision(word)
    return Decision.LEAD if word == INTO else Decision(word)


def _split(decision: str) -> tuple[str, str]:
    """The word of a decision, and the id of a lead behind it."""
    word, _, into = decision.partition(":")
    return code_of(word), into.strip()


def code_of(word: str) -> str:
    """The decision that a person means by a word in any language; a word that is none is given as it is."""
    word = word.strip().casefold()
    return next((code for code in known_words() if word in ways_to_say(code)), word)
