"""What a CRM's own import takes, from its data file: headers, limits and spellings, each with where that is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from etl.config import ColumnKind, ImportSystem
from etl.connect.target import Unit

SYSTEMS: tuple[ImportSystem, ...] = get_args(ImportSystem)
"""The names of the data files in `systems/`."""


@dataclass(frozen=True)
class Document:
    """Where facts about a system stand."""

    title: str
    url: str
    version: str


@dataclass(frozen=True)
class FileForm:
    """How a file is written, and how much one may hold. encoding: as Python calls it; rows: without the header."""

    encoding: str
    newline: str
    delimiter: str
    source: tuple[str, ...]
    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Spelling:
    """How values are written. date: as `strftime` has it; list: what stands between the values of a list."""

    true: str
    false: str
    list: str
    date: str
    source: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column that the import takes.

    label: what an export may call it. custom: whether an administrator has to make it first. stands_in: what it gets
    where it is empty, as it must not be. listed: what a value has to be that the CRM knows, such as a user. true,
    false: its own words, where they are others than those of the system.
    """

    header: str
    kind: ColumnKind = "text"
    length: int | None = None
    label: str | None = None
    required: bool = False
    custom: bool = False
    stands_in: str | None = None
    choices: tuple[str, ...] = ()
    listed: str | None = None
    true: str | None = None
    false: str | None = None
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoteForm:
    """Where notes stand.

    length: the longest part, in `unit`; None for any. further: the header of the column of part `{n}`; records: whether
    notes are records of their own, so that further parts stand in a second file.
    """

    header: str
    length: int | None = None
    unit: Unit = "characters"
    custom: bool = False
    further: str | None = None
    records: bool = False
    source: tuple[str, ...] = ()

    def part(self, number: int) -> str:
        """The header of a part's column."""
        return self.header if number == 1 or self.further is None else self.further.format(n=number)


@dataclass(frozen=True)
class ExternalId:
    """The column that is made of the source key. updates: whether a second import updates by it."""

    header: str
    updates: bool
    length: int | None = None
    custom: bool = False
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class System:
    """A CRM as its data file describes it.

    code: of the config; object: what it calls leads. record_id: what an export may call its own id of a record.
    archive: header -> what archives a record, where the config does not say it. without: characters that its fields
    cannot hold. fields: lead field -> header; values: header -> what every lead gets; unique: headers.
    """

    code: str
    name: str
    object: str
    sources: Mapping[str, Document]
    file: FileForm
    spelling: Spelling
    external_id: ExternalId
    record_id: tuple[str, ...]
    archive: Mapping[str, str]
    note: NoteForm
    columns: Mapping[str, Column]
    fields: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    without: str = ""

    def column(self, header: str) -> Column:
        """What is known of a column; one that is none of the system's own is text of any length."""
        return self.columns.get(header) or Column(header, custom=self.code != "csv")


@cache
def system(code: str) -> System:
    """Read the data file of a system."""
    from ruamel.yaml import YAML

    text = (files("etl.connect.import_folder") / "systems" / f"{code}.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return System(
        code=code,
        name=raw["name"],
        object=raw["object"],
        sources={name: Document(**document) for name, document in raw["sources"].items()},
        file=FileForm(**_sourced(raw["file"])),
        spelling=Spelling(**_sourced(raw["spelling"])),
        external_id=ExternalId(**_sourced(raw["external_id"])),
        record_id=tuple(raw["record_id"]),
        archive=raw["archive"],
        note=NoteForm(**_sourced(raw["note"])),
        columns={header: _column(header, said) for header, said in raw["columns"].items()},
        fields=raw["fields"],
        values=raw.get("values", {}),
        unique=tuple(raw.get("unique", ())),
        without=raw.get("without", ""),
    )


def _column(header: str, said: Mapping[str, Any]) -> Column:
    return Column(header, **{**_sourced(said), "choices": tuple(said.get("choices", ()))})


def _sourced(said: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the file with its sources as a tuple, whether it names one or several."""
    source: str | Sequence[str] = said.get("source", ())
    return {**said, "source": (source,) if isinstance(source, str) else tuple(source)}
