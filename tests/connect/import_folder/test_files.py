"""The whole way by import files: each value stands in them, a CRM takes them, and its export proves every one."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from etl.connect.import_folder import layout as layouts
from etl.connect.import_folder.system import SYSTEMS, system
from etl.errors import CleanupError, TargetError
from etl.note import join
from etl.pipeline.accept import accept_deleted
from etl.pipeline.apply import apply
from etl.pipeline.forget import forget
from etl.pipeline.retire import retire
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.connect.import_folder.conftest import Make
from tests.connect.import_folder.facts import FILES, FLAGS, LISTS
from tests.connect.import_folder.world import Crm, ImportWorld, table
from tests.running import run
from tests.searching import places_of

LONG = ("Anruf", "Anruf über Ärger " + "ä" * 45_000)
"""A text of history that no note of the smaller systems can hold in one part."""


def imported(made: ImportWorld, change: tuple[str, str] | None = None) -> tuple[Bundle, Crm]:
    """A plan that was applied, and a CRM that has taken its files. change: of the source's history."""
    if change is not None:
        made.edit("activities", change)
    bundle = made.plan()
    apply(bundle)
    crm = Crm(made.code)
    crm.take(made.out)
    return bundle, crm


def planned(bundle: Bundle) -> pd.DataFrame:
    """The leads of a plan."""
    return pd.concat([bundle.leads(chunk) for chunk in range(bundle.chunks)]).sort_index()


@pytest.mark.parametrize("code", SYSTEMS)
def test_a_reader_of_its_own_reads_every_value_back(world: Make, code: str) -> None:
    """Each field and each whole note of the plan stands in the files, under the headers and spellings of the system.

    They are the same byte by byte, whether the run was whole or in pieces, and also after it was taken back.
    """
    made = world(code)
    made.edit("activities", LONG)
    bundle = made.plan()
    apply(bundle, limit=2)
    apply(bundle)
    in_pieces = made.files()
    apply(bundle)
    again = made.files()
    undo(bundle)
    apply(bundle)
    assert in_pieces == again == made.files()
    assert in_pieces["leads.csv"].startswith(b"\xef\xbb\xbf") == (FILES[code].encoding == "utf-8-sig")
    crm = Crm(code)
    crm.take(made.out)
    leads, system = planned(bundle), crm.system

    assert list(crm.records) == sorted(leads.index)
    for name in ("name", "contact_name", "email", "city", "salesperson"):
        stored = [crm.records[own][system.fields[name]] for own in leads.index]
        assert stored == leads[name].fillna("").tolist()
    tags = [crm.records[own][system.fields["tags"]] for own in leads.index]
    assert tags == [LISTS[code].join(json.loads(text)) for text in leads["tags"]]
    flags = [crm.records[own][system.fields["do_not_contact"]] for own in leads.index]
    assert flags == [FLAGS[code][0 if out else 1] for out in leads["do_not_contact"]]
    assert [_note(crm, own) for own in leads.index] == leads["note"].tolist()


def _note(crm: Crm, own: str) -> str:
    """The note that a record has, whether it goes on in further columns or in records of their own."""
    note, parts = crm.system.note, [crm.records[own][crm.system.note.header]]
    while note.further and crm.records[own].get(note.part(len(parts) + 1)):
        parts.append(crm.records[own][note.part(len(parts) + 1)])
    parts += [text for lead, text in crm.notes if lead == own]
    size = (lambda text: len(text.encode())) if note.unit == "bytes" else len
    assert note.length is None or max(map(size, parts)) <= note.length
    return join(parts)


@pytest.mark.parametrize("code", SYSTEMS)
def test_the_export_of_the_crm_proves_every_value(world: Make, code: str) -> None:
    """What was imported and exported again holds; then records are retired, and the mass update says so."""
    made = world(code)
    bundle, crm = imported(made, LONG)
    by_files = verify(bundle, threads=1)
    with pytest.raises(TargetError, match="no export"):
        retire(bundle, threads=1)
    by_export = verify(bundle, exports=crm.export(made.folder / "leads of the crm.csv"), threads=1)
    retired = retire(bundle, threads=1)
    update = table(made.out / "archive-accounts.csv", FILES[code].encoding)

    assert by_files.holds
    assert by_export.holds
    assert (by_files.values, by_files.fields) == (by_export.values, by_export.fields)
    assert retired.whole
    assert update == [
        {"id": key, "Archived": "yes", "Lead": f"accounts:{key}"} for key in ("10", "11", "2", "4", "5", "7", "8")
    ]


@pytest.mark.parametrize(
    ("name", "delimiter", "encoding"),
    [("a.csv", ",", "utf-8"), ("a.csv", "\t", "utf-16"), ("a.txt", ";", "cp1252"), ("a.xlsx", ",", "utf-8")],
)
def test_an_export_is_read_as_it_is_written(world: Make, name: str, delimiter: str, encoding: str) -> None:
    """Delimiter and encoding follow whoever exports; some export workbooks."""
    made = world("zoho")
    bundle, crm = imported(made)
    for record in crm.records.values():  # this encoding has no such lines
        record["Description"] = record["Description"].encode(encoding, "replace").decode(encoding)
    exports = crm.export(made.folder / name, delimiter=delimiter, encoding=encoding)
    verified = verify(bundle, exports=exports, threads=1)

    assert verified.leads == 7
    assert [d for d in verified.differences if d.dataset == "lead"] == []
    assert verified.holds == (encoding != "cp1252")


@pytest.mark.parametrize("code", ["salesforce", "pipedrive"])
def test_what_the_crm_has_lost_or_changed_is_named(world: Make, code: str) -> None:
    """A lead that was not imported, an emptied field, a cut note: each is a difference, and none is retired."""
    made = world(code)
    bundle, crm = imported(made, LONG)
    fields = crm.system.fields
    del crm.records["accounts:10"]
    crm.notes = [(own, text) for own, text in crm.notes if own != "accounts:10"]
    crm.records["accounts:5"][fields["city"]] = ""
    crm.records["accounts:7"][crm.system.note.header] = crm.records["accounts:7"][crm.system.note.header][:50]
    verified = verify(bundle, exports=crm.export(made.folder / "export.csv"), threads=1)
    retired = retire(bundle, threads=1)

    kinds = {(d.lead, d.kind) for d in verified.differences}
    assert {("accounts:10", "missing lead"), ("accounts:5", "emptied")} <= kinds
    assert {lead for lead, _ in kinds} == {"accounts:10", "accounts:5", "accounts:7"}
    assert {refusal.lead for refusal in retired.skipped} == {"accounts:10", "accounts:5", "accounts:7"}


def test_without_words_of_the_config_records_are_archived_as_is_usual(world: Make) -> None:
    """Each entry has a file of its own, of the source's key and the system's usual column."""
    made = world("salesforce", retire="")
    bundle, crm = imported(made)
    verify(bundle, exports=crm.export(made.folder / "export.csv"), threads=1)
    retire(bundle, threads=1)
    update = (made.out / "archive-contacts.csv").read_text(encoding="utf-8").splitlines()
    undo(bundle)

    assert update[:2] == ["id,Archived__c", "P10-0,TRUE"]
    assert list(made.out.glob("archive*.csv")) == []


def test_the_mass_update_is_cut_where_the_crm_takes_no_more(world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is imported as the leads are; and a file of people's own, which is called much the same, stays."""
    small = replace(system("csv"), file=replace(system("csv").file, rows=3))
    monkeypatch.setattr(layouts, "system", lambda _code: small)
    made = world("csv")
    bundle, crm = imported(made)
    (made.out / "archive-of-2025.csv").write_text("mine", encoding="utf-8")
    verify(bundle, exports=crm.export(made.folder / "export.csv"), threads=1)
    retire(bundle, threads=1)
    parts = [table(made.out / f"archive-accounts-{number}.csv", "utf-8") for number in (1, 2, 3)]
    undo(bundle)

    assert [[row["id"] for row in part] for part in parts] == [["10", "11", "2"], ["4", "5", "7"], ["8"]]
    assert [path.name for path in made.out.glob("archive*")] == ["archive-of-2025.csv"]


def test_undo_names_the_ids_to_delete_and_keeps_what_people_have_worked_with(world: Make) -> None:
    """A lead that the export shows edited stays; the others are listed by both ids, and leave the files."""
    made = world("salesforce")
    bundle, crm = imported(made)
    crm.records["accounts:2"]["Phone"] = "+49 30 23125000"
    verify(bundle, exports=crm.export(made.folder / "export.csv"), threads=1)
    retire(bundle, threads=1)
    undone = undo(bundle)
    delete = table(made.out / "delete.csv", "utf-8")

    assert [refusal.lead for refusal in undone.kept] == ["accounts:2"]
    assert [row["Legacy_Id__c"] for row in delete] == sorted(set(crm.records) - {"accounts:2"})
    assert all(row["Id"] == crm.records[row["Legacy_Id__c"]]["Id"] for row in delete)
    assert [row["Legacy_Id__c"] for row in table(made.out / "leads.csv", "utf-8")] == ["accounts:2"]


def test_a_second_plan_has_files_of_its_own(world: Make) -> None:
    """The leads of an earlier plan are not imported once more over what people have made of them since."""
    made = world("csv")
    first = made.plan()
    apply(first)
    folder = made.out / "earlier" / first.manifest.written_as[:12]
    with (made.folder / "in" / "accounts.csv").open("a", encoding="utf-8") as file:
        file.write("99,Neu GmbH,Bonn,1,,,2026-02-01\n")
    second = made.plan()
    apply(second)

    assert [row["external_id"] for row in table(made.out / "leads.csv", "utf-8")] == ["accounts:99"]
    assert len(table(folder / "leads.csv", "utf-8")) == 7
    assert verify(first, threads=1).holds
    assert verify(second, threads=1).holds


def test_pipedrives_own_ids_are_in_the_files_as_soon_as_they_are_known(world: Make) -> None:
    """Its import updates by these alone, so that a second one after the export doubles nothing."""
    made = world("pipedrive")
    bundle, crm = imported(made, LONG)
    verify(bundle, exports=crm.export(made.folder / "export.csv"), threads=1)
    apply(bundle)
    rows = table(made.out / "leads.csv", "utf-8") + table(made.out / "notes.csv", "utf-8")

    assert {row["Pipedrive System ID - Lead"] for row in rows} == {
        record["Pipedrive System ID - Lead"] for record in crm.records.values()
    }


def test_a_lead_that_was_deleted_in_the_crm_on_purpose_leaves_the_files(world: Make) -> None:
    """An import would bring it back; by the command, as people call it."""
    made = world("zoho")
    bundle, crm = imported(made)
    del crm.records["accounts:5"]
    [export] = crm.export(made.folder / "export.csv")
    told = run("apply", bundle.path)
    missed = run("verify", bundle.path, "--export", export, "--threads", 1)
    accepted = run(
        "verify", bundle.path, "--export", export, "--threads", 1, "--accept-deleted", "accounts:5", "--by", "Maria"
    )

    assert f"{made.out}/IMPORT.md says how to import" in told.stdout
    assert (missed.returncode, accepted.returncode) == (5, 0)
    assert "accounts:5" not in {row["Legacy ID"] for row in table(made.out / "leads.csv", "utf-8")}
    with pytest.raises(CleanupError, match="still in the target"):
        accept_deleted(bundle, ["accounts:7"], by="Maria")


def test_a_forgotten_person_is_in_no_file_of_the_folder(world: Make) -> None:
    """Nor in the last export, which is deleted: it would still have what the person gave."""
    made = world("csv")
    made.edit("contacts", ("P5-0,5,Muster5,", "P5-0,5,Vergissmeinnicht,"))
    bundle, crm = imported(made)
    verify(bundle, exports=crm.export(made.folder / "export.csv"), threads=1)
    before = places_of(["Vergissmeinnicht"], made.out)
    forget(bundle, "contacts:P5-0", by="Maria")
    lead = {row["external_id"]: row for row in table(made.out / "leads.csv", "utf-8")}["accounts:5"]

    assert before
    assert places_of(["Vergissmeinnicht"], made.out) == []
    assert (lead["name"], lead["contact_name"]) == ("Firma 5 GmbH", "Muster5")
    assert verify(Bundle.open(bundle.path), threads=1).holds
