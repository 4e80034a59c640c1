"""Exports of Salesforce and HubSpot go the whole way: ids of 15 and 18 characters, links that name many things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.systems.way import config_of, decisions, leads, walk, walk_on

A1, A2, A3, A4 = (f"0015g00000ABCd{letter}AAX" for letter in "EFGH")
C1, C2 = (f"0035g00000ABCd{letter}AAX" for letter in "EF")
FILES = {
    "Account": f"""Id,Name,Type,ParentId,Phone,Website,BillingCity,BillingPostalCode,OwnerId,LastModifiedDate,IsDeleted
{A1},Alpha Bau GmbH,Prospect,,,,Dresden,01099,0055,2025-01-01T10:00:00.000Z,0
{A2},Beta Glas AG,Prospect,,,,,,0055,2025-01-01T10:00:00.000Z,0
{A4},Alpha Montage GmbH,,{A1[:15]},,,,,0055,2025-01-01T10:00:00.000Z,0
{A3},Gone GmbH,Prospect,,,,,,,2025-01-01T10:00:00.000Z,1
""",
    "Contact": f"""Id,AccountId,FirstName,LastName,Email,Phone,HasOptedOutOfEmail,IsDeleted
{C1},{A1},Ann,Muster,ann@alpha.example,,1,0
{C2},{A1[:15]},Ben,Beispiel,ben@alpha.example,,0,0
""",
    "Task": f"""Id,WhatId,WhoId,Subject,ActivityDate,IsDeleted
00T1,{A1[:15]},,asked for a price,2024-05-01,0
00T2,0065g00000XYZabAAA,{C1},called Ann,2024-06-01,0
00T3,,00Q5g00000XYZabAAA,called a lead,2024-06-02,0
""",
    "Opportunity": f"""Id,AccountId,Name,IsWon,IsDeleted
0061,{A2[:15]},Roof,1,0
""",
    "User": "Id,Name\n0055,Maria Muster\n",
}


def test_salesforces_files_go_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A won opportunity and a head office are found by ids of 15 characters; companies move with their history."""
    (tmp_path / "export").mkdir()
    for name, text in FILES.items():
        (tmp_path / "export" / f"{name}.csv").write_text(text, "utf-8")
    monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
    walk(config_of("salesforce", tmp_path), tmp_path)

    assert decisions(tmp_path) == {
        **dict.fromkeys([f"accounts:{A1}", f"accounts:{A4}", f"contacts:{C1}", f"contacts:{C2}"], "lead"),
        f"accounts:{A2}": "customer",
    }
    note = leads(tmp_path)[f"accounts:{A1}"]["note"]
    for text in ("asked for a price", "called Ann", "OwnerId.Name: Maria Muster"):
        assert text in note
    walk_on(tmp_path, ("undo", "plan"))


HUBSPOT = {
    "companies": """Record ID,Company name,Company Domain Name,Phone Number,City,Lifecycle Stage,Last Modified Date
1,Alpha Bau GmbH,alpha.example,,Dresden,lead,2025-01-01 10:00
2,Beta Glas AG,,,,Customer,01/31/2025 10:00
3,Gamma Holz KG,,,,opportunity,2025-01-01 10:00
""",
    "contacts": """Record ID,First Name,Last Name,Email,Associated Company ID,Unsubscribed from all email
1,Ann,Muster,ann@alpha.example,1.0,false
""",
    "deals": "Record ID,Deal Name,Deal Stage,Associated Company ID\n9,Roof,Closed Won (Pipeline),3.0\n",
}


def test_hubspots_files_go_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids that a spreadsheet made decimals of meet, and a stage is known however it is written."""
    (tmp_path / "export").mkdir()
    for name, text in HUBSPOT.items():
        (tmp_path / "export" / f"{name}.csv").write_text(text, "utf-8")
    monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
    walk(config_of("hubspot", tmp_path), tmp_path)

    assert decisions(tmp_path) == {
        "companies:1": "lead", "companies:2": "customer", "companies:3": "customer", "contacts:1": "lead",
    }  # fmt: skip
    assert "ann@alpha.example" in leads(tmp_path)["companies:1"]["note"]
    walk_on(tmp_path, ("undo", "plan"))
