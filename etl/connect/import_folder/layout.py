"""Which column of an import file takes which lead field, and what it can hold: as usual, or as the config says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from etl import config
from etl.connect.import_folder.system import Column, ExternalId, NoteForm, System, system
from etl.connect.target import FieldLimit, Form, Kind, Unique, nearest
from etl.errors import ConfigError
from etl.model import LEAD_FIELDS, MAX_SOURCE_KEY

KINDS: Mapping[config.ColumnKind, tuple[Kind, Form | None]] = {
    "text": ("text", None),
    "email": ("text", "email"),
    "number": ("number", "decimal"),
    "date": ("date", "date"),
    "boolean": ("boolean", "boolean"),
    "list": ("json", None),
}
"""What a column holds, in the words of a target."""

NUL = "\x00"
"""No CSV file, and none of these systems, can hold it."""


@dataclass(frozen=True)
class Layout:
    """The columns of the import files that a config asks for."""

    target: config.Target

    @cached_property
    def system(self) -> System:
        """The CRM that imports them."""
        return system(self.target.system or "csv")

    @cached_property
    def external_id(self) -> ExternalId:
        """The column that is made of the source key; `target.id` may name another."""
        usual = self.system.external_id
        return replace(usual, header=self.target.id) if "id" in self.target.model_fields_set else usual

    @cached_property
    def note(self) -> NoteForm:
        """Where notes stand; `target.columns` and `target.lengths` may say it otherwise."""
        usual = self.system.note
        header = self.target.columns.get("note", usual.header)
        length = self.target.lengths.get("note", usual.length)
        return replace(usual, header=header, length=length)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Lead field, or name of the target's own -> its column, in the order of the lead fields.

        A header that `target.columns` gives to one field is not that of another any more. Raises ConfigError where it
        names one twice.
        """
        named = {name: header for name, header in self.target.columns.items() if name != "note"}
        taken = [*named.values(), self.external_id.header, self.note.header, *self.target.values]
        for header in taken:
            if taken.count(header) > 1:
                raise ConfigError(
                    f"The column {header!r} is named twice under target; each column can store only one field.",
                    where=self.folder,
                )
        usual = {name: header for name, header in self.system.fields.items() if header not in taken}
        headers = {**usual, **named}
        order = [name for name in LEAD_FIELDS if name in headers]
        return {name: self._column(name, headers[name]) for name in (*order, *(n for n in headers if n not in order))}

    def _column(self, name: str, header: str) -> Column:
        column = self.system.column(header)
        if name in ("tags", "do_not_contact") and header not in self.system.columns:
            column = replace(column, kind="list" if name == "tags" else "boolean")
        said = self.target
        return replace(
            column,
            kind=said.kinds.get(name, column.kind),
            length=said.lengths.get(name, column.length),
            choices=said.choices.get(name, column.choices),
        )

    @property
    def folder(self) -> str:
        """The folder as the config names it."""
        return self.target.url.removeprefix("files:")

    @property
    def values(self) -> dict[str, str]:
        """Header -> what every lead gets in it."""
        return {**{h: v for h, v in self.system.values.items() if h not in self.target.values}, **self.target.values}

    def limits(self) -> dict[str, FieldLimit]:
        """What each lead field, and `note`, can hold. Raises ConfigError for a name that `target` says more of than it
        has."""
        fields = {name: self._limit(column, name) for name, column in self.columns.items()}
        for key in ("choices", "lengths", "kinds"):
            for name in getattr(self.target, key):
                if name not in fields and not (name == "note" and key == "lengths"):
                    raise ConfigError(
                        f"target.{key}: {name!r} is no field of these import files; there are {nearest(name, fields)}.",
                        where=self.folder,
                        next=f"name its column under target.columns, for example {name}: {name}",
                    )
        return {**fields, "note": FieldLimit(without=NUL)}

    def value_limits(self) -> dict[str, FieldLimit]:
        """What the columns of `target.values` can hold."""
        return {header: self._limit(self.system.column(header)) for header in self.target.values}

    def key_limit(self) -> FieldLimit:
        """What the external id can hold as a source key."""
        return FieldLimit(min(self.external_id.length or MAX_SOURCE_KEY, MAX_SOURCE_KEY), required=True, without=NUL)

    def part_limit(self) -> FieldLimit | None:
        """The longest part of a note; None where it stands in one piece."""
        return None if self.note.length is None else FieldLimit(self.note.length, self.note.unit)

    def unique(self) -> list[Unique]:
        """The fields whose values no two records of the system may share."""
        fields = [name for name, column in self.columns.items() if column.header in self.system.unique]
        return [Unique((name,), (frozenset({"case"}),)) for name in fields]

    def _limit(self, column: Column, field: str = "") -> FieldLimit:
        kind, form = KINDS[column.kind]
        separator = self.system.spelling.list if column.kind == "list" else ""
        return FieldLimit(
            column.length,
            required=column.required,
            kind=kind,
            without=NUL + self.system.without + separator,
            choices={choice.casefold(): choice for choice in column.choices} or None,
            form=form,
            stands_in=column.stands_in,
            unlisted=self._unlisted(column, field),
        )

    def _unlisted(self, column: Column, field: str) -> str | None:
        if column.listed is None or column.choices:
            return None
        return (
            f"{self.system.name} refuses {column.listed} that it does not know, and nobody has said which there are; "
            f"list them as the CRM writes them, for example target.choices: {{{field}: [...]}}"
        )

    def described(self) -> str:
        """All of it as text: what an approval of a plan is given for."""
        file, note, key = self.system.file, self.note, self.external_id
        return "\n".join(
            [
                f"{self.system.name}: {file.encoding}, {file.rows} rows, {file.bytes} bytes",
                f"{key.header}: external id, {key.length}",
                f"{note.header}: note, {note.length} {note.unit}, {note.further}, {note.records}",
                *(
                    f"{self.columns[name].header}: {name}, {limit}"
                    for name, limit in self.limits().items()
                    if name != "note"
                ),
                *(f"{header}: value" for header in sorted(self.values)),
            ]
        )
