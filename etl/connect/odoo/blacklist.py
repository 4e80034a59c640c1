"""Odoo's mail blacklist: the addresses of those who opted out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etl.connect.odoo.client import SILENT, Odoo, OdooError

if TYPE_CHECKING:
    import pandas as pd

BLACKLIST = "mail.blacklist"
AT_ONCE = 500
"""Addresses that are asked for in one call."""


def blacklist(odoo: Odoo, texts: pd.Series[str]) -> list[str]:
    """Put addresses on the blacklist. texts: of `opted_out`, by lead.

    Returns the leads with a text in which nobody finds an address, or with an address that Odoo does not take for one.
    """
    addresses = _by_lead(texts)
    wanted = sorted({address for some in addresses.values() for address in some})
    refused = set(_put(odoo, wanted)) if wanted else set()
    return [lead for lead, some in addresses.items() if not some or refused.intersection(some)]


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
    addresses = _by_lead(texts)
    listed: set[str] = set()
    wanted = sorted({address for some in addresses.values() for address in some})
    for first in range(0, len(wanted), AT_ONCE):
        domain = [["email", "in", wanted[first : first + AT_ONCE]], ["active", "=", True]]
        listed |= {row["email"].casefold() for row in odoo.rows(BLACKLIST, domain, ["email"])}
    return [lead for lead, some in addresses.items() if not listed.issuperset(some)]


def _by_lead(texts: pd.Series[str]) -> dict[str, list[str]]:
    parts = {str(lead): text.split("; ") for lead, text in texts.items()}
    return {lead: [part.strip().casefold() for part in some if "@" in part] for lead, some in parts.items()}


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
