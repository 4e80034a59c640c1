"""Keep what a CRM has exported in the form of the import files, so that leads are read back from it as from them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.config import CsvFormat
from etl.connect.files.source import FileSource
from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.new_files import new_files
from etl.connect.target import nearest
from etl.errors import ConfigError, TargetError

EXPORT = "export"
ROWS = 5_000
SAMPLE = 1_000_000
"""How many bytes tell a file's encoding and delimiter."""

LEAD_OF_NOTE = ("Lead ID", "Lead", "Regarding", "Parent ID")
"""What an export of notes may call the lead of each, beside the system's own names."""


@dataclass(frozen=True)
class _Table:
    """An exported table. headers: of the export -> ours."""

    source: FileSource
    name: str
    path: Path
    headers: Mapping[str, str]

    def rows(self) -> Iterator[dict[str, str]]:
        """Its rows by our headers. Raises TargetError for one that cannot be read."""
        with self.source:
            for batch in self.source.read(self.name, self.name, list(self.headers), ROWS, str):
                if batch.faults:
                    raise TargetError(
                        f"A row of the export cannot be read: {batch.faults[0].reason}.", where=batch.faults[0].where
                    )
                for row in batch.data.to_pylist():
                    yield {own: row[name] or "" for name, own in self.headers.items()}


def keep_export(folder: Path, layout: Layout, fields: Sequence[str], exports: Sequence[Path]) -> None:
    """Copy exports into the folder `export/`, under the headers of the import, whole or not at all.

    fields: those that leads have. Raises ConfigError where a column is missing, TargetError for a file that cannot be
    read.
    """
    tables = [_opened(path, layout) for path in exports]
    notes = [table for table in tables if layout.note.records and not _has_leads(table, layout)]
    leads = [table for table in tables if table not in notes]
    for table in leads:
        _refuse_missing(table, layout, fields)
    with new_files(folder, "The export cannot be kept") as new:
        known: dict[str, str] = {}
        for number, table in enumerate(leads, 1):
            _write(new / f"leads-{number}.csv", _seen(table.rows(), layout, known))
        for number, table in enumerate(notes, 1):
            _write(new / f"notes-{number}.csv", _of_leads(table, layout, known))
        shutil.rmtree(folder / EXPORT, ignore_errors=True)
        new.rename(folder / EXPORT)


def _opened(path: Path, layout: Layout) -> _Table:
    """An exported file with those of its columns that are known."""
    if not path.is_file():
        raise ConfigError("There is no such file.", where=path, next="name the file that the CRM has exported")
    form = _form(path) if path.suffix.lower() != ".xlsx" else CsvFormat()
    source = FileSource(path.absolute().parent, form, {path.name: form})
    with source:
        columns = source.columns(path.name)
    return _Table(source, path.name, path, _headers(columns, layout))


def _headers(columns: Sequence[str], layout: Layout) -> dict[str, str]:
    """Header of the export -> ours: by its name, or by the label that people see."""
    usual = {column.casefold(): column for column in columns}
    note, number = layout.note, 2
    wanted = {column.header: [column.header, column.label or ""] for column in layout.columns.values()}
    wanted[layout.external_id.header] = [layout.external_id.header, _label(layout.external_id.header)]
    wanted[layout.system.record_id[0]] = [*layout.system.record_id, *(LEAD_OF_NOTE if note.records else ())]
    wanted[note.header] = [note.header, "Content"] if note.records else [note.header]
    while note.further is not None and note.part(number).casefold() in usual:
        wanted[note.part(number)] = [note.part(number)]
        number += 1
    headers: dict[str, str] = {}
    for own, names in wanted.items():
        known = next((usual[name.casefold()] for name in names if name.casefold() in usual), None)
        if known is not None:
            headers.setdefault(known, own)
    return headers


def _label(header: str) -> str:
    """What people see of a custom field of Salesforce: `Legacy Id` of `Legacy_Id__c`."""
    return header.removesuffix("__c").replace("_", " ")


def _form(path: Path) -> CsvFormat:
    """How a CSV file is written: exports follow the language of who makes them."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig" if sample.startswith(b"\xef\xbb\xbf") else _plain(path)
    head = sample.decode(encoding, "replace").split("\n", 1)[0]
    return CsvFormat(delimiter=max(",;\t", key=head.count), encoding=encoding)


def _plain(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(SAMPLE):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _has_leads(table: _Table, layout: Layout) -> bool:
    return layout.columns["name"].header in table.headers.values()


def _refuse_missing(table: _Table, layout: Layout, fields: Sequence[str]) -> None:
    ours = set(table.headers.values())
    wanted = [layout.external_id.header, *(layout.columns[name].header for name in fields if name in layout.columns)]
    wanted += [] if layout.note.records else [layout.note.header]
    missing = [header for header in wanted if header not in ours]
    if missing:
        raise ConfigError(
            f"The export has no column {missing[0]!r}; it has {nearest(missing[0], list(table.headers)) or 'none'}.",
            where=table.path,
            next=f"export the leads with the columns {', '.join(wanted)}",
        )


def _seen(rows: Iterator[dict[str, str]], layout: Layout, known: dict[str, str]) -> Iterator[dict[str, str]]:
    """Rows of leads that have an external id; `known` gets the external id of each of the CRM's own."""
    key, own = layout.external_id.header, layout.system.record_id[0]
    for row in rows:
        if row[key]:
            if row.get(own):
                known[row[own]] = row[key]
            yield row


def _of_leads(table: _Table, layout: Layout, known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Rows of notes with the external ids of their leads; a note of another lead is left out."""
    key, own, note = layout.external_id.header, layout.system.record_id[0], layout.note.header
    for row in table.rows():
        lead = row.get(key) or known.get(row.get(own, ""), "")
        if lead:
            yield {key: lead, note: row.get(note, "")}


def _write(path: Path, rows: Iterator[dict[str, str]]) -> None:
    first = next(rows, None)
    with path.open("w", encoding="utf-8", newline="") as file:
        if first is not None:
            writer = csv.DictWriter(file, list(first), lineterminator="\r\n")
            writer.writeheader()
            writer.writerow(first)
            writer.writerows(rows)
