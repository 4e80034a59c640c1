"""What stands first in every report, before all numbers: that what they are counted of is hardly right."""

from __future__ import annotations

from collections.abc import Iterator

from etl.config import Config
from etl.model import Decision
from etl.report.model import Report
from etl.texts import mark, t

NO_RULE = mark(
    "No rule of the config makes a customer, so every record becomes a lead that no other rule keeps: name under "
    "classify what speaks for a purchase."
)
NO_CUSTOMER = mark(
    "Not one record is a customer, although rules look for them: see what they hold for, and whether their tables were "
    "read as a whole."
)
NOTHING_READ = mark("No legacy record was read. Check url, from and where of the source in the config.")
NO_ROW = mark("{table}: not one row was read. Check that the table is complete.")


def alarms(report: Report) -> list[str]:
    """What people must know before they read on, a sentence each: nothing was read, or nobody can be a customer."""
    if not report.read:
        return [t(NOTHING_READ)]
    return [*(no_row(entry.entry) for entry in report.entries if not entry.read), *_no_customers(report)]


def no_row(table: str) -> str:
    """What is said of an entry of which not one record was read, while others have some."""
    return t(NO_ROW, table=table)


def rule_alarms(config: Config) -> list[str]:
    """What the rules alone tell, before anything is decided."""
    return [] if any(rule.as_ == "customer" for rule in config.classify) else [t(NO_RULE)]


def _no_customers(report: Report) -> Iterator[str]:
    """Why no record is a customer; nothing where some are."""
    asking = any(rule.decision is Decision.CUSTOMER and rule.kind == "rule" for rule in report.rules)
    if not asking:
        yield t(NO_RULE)
    elif not report.decided(Decision.CUSTOMER):
        yield t(NO_CUSTOMER)
