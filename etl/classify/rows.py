"""Decisions as the rows of the plan's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.decide import Decisions
from etl.classify.edited import EDITED
from etl.classify.families import Mask
from etl.classify.matches import likeliest
from etl.classify.outcomes import DECISIONS, MOVED, REJECT, REVIEW
from etl.classify.records import NONE, Numbers
from etl.config import Config
from etl.errors import excerpt
from etl.model import Dataset, Fault, source_key
from etl.plan.tables import batches

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
OPEN_SCHEMA = pa.schema(
    [
        (n, TEXT)
        for n in ("source_key", "decision", "other", "who", "when", "why", "hash", "records", "rule", "evidence")
    ]
)
"""other: the record that one of the family may be the same as; hash: the family's, and after a `+` that one's."""


def decision_rows(decisions: Decisions, numbers: Numbers, config: Config) -> pa.Table:
    """The decisions of some records, one row a legacy record: records that share a key have a row each.

    Columns as in RULED_SCHEMA; `held` lists the rules that held for the record itself. NA where there is none.
    """
    records, families = decisions.records, decisions.families
    numbers = np.repeat(numbers, records.copies[numbers])
    own = np.isin(decisions.decision[numbers], (REJECT, MOVED)) | decisions.edited[numbers]
    rules, evidence = _why(decisions, numbers, own)
    score, match = likeliest(decisions.masters, numbers)
    columns = {
        "source_key": records.source_key.take(pa.array(numbers)),
        "entry": _names(records.entries, records.entry[numbers]),
        "key": records.key.take(pa.array(numbers)),
        "type": _names(("company", "person"), records.type[numbers]),
        "decision": _names([d.value for d in DECISIONS], decisions.decision[numbers]),
        "decided_by": records.source_key.take(pa.array(np.where(own, numbers, decisions.decider[numbers]))),
        "rule": rules,
        "evidence": evidence,
        "held": _held(decisions.held[:, numbers], [rule.name for rule in config.classify]),
        "family": records.source_key.take(pa.array(families.root[numbers])),
        "company": _keys(decisions, families.company[numbers]),
        "lead": _keys(decisions, decisions.lead[numbers]),
        "match": match,
        "score": pa.array(score, mask=np.isnan(score)),
        "into": pa.array(map(decisions.into.get, decisions.lead[numbers].tolist()), TEXT),
    }
    return pa.table(columns, schema=RULED_SCHEMA)


def unkeyed_rows(decisions: Decisions) -> pa.Table:
    """The decisions of those rows of entries that have no key: each a reject."""
    faults = [fault for number, fault in decisions.faults if number == NONE]
    rows = {(fault.dataset, fault.row, fault.where if fault.row is None else ""): fault for fault in reversed(faults)}
    found: list[dict[str, Any]] = [
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
    return pa.Table.from_pylist(sorted(found, key=lambda row: (row["source_key"], row["rule"])), DECISION_SCHEMA)


def reject_rows(decisions: Decisions) -> pa.Table:
    """Each fault of an entry's row, with its place in the source."""
    rows = [
        {
            "source_key": _reject_key(fault) if number == NONE else decisions.records.name(number),
            "dataset": fault.dataset,
            "place": fault.where,
            "column": fault.column,
            "code": fault.code,
            "reason": fault.reason,
            "advice": fault.advice,
        }
        for number, fault in decisions.faults
    ]
    return pa.Table.from_pylist(rows, REJECT_SCHEMA)


def orphan_rows(
    decisions: Decisions, datasets: Sequence[Dataset], keys: Mapping[str, str | None], config: Config
) -> Iterator[pa.Table]:
    """The related and evidence rows that belong to no record, or are damaged; a table a batch of the source.

    keys: dataset -> the column that tells its rows apart, where the config names one.
    """
    for dataset in datasets:
        if dataset.name in decisions.orphans:
            faults = {fault.row: fault for fault in dataset.faults}
            links = _link_columns(dataset.name, config)
            key = keys.get(dataset.name)
            shown, first = [*([key] if key else []), *links], 0
            for batch in batches(dataset.path, list(dict.fromkeys(shown))):
                rows = np.flatnonzero(decisions.orphans[dataset.name][first : first + len(batch)])
                cells = batch.take(pa.array(rows)).to_pylist()
                found = [_orphan(dataset, first + int(row), c, faults) for row, c in zip(rows, cells, strict=True)]
                yield pa.Table.from_pylist(found, ORPHAN_SCHEMA)
                first += len(batch)
            lost = [_orphan(dataset, None, {}, {None: fault}) for fault in dataset.faults if fault.row is None]
            yield pa.Table.from_pylist(lost, ORPHAN_SCHEMA)


def open_rows(decisions: Decisions) -> pa.Table:
    """One row a family in review, or several where it may be the same as one of several: filled in by a person and put
    into `decisions.csv`, it decides."""
    review = (decisions.decision == REVIEW) & ~decisions.edited
    records, root, hashes = decisions.records, decisions.families.root, decisions.hashes
    members = np.bincount(root[review], minlength=len(records))
    open_roots = np.unique(root[review])
    rows: list[dict[str, str | None]] = []
    for family, rule, evidence in zip(open_roots.tolist(), *decisions.why(open_roots), strict=True):
        row = {"source_key": records.name(family), "hash": hashes.get(family), "records": str(members[family])}
        row |= {"rule": rule, "evidence": evidence}
        rows += [
            row
            | {"other": records.name(twin.number), "hash": f"{row['hash']}+{hashes[int(root[twin.number])]}"}
            | {"evidence": twin.words}
            for twin in decisions.twins(family)
            if twin.number != NONE
        ] or [row]
    for number in np.flatnonzero(decisions.edited).tolist():
        evidence = f"lead {decisions.moved[number].as_py()}; bring it up to date, and answer: moved before"
        row = {"source_key": records.name(number), "hash": decisions.edits[number].as_py(), "records": "1"}
        rows.append(row | {"rule": EDITED, "evidence": evidence})
    return pa.Table.from_pylist(rows, OPEN_SCHEMA)


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
            rules[place] = EDITED if decisions.decision[number] == REVIEW else DECISIONS[MOVED].value
            evidence[place] = f"lead {decisions.moved[number].as_py()}"
    return rules, evidence


def _held(held: npt.NDArray[np.bool_], names: Sequence[str]) -> list[list[str]]:
    """The names of the rules that held for each record; records for which the same held share one list."""
    different, which = np.unique(held, axis=1, return_inverse=True)
    lists = [[name for name, holds in zip(names, column, strict=True) if holds] for column in different.T.tolist()]
    return [lists[place] for place in which.ravel().tolist()]


def _names(names: Sequence[str], codes: npt.NDArray[np.signedinteger[Any]]) -> pa.Array:
    return pa.array(names, TEXT).take(pa.array(np.where(codes < 0, 0, codes), mask=codes < 0))


def _keys(decisions: Decisions, numbers: Numbers) -> pa.Array:
    return decisions.records.source_key.take(pa.array(np.where(numbers < 0, 0, numbers), mask=numbers < 0))


def _reject_key(fault: Fault) -> str:
    return source_key(fault.dataset, excerpt(fault.key or ""))


def _link_columns(name: str, config: Config) -> list[str]:
    from etl.config import exists_of

    related = config.source.related.get(name)
    conditions = [c for rule in config.classify for c in exists_of(rule.when) if c.exists == name]
    return list(
        dict.fromkeys([*(related.of.values() if related else []), *(v for c in conditions for v in c.of.values())])
    )


def _orphan(
    dataset: Dataset, row: int | None, cells: Mapping[str, str | None], faults: Mapping[int | None, Fault]
) -> dict[str, str | None]:
    fault = faults.get(row)
    key = ", ".join(f"{column} {excerpt(value)}" for column, value in cells.items() if value is not None) or None
    if fault:
        return {
            "dataset": dataset.name,
            "place": fault.where,
            "key": key,
            "code": fault.code,
            "reason": fault.reason,
            "advice": fault.advice,
        }
    place = f"{excerpt(dataset.table)}, row {0 if row is None else row + 1}"
    reason, advice = (
        "it names no record that exists",
        "compare its key with those of the records; mend it in the source",
    )
    return {
        "dataset": dataset.name,
        "place": place,
        "key": key,
        "code": "no-record",
        "reason": reason,
        "advice": advice,
    }
