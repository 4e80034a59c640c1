"""People's decisions: `decisions.csv` beside the config wins over rules, as long as what it was about is unchanged."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from etl.classify.records import Numbers
from etl.config import Config
from etl.errors import ConfigError, excerpt
from etl.model import Decision

COLUMNS = ("source_key", "decision", "who", "when", "why", "hash", "other")
ALLOWED = (Decision.CUSTOMER, Decision.KEEP, Decision.REVIEW, Decision.LEAD, Decision.MOVED_BEFORE)
INTO = "into"
"""The decision `into: 4711`: a lead, which is added to one that is there already."""
BY_PERSON = "decision of a person"
CHANGED_SINCE = "changed since a person decided"
DIFFER = "people's decisions differ"


class Said(StrEnum):
    """What a person can say of two records."""

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
    decision: Decision | Said
    who: str
    when: str
    why: str
    hash: str
    other: str = ""
    into: str = ""

    @property
    def about(self) -> tuple[str, ...]:
        """What a later line replaces an earlier one on: a source key, or those of two records."""
        two = isinstance(self.decision, Said)
        return tuple(sorted((self.source_key, self.other))) if two else (self.source_key,)

    @property
    def words(self) -> str:
        """Who decided, when and why, as evidence."""
        return ", ".join(filter(None, (self.who, self.when))) + (f": {self.why}" if self.why else "")


def read_overrides(config: Config) -> list[Override]:
    """Read people's decisions; none where there is no file. A later line on a source key replaces an earlier one, and
    one on two records an earlier one on them.

    Raises ConfigError, which names the line, for a file that is no such list.
    """
    path = config.overrides_path
    if not path.exists():
        return []
    found: dict[tuple[str, ...], Override] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, delimiter=delimiter_of(file.readline()))
            file.seek(0)
            if missing := [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]:
                raise _wrong(path, 1, f"the column {missing[0]!r} is missing; the columns are {', '.join(COLUMNS)}")
            for row in reader:
                override = _override(row, path, reader.line_num)
                if isinstance(override.decision, Said) and not config.leads.duplicates:
                    what = f"{override.decision.value!r} is about duplicates, and the config asks for none"
                    raise _wrong(path, reader.line_num, what, "put leads.duplicates into the config")
                found[override.about] = override
    except UnicodeDecodeError:
        raise ConfigError("People's decisions are not UTF-8.", where=path, next="save the file as CSV UTF-8") from None
    except (csv.Error, OSError) as error:
        raise ConfigError(f"People's decisions cannot be read: {error}.", where=path) from None
    return list(found.values())


def delimiter_of(header: str) -> str:
    """What separates the columns: a spreadsheet saves commas, semicolons or tabs, as its language has it."""
    return max(",;\t", key=header.count)


def known_words(two: bool = True) -> tuple[str, ...]:
    """The decisions that a person can write; two: also those on two records."""
    return (*(one.value for one in ALLOWED), *((one.value for one in Said) if two else ()))


def texts_of(row: Mapping[str, str | None]) -> dict[str, str]:
    """What a row of people's decisions says in each of COLUMNS; blanks around a key belong to it."""
    keys = ("source_key", "other")
    return {name: row.get(name) or "" if name in keys else (row.get(name) or "").strip() for name in COLUMNS}


def fault_in(texts: Mapping[str, str]) -> str | None:
    """Why these texts, one for each of COLUMNS, are no person's decision, in words; None where they are one."""
    said, into = _said(texts["decision"])
    if ":" not in texts["source_key"]:
        return f"{excerpt(texts['source_key'])!r} is no source key such as accounts:1042"
    if said not in (*known_words(), INTO) or bool(into) != (said == INTO):
        known = ", ".join((*known_words(), f"{INTO}: the id of a lead"))
        return f"{excerpt(texts['decision'])!r} is no decision; write {known}"
    if not texts["who"]:
        return "who decided is missing"
    if said in tuple(Said) and ":" not in texts["other"]:
        return f"{said} as which record? {excerpt(texts['other'])!r} in other is no source key"
    return None


def override_of(texts: Mapping[str, str]) -> Override:
    """The decision that texts without a fault are."""
    said, into = _said(texts["decision"])
    decision = Said(said) if said in tuple(Said) else Decision.LEAD if said == INTO else Decision(said)
    return Override(**{**texts, "decision": decision, "into": into})  # type: ignore[arg-type]


def _said(decision: str) -> tuple[str, str]:
    """The word of a decision, and the id of a lead behind it."""
    said, _, into = decision.partition(":")
    return said.strip().lower(), into.strip()


def _override(row: Mapping[str | None, str | None], path: Path, line: int) -> Override:
    texts = texts_of({name: text for name, text in row.items() if name is not None})
    if None in row:
        raise _wrong(path, line, f"{excerpt(texts['source_key'])!r} is no source key such as accounts:1042")
    if what := fault_in(texts):
        raise _wrong(path, line, what)
    return override_of(texts)


def _wrong(path: Path, line: int, what: str, advice: str = "") -> ConfigError:
    return ConfigError(
        f"People's decisions: {what}.",
        where=f"{path}:{line}",
        next=advice or "fill in decision and who in the plan's review.xlsx, and crm-cleanup decide CONFIG review.xlsx",
    )


@dataclass(frozen=True)
class Verdict:
    """What people's decisions say of one family: the decision, the rule's name, the words for the report.

    hashed: whether the person's line says by a hash what the person saw. into: record number -> id of the lead that is
    there already, and that its lead goes into.
    """

    decision: Decision
    rule: str
    words: str
    hashed: bool = True
    into: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Overridden:
    """What became of people's decisions.

    verdicts: family's root number -> verdict. same: the numbers of two records -> whether they are the same, and the
    words for it. The rest names source keys.
    """

    verdicts: dict[int, Verdict]
    same: dict[tuple[int, int], tuple[bool, str]] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    without_hash: tuple[str, ...] = ()
    changed_since: tuple[str, ...] = ()
    conflicting: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    outweighed: tuple[str, ...] = ()


def weigh_overrides(
    overrides: Sequence[Override], numbers: Mapping[str, int], roots: Numbers, hashes: Mapping[int, str]
) -> Overridden:
    """Bring people's decisions to families, and to pairs of records.

    numbers: source key -> record number, for those that exist. hashes: family's root -> its hash now.
    """
    known = [one for one in overrides if one.source_key in numbers and (one.other in numbers or not _two(one))]
    families: dict[int, list[Override]] = defaultdict(list)
    same: dict[tuple[int, int], tuple[bool, str]] = {}
    verdicts: dict[int, Verdict] = {}
    used, changed, conflicting, bare = [], [], [], []

    def stale(one: Override) -> bool:
        found = hashes[int(roots[numbers[one.source_key]])]
        if "+" in one.hash:
            found += f"+{hashes[int(roots[numbers[one.other]])] if one.other in numbers else ''}"
        return one.hash not in ("", found)

    for one in known:
        if not _two(one):
            families[int(roots[numbers[one.source_key]])].append(one)
        elif stale(one):
            changed.append(one.source_key)
        else:
            used.append(one.source_key)
            bare += [] if one.hash else [one.source_key]
            same[numbers[one.source_key], numbers[one.other]] = (one.decision is Said.SAME, one.words)
    for root, group in families.items():
        keys = [override.source_key for override in group]
        old = [override for override in group if stale(override)]
        decisions = {Decision(override.decision) for override in group}
        if old:
            changed += [override.source_key for override in old]
            verdicts[root] = Verdict(Decision.REVIEW, CHANGED_SINCE, old[0].words)
        elif len(decisions) > 1 or len({override.into for override in group}) > 1:
            conflicting += keys
            verdicts[root] = Verdict(Decision.REVIEW, DIFFER, " / ".join(o.words for o in group))
        else:
            used += keys
            bare += [override.source_key for override in group if not override.hash]
            hashed = all(override.hash for override in group)
            into = {numbers[override.source_key]: override.into for override in group if override.into}
            verdicts[root] = Verdict(decisions.pop(), BY_PERSON, group[0].words, hashed, into)
    missing = set(overrides) - set(known)
    unknown = [one.source_key for one in missing]
    return Overridden(verdicts, same, *(tuple(sorted(keys)) for keys in (used, bare, changed, conflicting, unknown)))


def _two(override: Override) -> bool:
    return isinstance(override.decision, Said)
