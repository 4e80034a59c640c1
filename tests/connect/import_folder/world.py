"""A small legacy CRM in files, and one that imports leads: it takes files as the real one does, and exports again."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from etl.connect.import_folder.system import System, system
from tests.cutover.world import World

CONFIG = """\
name: imported
as_of: 2026-11-01
source:
  url: "{source}"
  records:
    accounts: {{key: id, type: company, identity: {{company: name, city: city}}}}
    contacts: {{key: id, type: person, parent: {{column: account_id, of: accounts}},
               identity: {{last_name: last_name, email: email}}}}
  related:
    activities: {{key: id, of: {{accounts: account_id, contacts: contact_id}}, order_by: happened_at}}
classify:
  - {{as: keep, name: our own company, when: {{column: status, of: accounts, equals: own}}}}
  - {{as: customer, name: invoiced, when: {{exists: invoices, of: {{accounts: account_id}}, where: {{state: posted}}}}}}
  - {{as: {rest}, name: no evidence of a purchase}}
leads:
  fields:
    name: {{first: ["{{name}}", "{{last_name}}"]}}
    contact_name: "{{contact.last_name}}"
    email: {{first: ["{{email}}", "{{contact.email}}"]}}
    city: "{{city}}"
    salesperson: {{column: status, map: {{open: mm@firma.example}}, default: jan@firma.example}}
    tags: [Umzug, "{{city}}"]
    do_not_contact: {{column: last_name, equals: Muster8}}
{retire}
report: {{language: {language}}}
approvals: waived
gates: {{customers: 0%..100%}}
target: {{url: "files:{folder}", system: {system}{more}}}
"""


RETIRE = """\
retire:
  accounts: {Archived: "yes", Lead: "{lead.id}"}
  contacts: {Archived: "yes"}"""


@dataclass
class ImportWorld(World):
    """A source in files, and a folder of import files.

    more: further keys of the target, after a comma. rest: what becomes of records without evidence.
    """

    code: str = "csv"
    more: str = ""
    language: str = "en"
    rest: str = "lead"
    retire: str = RETIRE

    @property
    def out(self) -> Path:
        """The folder of import files."""
        return self.folder / "out"

    @property
    def config(self) -> Path:
        """The config, written anew each time that it is asked for."""
        path = self.folder / "imported.yaml"
        values = {"folder": self.out, "system": self.code, "more": self.more, "language": self.language}
        values |= {"rest": self.rest, "retire": self.retire}
        path.write_text(CONFIG.format(source=self.source, **values), encoding="utf-8")
        return path

    def edit(self, table: str, change: tuple[str, str]) -> None:
        """Replace a text in a file of the source."""
        path = Path(self.source.removeprefix("files:")) / f"{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert change[0] in text
        path.write_text(text.replace(*change), encoding="utf-8", newline="")

    def files(self) -> dict[str, bytes]:
        """The import files by name."""
        return {
            str(path.relative_to(self.out)): path.read_bytes()
            for path in sorted(self.out.rglob("*"))
            if path.suffix in (".csv", ".md") and "export" not in path.parts
        }


@dataclass
class Crm:
    """A CRM that imports and exports. It stands in for the real one, which nobody here has; it reads files by its own
    means, and refuses what the real one refuses by its documents. records: external id -> column -> text."""

    code: str
    records: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def system(self) -> System:
        """What is known of it."""
        return system(self.code)

    def take(self, folder: Path) -> None:
        """Import the files of a folder: a lead that is there is updated."""
        for path in sorted(folder.glob("leads*.csv")):
            for row in table(path, self.system.file.encoding):
                own = row[self.system.external_id.header]
                first = self.records.setdefault(own, {self.system.record_id[0]: f"00Q{len(self.records):012}"})
                first |= {name: value for name, value in row.items() if value or name not in first}
        for path in sorted(folder.glob("notes*.csv")):
            for row in table(path, self.system.file.encoding):
                self.notes.append((row[self.system.external_id.header], row[self.system.note.header]))

    def export(self, path: Path, *, delimiter: str = ";", encoding: str = "utf-8-sig") -> list[Path]:
        """Write what it has, by the labels that people see, in another order of columns and rows."""
        labels = {column.header: column.label or column.header for column in self.system.columns.values()}
        headers = sorted({name for record in self.records.values() for name in record}, reverse=True)
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
            writer.writerow([labels.get(name, name) for name in headers])
            for own in sorted(self.records, reverse=True):
                writer.writerow([self.records[own].get(name, "") for name in headers])
        if path.suffix == ".xlsx":
            as_workbook(path, encoding, delimiter)
        if not self.notes:
            return [path]
        of_notes = path.with_stem(f"{path.stem}-of-notes")
        with of_notes.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(["Lead ID", "Content"])
            own_id = self.system.record_id[0]
            writer.writerows([self.records[own][own_id], text] for own, text in reversed(self.notes))
        return [path, of_notes]


def as_workbook(path: Path, encoding: str, delimiter: str) -> None:
    """Make a workbook of a CSV file, in its place."""
    with path.open(encoding=encoding, newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter))
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Leads")
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                sheet.write_string(y, x, cell)


def table(path: Path, encoding: str) -> list[dict[str, str]]:
    """The rows of a CSV file with commas, by header."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))
