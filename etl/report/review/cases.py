"""The open cases as the page has them, a few hundred at a time: families, records beside them, history, evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.config import Config
from etl.report import wording
from etl.report.read import Tables
from etl.report.review.forms import Form
from etl.report.review.rows import keep_rows
from etl.report.review.weights import weights
from etl.texts import told

BATCH = 500
TABLES = 6
"""The history of so many tables stands in a case."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One open case. owner: the salesperson whose it is, or an empty text; row: its line of the list; detail: what a
    screen shows of it. Both as the script reads them."""

    owner: str
    row: Row
    detail: Row


class Cases:
    """The open cases of a plan, one after the other."""

    def __init__(self, plan: Tables, config: Config, forms: Sequence[Form], most: int) -> None:
        self._plan, self._forms = plan, forms
        self._place = {(form.kind, form.name): place for place, form in enumerate(forms)}
        source = config.leads.fields.get("salesperson")
        owners: Mapping[str, str] = getattr(source, "map", {})
        self._others: str | None = getattr(source, "default", None)
        self._owners = {key.strip().casefold(): name for key, name in owners.items()}
        self._most = most

    def __iter__(self) -> Iterator[Case]:
        [(last,)] = self._plan.rows("SELECT max(number) FROM cases")
        if last is not None:
            keep_rows(self._plan, self._forms, self._most)
        for first in range(0, 0 if last is None else min(last, self._most) + 1, BATCH):
            yield from self._batch(f"number BETWEEN {first} AND {first + BATCH - 1}")

    def _batch(self, where: str) -> Iterator[Case]:
        asked = self._rows(f"SELECT * FROM asked WHERE {where} ORDER BY number")
        of = {
            name: self._by_number(f"SELECT * FROM {name} WHERE {where} ORDER BY {order}")
            for name, order in (
                ("people", "number, side, place"),
                ("pairs", 'number, asked DESC, probability DESC, "left", "right"'),
                ("customers", "number, probability DESC, master, row"),
                ("existing_leads", "number, probability DESC, lead_id"),
            )
        }
        values, masters = self._values(where), self._masters(where)
        history = self._history(where)
        for row in asked:
            number = row["number"]
            people = [member for member in of["people"][number] if member["side"] == 0]
            others = [member for member in of["people"][number] if member["side"] == 1]
            detail = {
                "evidence": row["evidence"],
                "family": [self._member(member, values) for member in people],
                "members": people[0]["members"] if people else 0,
                "others": [self._member(member, values) for member in others],
                "other_members": others[0]["members"] if others else 0,
                "beside": [
                    *self._beside(row, others, of["pairs"][number], values),
                    *self._customers(of["customers"][number], masters),
                    *map(_lead, of["existing_leads"][number]),
                ],
                "history": self._shown_history(people, history),
            }
            detail["beside"] = sorted(detail["beside"], key=lambda beside: not _is_about(row, beside))
            known = any(beside["said"] and _is_about(row, beside) for beside in detail["beside"])
            detail["evidence"] = None if known else told(row["evidence"] or "") or None
            for beside in detail["beside"]:
                del beside["said"]
            yield self._case(row, detail, people, values)

    def _case(self, row: Row, detail: Row, people: Sequence[Row], values: Mapping[str, tuple[int, list[str]]]) -> Case:
        names = {beside["key"]: beside["name"] for beside in detail["beside"] if beside["kind"] == "record"}
        owner = next(filter(None, (self._owner(values.get(member["source_key"])) for member in people)), "")
        known = [beside for beside in detail["beside"] if beside["kind"] != "record"]
        pair = [beside for beside in detail["beside"] if row["other"] and beside["key"] == row["other"]]
        likely = next((beside["probability"] for beside in pair or known if beside["probability"] is not None), None)
        place, cells = values.get(row["source_key"], (None, []))
        form = None if place is None else self._forms[place]
        return Case(
            owner,
            {
                "key": row["source_key"],
                "other": row["other"] or "",
                "hash": row["hash"] or "",
                "both": row["for_both"],
                "records": row["records"],
                "rule": wording.reason(row["rule"] or ""),
                "owner": owner,
                "likely": likely,
                "name": form.named(cells) if form else "",
                "city": form.said("city", cells) if form else "",
                "other_name": names.get(row["other"] or "", ""),
                "masters": sorted(
                    {self._forms[beside["form"]].name for beside in known if beside["kind"] == "customer"}
                ),
            },
            detail,
        )

    def _owner(self, known: tuple[int, list[str]] | None) -> str:
        """The salesperson of a record, as leads name them."""
        if known is None:
            return ""
        form, cells = self._forms[known[0]], known[1]
        said = next(filter(None, (cells[place] for place in form.owner)), "").strip()
        return self._owners.get(said.casefold(), self._others or said)

    def _member(self, member: Row, values: Mapping[str, tuple[int, list[str]]]) -> Row:
        place, cells = values.get(member["source_key"], (None, []))
        return {
            "key": member["source_key"],
            "person": member["type"] == "person",
            "decision": member["decision"],
            "rules": [wording.reason(name) for name in member["held"] or [] if name],
            "rule": wording.reason(member["rule"] or ""),
            "evidence": told(member["evidence"] or "") if member["decision"] == "reject" else "",
            "form": place,
            "cells": cells,
            "name": self._forms[place].named(cells) if place is not None else "",
        }

    def _beside(
        self, row: Row, others: Sequence[Row], pairs: Sequence[Row], values: Mapping[str, tuple[int, list[str]]]
    ) -> Iterator[Row]:
        """The record that the case names, and others that it may be the same as."""
        shown = {pair["right"]: pair for pair in reversed(pairs)}
        best = next((pair for pair in pairs if pair["asked"]), None)
        keys = list(dict.fromkeys([*([row["other"]] if row["other"] else []), *(pair["right"] for pair in pairs)]))
        family = {member["source_key"] for member in others}
        for key in keys:
            if key in family and key != row["other"]:
                continue
            pair = best if key == row["other"] else shown.get(key)
            place, cells = values.get(key, (None, []))
            decision = next((member["decision"] for member in others if member["source_key"] == key), None)
            yield {
                "kind": "record",
                "key": key,
                "name": self._forms[place].named(cells) if place is not None else "",
                "form": place,
                "cells": cells,
                "decision": decision,
                **_likeness(pair),
                "of": [pair["left"], pair["right"]] if pair else [],
            }

    def _customers(self, rows: Sequence[Row], masters: Mapping[tuple[str, int], list[str]]) -> Iterator[Row]:
        for row in rows:
            place = self._place.get(("master", row["master"]))
            if place is not None:
                cells = masters.get((row["master"], row["row"]), [])
                yield {
                    "kind": "customer",
                    "key": row["customer"] or "",
                    "name": self._forms[place].named(cells) if cells else row["customer"] or "",
                    "form": place,
                    "cells": cells,
                    "how": None if row["how"] == "probability" else row["how"],
                    **_likeness(row),
                    "of": [row["source_key"]],
                }

    def _shown_history(self, people: Sequence[Row], history: Sequence[Mapping[str, list[Row]]]) -> list[Row]:
        """The last rows of each table that stand with the family."""
        shown = []
        for place, rows_of in enumerate(history):
            rows = sorted((row for member in people for row in rows_of.get(member["source_key"], ())), key=_newest)
            if rows:
                keys = {row["source_key"]: row["rows"] for row in rows}
                shown.append({"form": place, "rows": sum(keys.values()), "last": [row["cells"] for row in rows[:3]]})
        return shown[:TABLES]

    def _values(self, where: str) -> dict[str, tuple[int, list[str]]]:
        """Source key -> the place of its entry's form, and its cells."""
        keys = f'SELECT source_key FROM people WHERE {where} UNION SELECT "right" FROM pairs WHERE {where}'
        return {
            key: (place, cells)
            for place, form in enumerate(self._forms)
            if form.kind == "entry"
            for key, cells in self._plan.rows(
                f"SELECT source_key, cells FROM values_{place} WHERE source_key IN ({keys})"
            )
        }

    def _masters(self, where: str) -> dict[tuple[str, int], list[str]]:
        rows = f"SELECT row FROM customers WHERE {where}"
        return {
            (form.name, row): cells
            for place, form in enumerate(self._forms)
            if form.kind == "master"
            for row, cells in self._plan.rows(f"SELECT row, cells FROM master_{place} WHERE row IN ({rows})")
        }

    def _history(self, where: str) -> list[Mapping[str, list[Row]]]:
        """For each form the rows of its table by source key; none of entries and masters."""
        keys = f"SELECT source_key FROM people WHERE side = 0 AND {where}"
        tables: list[Mapping[str, list[Row]]] = []
        for place, form in enumerate(self._forms):
            rows_of: dict[str, list[Row]] = defaultdict(list)
            if form.kind == "related":
                for row in self._rows(f"SELECT * FROM history_{place} WHERE source_key IN ({keys})"):
                    rows_of[row["source_key"]].append(row)
            tables.append(rows_of)
        return tables

    def _rows(self, query: str) -> list[Row]:
        return [row for batch in self._plan.batches(query) for row in batch.to_pylist()]

    def _by_number(self, query: str) -> Mapping[int, list[Row]]:
        rows: dict[int, list[Row]] = defaultdict(list)
        for row in self._rows(query):
            rows[row["number"]].append(row)
        return rows


def _is_about(row: Row, beside: Row) -> bool:
    """Whether a case is open because of what stands beside it: that record, or what agrees with it."""
    return beside["key"] == row["other"] or bool(beside["said"] and (row["evidence"] or "").endswith(beside["said"]))


def _newest(row: Row) -> int:
    return -int(row["place"])


def _lead(row: Row) -> Row:
    """A lead of the pipeline that a member may be."""
    return {
        "kind": "lead",
        "key": str(row["lead_id"]),
        "name": row["title"] or "",
        "form": None,
        "cells": [],
        **_likeness(row),
        "of": [row["source_key"]],
    }


def _likeness(row: Row | None) -> Row:
    """How likely two are one, and what says so; said: in the words of the plan."""
    if row is None:
        return {"probability": None, "weights": [], "said": ""}
    return {"probability": row["probability"], "weights": weights(row["words"]), "said": row["words"] or ""}
