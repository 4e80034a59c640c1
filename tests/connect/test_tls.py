"""Databases on other hosts that are reached in plain text are named, and no others."""

from __future__ import annotations

import pytest

from etl.connect.sql.tls import without_tls


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://crm:secret@db.example/crm", True),
        ("postgresql://crm@db.example/crm?sslmode=prefer", True),
        ("postgresql://crm@db.example/crm?sslmode=verify-full", False),
        ("postgresql://crm@127.0.0.1/crm", False),
        ("postgresql://crm@[::1]/crm", False),
        ("postgresql:///crm?host=/run/postgresql", False),
        ("mariadb://crm:secret@192.0.2.7/crm", True),
        ("mariadb://crm@192.0.2.7/crm?ssl_ca=/etc/ca.pem", False),
        ("mysql+pymysql://crm@localhost/crm", False),
        ("postgresql:///crm?host=db.example", True),
        ("postgresql://crm@/crm?host=127.0.0.1&host=db.example", True),
        ("postgresql://crm@/crm?host=127.0.0.1:5432,localhost:5433", False),
        ("postgresql://crm@db.example/crm?hostaddr=127.0.0.1", False),
        ("postgresql://crm@localhost/crm?hostaddr=192.0.2.7", True),
        ("postgresql://crm@LOCALHOST/crm", False),
        ("postgresql://crm@[::ffff:127.0.0.1]/crm", False),
        ("postgresql://crm@127.9.9.9/crm?sslmode=disable", False),
        ("postgresql://crm@[2001:db8::1]:5432/crm", True),
        ("mariadb://crm@192.0.2.7/crm?ssl=false", True),
        ("mariadb://crm@192.0.2.7/crm?ssl=true", False),
        ("mariadb://crm@192.0.2.7/crm?ssl_disabled=true", True),
        ("mariadb://crm@db.example/crm?unix_socket=/run/mysqld/mysqld.sock", False),
        ("mssql+pyodbc://crm@192.0.2.7/crm", False),
        ("sqlite:///crm.db", False),
        ("files:data", False),
    ],
)
def test_who_is_warned_about(url: str, named: bool) -> None:
    """Loopback, sockets and files stay on this host; the password is never part of the warning."""
    found = without_tls(url)

    assert (found is not None) == named
    assert "secret" not in (found or "")
