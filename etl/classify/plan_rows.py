"""Decisions as the rows of the plan's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.decisions import Decisions
from etl.classify.families import Mask
from etl.classify.matches import best_matches
from etl.classify.outcomes import DECISIONS, MOVED, REJECT, REVIEW
from etl.classify.reasons import CUSTOMER_NOW, EDITED
from etl.classify.records import NONE, Numbers
from etl.classify.rules import RuleHolds
from etl.config import RESERVED, Config, exists_of
from etl.config.shapes import OTHER_KIND, lost_column
from etl.errors import excerpt
from etl.model import Dataset, Fault, source_key
from etl.plan.tables import batches
from etl.texts import stored

TEXT = pa.large_string()
RULED_SCHEMA = pa.schema(
    [
        *(
            (name, TEXT)
            for name in ("source_key", "entry", "key", "type", "decision", "decided_by", "rule", "evidence")
        ),
        ("held", pa.list_(TEXT)),
        *((name, TEXT) for name in ("family", "company", "lead", "match")),
        ("score", pa.float64()),
        ("into", TEXT),
    ]
)
"""into: the id of the lead that is there already, and that the record's lead goes into. match, score: the known
customer that fits the record itself best, with its master's name, and the probability."""
DECISION_SCHEMA = RULED_SCHEMA.append(pa.field("findings", pa.list_(TEXT)))
"""What is decided, and then the codes of the quality findings on the record, each once, in order."""
REJECT_SCHEMA = pa.schema([(n, TEXT) for n in ("source_key", "dataset", "place", "column", "code", "reason", "advice")])
ORPHAN_SCHEMA = pa.schema([(n, TEXT) for n in ("dataset", "place", "key", "code", "reason", "advice")])


def decision_rows(decisions: Decisions, numbers: Numbers, config: Config) -> pa.Table:
    """The decisions of some records, one row a legacy record: records that share a key have a row each.

    Columns as in RULED_SCHEMA; `held` lists the rules that held for the record itself. NA where there is none.
    """
    records, families, reasons = decisions.records, decisions.families, decisions.reasons
    numbers = np.repeat(numbers, records.copies[numbers])
    decision, lead = decisions.outcome.decision[numbers], decisions.outcome.lead[numbers]
    own = np.isin(decision, (REJECT, MOVED)) | decisions.waiting[numbers]
    rules, evidence = _why(decisions, numbers, own)
    score, match = best_matches(reasons.masters, numbers)
    columns = {
        "source_key": records.source_key.take(pa.array(numbers)),
        "entry": _names(records.entries, records.entry[numbers]),
        "key": records.key.take(pa.array(numbers)),
        "type": _names(("company", "person"), records.type[numbers]),
        "decision": _names([d.value for d in DECISIONS], decision),
        "decided_by": records.source_key.take(pa.array(np.where(own, numbers, reasons.decider[numbers]))),
        "rule": rules,
        "evidence": evidence,
        "held": _rules_that_hold(reasons.holds[:, numbers], [rule.name for rule in config.classify]),
        "family": records.source_key.take(pa.array(families.root[numbers])),
        "company": _keys(decisions, families.company[numbers]),
        "lead": _keys(decisions, lead),
        "match": match,
        "score": pa.array(score, mask=np.isnan(score)),
        "into": pa.array(map(decisions.duplicates.into.get, lead.tolist()), TEXT),
    }
    return pa.table(columns, schema=RULED_SCHEMA)


def unkeyed_rows(decisions: Decisions) -> pa.Table:
    """The decisions of those rows of entries that have no key: each a reject."""
    faults = [fault for number, fault in decisions.faults if number == NONE]
    rows = {(fault.dataset, fault.row, fault.where if fault.row is None else ""): fault for fault in reversed(faults)}
    rejects: list[dict[str, Any]] = [
        {
            "source_key": _reject_key(fault),
            "entry": fault.dataset,
            "key": fault.key or "",
            "decision": DECISIONS[REJECT].value,
            "decided_by": _reject_key(fault),
            "rule": fault.code,
            "evidence": fault.reason,
            "held": [],
            "family": _reject_key(fault),
            "findings": [],
        }
        for fault in rows.values()
    ]
    return pa.Table.from_pylist(sorted(rejects, key=lambda row: (row["source_key"], row["rule"])), DECISION_SCHEMA)


def reject_rows(decisions: Decisions, config: Config) -> pa.Table:
    """Each fault of an entry's row, with its place in the source and the columns as the config names them."""
    rows = [
        {
            "source_key": _reject_key(fault) if number == NONE else decisions.records.name(number),
            "dataset": fault.dataset,
            "place": fault.where,
            "column": _named_column(fault, config),
            "code": fault.code,
            "reason": fault.reason,
            "advice": fault.advice,
        }
        for number, fault in decisions.faults
    ]
    return pa.Table.from_pylist(rows, REJECT_SCHEMA)


def _named_column(fault: Fault, config: Config) -> str | None:
    """The column of a fault, or those of the config that it is made of."""
    if fault.column is None or not fault.column.startswith(RESERVED):
        return fault.column
    entry = config.source.records[fault.dataset]
    columns: tuple[str, ...] = entry.key_columns.columns
    if entry.parent and fault.column == entry.parent.column:
        columns = tuple(column for link in entry.parent.links for column in link.columns) or columns
    return ", ".join(dict.fromkeys(columns))


NO_RECORD = (
    "no-record",
    stored("the row names no existing record"),
    stored("compare the key with those of the records, and correct it in the source"),
)
NOT_LINKED = (
    "not-linked",
    stored("the row names no record: its links are empty"),
    stored("enter the record in the source, or leave such rows out by where"),
)
NO_KIND = (
    "other-kind",
    stored("no link of the config takes its kind: {which}"),
    stored("if that is a record, name the kind in the where of its link; else leave such rows out by where"),
)


def orphan_rows(orphans: Mapping[str, Mask], datasets: Sequence[Dataset], config: Config) -> Iterator[pa.Table]:
    """The related and evidence rows that belong to no record, or are damaged; a table a batch of the source.

    orphans: dataset -> which of its rows.
    """
    for dataset in datasets:
        if dataset.name in orphans:
            faults = {fault.row: fault for fault in dataset.faults}
            links = _link_columns(dataset, config)
            related = config.source.related.get(dataset.name)
            key = related.key if related else None
            kind = [OTHER_KIND] if OTHER_KIND in dataset.columns else []
            shown, first = [*([key] if key else []), *links, *kind], 0
            for batch in batches(dataset.path, list(dict.fromkeys(shown))):
                rows = np.flatnonzero(orphans[dataset.name][first : first + len(batch)])
                cells = batch.take(pa.array(rows)).to_pylist()
                unowned = [
                    _orphan(dataset, first + int(row), c, faults, _why_no_record(c, links))
                    for row, c in zip(rows, cells, strict=True)
                ]
                yield pa.Table.from_pylist(unowned, ORPHAN_SCHEMA)
                first += len(batch)
            lost = [
                _orphan(dataset, None, {}, {None: fault}, NO_RECORD) for fault in dataset.faults if fault.row is None
            ]
            yield pa.Table.from_pylist(lost, ORPHAN_SCHEMA)


def _why(decisions: Decisions, numbers: Numbers, own: Mask) -> tuple[list[str], list[str | None]]:
    """The rule that decided each record, and the evidence for it; `own`: those that have a reason of their own."""
    rules, evidence = decisions.why(numbers)
    wanted = set(numbers[own].tolist())
    reasons = {number: fault for number, fault in reversed(decisions.faults) if number in wanted} if wanted else {}
    for place in np.flatnonzero(own).tolist():
        number = int(numbers[place])
        if number in reasons:
            rules[place], evidence[place] = reasons[number].code, reasons[number].reason
        else:
            lead, why = decisions.moved.lead_ids[number].as_py(), decisions.moved.customers.get(number)
            waits = decisions.outcome.decision[number] == REVIEW
            rules[place] = DECISIONS[MOVED].value if not waits else EDITED if why is None else CUSTOMER_NOW
            evidence[place] = stored("lead {id}", id=lead) + (f"; {why}" if waits and why else "")
    return rules, evidence


def _rules_that_hold(holds: RuleHolds, names: Sequence[str]) -> pa.Array:
    """The names of the rules that hold for each record; those for which the same hold are made into a list once."""
    packed = np.ascontiguousarray(np.packbits(holds, axis=0).T)
    bits = pa.FixedSizeBinaryArray.from_buffers(pa.binary(packed.shape[1]), len(packed), [None, pa.py_buffer(packed)])
    distinct = bits.dictionary_encode()
    different = (
        np.unpackbits(np.frombuffer(each, np.uint8), count=len(names)) for each in distinct.dictionary.to_pylist()
    )
    lists = [[name for name, true in zip(names, column, strict=True) if true] for column in different]
    return pa.array(lists, pa.list_(TEXT)).take(distinct.indices)


def _names(names: Sequence[str], codes: npt.NDArray[np.signedinteger[Any]]) -> pa.Array:
    return pa.array(names, TEXT).take(pa.array(np.where(codes < 0, 0, codes), mask=codes < 0))


def _keys(decisions: Decisions, numbers: Numbers) -> pa.Array:
    return decisions.records.source_key.take(pa.array(np.where(numbers < 0, 0, numbers), mask=numbers < 0))


def _reject_key(fault: Fault) -> str:
    return source_key(fault.dataset, excerpt(fault.key or ""))


def _link_columns(dataset: Dataset, config: Config) -> list[str]:
    """The columns that are filled where a row of a dataset says which record it belongs to, found or not."""
    related = config.source.related.get(dataset.name)
    conditions = [c for rule in config.classify for c in exists_of(rule.when) if c.exists == dataset.name]
    links = [*(related.of.values() if related else []), *(v for c in conditions for v in c.of.values())]
    lost = [lost for lost in map(lost_column, links) if lost in dataset.columns]
    return list(dict.fromkeys([*links, *lost]))


def _why_no_record(cells: Mapping[str, str | None], links: Sequence[str]) -> tuple[str, str, str]:
    """Why a row belongs to no record: code, reason and advice."""
    kind = cells.get(OTHER_KIND)
    if any(cells[link] is not None for link in links):
        return NO_RECORD
    if kind is None:
        return NOT_LINKED
    code, reason, advice = NO_KIND
    return code, reason.format(which=excerpt(kind)), advice


def _orphan(
    dataset: Dataset,
    row: int | None,
    cells: Mapping[str, str | None],
    faults: Mapping[int | None, Fault],
    why: tuple[str, str, str],
) -> dict[str, str | None]:
    fault = faults.get(row)
    shown = {column: value for column, value in cells.items() if value is not None and not column.startswith(RESERVED)}
    key = ", ".join(f"{column} {excerpt(value)}" for column, value in shown.items()) or None
    if fault:
        return {
            "dataset": dataset.name,
            "place": fault.where,
            "key": key,
            "code": fault.code,
            "reason": fault.reason,
            "advice": fault.advice,
        }
    place = stored("{table}, row {n}", table=excerpt(dataset.table), n=0 if row is None else row + 1)
    code, reason, advice = why
    return {
        "dataset": dataset.name,
        "place": place,
        "key": key,
        "code": code,
        "reason": reason,
        "advice": advice,
    }
