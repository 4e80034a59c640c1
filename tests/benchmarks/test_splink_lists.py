"""What Splink is given to compare."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from tests.benchmarks.matching_cases import Case, Side
from tests.benchmarks.splink_lists import prepare

IDENTITY = {"company": "company", "phone": "phone", "street": "street"}
ROWS = pd.DataFrame(
    [
        ("a", "Kravik Maschinenbau GmbH", "030 23125001-0", "Hauptstr. 5"),
        ("b", "Maschinenbau Kravik", "+49 30 23125001", "Hauptstraße 5"),
        ("c", "Tormon Logistik AG", None, None),
    ],
    columns=["key", "company", "phone", "street"],
)


def test_splink_gets_normal_forms_words_and_all_values(tmp_path: Path) -> None:
    """The legal form stands apart, words are a list, a phone number has all its forms, and pairs share keys."""
    ROWS.to_csv(tmp_path / "list.csv", index=False)
    left = {"url": f"files:{tmp_path}", "from": "list", "key": "key", "identity": IDENTITY}
    (tmp_path / "match.yaml").write_text(json.dumps({"match": {"left": left}}), encoding="utf-8")
    side = Side(tmp_path, "list", "key", IDENTITY, {"a": "1", "b": "1", "c": "2"})

    given, said = prepare(Case("three", side), tmp_path)

    rows = {row["unique_id"]: row for row in pq.read_table(given["lists"][0]).to_pylist()}
    assert {*given["columns"]} | {"unique_id", "keys"} == rows["a"].keys()
    assert rows["a"]["company_words"] == rows["b"]["company_words"]
    assert rows["a"]["company_sorted"] == rows["b"]["company_sorted"]
    assert (rows["a"]["legal_form"], rows["b"]["legal_form"]) == ("gmbh", None)
    assert {*rows["a"]["phone_all"]} & {*rows["b"]["phone_all"]}
    assert rows["c"]["phone_all"] is None
    assert {*rows["a"]["keys"]} & {*rows["b"]["keys"]}
    assert "hold 1.0000 of the true ones" in said
