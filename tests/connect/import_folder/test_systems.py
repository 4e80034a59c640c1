"""Headers, limits and spellings of each system, held against a table of what its documents say."""

from __future__ import annotations

import pytest

from etl.config import ImportSystem, Target
from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.spelling import reader, speller
from etl.connect.import_folder.system import SYSTEMS, system
from etl.model import LEAD_FIELDS
from tests.connect.import_folder.facts import FILES, FLAGS, LENGTHS, LISTS, NOTES, REQUIRED


@pytest.mark.parametrize("code", SYSTEMS)
def test_files_and_notes_have_the_documented_limits(code: ImportSystem) -> None:
    """Encoding, rows and bytes of a file, and the longest part of a note, are those of the documents."""
    known, file, note = system(code), FILES[code], NOTES[code]

    assert (known.file.encoding, known.file.rows, known.file.bytes) == (file.encoding, file.rows, file.bytes)
    assert (known.note.header, known.note.length, known.note.unit) == (note.header, note.length, note.unit)
    assert known.note.part(2) == (note.second or note.header)
    assert (known.file.source, known.note.source) == (file.source, note.source)


@pytest.mark.parametrize("code", SYSTEMS)
def test_columns_have_the_documented_headers_and_lengths(code: ImportSystem) -> None:
    """Each lead field stands under its header, and is refused from one character more than the documents allow."""
    layout = Layout(Target(url="files:out", system=code))
    limits = layout.limits()
    columns: dict[str, tuple[str, int | None]] = {
        name: (column.header, limits[name].length) for name, column in layout.columns.items()
    }
    columns["note"] = (layout.note.header, layout.note.length)

    assert {name: columns[name] for name in LENGTHS[code]} == LENGTHS[code]
    assert {column.header for column in layout.columns.values() if column.required} == REQUIRED[code]


@pytest.mark.parametrize("code", SYSTEMS)
def test_flags_and_lists_are_spelled_as_documented(code: ImportSystem) -> None:
    """A flag is in the system's words, a list in its separator; what was written is read again."""
    layout = Layout(Target(url="files:out", system=code))
    flag, tags = layout.columns["do_not_contact"], layout.columns["tags"]
    spelling = layout.system.spelling
    flags = tuple(map(speller(flag, spelling), ("1", "0")))
    listed = speller(tags, spelling)('["A b", "C"]')

    assert (flags, listed) == (FLAGS[code], f"A b{LISTS[code]}C")
    assert tuple(map(reader(flag, spelling), flags)) == ("1", "0")
    assert reader(tags, spelling)(listed) == '["A b", "C"]'


@pytest.mark.parametrize("code", SYSTEMS)
def test_every_fact_names_a_document_with_its_version(code: ImportSystem) -> None:
    """No limit without a source, and no source without address and version."""
    known = system(code)
    named = [known.file.source, known.spelling.source, known.external_id.source]
    named += [column.source for column in known.columns.values()] if code != "csv" else []
    named += [known.note.source] if known.note.length else []

    assert all(named)
    assert {name for source in named for name in source} <= set(known.sources)
    assert all(d.url.startswith("https://") and d.title and d.version for d in known.sources.values())


@pytest.mark.parametrize("code", SYSTEMS)
def test_every_lead_field_has_a_column(code: ImportSystem) -> None:
    """A config need not name a header for any field of a lead; each header is one field's alone."""
    layout = Layout(Target(url="files:out", system=code))
    headers = [column.header for column in layout.columns.values()]

    assert list(layout.columns) == list(LEAD_FIELDS)
    assert len({*headers, layout.note.header, layout.external_id.header, *layout.values}) == len(headers) + 2 + len(
        layout.values
    )
    assert [header for header in headers if header not in layout.system.columns and code != "csv"] == []


def test_a_date_is_written_in_the_systems_form() -> None:
    """A date of the plan is in ISO form, and comes back so."""
    layout = Layout(Target(url="files:out", system="csv", columns={"call": "call"}, kinds={"call": "date"}))
    column, spelling = layout.columns["call"], layout.system.spelling

    assert reader(column, spelling)(speller(column, spelling)("2026-11-30")) == "2026-11-30"
