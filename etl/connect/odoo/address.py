"""What a URL of an Odoo says: the server, the database, who asks, in which language, and how often."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from etl.config.odoo import SCHEMES
from etl.errors import ConfigError


@dataclass(frozen=True)
class Address:
    """What a URL says: `odoo+https://login:${KEY}@host/database?lang=de_DE&rate=5`."""

    base: str
    database: str
    login: str
    secret: str
    lang: str
    rate: float | None

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read a URL. Raises ConfigError where it cannot be used, and for plain HTTP to another host."""
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            raise _unusable("it is no URL") from None
        database = unquote(parts.path.strip("/"))
        if f"{parts.scheme}:" not in SCHEMES or not parts.hostname or not database or "/" in database:
            raise _unusable("it does not have the form odoo+https://login:${ODOO_KEY}@host/database")
        if parts.scheme == "odoo+http" and not _is_here(parts.hostname):
            raise _unusable("without TLS, passwords and customer data would cross the network unencrypted")
        query = parse_qs(parts.query)
        unknown = sorted(set(query) - {"lang", "rate"})
        if unknown:
            raise _unusable(f"it has the unknown option {unknown[0]!r}; known are lang and rate")
        rate = query.get("rate", [""])[0]
        if rate and not re.fullmatch(r"\d+(\.\d+)?", rate):
            raise _unusable("rate must be the largest number of calls a second, such as rate=5")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(
            f"{parts.scheme.removeprefix('odoo+')}://{host}{port}",
            database,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            query.get("lang", ["en_US"])[0],
            float(rate) or None if rate else None,
        )

    def __str__(self) -> str:
        login = f"{self.login}@" if self.login else ""
        scheme, _, rest = self.base.partition("://")
        return f"odoo+{scheme}://{login}{rest}/{self.database}"


def _unusable(why: str) -> ConfigError:
    return ConfigError(
        f"This Odoo URL cannot be used: {why}.",
        next="write url: odoo+https://login:${ODOO_KEY}@host/database and export ODOO_KEY",
    )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
