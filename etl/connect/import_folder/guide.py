"""IMPORT.md: how the files of a folder get into the CRM, in that system's words, for the person who imports them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.render import DELETE, LEADS, NOTES, Written
from etl.texts import mark, t, tn

STEPS: Mapping[str, Sequence[str]] = {
    "salesforce": (
        mark("In Setup, enter Data Import Wizard in Quick Find, launch it, and choose Standard objects, Leads."),
        mark(
            "Choose Add new and update existing records, and match leads by {id}: so a file that is imported twice "
            "updates its leads."
        ),
        mark("Choose the file {file}, the character code Unicode (UTF-8), and the comma as separator."),
        mark("Map the columns; each is called like the API name of its field. Start the import."),
        mark("Import one file after the other: {files}. Data Loader takes them as well: Upsert, by {id}."),
    ),
    "hubspot": (
        mark("Open the import of HubSpot, and choose a file from your computer, and contacts."),
        mark("Choose Create and update contacts, and the file {file}."),
        mark(
            "Map each column to the property of the same name, and {id} as the unique identifier: so a file that is "
            "imported twice updates its contacts."
        ),
        mark("Import one file after the other: {files}."),
        mark(
            "Who has True in Do not contact does not want mails: import these addresses as an opt-out list, too, for "
            "only that stops marketing mails."
        ),
    ),
    "pipedrive": (
        mark("Open Tools and apps, Import data, From a spreadsheet, and upload {file}."),
        mark("Map each column to the field of the same name; Note - Content is a note of the lead."),
        mark("Let Pipedrive merge persons and organizations that are there already."),
        mark("Import each file once: {files}. Pipedrive does not update leads by {id}, but by its own ids alone."),
        mark(
            "To import a second time, export the leads, run crm-cleanup verify PLAN --export FILE and crm-cleanup "
            "apply PLAN: then the files have Pipedrive's own ids, and update."
        ),
        mark(
            "The notes file needs these ids, too: make it in the same way after the leads were imported, and import "
            "it then."
        ),
    ),
    "dynamics": (
        mark("In Power Apps, make an alternate key of the table Lead with the column {id}."),
        mark("In Settings, Data management, Imports, choose Import data and {file}, with commas between columns."),
        mark("Map the file to Lead, and each column to the one of the same name."),
        mark("Choose the alternate key with {id}: so a file that is imported twice updates its leads."),
        mark("Do not allow duplicates, submit, and import one file after the other: {files}."),
    ),
    "zoho": (
        mark("In the module Leads, choose Import leads, from a file, and upload {file} as UTF-8."),
        mark(
            "Choose to add new leads and to update existing ones, found by {id}: so a file that is imported twice "
            "updates its leads."
        ),
        mark("Map each column to the field of the same name, and finish the import."),
        mark("Import one file after the other: {files}."),
    ),
    "csv": (
        mark("The files are in UTF-8, with commas between columns: {files}."),
        mark("Use the column {id} as the key, if your system can: so a file that is imported twice updates its leads."),
    ),
}
"""System -> what to do, step by step."""


def guide(layout: Layout, written: Written) -> str:
    """The text of IMPORT.md, in the language that is spoken, as Markdown."""
    return "\n".join(_lines(layout, written)) + "\n"


def _lines(layout: Layout, written: Written) -> Iterator[str]:
    system = layout.system
    yield f"# {t('Import the leads into {system}', system=system.name)}"
    yield ""
    yield tn(written.leads, "One lead is to be imported.", "{n} leads are to be imported.")
    yield ""
    yield from _files(written)
    yield ""
    yield t(
        "Do not open and save them in a spreadsheet: it changes numbers and dates, and takes what begins with = for a "
        "formula."
    )
    yield from _to_make(layout, written)
    if written.files[LEADS]:
        yield from _steps(layout, written)
        yield from _proof(layout)
    if written.files[DELETE]:
        yield from _deletion(layout, written)
    yield from _sources(layout)


def _files(written: Written) -> Iterator[str]:
    for kind, words in (
        (LEADS, mark("leads")),
        (NOTES, mark("further parts of long notes")),
        (DELETE, mark("leads that were taken back, to be deleted")),
    ):
        for name in written.files.get(kind, ()):
            yield f"- `{name}`: {t(words)}"


def _to_make(layout: Layout, written: Written) -> Iterator[str]:
    """The fields that an administrator makes first."""
    custom = [column for column in layout.columns.values() if column.custom and column.header in written.headers]
    rows = (
        [(layout.external_id.header, t("text, unique"), layout.external_id.length)] if layout.external_id.custom else []
    )
    rows += [(layout.note.header, t("text of several lines"), layout.note.length)] if layout.note.custom else []
    number = 2
    while layout.note.further is not None and layout.note.part(number) in written.headers:
        rows.append((layout.note.part(number), t("text of several lines"), layout.note.length))
        number += 1
    words = {"list": t("several values"), "boolean": t("yes or no"), "number": t("number"), "date": t("date")}
    rows += [(column.header, words.get(column.kind, t("text")), column.length) for column in custom]
    if rows:
        yield ""
        yield f"## {t('Before the first import')}"
        yield ""
        yield t("Make these fields in {system}:", system=layout.system.name)
        yield ""
        yield f"| {t('field')} | {t('type')} | {t('length')} |"
        yield "|---|---|---|"
        for header, kind, length in rows:
            yield f"| {header} | {kind} | {'' if length is None else length} |"


def _steps(layout: Layout, written: Written) -> Iterator[str]:
    names = [*written.files[LEADS], *written.files.get(NOTES, ())]
    values = {"id": layout.external_id.header, "file": names[0], "files": ", ".join(names)}
    yield ""
    yield f"## {t('Import')}"
    yield ""
    for number, step in enumerate(STEPS[layout.system.code], 1):
        yield f"{number}. {t(step, **values)}"


def _proof(layout: Layout) -> Iterator[str]:
    yield ""
    yield f"## {t('Prove it')}"
    yield ""
    yield t(
        "Export the leads from {system} with all columns of the files and its own id ({own}), and compare every value:",
        system=layout.system.name,
        own=layout.system.record_id[0],
    )
    yield ""
    yield "    crm-cleanup verify PLAN --export FILE"
    yield "    crm-cleanup retire PLAN"
    yield ""
    yield t(
        "`retire` archives the moved records then. Where they stand in files, it writes `archive.csv` here: the mass "
        "update that archives them in the CRM that they came from."
    )


def _deletion(layout: Layout, written: Written) -> Iterator[str]:
    yield ""
    yield f"## {t('Delete')}"
    yield ""
    yield tn(
        written.removed,
        "One lead was taken back. If it was imported already, delete it in {system} by the ids in {files}.",
        "{n} leads were taken back. Those that were imported already, delete in {system} by the ids in {files}.",
        system=layout.system.name,
        files=", ".join(written.files[DELETE]),
    )


def _sources(layout: Layout) -> Iterator[str]:
    yield ""
    yield f"## {t('Where these limits stand')}"
    yield ""
    for document in layout.system.sources.values():
        yield f"- [{document.title}]({document.url}), {document.version}"
