"""A legacy CRM and a lead pipeline in databases or files, small enough to be dumped whole, for all a cutover does."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from etl.pipeline.plan import Planned, Settings, plan
from etl.plan import Bundle
from tests.pipeline.small import without_password

OWN = "crm_cleanup_"
Dump = dict[str, list[tuple[str, ...]]]

EMAIL = '    email: {first: ["{email}", "{contact.email}"]}\n'
CONFIG = """\
name: cutover
as_of: 2026-11-01
source:
  url: "{source}"
  records:
    accounts: {{key: id, type: company, changed: updated_at, identity: {{company: name, city: city}}}}
    contacts: {{key: id, type: person, parent: {{column: account_id, of: accounts}},
               identity: {{last_name: last_name, email: email}}}}
  related:
    activities: {{key: id, of: {{accounts: account_id, contacts: contact_id}}, order_by: happened_at}}
classify:
  - {{as: keep, name: our own company, when: {{column: status, of: accounts, equals: own}}}}
  - {{as: customer, name: invoiced, when: {{exists: invoices, of: {{accounts: account_id}}, where: {{state: posted}}}}}}
  - {{as: lead, name: no evidence of a purchase}}
leads:
  one_per: {one_per}
  fields:
    name: {{first: ["{{name}}", "{{last_name}}"]}}
    email: {{first: ["{{email}}", "{{contact.email}}"]}}
    city: "{{city}}"
retire:
  accounts: {{active: 0, status: moved, lead: "{{lead.id}}"}}
  contacts: {{active: 0}}
approvals: {approvals}
target: {target}
"""

TABLES = {
    "accounts": "id INTEGER PRIMARY KEY, name VARCHAR(200), city VARCHAR(99), active INTEGER NOT NULL, "
    "status VARCHAR(20), lead VARCHAR(40), updated_at VARCHAR(30)",
    "contacts": "id VARCHAR(20) PRIMARY KEY, account_id INTEGER, last_name VARCHAR(99), email VARCHAR(99), "
    "active INTEGER",
    "activities": "id INTEGER PRIMARY KEY, account_id INTEGER, contact_id VARCHAR(20), happened_at VARCHAR(20), "
    "text TEXT",
    "invoices": "no VARCHAR(20) PRIMARY KEY, account_id INTEGER, state VARCHAR(10)",
}
"""Keys that are numbers and keys that are text, and columns of both kinds that retiring sets."""


def rows(companies: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of so many companies: each third was invoiced, the first is our own, half have contacts."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for n in range(1, companies + 1):
        status = "own" if n == 1 else None if n % 2 else "open"
        account = {"id": n, "name": f"Firma {n} GmbH", "city": "Köln" if n % 2 else None, "active": 1}
        found["accounts"].append({**account, "status": status, "lead": None, "updated_at": f"2026-01-{n % 28 + 1:02}"})
        for number in range(n % 3):
            key = f"P{n}-{number}"
            person = {"id": key, "account_id": n, "last_name": f"Muster{n}", "email": f"p{n}.{number}@firma.example"}
            found["contacts"].append({**person, "active": None if number else 1})
            call = {"id": n * 10 + number, "account_id": n if number else None, "contact_id": key}
            call |= {"happened_at": f"2025-0{number + 1}-01", "text": f"Anruf\nbei {n} 'x' % 5"}
            found["activities"].append(call)
        if n % 3 == 0:
            found["invoices"].append({"no": f"R{n}", "account_id": n, "state": "posted"})
    return found


@dataclass
class World:
    """A source and a target, and the plans that were made of them. source: a URL, or `files:` and a folder.

    chunk_records: what a chunk holds at most, so few that a plan has several.
    """

    folder: Path
    source: str
    target: str
    companies: int = 12
    chunk_records: int = 12
    one_per: str = "company"
    approvals: str = "waived"
    table: str = ""
    plans: int = 0
    proxy: Any = None
    engines: dict[str, sa.Engine] = field(default_factory=dict)

    def create(self) -> World:
        """Fill the source."""
        tables = rows(self.companies)
        if self.source.startswith("files:"):
            folder = Path(self.source.removeprefix("files:"))
            folder.mkdir(parents=True)
            for name, some in tables.items():
                columns = [part.split()[0] for part in TABLES[name].split(", ")]
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, columns)
                    writer.writeheader()
                    writer.writerows(some)
            return self
        with self.begin(self.source) as connection:
            for name, definition in TABLES.items():
                connection.execute(sa.text(f"CREATE TABLE {name} ({definition})"))
                if tables[name]:
                    values = ", ".join(f":{column}" for column in tables[name][0])
                    connection.execute(sa.text(f"INSERT INTO {name} VALUES ({values})"), tables[name])
        return self

    @property
    def url_of_target(self) -> str:
        """The target's URL as a config takes it."""
        return without_password(self.target, "TARGET")

    @property
    def config(self) -> Path:
        """The config, written anew each time that it is asked for."""
        path = self.folder / "cutover.yaml"
        mapped = self.table or f'{{url: "{self.url_of_target}"}}'
        source = without_password(self.source, "SOURCE")
        text = CONFIG.format(source=source, one_per=self.one_per, approvals=self.approvals, target=mapped)
        if self.table:  # it has no column for this field
            text = text.replace(EMAIL, "")
        path.write_text(text, encoding="utf-8")
        return path

    def plan(self) -> Bundle:
        """Make another plan."""
        self.plans += 1
        return Bundle.open(self.planned(self.folder / f"plan{self.plans}").folder)

    def planned(self, folder: Path) -> Planned:
        """Make a plan in a folder, in chunks so small that there are several."""
        return plan(self.config, folder, settings=Settings(threads=1, chunk_records=self.chunk_records))

    def planned_again(self, folder: Path) -> Planned:
        """Make a plan in the place of an older one."""
        return plan(self.config, folder, replace=True, settings=Settings(threads=1, chunk_records=self.chunk_records))

    @contextmanager
    def begin(self, url: str) -> Iterator[sa.Connection]:
        """A transaction in one of the databases."""
        if url not in self.engines:
            self.engines[url] = open_engine(url)
        with self.engines[url].begin() as connection:
            yield connection

    def do(self, statement: str, url: str | None = None) -> None:
        """Change something in the source, or in the database of a URL."""
        with self.begin(url or self.source) as connection:
            connection.execute(sa.text(statement))

    def ask(self, statement: str, url: str | None = None) -> list[Any]:
        """Ask the target, or the database of a URL."""
        with self.begin(url or self.target) as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def dump(self, url: str) -> Dump:
        """All rows of all tables but this tool's own, or all files; values with their types."""
        if url.startswith("files:"):
            folder = Path(url.removeprefix("files:"))
            files = [path for path in folder.rglob("*") if path.is_file()]
            return {str(path.relative_to(folder)): [(path.read_bytes().hex(),)] for path in files}
        with self.begin(url) as connection:
            names = [name for name in sa.inspect(connection).get_table_names() if not name.startswith(OWN)]
            return {
                name: sorted(tuple(map(repr, row)) for row in connection.execute(sa.text(f"SELECT * FROM {name}")))
                for name in names
            }

    def close(self) -> None:
        """Give the connections back."""
        while self.engines:
            self.engines.popitem()[1].dispose()
