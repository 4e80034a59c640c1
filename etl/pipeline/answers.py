"""What people filled in, from a workbook or a CSV file: the rows as they stand, and then the decisions they are."""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from etl.classify.overrides import (
    BOTH,
    COLUMNS,
    INTO,
    SEEN,
    Override,
    PairDecision,
    code_of,
    fault_in,
    known_words,
    override_of,
    replaced_lines,
    texts_of,
)
from etl.config import Config
from etl.config.people import delimiter_of
from etl.errors import ConfigError, WrongRows, excerpt, plural
from etl.model import Decision
from etl.pipeline.planned_records import PlannedRecords
from etl.report.safe_csv import unguarded
from etl.report.workbook import Filled, Row, read_filled

HASH = re.compile(r"([0-9a-f]{16,64}([+&][0-9a-f]{16,64})?)?")
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Answers:
    """The decisions that a file holds, and how many of its rows are undecided. dated: those that name a day."""

    decisions: tuple[Override, ...]
    dated: frozenset[tuple[str, ...]]
    undecided: int


def read_rows(path: Path) -> Filled:
    """Read a filled-in workbook or CSV file. Raises ConfigError where it is neither."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"The file cannot be read: {error.strerror}.", where=path) from None
    return read_filled(path) if content.startswith(ZIP) else Filled(tuple(_csv_rows(content, path)))


def answers(
    filled: Filled, config: Config, path: Path, by: str, today: str, planned: PlannedRecords | None = None
) -> Answers:
    """Take the rows for decisions. by, today: who and when, where a row does not say it.

    planned: the records of the plan that people looked at; None where that is not at hand. Raises WrongRows, which
    names every row that cannot be taken.
    """
    wrong: list[tuple[str, str, str]] = []
    taken, undecided = _Taken(planned.families if planned else {}), 0
    for row in filled.rows:
        texts = texts_of(row.texts)
        texts = {**texts, "who": texts["who"] or (by if texts["decision"] else ""), "when": texts["when"] or today}
        faults = [*row.faults, *([] if row.faults else _faults(texts, config))]
        if planned and texts["decision"] and not faults:
            faults = planned.faults_in(override_of(texts))
        if not faults and texts["decision"]:
            faults = taken.add(override_of(texts), row.where, dated=bool(texts_of(row.texts)["when"]))
        wrong += [(row.where, texts["source_key"], what) for what in faults]
        undecided += not faults and not texts["decision"]
    if wrong:
        rows = len({place for place, _, _ in wrong})
        message = f"{plural(rows, 'row')} of {len(filled.rows):,} cannot be used, so nothing was taken over:"
        raise WrongRows(message, wrong, where=path, next="correct these rows, and run the command again")
    replaced = replaced_lines(taken.decisions)
    decisions = tuple(decision for place, decision in enumerate(taken.decisions) if place not in replaced)
    return Answers(decisions, frozenset(taken.dated), undecided)


@dataclass
class _Taken:
    """The decisions that were taken so far. families: source key -> family, as far as a plan is at hand."""

    families: Mapping[str, str]
    decisions: list[Override] = field(default_factory=list)
    dated: set[tuple[str, ...]] = field(default_factory=set)
    said: dict[tuple[str, ...], tuple[Override, str]] = field(default_factory=dict)

    def add(self, override: Override, where: str, *, dated: bool) -> list[str]:
        """Take one more, unless another row decides otherwise; then this is said. where: the row; dated: whether it
        names a day."""
        of_family = override.decision is not Decision.MOVED_BEFORE
        about = [override.about, *((self.families.get(key, key),) for key in override.decides if of_family)]
        for keys in about:
            before, row = self.said.get(keys, (override, where))
            if before.says != override.says and not (len(keys) > 1 and self._apart(before, override)):
                return [f"{row} decides {before.decision.value!r} for the same record"]
        self.said |= dict.fromkeys(about, (override, where))
        self.decisions.append(override)
        self.dated |= {override.about} if dated else set()
        return []

    @staticmethod
    def _apart(before: Override, override: Override) -> bool:
        """Whether two rows about two records are each for another one of them."""
        return len(before.decides) == len(override.decides) == 1 and before.decides != override.decides


def _faults(texts: Mapping[str, str], config: Config) -> list[str]:
    """Why a row is no decision on a record of this config, in words; an undecided one may be."""
    keys = [key for key in (texts["source_key"], texts["other"]) if key]
    if strange := [key for key in keys if ":" in key and key.partition(":")[0] not in config.source.records]:
        known = ", ".join(config.source.records)
        return [f"{excerpt(strange[0])!r} does not belong to an entry of the config; its entries are {known}"]
    if not HASH.fullmatch(texts["hash"]):
        return [f"the hash {excerpt(texts['hash'])!r} was changed: copy it from the plan's open-cases.csv again"]
    if not texts["other"] and {SEEN, BOTH} & {*texts["hash"]}:
        return ["other is empty, but the hash is over two records: copy other from the plan's open-cases.csv as well"]
    if not texts["decision"]:
        return ["who is filled in, but decision is empty"] if texts["who"] else []
    decision = code_of(texts["decision"])
    if decision in tuple(PairDecision) and not config.leads.duplicates:
        return [f"{decision!r} is about duplicates, but the config does not look for any"]
    fault = fault_in(texts)
    near = difflib.get_close_matches(decision, [*known_words(), f"{INTO}:"], 1)
    if fault and "is not a decision" in fault and near and near[0] != decision:
        fault += f"; did you mean {near[0]!r}?"
    if fault:
        return [fault + (", or run with --by NAME" if fault.startswith("the column who ") else "")]
    if not texts["who"].isprintable():
        return ["who contains invisible characters"]
    return (
        []
        if _is_date(texts["when"])
        else [f"{excerpt(texts['when'])!r} in when is not a date such as 2026-10-12 or 12.10.2026"]
    )


def _is_date(text: str) -> bool:
    """Whether a text is a day, or a time on one, in ISO 8601."""
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _csv_rows(content: bytes, path: Path) -> list[Row]:
    """The rows of a CSV file, empty ones left out."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(
            "The file is neither a workbook (.xlsx) nor CSV in UTF-8. Excel's plain CSV uses another encoding.",
            where=path,
            next="save it as `CSV UTF-8`, or as .xlsx",
        ) from None
    try:
        header = text.partition("\n")[0]
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter_of(header))
        if missing := [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]:
            what = f"The column {missing[0]!r} is missing; the columns are {', '.join(COLUMNS)}."
            raise ConfigError(what, where=path, next="fill in the plan's open-cases.csv or review.xlsx")
        return [_csv_row(row, f"line {reader.line_num}") for row in reader if any(row.values())]
    except csv.Error as error:
        raise ConfigError(f"The file is not valid CSV: {error}.", where=path) from None


def _csv_row(row: Mapping[str | None, str | None], where: str) -> Row:
    texts = {name: text or "" for name, text in row.items() if name is not None}
    keys = {name: unguarded(texts.get(name, "")) for name in ("source_key", "other", "hash")}
    faults = ("the row has more cells than the header",) if None in row else ()
    return Row(where, {**texts, **keys}, faults)
