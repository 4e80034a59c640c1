"""Binary values of the CRM: the note names the file, `apply` writes it beside a database, and none is purged away."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from etl.config import load
from etl.errors import ConfigError, PlanError, TargetError
from etl.pipeline.apply import apply
from etl.pipeline.plan import Settings, plan
from etl.pipeline.purge import purge
from etl.plan import Bundle

CONFIG = """\
name: files
source:
  url: "sqlite:///{folder}/crm.db"
  records: {{accounts: {{key: id, type: company}}}}
classify:
  - {{as: keep, name: own, when: {{column: name, equals: Own}}}}
  - {{as: lead, name: rest}}
leads: {{fields: {{name: "{{name}}"}}}}
approvals: waived
gates: {{customers: 0%..100%}}
target: {{url: "{target}"{files}}}
"""


def planned(folder: Path, files: str = "") -> Bundle:
    """A plan of two companies with a logo, of which one moves."""
    with closing(sqlite3.connect(folder / "crm.db")) as crm, crm:
        crm.execute("CREATE TABLE accounts (id TEXT, name TEXT, logo BLOB)")
        crm.executemany("INSERT INTO accounts VALUES (?, ?, ?)", [("1", "A", b"\x89PNG"), ("2", "Own", b"GIF8")])
    text = CONFIG.format(folder=folder, target=f"sqlite:///{folder}/pipeline.db", files=files)
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    return Bundle.open(plan(folder / "c.yaml", folder / "plan", settings=Settings(threads=1)).folder)


def test_apply_writes_the_files_of_the_leads_into_the_folder(tmp_path: Path) -> None:
    """As their notes name them, once, readable by their owner; those of records that stay are not among them."""
    bundle = planned(tmp_path, f", files: {tmp_path}/files")
    apply(bundle)
    [file] = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]

    assert file.read_bytes() == b"\x89PNG"
    assert f"attachments/{file.relative_to(tmp_path / 'files')} (4 bytes" in bundle.leads(0)["note"].iloc[0]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_bytes(b"\x89")
    with pytest.raises(PlanError, match="1 file "):
        purge(bundle)
    file.write_bytes(b"\x89PNG")
    purge(bundle)
    assert file.read_bytes() == b"\x89PNG"


def test_a_folder_that_takes_no_file_ends_apply_before_the_lead_is_written(tmp_path: Path) -> None:
    """The next run goes on, once it does."""
    (tmp_path / "files").write_text("not a folder")
    bundle = planned(tmp_path, f", files: {tmp_path}/files")
    with pytest.raises(TargetError, match="A file of a lead cannot be written"):
        apply(bundle)
    (tmp_path / "files").unlink()

    assert (apply(bundle).leads, len([*(tmp_path / "files").glob("*/*")])) == (1, 1)


def test_files_that_stand_only_in_the_plan_are_not_purged(tmp_path: Path) -> None:
    """Not before somebody says so; a plan that wrote no lead takes nothing from anybody."""
    bundle = planned(tmp_path)
    apply(bundle)
    with pytest.raises(PlanError, match="1 file that notes of leads name stand only in this plan") as error:
        purge(bundle)

    assert "--with-files" in str(error.value.next)
    assert (bundle.path / "leads.parquet").exists()
    purge(bundle, with_files=True)
    assert not (bundle.path / "attachments").exists()


def test_a_plan_that_was_not_applied_may_be_purged_with_its_files(tmp_path: Path) -> None:
    """They are in the CRM."""
    bundle = planned(tmp_path)
    purge(bundle)

    assert not (bundle.path / "attachments").exists()


def test_an_odoo_needs_no_folder(tmp_path: Path) -> None:
    """It has files attached to its leads."""
    text = CONFIG.format(folder=tmp_path, target="odoo+https://crm.example/db", files=", files: x")
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match="files does not apply to an Odoo"):
        load(tmp_path / "c.yaml")
