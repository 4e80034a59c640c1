"""Odoo's mail blacklist: the addresses of leads that must not be contacted."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import getaddresses

from etl.connect.odoo.client import SILENT, Odoo, OdooError

BLACKLIST = "mail.blacklist"


def blacklist(odoo: Odoo, texts: Iterable[str]) -> None:
    """Put addresses on the blacklist. texts: as leads have them, each with one address or some."""
    addresses = sorted({address for text in texts for address in addresses_in(text)})
    if addresses:
        _put(odoo, addresses)


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
