"""Extracting: the snapshot holds what the source holds, nothing more, and every damaged row with its fault."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st
from pyarrow import parquet

from etl.config import Config
from etl.connect import open_source
from etl.connect.source import TEXT
from etl.errors import PlanError, SourceError
from etl.extract import Extracted, extract
from etl.model import Dataset, Fault
from tests.connect.reading import run, store
from tests.profiles import ONE_FIXTURE, examples

ACCOUNTS = "id,name,zip\n1,Müller GmbH,007\n2,NULL,\n"
CONTACTS = "id,account_id,first_name\n10,1,Ada\n"
ACTIVITIES = "id,account_id,body\n100,1,called\n101,2,wrote\n"
INVOICES = "no,account_id,state,date,amount\n1,1,posted,2026-01-01,5\n2,2,draft,2026-01-02,6\n"
INVOICED = {"exists": "invoices", "of": {"accounts": "account_id"}, "where": {"state": "posted"}}
RECENT = {
    "exists": "invoices",
    "key": "no",
    "of": {"accounts": "account_id"},
    "within": {"column": "date", "last": "1 year"},
}

Files = Callable[..., Config]


@pytest.fixture
def crm(tmp_path: Path) -> Files:
    """A folder with a small CRM; files that are given replace its own."""

    def make(**files: str | bytes) -> Config:
        folder = tmp_path / "crm"
        folder.mkdir(exist_ok=True)
        sample = {"accounts": ACCOUNTS, "contacts": CONTACTS, "activities": ACTIVITIES, "invoices": INVOICES, **files}
        for name, content in sample.items():
            (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        return config(f"files:{folder}")

    return make


@pytest.fixture(scope="module")
def database(any_database: str) -> str:
    """A database of each kind with the small CRM's history."""
    for name, content in (("contacts", CONTACTS), ("activities", ACTIVITIES), ("invoices", INVOICES)):
        header, *lines = (tuple(line.split(",")) for line in content.splitlines())
        store(any_database, header, lines, name)
    return any_database


def config(url: str, accounts: str = "accounts", **changes: Any) -> Config:
    """A config with two entries, history, and invoices that two rules ask."""
    raw: dict[str, Any] = {
        "name": "test",
        "source": {
            "url": url,
            "records": {
                "accounts": {"from": accounts, "key": "id", "type": "company"},
                "contacts": {"key": "id", "type": "person"},
            },
            "related": {"activities": {"key": "id", "of": {"accounts": "account_id"}}},
        },
        "classify": [
            {
                "as": "customer",
                "name": "invoiced",
                "when": {"all": [INVOICED, {"column": "zip", "of": "accounts", "empty": False}]},
            },
            {"as": "review", "name": "recent", "when": RECENT},
            {"as": "lead", "name": "others"},
        ],
        "leads": {"fields": {"name": "{name}"}},
        "target": {"url": "sqlite:///pipeline.db"},
    }
    return Config.model_validate({**raw, **changes, "path": Path("crm.yaml"), "raw": {}})


def extracted(config: Config, folder: Path, **options: Any) -> Extracted:
    """Open the source that a config names, and extract it."""
    with open_source(config.source) as source:
        return extract(config, source, folder, **options)


def faults(copied: Extracted) -> list[Fault]:
    """The faults of all datasets."""
    return [fault for dataset in copied.datasets for fault in dataset.faults]


def rows(staged: Dataset) -> list[tuple[str | None, ...]]:
    """The rows of a staging file."""
    table = parquet.read_table(staged.path)
    assert set(table.schema.types) <= {TEXT}
    assert table.column_names == list(staged.columns)
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def test_each_dataset_is_one_file_of_text(crm: Files, tmp_path: Path) -> None:
    """Entries and related tables are copied whole, in the source's order, with rows and bytes counted."""
    copied = extracted(crm(), tmp_path / "out")

    assert [(s.name, s.kind, s.rows) for s in copied.datasets] == [
        ("accounts", "entry", 2),
        ("contacts", "entry", 1),
        ("activities", "related", 2),
        ("invoices", "evidence", 2),
    ]
    assert rows(copied["accounts"]) == [("1", "Müller GmbH", "007"), ("2", "NULL", None)]
    assert copied["accounts"].size == len("12Müller GmbH007NULL".encode())
    assert all(dataset.faults == () for dataset in copied.datasets)


def test_evidence_has_only_the_columns_that_rules_name(crm: Files, tmp_path: Path) -> None:
    """All rules that ask a table are counted together, and what none asks for is not copied."""
    copied = extracted(crm(), tmp_path / "out")

    assert copied["invoices"].columns == ("no", "account_id", "state", "date")


def test_narrow_is_what_the_config_names(crm: Files, tmp_path: Path) -> None:
    """Narrow datasets have keys, links and the columns of rules."""
    copied = extracted(crm(), tmp_path / "out", columns="narrow")

    assert {dataset.name: dataset.columns for dataset in copied.datasets} == {
        "accounts": ("id", "zip"),
        "contacts": ("id",),
        "activities": ("id", "account_id"),
        "invoices": ("no", "account_id", "state", "date"),
    }


texts = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9)


@settings(max_examples=examples(10), suppress_health_check=ONE_FIXTURE)
@given(written=st.lists(st.tuples(texts, texts, texts), max_size=9), size=st.sampled_from([1, 2, 10_000]))
def test_the_files_hold_what_the_source_holds(
    database: str, tmp_path: Path, written: list[tuple[str | None, ...]], size: int
) -> None:
    """Every value of every row is in the staging file, for any chunk size, from any database."""
    store(database, ["id", "name", "zip"], written, "accounts")

    copied = extracted(config(database), tmp_path / "out", rows=size)

    assert rows(copied["accounts"]) == written
    assert rows(copied["invoices"])[0] == ("1", "1", "posted", "2026-01-01")


def test_damaged_rows_are_rows_with_a_fault_and_their_key(crm: Files, tmp_path: Path) -> None:
    """A damaged row of any dataset counts as a row, and its fault says its key where that can be read."""
    config = crm(
        accounts='id,name,zip\n1,a,b\n2,x\n3,"a"b,c\n4,a,b\n"5"x,a,b\n',
        activities=b"id,account_id,body\n100,1,ok\n101,1,\xff\n",
        invoices="no,account_id,state,date\n1\n",
    )

    copied = extracted(config, tmp_path / "out", rows=2)

    assert [(f.dataset, f.row, f.key, f.column, f.code) for f in faults(copied)] == [
        ("accounts", 1, "2", None, "ragged-line"),
        ("accounts", 2, "3", "name", "bad-quoting"),
        ("accounts", 4, None, "id", "bad-quoting"),
        ("activities", 1, "101", "body", "undecodable"),
        ("invoices", 0, "1", None, "ragged-line"),
    ]
    assert [row[0] for row in rows(copied["accounts"])] == ["1", "2", "3", "4", None]


def test_binary_values_are_attachments(database: str, tmp_path: Path) -> None:
    """A binary value is a file named by its hash, written once; its text names file, size and hash."""
    kind = "bytea" if database.startswith("postgresql") else "longblob"
    photo = b"\x00\xff" * 700
    literal = f"'\\x{photo.hex()}'" if kind == "bytea" else f"x'{photo.hex()}'"
    run(
        database,
        "DROP TABLE IF EXISTS photos",
        f"CREATE TABLE photos (id int, name {kind}, zip {kind})",
        f"INSERT INTO photos VALUES (1, {literal}, NULL), (2, {literal}, {literal})",
    )
    digest = hashlib.sha256(photo).hexdigest()

    copied = extracted(config(database, accounts="photos"), tmp_path / "out")

    text = f"attachments/{digest[:2]}/{digest} (1,400 bytes, SHA-256 {digest})"
    assert rows(copied["accounts"]) == [("1", text, None), ("2", text, text)]
    kept = [path for path in (tmp_path / "out" / "attachments").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [photo]
    assert kept[0].relative_to(tmp_path / "out").as_posix() == text.split(" ")[0]
    assert kept[0].stat().st_mode & 0o077 == 0


def test_queries_and_odd_names_have_safe_files(crm: Files, tmp_path: Path) -> None:
    """A query as an evidence table, and a name that is no file name, have safe files of their own."""
    sample = crm()
    (tmp_path / "crm" / "In voices.csv").write_text(INVOICES)
    (tmp_path / "crm" / "in voices.csv").write_text(INVOICES)
    rules = [
        {"as": "customer", "name": name, "when": {"exists": name, "of": {"accounts": "account_id"}}}
        for name in ("In voices", "in voices", "in voices.csv")
    ]

    copied = extracted(config(sample.source.url, classify=[*rules, {"as": "lead", "name": "x"}]), tmp_path / "out")

    names = [staged.path.name.lower() for staged in copied.datasets if staged.kind == "evidence"]
    assert len(set(names)) == 3
    assert all(name.replace("-", "").replace(".parquet", "").isalnum() for name in names)


def test_reserved_names_are_refused(crm: Files, tmp_path: Path) -> None:
    """A column that begins like the tool's own is an error before anything is read."""
    with pytest.raises(SourceError, match="_crm_cleanup_row"):
        extracted(crm(accounts="id,_crm_cleanup_row\n"), tmp_path / "out")


def test_an_empty_table_is_a_file_without_rows(crm: Files, tmp_path: Path) -> None:
    """A header alone is a dataset."""
    copied = extracted(crm(accounts="id,name,zip\n"), tmp_path / "out")

    assert rows(copied["accounts"]) == []
    assert parquet.read_schema(copied["accounts"].path).names == ["id", "name", "zip"]


def test_progress_is_told(crm: Files, tmp_path: Path) -> None:
    """Who watches sees each dataset and its rows so far."""
    reported: list[tuple[str, int]] = []

    extracted(crm(), tmp_path / "out", rows=1, progress=lambda stage, done, _: reported.append((stage, done)))

    assert reported[:4] == [("accounts", 0), ("accounts", 1), ("accounts", 2), ("contacts", 0)]


def test_a_folder_that_cannot_be_written_is_a_clear_error(crm: Files, tmp_path: Path) -> None:
    """Where the snapshot cannot go is named."""
    (tmp_path / "file").write_text("")

    with pytest.raises(PlanError, match="snapshot cannot be written"):
        extracted(crm(), tmp_path / "file")


def test_row_groups_are_bounded(crm: Files, tmp_path: Path) -> None:
    """A staging file can be read a few rows at a time."""
    copied = extracted(crm(accounts="id,name,zip\n" + "1,a,b\n" * 100), tmp_path / "out", rows=30)
    described = parquet.ParquetFile(copied["accounts"].path).metadata

    assert [described.row_group(at).num_rows for at in range(described.num_row_groups)] == [30, 30, 30, 10]
    assert described.row_group(0).column(0).compression == "ZSTD"
    assert pa.types.is_large_string(TEXT)
