"""Databases on another host without TLS: passwords and legacy values would pass the network in the clear."""

from __future__ import annotations

import ipaddress

from sqlalchemy.engine import URL

from etl.connect.engine import parse, shown
from etl.errors import ConfigError

SECURE_MODES = ("require", "verify-ca", "verify-full")
"""PostgreSQL's sslmode that never falls back to plain text; libpq's manual, "SSL Mode Descriptions"."""

SSL_OPTIONS = ("ssl", "ssl_ca", "ssl_cert", "ssl_key", "ssl_capath", "ssl_verify_cert", "ssl_verify_identity")
"""What PyMySQL takes TLS from; its documentation of `Connection`."""


def without_tls(url: str) -> str | None:
    """Say, in a sentence, that a URL's connection to another host is not encrypted; None where it is, or stays here."""
    try:
        parsed = parse(url)
    except ConfigError:
        return None  # a folder, or no URL at all, which others refuse
    if parsed.get_backend_name() == "sqlite" or _is_here(parsed) or _is_encrypted(parsed):
        return None
    option = "?sslmode=verify-full" if parsed.get_backend_name() == "postgresql" else "?ssl_ca=FILE"
    return f"{shown(url)} is on another host, and its URL asks for no TLS: add {option} to it."


def _is_here(url: URL) -> bool:
    host = url.host or ""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_encrypted(url: URL) -> bool:
    if url.get_backend_name() == "postgresql":
        return url.query.get("sslmode") in SECURE_MODES
    if url.get_backend_name() in ("mysql", "mariadb"):
        return any(name in url.query for name in SSL_OPTIONS)
    return True  # what other drivers call it is not known here
