"""Make the import files of a folder from its ledger: in parts that the CRM takes, each whole or not there."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.new_files import new_files, put, remove_begun
from etl.connect.import_folder.spelling import speller
from etl.connect.import_folder.store import Store, StoredLead
from etl.connect.import_folder.system import FileForm

LEADS, NOTES, DELETE, ARCHIVE = "leads", "notes", "delete", "archive"
GUIDE, EARLIER = "IMPORT.md", "earlier"
OURS = (LEADS, NOTES, DELETE)
"""What the names of files begin with that are made here, and that are taken away when they are made no more."""

Guide = Callable[["Written"], str]
"""Says how files are imported, in the words of the CRM."""


@dataclass(frozen=True)
class Written:
    """The files of one plan: names in their order, by what they hold; the headers of the file of leads, how many leads
    it has, and how many are to be deleted."""

    files: Mapping[str, Sequence[str]]
    headers: Sequence[str]
    leads: int
    removed: int


def render(folder: Path, layout: Layout, store: Store, plan: str, records: Mapping[str, str], guide: Guide) -> None:
    """Write the files of a plan into the folder, and those of other plans into folders of their own in `earlier/`.

    records: external id -> the CRM's own id, as far as an export has told it. The guide is taken away first and written
    last: where it stands, all files are there. Raises TargetError where a file cannot be written.
    """
    remove_begun(folder)
    with new_files(folder, "An import file cannot be written") as new:
        others = [other for other in store.plans() if other != plan]
        for earlier in folder.glob(f"{EARLIER}/*"):
            if earlier.name not in {_short(other) for other in others}:
                shutil.rmtree(earlier)
        for each in (*others, plan):
            place, made = folder if each == plan else folder / EARLIER / _short(each), new / _short(each)
            made.mkdir()
            written = _Plan(made, layout, store, each, records).write()
            (made / GUIDE).write_text(guide(written), encoding="utf-8")
            put(made, place, own_files(place), last=GUIDE)


def _short(plan: str) -> str:
    """What the folder of an earlier plan is called."""
    return plan[:12]


def own_files(folder: Path, *kinds: str) -> list[Path]:
    """The files in a folder that were made here, by name; kinds: what they hold, OURS if nothing is said."""
    found_files = [path for kind in kinds or OURS for path in folder.glob(f"{kind}*.csv") if _is_own(path.stem, kind)]
    return sorted(found_files, key=lambda path: (len(path.name), path.name))


def _is_own(stem: str, kind: str) -> bool:
    return stem == kind or stem.removeprefix(f"{kind}-").isdecimal()


class _Plan:
    """Writes the files of one plan."""

    def __init__(self, new: Path, layout: Layout, store: Store, plan: str, records: Mapping[str, str]) -> None:
        self._new, self._layout, self._store, self._plan = new, layout, store, plan
        self._records = records
        names = store.columns()
        spelling = layout.system.spelling
        self._columns = {name: column for name, column in layout.columns.items() if name in names}
        self._spell = {name: speller(column, spelling) for name, column in self._columns.items()}
        self._leads = 0
        self._own_ids = not layout.external_id.updates and bool(records)

    def write(self) -> Written:
        layout, form = self._layout, self._layout.system.file
        records = layout.note.records
        parts = 1 if records else self._store.parts(self._plan)
        headers = [layout.external_id.header, *self._own_id_header()]
        lead_headers = [
            *headers,
            *(column.header for column in self._columns.values()),
            *layout.values,
            *(layout.note.part(number) for number in range(1, parts + 1)),
        ]
        files = {LEADS: write_rows(self._new, LEADS, form, lead_headers, self._lead_rows(parts))}
        if records:
            files[NOTES] = write_rows(self._new, NOTES, form, [*headers, layout.note.header], self._note_rows())
        removed = self._store.removed(self._plan)
        id_headers = [layout.external_id.header, layout.system.record_id[0]]
        rows = ([own, self._records.get(own, "")] for own in removed)
        files[DELETE] = write_rows(self._new, DELETE, form, id_headers, rows)
        return Written(files, lead_headers, self._leads, len(removed))

    def _own_id_header(self) -> list[str]:
        return [self._layout.system.record_id[0]] if self._own_ids else []

    def _ids(self, own: str) -> list[str]:
        return [own, self._records.get(own, "")] if self._own_ids else [own]

    def _lead_rows(self, parts: int) -> Iterator[list[str]]:
        constants = list(self._layout.values.values())
        for lead in self._store.leads(self._plan):
            self._leads += 1
            notes = list(lead.notes[:parts]) + [""] * (parts - len(lead.notes))
            yield [*self._ids(lead.id), *self._values(lead), *constants, *notes]

    def _values(self, lead: StoredLead) -> Iterator[str]:
        for name, spell in self._spell.items():
            value = lead.fields[name]
            yield "" if value is None else spell(value)

    def _note_rows(self) -> Iterator[list[str]]:
        for lead in self._store.leads(self._plan):
            for text in lead.notes[1:]:
                yield [*self._ids(lead.id), text]


def write_rows(folder: Path, kind: str, form: FileForm, headers: Sequence[str], rows: Iterable[list[str]]) -> list[str]:
    """Write rows into as many files as their limits ask for; gives their names, none where there is no row.

    A name has a number where there are several.
    """
    paths: list[Path] = []
    for number, part in enumerate(_parts(form, headers, rows), 1):
        paths.append(folder / f"{kind}-{number}.csv")
        with paths[-1].open("wb") as out:
            out.writelines(part)
    if len(paths) == 1:
        paths = [paths[0].rename(folder / f"{kind}.csv")]
    return [path.name for path in paths]


def _parts(form: FileForm, headers: Sequence[str], rows: Iterable[list[str]]) -> Iterator[Iterator[bytes]]:
    """Cut rows into files; each is to be read to its end before the next one. One row alone may be too large."""
    encoding = form.encoding.removesuffix("-sig")
    bom = b"\xef\xbb\xbf" if form.encoding == "utf-8-sig" else b""
    line = _line_of(form)
    head = bom + line(headers).encode(encoding)
    coming = (line(row).encode(encoding) for row in rows)
    waiting = next(coming, None)
    while waiting is not None:

        def part() -> Iterator[bytes]:
            nonlocal waiting
            yield head
            count, size = 0, len(head)
            while waiting is not None:
                count, size = count + 1, size + len(waiting)
                full = (form.rows and count > form.rows) or (form.bytes and size > form.bytes)
                if full and count > 1:
                    return
                yield waiting
                waiting = next(coming, None)

        yield part()


def _line_of(form: FileForm) -> Callable[[Sequence[str]], str]:
    """What makes a line of a row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=form.delimiter, lineterminator=form.newline)

    def line(row: Sequence[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(row)
        return buffer.getvalue()

    return line
