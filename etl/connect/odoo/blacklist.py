"""Odoo's mail blacklist: the addresses of leads that must not be contacted."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import getaddresses
from typing import TYPE_CHECKING

from etl.connect.odoo.client import SILENT, Odoo, OdooError

if TYPE_CHECKING:
    import pandas as pd

BLACKLIST = "mail.blacklist"
AT_ONCE = 500
"""Addresses that are asked for in one call."""


def blacklist(odoo: Odoo, texts: Iterable[str]) -> None:
    """Put addresses on the blacklist. texts: as leads have them, each with one address or some."""
    addresses = sorted({address for text in texts for address in addresses_in(text)})
    if addresses:
        _put(odoo, addresses)


def opted_out(leads: pd.DataFrame) -> pd.Series[str]:
    """The addresses of those who opted out, by lead, of leads as `Batch` has them."""
    column = "opted_out" if "opted_out" in leads else "email"  # as plans of before have it
    if "do_not_contact" not in leads or column not in leads:
        return leads["note"].iloc[:0]
    addresses: pd.Series[str] = leads.loc[leads["do_not_contact"], column].dropna()
    return addresses


def not_blacklisted(odoo: Odoo, texts: pd.Series[str]) -> list[str]:
    """The leads of which an address is not on the blacklist, or not any more. texts: of `opted_out`, by lead."""
    addresses = {str(lead): addresses_in(text) for lead, text in texts.items()}
    listed: set[str] = set()
    wanted = sorted(
        {spelling for some in addresses.values() for address in some for spelling in (address, address.lower())}
    )
    for first in range(0, len(wanted), AT_ONCE):
        domain = [["email", "in", wanted[first : first + AT_ONCE]], ["active", "=", True]]
        listed |= {row["email"].casefold() for row in odoo.rows(BLACKLIST, domain, ["email"])}
    return [lead for lead, some in addresses.items() if not listed.issuperset(map(str.casefold, some))]


def addresses_in(text: str) -> list[str]:
    """The e-mail addresses of a text: people write several, with names, commas and semicolons."""
    return [address for _, address in getaddresses([text.replace(";", ",")]) if "@" in address]


def _put(odoo: Odoo, addresses: list[str]) -> None:
    try:
        odoo.call(BLACKLIST, "create", {"vals_list": [{"email": address} for address in addresses]}, context=SILENT)
    except OdooError as error:
        if error.kind != "refused":
            raise
        if len(addresses) > 1:  # one of them is no address to Odoo, and so needs no blacklist
            for address in addresses:
                _put(odoo, [address])
