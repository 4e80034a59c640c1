"""The example configs: each runs the whole way, on a source and target of the kind that it is an example of."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.engine import make_url

from etl.connect.sql.engine import open_engine
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.check import check
from etl.pipeline.plan import Settings, plan
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.conftest import throw_away
from tests.systems.truth import EXPORTS, SYSTEMS

ROOT = Path(__file__).parents[2]
ONE = Settings(threads=1)


@dataclass(frozen=True)
class Given:
    """What a test may have for its time: empty databases, and variables of the environment."""

    factory: pytest.TempPathFactory
    stack: ExitStack
    variable: Callable[[str, str], None]

    def database(self, kind: str) -> str:
        """The URL of an empty database."""
        return self.stack.enter_context(throw_away(kind, self.factory))


@pytest.fixture
def given(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Given]:
    """Databases that are dropped after the test."""
    with ExitStack() as stack:
        yield Given(tmp_path_factory, stack, monkeypatch.setenv)


def generated(to: str) -> None:
    """A small CRM of the generator's, in a folder or a database."""
    generator = [sys.executable, str(ROOT / "data" / "generate.py"), "--records", "600", "--seed", "5", "--to", to]
    subprocess.run(generator, check=True, capture_output=True)


def whole_way(config: Path, out: Path) -> int:
    """Check, plan, approve, apply, verify; gives how many leads were written."""
    assert check(config).datasets
    planned = plan(config, out, settings=ONE)
    assert not planned.report.broken_gates
    approve(Bundle.open(out), by="Maria Muster")
    bundle = Bundle.open(planned.folder)
    applied, verified = apply(bundle), verify(bundle, threads=1)

    assert not applied.refused
    assert verified.holds
    assert verified.values > 1_000
    return applied.leads


def copied(name: str, folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of an example, with other places in it."""
    text = (ROOT / "configs" / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def workbook(tmp_path: Path, _: Given) -> Path:
    """The CRM's own CSV files as sheets of one workbook."""
    generated(f"files:{tmp_path / 'csv'}")
    (tmp_path / "in").mkdir()
    with xlsxwriter.Workbook(tmp_path / "in" / "crm.xlsx", {"strings_to_urls": False}) as book:
        for name in ("accounts", "contacts", "activities", "invoices"):
            sheet = book.add_worksheet(name)
            with (tmp_path / "csv" / "legacy" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                for y, row in enumerate(csv.reader(file)):
                    for x, cell in enumerate(row):
                        sheet.write_string(y, x, cell)
    changes = ("files:data/legacy", f"files:{tmp_path / 'in'}"), ("build/workbook.db", str(tmp_path / "leads.db"))
    return copied("workbook.yaml", tmp_path, *changes)


def postgresql(tmp_path: Path, given: Given) -> Path:
    """A source database, and a target that has its table."""
    urls = given.database("postgresql"), given.database("postgresql")
    generated(urls[0])
    engine = open_engine(urls[1])
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE opportunities (id SERIAL PRIMARY KEY, title VARCHAR(200) NOT NULL, email_from TEXT,"
                " city TEXT, blocked BOOLEAN, description TEXT)"
            )
        )
    engine.dispose()
    given.variable("LEGACY_URL", urls[0])
    given.variable("PIPELINE_URL", urls[1])
    return copied("postgresql.yaml", tmp_path)


def mariadb(tmp_path: Path, given: Given) -> Path:
    """A database with the source's tables and those of the pipeline."""
    url = given.database("mariadb")
    generated(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE sales_leads (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(200) NOT NULL, phone TEXT,"
            " comment TEXT) CHARACTER SET utf8mb4",
            "CREATE TABLE sales_lead_comments (lead_id INT, part INT, comment TEXT, PRIMARY KEY (lead_id, part))"
            " CHARACTER SET utf8mb4",
        ):
            connection.execute(sa.text(statement))
    engine.dispose()
    parts = make_url(url)
    given.variable("LEGACY_USER", parts.username or "")
    given.variable("LEGACY_PASSWORD", str(parts.password or ""))
    given.variable("LEGACY_HOST", f"{parts.host}:{parts.port}")
    given.variable("LEGACY_DATABASE", parts.database or "")
    return copied("mariadb.yaml", tmp_path)


def import_files(tmp_path: Path, _: Given) -> Path:
    """The CRM's own CSV files, and a folder of import files."""
    generated(f"files:{tmp_path / 'csv'}")
    changes = (
        ("files:data/legacy", f"files:{tmp_path / 'csv' / 'legacy'}"),
        ("files:build/import", f"files:{tmp_path / 'out'}"),
    )
    return copied("import-files.yaml", tmp_path, *changes)


EXAMPLES: dict[str, Callable[[Path, Given], Path]] = {
    "import-files.yaml": import_files,
    "workbook.yaml": workbook,
    "postgresql.yaml": postgresql,
    "mariadb.yaml": mariadb,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_goes_the_whole_way(name: str, tmp_path: Path, given: Given) -> None:
    """Checked, planned with its gates kept, applied and verified, against what it is an example of."""
    assert whole_way(EXAMPLES[name](tmp_path, given), tmp_path / "plan") > 100


def test_every_example_is_tried() -> None:
    """The demo has tests of its own, and so has Odoo, beside real ones; `tests/systems` tries other systems."""
    own = {"demo.yaml", "odoo.yaml"}
    systems = {f"{name}.yaml" for name in (*SYSTEMS, *EXPORTS)}

    assert {path.name for path in (ROOT / "configs").glob("*.yaml")} == {*own, *EXAMPLES, *systems}
