"""People's decisions: `decisions.csv` beside the config overrides the rules as long as the records are unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from etl.config import Config
from etl.config.people import PeoplesFile, iso_day
from etl.errors import excerpt
from etl.model import Decision
from etl.texts import ways_to_say

COLUMNS = ("source_key", "decision", "who", "when", "why", "hash", "other")
ALLOWED = (Decision.CUSTOMER, Decision.KEEP, Decision.REVIEW, Decision.LEAD, Decision.MOVED_BEFORE)
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

    other: the source key of the record that it is the same as, or not; of a decision the one that was doubted.
    hash: of the family's records and evidence rows when the person decided, and after a `+` that of the other's; may be
    empty. into: of the decision `lead`, the id of the lead that is there already, and that the record goes into.
    """

    source_key: str
    decision: Decision | PairDecision
    who: str
    when: str
    why: str
    hash: str
    other: str = ""
    into: str = ""

    @property
    def about(self) -> tuple[str, ...]:
        """What a line is about, a source key or those of two records: a later line about it replaces an earlier one."""
        return tuple(sorted((self.source_key, self.other))) if self.on_pair else (self.source_key,)

    @property
    def on_pair(self) -> bool:
        """Whether it says that two records are the same, or that they are not."""
        return isinstance(self.decision, PairDecision)

    @property
    def lacks_other(self) -> bool:
        """Whether its hash is over two records, of which it names only one."""
        return "+" in self.hash and not self.other

    @property
    def words(self) -> str:
        """Who decided, when and why, as evidence."""
        return ", ".join(filter(None, (self.who, self.when))) + (f": {self.why}" if self.why else "")


def read_overrides(config: Config) -> list[Override]:
    """Read people's decisions; none where there is no file. A later line on a source key replaces an earlier one, and
    one on two records an earlier one on them.

    Raises ConfigError, which names the line, for a file that is no such list.
    """
    file = PeoplesFile(config.overrides_path, "people's decisions", COLUMNS, 3, ADVICE)
    overrides: dict[tuple[str, ...], Override] = {}
    for line, row in file.lines():
        texts = texts_of(row)
        if what := fault_in(texts):
            raise file.wrong(line, what)
        override = override_of(texts)
        if override.on_pair and not config.leads.duplicates:
            what = f"{override.decision.value!r} is about duplicates, but the config does not look for any"
            raise file.wrong(line, what, "add leads.duplicates to the config, or remove the line")
        overrides[override.about] = override
    return list(overrides.values())


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
