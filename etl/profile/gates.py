"""The gates of a first config: wide, but a plan by which nobody is a customer is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.profile.asked import Unmet
from etl.profile.draft import Draft, marked
from etl.profile.profile import Profile
from etl.profile.searched import evidence_in

GATES = {"review": "50%", "reject": "5%", "customers": "0.1%..95%"}


UNMET = 20
"""So many percent of the rows of evidence may name no record, unless more of them do already."""


def draft_gates(draft: Draft, profile: Profile, unmet: Sequence[Unmet]) -> None:
    """Write the gates of a config whose rules are there; where no rule makes a customer, that is said on top.

    unmet: of the tables that the rules ask, the rows that name a record which is not there.
    """
    draft.config["gates"] = dict(GATES)
    _let_pass(draft, unmet)
    if empty := dict.fromkeys(_without_rows(draft.config, profile), 1):
        draft.config["gates"]["empty_tables"] = empty
    draft.say(("gates",), "Wide for the first dry run; narrow them once you know the numbers, then CI holds them.")
    customers = [rule["when"] for rule in draft.config["classify"] if rule["as"] == "customer"]
    if any(_asks(when) for when in customers):
        return
    who = "Customers are only whom a column calls so" if customers else "Nobody is a customer by this config"
    refused = "" if customers else " Until then the gate `customers` refuses each plan."
    draft.heading += [
        marked(f"{who}: no table was found that says who bought. All others would become leads."),
        "  Which table holds invoices, orders or contracts? Those that are left out stand above `classify`; a list of",
        f"  known customers is added with --master.{refused}",
        "",
    ]


def _let_pass(draft: Draft, unmet: Sequence[Unmet]) -> None:
    """Write how many rows of evidence may name no record: so many as there are, rounded up, where this is a lot."""
    at, most = ("gates", "evidence_without_record"), UNMET
    for lost in unmet:
        share = 100 * lost.without / lost.rows
        if share > 0.9 * UNMET:
            most = max(most, math.ceil(share / 10 + 0.5) * 10)
            draft.doubt(
                at,
                f"{lost.without:,} of {lost.rows:,} rows of {lost.shown} that count name a record which is not there. "
                "Was it deleted, or is it in a table that is left out?",
            )
    draft.config["gates"]["evidence_without_record"] = f"{min(most, 100)}%"


def _asks(condition: Any) -> bool:
    """Whether a condition asks rows of evidence, a list of customers, or what the CRM itself knows of purchases."""
    if isinstance(condition, list):
        return any(map(_asks, condition))
    if not isinstance(condition, dict):
        return False
    is_evidence = bool({"exists", "odoo"} & condition.keys()) or ("matches" in condition and "column" not in condition)
    return is_evidence or any(_asks(inner) for key, inner in condition.items() if key in ("all", "any", "not"))


def _without_rows(config: Mapping[str, Any], profile: Profile) -> Iterator[str]:
    """The entries and tables of evidence that have no rows today: a module that nobody uses is no failed export."""
    empty = {part.table.name for part in profile.parts.values() if not part.table.rows}
    source = config["source"]
    yield from (name for name, entry in source["records"].items() if entry.get("from", name) in empty)
    for asked in evidence_in(config["classify"]):
        name = asked["exists"]
        if source.get("related", {}).get(name, {}).get("from", name) in empty:
            yield asked.get("name", name)
