"""Which tables may hold invoices or orders, whatever they are called."""

from __future__ import annotations

from etl.profile.amounts import is_amount
from etl.profile.model import Column, Table
from etl.profile.names import kinds_of, roles_of

NO_SALES = ("history", "line", "none", "user", "list")
"""What a table's name may say by which its rows are no invoices."""


def looks_like_sales(table: Table) -> str | None:
    """Why a table's rows may be invoices or orders, whatever it is called; None where it says that they are not."""
    spoken = roles_of(table.name)
    if max((spoken.get(role, 0) for role in NO_SALES), default=0) >= 50:
        return None
    amount = next((column.name for column in table.columns if column.filled and is_amount(column)), None)
    day = next((column.name for column in table.columns if is_day(column)), None)
    return f"it has an amount ({amount}) and a date ({day})" if amount and day else None


def speaks_of_offers(table: str) -> bool:
    """Whether a table is called like one of offers, and like none of sales: an offer is no purchase."""
    spoken = roles_of(table)
    return spoken.get("offer", 0) >= 30 and spoken["offer"] >= spoken.get("strong", 0)


def is_day(column: Column) -> bool:
    """Whether a column could say when something was sold: dates of most rows, of no birth and no change."""
    kinds = kinds_of(column.name)
    other = max((kinds.get(kind, 0) for kind in ("date_of_birth", "deleted", "changed")), default=0) >= 40
    return column.dates is not None and column.dates.share >= 0.9 and column.fill >= 0.5 and not other
