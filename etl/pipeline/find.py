"""Where is a legacy record now? Search the plans, ask the target's ledger, and show the hits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from etl.config.entries import Entry
from etl.connect.target import DELETED
from etl.errors import CleanupError, ConfigError, PlanError, StalePlan
from etl.matching.query import Query
from etl.matching.search import Known, Ranked, search, similar_words
from etl.model import Decision, Progress, no_progress
from etl.pipeline.ledger import Ledger, Moved
from etl.plan import Bundle
from etl.plan.bundle import MANIFEST, PURGED
from etl.report.find.index import Index, open_index
from etl.report.find.note import excerpts

PLANS = Path("plans")


@dataclass(frozen=True)
class Hit:
    """One legacy record that was found.

    company: of a person. lead: the key of its lead in the plan; lead_id: that lead's id in the target; state: where the
    record is, in words; note: some lines of its lead's note.
    """

    plan: str
    source_key: str
    name: str | None
    city: str | None
    company: str | None
    decision: str
    rule: str | None
    evidence: str | None
    lead: str | None
    lead_id: str | None
    state: str
    note: tuple[str, ...]


@dataclass(frozen=True)
class SearchResult:
    """The hits, best first. count: how many records met the query in all; records: that were searched; notices: what
    could not be asked, one line each."""

    hits: tuple[Hit, ...]
    count: int
    records: int
    plans: tuple[str, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """A record that was found, before the target was asked. order: how good it is, best least."""

    bundle: Bundle
    order: tuple[float, ...]
    shown: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Its source key."""
        return str(self.shown["source_key"])

    @property
    def record(self) -> tuple[str, str]:
        """What the record is called across all plans."""
        return self.bundle.manifest.system, self.key


def opened(
    plans: Sequence[Path], notices: dict[Path, str], progress: Progress = no_progress
) -> list[tuple[Bundle, Index]]:
    """The plans to search with their indexes: those that are named, else those below ./plans.

    notices: gets a line for each plan below ./plans that is left out, because it was purged, is damaged or changed, or
    is of another format. Raises PlanError where there is none, and PlanError or StalePlan where one that is named, or
    every one below ./plans, cannot be searched.
    """
    if plans:
        return [_indexed(path, progress) for path in plans]
    here = sorted(path.parent for path in PLANS.glob(f"*/{MANIFEST}"))
    purged = [path for path in here if (path / PURGED).exists()]
    notices |= {path: f"{path} was purged, so its records can no longer be searched." for path in purged}
    searchable, errors = list[tuple[Bundle, Index]](), list[CleanupError]()
    for path in here:
        if path not in purged:
            with skipping(path, notices, errors):
                searchable.append(_indexed(path, progress))
    if errors and not searchable:
        raise errors[0]
    if not searchable:
        raise PlanError(
            "There is no plan in ./plans to search.",
            where=PLANS.absolute(),
            next="name the plan's folder: crm-cleanup find TEXT --plan PLAN",
        )
    return searchable


@contextmanager
def skipping(path: Path, notices: dict[Path, str], errors: list[CleanupError] | None = None) -> Iterator[None]:
    """Turn the error of a plan that is damaged, changed or of another format into a notice. errors: gets it, too."""
    try:
        yield
    except (PlanError, StalePlan) as error:
        notices[path] = f"{path} could not be searched: {' '.join(error.message.split())}"
        if errors is not None:
            errors.append(error)


def _indexed(path: Path, progress: Progress) -> tuple[Bundle, Index]:
    bundle = Bundle.open(path)
    return bundle, open_index(bundle, identities(bundle), progress)


def newest_first(plans: Iterable[tuple[Bundle, Index]]) -> list[tuple[Bundle, Index]]:
    """Plans in the order in which a later one says more of a record."""
    return sorted(plans, key=lambda plan: plan[0].manifest.created, reverse=True)


def find(text: str, plans: Sequence[Path] = (), *, limit: int = 10, progress: Progress = no_progress) -> SearchResult:
    """Find the legacy records that meet every word of a text, and say where they are now.

    plans: folders, those below ./plans if empty. limit: how many hits. A record that several plans have is shown once:
    as the plan that wrote its lead has it, else as the newest. Nothing is written but the plans' indexes.
    Raises ConfigError for an empty text, PlanError or StalePlan as `opened` does.
    """
    query = _parsed(text)
    rows, count, records, notices = list[_Row](), 0, 0, dict[Path, str]()
    indexes = opened(plans, notices, progress)
    moved: Moved = {}
    for bundle, index in newest_first(indexes):
        with nullcontext() if plans else skipping(bundle.path, notices), Ledger(bundle, notices) as ledger:
            ranked = _ranked(index, query, limit, ledger.known(query.ids))
            plan_rows = [_Row(bundle, *ranked_row) for ranked_row in _with_order(index, ranked)]
            moved |= ledger.of([row.key for row in plan_rows])
            rows, count, records = rows + plan_rows, count + ranked.count, records + index.records
    best = sorted(_once(rows, moved), key=lambda row: row.order)[:limit]
    hits = tuple(
        _hit(row, moved.get(row.record), row.bundle.path not in notices, note)
        for row, note in zip(best, _notes(best, None if plans else notices), strict=True)
    )
    return SearchResult(hits, count, records, tuple(str(bundle.path) for bundle, _ in indexes), tuple(notices.values()))


def _parsed(text: str) -> Query:
    if not text.strip():
        raise ConfigError("There is nothing to search for.", next='crm-cleanup find "name, city, phone or key"')
    return Query.parse(text)


def identities(bundle: Bundle) -> dict[str, dict[str, tuple[str, ...]]]:
    """What each entry's columns say who a record is; read from the manifest, so that no `${NAME}` need be set."""
    entries = bundle.manifest.config["source"]["records"]
    return {name: Entry.model_validate(entry).identity for name, entry in entries.items()}


def _ranked(index: Index, query: Query, limit: int, known: Known) -> Ranked:
    """The records that meet a query exactly; where those are few, also those that meet it but for typing errors."""
    ranked = search(index.searched(), query, limit, known)
    if len(ranked.rows) < limit:
        similar = similar_words(index.words(), query)
        if any(similar.values()):
            ranked = search(index.searched(), query, limit, known, similar)
    return ranked


def _with_order(index: Index, ranked: Ranked) -> Iterable[tuple[tuple[float, ...], Mapping[str, Any]]]:
    orders = (tuple(order) for order in np.vstack([ranked.order, ranked.rows]).T.tolist())
    return zip(orders, index.rows(ranked.rows.tolist()), strict=True)


def _once(rows: Iterable[_Row], moved: Moved) -> list[_Row]:
    """Each record as one plan has it: that which wrote its lead, else the newest. rows: of the newest plan first."""
    chosen: dict[tuple[str, str], Bundle] = {}
    rows = list(rows)
    for row in rows:
        wrote = moved.get(row.record, ("", ""))[1] == row.bundle.manifest.written_as
        if row.record not in chosen or wrote:
            chosen[row.record] = row.bundle
    return [row for row in rows if chosen[row.record] is row.bundle]


def _notes(rows: Sequence[_Row], notices: dict[Path, str] | None) -> list[tuple[str, ...]]:
    """Some lines of the note of each record's lead. notices: gets a line for notes that cannot be read; None: raise."""
    notes: dict[tuple[Path, str], tuple[str, ...]] = {}
    for bundle in {id(row.bundle): row.bundle for row in rows}.values():
        mine = [row.shown for row in rows if row.bundle is bundle and row.shown["lead"]]
        with nullcontext() if notices is None else skipping(bundle.path / "leads.parquet", notices):
            notes |= {(bundle.path, key): note for key, note in excerpts(bundle, mine).items()}
    return [notes.get((row.bundle.path, row.key), ()) for row in rows]


def _hit(row: _Row, written: tuple[str, str] | None, reached: bool, note: tuple[str, ...]) -> Hit:
    shown = row.shown
    decision, lead_id = shown["decision"] or "", written[0] if written else None
    return Hit(
        plan=str(row.bundle.path),
        source_key=row.key,
        name=shown["name"],
        city=shown["city"],
        company=shown["company"],
        decision=decision,
        rule=shown["rule"],
        evidence=shown["evidence"],
        lead=shown["lead"],
        lead_id=lead_id,
        state=state(decision, lead_id, shown["into"], reached),
        note=note,
    )


def state(decision: str, lead_id: str | None, into: str | None, reached: bool) -> str:
    """Where a record is, in words. into: the lead that is there already and takes it; reached: the target was asked."""
    if lead_id == DELETED:
        return "moved to the lead pipeline; its lead was deleted there"
    if lead_id is not None:
        return f"in the lead pipeline, lead {lead_id}"
    if decision == Decision.MOVED_BEFORE:
        return "moved by an earlier plan" + ("; its lead is not in the ledger any more" if reached else "")
    if decision != Decision.LEAD:
        return f"stays in the CRM: {decision}"
    goes = f"; it goes into lead {into}" if into else ""
    return ("not written yet" if reached else "moves to the lead pipeline; whether it was written is not known") + goes
