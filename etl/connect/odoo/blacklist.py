"""Odoo's mail blacklist: the addresses of those who opted out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from etl.connect.odoo.client import SILENT, Odoo, OdooError

if TYPE_CHECKING:
    import pandas as pd

BLACKLIST = "mail.blacklist"
AT_ONCE = 500
"""Addresses that are asked for in one call."""


def blacklist(odoo: Odoo, texts: pd.Series[str]) -> list[str]:
    """Put addresses on the blacklist. texts: of `opted_out`, by lead.

    Returns the leads with a part in which nobody finds an address, or with an address that Odoo does not take for one.
    """
    parts = _by_lead(texts)
    wanted = _addresses(parts)
    listed = set(wanted).difference(_put(odoo, wanted)) if wanted else set()
    return [lead for lead, some in parts.items() if not listed.issuperset(some)]


def opted_out(leads: pd.DataFrame) -> pd.Series[str]:
    """The addresses of those who opted out, `; ` between them, by lead, also of one that reaches somebody else.

    leads: as `Batch` has them.
    """
    addresses: pd.Series[str] = leads["note"].iloc[:0]
    if "opted_out" in leads:
        addresses = leads["opted_out"]
    elif "do_not_contact" in leads and "email" in leads:  # as plans of before have it
        addresses = leads.loc[leads["do_not_contact"], "email"]
    return addresses.dropna()


def not_blacklisted(odoo: Odoo, texts: pd.Series[str]) -> list[str]:
    """The leads of which an address is not on the blacklist, or not any more. texts: of `opted_out`, by lead."""
    parts = _by_lead(texts)
    wanted = _addresses(parts)
    listed: set[str] = set()
    for first in range(0, len(wanted), AT_ONCE):
        domain = [["email", "in", wanted[first : first + AT_ONCE]], ["active", "=", True]]
        listed |= {row["email"].casefold() for row in odoo.rows(BLACKLIST, domain, ["email"])}
    return [lead for lead, some in parts.items() if not listed.issuperset(_addresses({lead: some}))]


def _by_lead(texts: pd.Series[str]) -> dict[str, list[str]]:
    """The parts of each lead's text; one without an @ is no address that could be listed."""
    return {str(lead): [part.strip().casefold() for part in text.split("; ")] for lead, text in texts.items()}


def _addresses(parts: Mapping[str, Sequence[str]]) -> list[str]:
    return sorted({part for some in parts.values() for part in some if "@" in part})


def _put(odoo: Odoo, addresses: list[str]) -> list[str]:
    """Put addresses on the blacklist; gives those that are none to Odoo."""
    try:
        odoo.call(BLACKLIST, "create", {"vals_list": [{"email": address} for address in addresses]}, context=SILENT)
    except OdooError as error:
        if error.kind != "refused":
            raise
        if len(addresses) == 1:
            return addresses
        return [address for each in addresses for address in _put(odoo, [each])]
    return []
