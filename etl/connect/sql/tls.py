"""Databases on another host without TLS: passwords and legacy values would pass the network in the clear."""

from __future__ import annotations

import ipaddress

from sqlalchemy.engine import URL

from etl.connect.sql.engine import parse, shown
from etl.errors import ConfigError

SECURE_MODES = ("require", "verify-ca", "verify-full")
"""PostgreSQL's sslmode that never falls back to plain text; libpq's manual, "SSL Mode Descriptions"."""

SSL_OPTIONS = ("ssl", "ssl_ca", "ssl_cert", "ssl_key", "ssl_capath", "ssl_verify_cert", "ssl_verify_identity")
"""What PyMySQL takes TLS from; its documentation of `Connection`."""

NO = ("no", "false", "off", "0", "")


def without_tls(url: str) -> str | None:
    """Say, in a sentence, that a URL's connection to another host is not encrypted; None where it is, or stays here."""
    try:
        parsed = parse(url)
    except ConfigError:
        return None  # a folder, or no URL at all, which others refuse
    if parsed.get_backend_name() == "sqlite" or _is_here(parsed) or _is_encrypted(parsed):
        return None
    option = "?sslmode=verify-full" if parsed.get_backend_name() == "postgresql" else "?ssl_ca=FILE"
    return f"{shown(url)} is on another host, but its URL does not ask for TLS: add {option} to the URL."


def _is_here(url: URL) -> bool:
    return all(map(_is_this_host, hosts(url)))


def hosts(url: URL) -> list[str]:
    """The hosts that a URL may connect to, none for a socket: before the database, or among the options.

    PostgreSQL takes several; its `hostaddr`, and MariaDB's socket, win over the name that stands beside it.
    """
    if url.get_backend_name() != "postgresql":
        return [] if url.query.get("unix_socket") or not url.host else [url.host]
    for named in (url.query.get("hostaddr"), url.query.get("host"), url.host):
        if named:
            texts = [named] if isinstance(named, str) else named
            return [_without_port(host) for text in texts for host in text.split(",") if host]
    return []


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name.strip("[]") if colon and port.isdigit() and (":" not in name or name.endswith("]")) else host


def _is_this_host(host: str) -> bool:
    if host.startswith(("/", "@")) or host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _is_encrypted(url: URL) -> bool:
    if url.get_backend_name() == "postgresql":
        return url.query.get("sslmode") in SECURE_MODES
    if url.get_backend_name() in ("mysql", "mariadb"):
        return any(str(url.query.get(name, "no")).lower() not in NO for name in SSL_OPTIONS)
    return True  # what other drivers call it is not known here
