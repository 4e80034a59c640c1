"""What rules can ask of an Odoo by name: `when: {odoo: confirmed orders}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SCHEMES = ("odoo+https:", "odoo+http:")
PARTNER = "res.partner"

ROWS = {
    "confirmed orders": "odoo.confirmed_orders",
    "posted invoices": "odoo.posted_invoices",
    "payments": "odoo.payments",
    "users": "odoo.users",
    "own companies": "odoo.companies",
    "employees": "odoo.employees",
    "suppliers": "odoo.suppliers",
    "purchase orders": "odoo.purchase_orders",
    "journal items": "odoo.journal_items",
    "open quotations": "odoo.open_quotations",
    "open opportunities": "odoo.open_opportunities",
    "leads": "odoo.leads_of_partners",
}
"""Fact -> the table whose rows name partners in the column `partner`."""

COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "archived": {"column": "active", "equals": "false"},
    "customer rank": {"column": "customer_rank", "matches": "[1-9][0-9]*"},
}
"""Fact -> the condition on the partner's own columns."""

DATED = {"planned activities": ("activities", None), "future meetings": ("meetings", "start")}
"""Fact -> the history that shows it, and its date if it has to lie on the as-of date or after it."""

FACTS = (*ROWS, *DATED, *COLUMNS)


def is_odoo(url: object) -> bool:
    """Whether a URL means an Odoo."""
    return isinstance(url, str) and url.startswith(SCHEMES)


def with_facts(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Put in the place of each `{odoo: FACT}` of the rules what it stands for; what is no fact stays as it is.

    The tables that facts ask may be empty, unless the gate `empty_tables` says otherwise of one: an app of the Odoo
    that nobody uses has no rows.
    """
    rules = raw.get("classify")
    if not isinstance(rules, list):
        return dict(raw)
    source = raw.get("source")
    source = source if isinstance(source, dict) else {}
    asked = [_fact(name, source) for rule in rules if isinstance(rule, dict) for name in _facts_in(rule.get("when"))]
    tables = dict.fromkeys(fact["exists"] for fact in asked if fact and "exists" in fact)
    return {**_may_be_empty(raw, tables), "classify": [_rule(rule, source) for rule in rules]}


def _facts_in(condition: Any) -> Iterator[str]:
    """The facts that a condition asks for, however deep."""
    if isinstance(condition, dict):
        if isinstance(condition.get("odoo"), str):
            yield condition["odoo"]
        condition = [condition[part] for part in ("all", "any", "not") if part in condition]
    if isinstance(condition, list):
        for inner in condition:
            yield from _facts_in(inner)


def _may_be_empty(raw: Mapping[str, Any], tables: Iterable[str]) -> Mapping[str, Any]:
    """The config with a limit of the gate `empty_tables` for each of these tables that it does not name itself."""
    gates = raw.get("gates") or {}
    allowed = dict.fromkeys(tables, 1)
    if not allowed or not isinstance(gates, dict):
        return raw
    said = gates.get("empty_tables") or {}
    limits = {**allowed, **said} if isinstance(said, dict) else {"default": said, **allowed}
    return {**raw, "gates": {**gates, "empty_tables": limits}}


def _rule(rule: Any, source: Mapping[str, Any]) -> Any:
    return {**rule, "when": _condition(rule["when"], source)} if isinstance(rule, dict) and "when" in rule else rule


def _condition(condition: Any, source: Mapping[str, Any]) -> Any:
    if not isinstance(condition, dict):
        return condition
    if set(condition) == {"odoo"}:
        return _fact(condition["odoo"], source) or condition
    inner = dict(condition)
    for several in ("all", "any"):
        if isinstance(inner.get(several), list):
            inner[several] = [_condition(part, source) for part in inner[several]]
    if "not" in inner:
        inner["not"] = _condition(inner["not"], source)
    return inner


def _fact(name: Any, source: Mapping[str, Any]) -> dict[str, Any] | None:
    if name in COLUMNS:
        return dict(COLUMNS[name])
    of = dict.fromkeys(_partners(source), "partner")
    if name in ROWS:
        return {"exists": ROWS[name], "of": of}
    if name in DATED:
        table, date = DATED[name]
        within = {} if date is None else {"within": {"column": date, "last": "0 days", "future": "9999 years"}}
        return {"exists": _related(source, f"odoo.{table}"), "of": of, **within}
    return None


def _partners(source: Mapping[str, Any]) -> list[str]:
    """The entries of records that are partners."""
    records = source.get("records")
    if not isinstance(records, dict):
        return []
    froms = {name: entry.get("from") or name for name, entry in records.items() if isinstance(entry, dict)}
    return [name for name, table in froms.items() if str(table).split()[0:1] == [PARTNER]]


def _related(source: Mapping[str, Any], table: str) -> str:
    """The related table that reads this history, as it is evidence, too; the table itself if there is none."""
    related = source.get("related")
    if isinstance(related, dict):
        for name, table_config in related.items():
            if isinstance(table_config, dict) and table_config.get("from") == table:
                return str(name)
    return table
