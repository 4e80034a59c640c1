"""Northwind goes the whole way: order lines with a key of two columns stand in the note of their order's customer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.running import run
from tests.systems.way import config_of, decisions, notes, walk

SQL = """
CREATE TABLE Customers (CustomerID char(5) PRIMARY KEY, CompanyName text, ContactName text, Address text,
  City text, PostalCode text, Country text, Phone text);
CREATE TABLE Employees (EmployeeID int PRIMARY KEY, LastName text);
CREATE TABLE Products (ProductID int PRIMARY KEY, ProductName text);
CREATE TABLE Orders (OrderID int PRIMARY KEY, CustomerID char(5), EmployeeID int, OrderDate text);
CREATE TABLE "Order Details" (OrderID int, ProductID int, Quantity int, PRIMARY KEY (OrderID, ProductID));
CREATE TABLE CustomerCustomerDemo (CustomerID char(5), CustomerTypeID char(10));
INSERT INTO Customers VALUES ('ALFAB', 'Alpha Bau GmbH', 'Ann Muster', 'Weg 1', 'Dresden', '01099', 'Germany', NULL),
  ('BETAG', 'Beta Glas AG', 'Ben Beispiel', NULL, NULL, NULL, NULL, NULL);
INSERT INTO Employees VALUES (1, 'Muster');
INSERT INTO Products VALUES (11, 'Bolts'), (12, 'Nuts');
INSERT INTO Orders VALUES (1, 'ALFAB', 1, '2019-05-01 00:00:00'), (2, 'BETAG', 1, '2026-05-01 00:00:00');
INSERT INTO "Order Details" VALUES (1, 11, 5), (1, 12, 7), (2, 11, 9);
"""


def test_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are those of plain SQL; the lines of an old order stand in the note."""
    with sqlite3.connect(tmp_path / "northwind.db") as database:
        database.executescript(SQL)
        [(recent,)] = database.execute(
            "SELECT count(DISTINCT CustomerID) FROM Orders WHERE OrderDate >= '2023-11-01'"
        ).fetchall()
    monkeypatch.setenv("NORTHWIND_URL", f"sqlite:///{tmp_path / 'northwind.db'}")
    monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
    walk(config_of("northwind", tmp_path), tmp_path)

    assert sum(decision == "customer" for decision in decisions(tmp_path).values()) == recent == 1
    note = notes(tmp_path)["customers:ALFAB"]
    assert "Bolts" in note
    assert "Nuts" in note
    assert "EmployeeID.LastName: Muster" in note
    ended = run("undo", "plan", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
