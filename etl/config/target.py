"""What a config says of the target: a database, an Odoo, or a folder of files that another CRM imports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from etl.config.odoo import is_odoo
from etl.config.part import Part, Text
from etl.config.source import NAME

RESERVED = ("lead", "family", "into", "id")
"""What leads have beside their fields: no field can be called so."""


class PartsTable(Part):
    """The table of an existing pipeline that takes the further parts of a note that its column cannot hold."""

    table: str
    """The table. Example: `lead_notes`"""
    lead: str
    """Its column for the lead's id. Example: `lead_id`"""
    number: str
    """Its column for the part's number. Example: `part`"""
    text: str
    """Its column for the text. Example: `body`"""


ImportSystem = Literal["salesforce", "hubspot", "pipedrive", "dynamics", "zoho", "csv"]
"""The CRMs that import files are written for; `csv` is any other that reads a plain file."""

ColumnKind = Literal["text", "number", "date", "boolean", "list", "email"]
"""What a column of an import file can hold."""


class Target(Part):
    """Where leads go.

    Without `table`, the tool makes the pipeline's own schema. With it, `columns` says which column of that table takes
    which lead field (`note` among them), and `id` is its primary key; a name that is no lead field is one of the
    target's own, which `leads.fields` fills. An Odoo needs neither. `values` says what every lead gets in addition: by
    the columns of the table, or by Odoo's own field names, where a related record is named by its name.

    With `system`, `url` is a folder that gets files which that CRM imports: `columns` says by lead field which header
    of the file is another than usual, `id` which one is that of the external id.
    """

    url: str
    """Any URL of SQLAlchemy, `odoo+https://login:${KEY}@host/database`, or a folder for import files with `system`.
    Example: `sqlite:///build/pipeline.db`"""
    system: ImportSystem | None = None
    """The CRM that imports the files which are written into the folder of `url`. Example: `salesforce`"""
    choices: dict[str, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Of import files: lead field -> the values that the CRM knows there, such as its owners. Example:
    `{salesperson: [maria@firma.example, jan@firma.example]}`"""
    lengths: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """Of import files: lead field, or `note` -> the longest text, where the CRM was told to take another length than
    usual. Example: `{note: 100000}`"""
    kinds: dict[str, ColumnKind] = Field(default_factory=dict)
    """Of import files: name of the target's own -> what its column holds, if that is no text. Example:
    `{next_call: date}`"""
    table: str | None = None
    """An existing lead table; without it the tool makes its own. Example: `leads`"""
    id: str = "id"
    """The primary key of that table. Example: `lead_id`"""
    columns: dict[str, str] = Field(default_factory=dict)
    """Lead field, `note`, or a name of the target's own that `leads.fields` fills -> the column of that table which
    takes it. Example: `{name: title, note: description, rating: stars}`"""
    parts: PartsTable | None = None
    """A table that takes the further parts of a note which is too long for its column. Example: `{table: lead_notes,
    lead: lead_id, number: part, text: body}`"""
    values: dict[str, Text] = Field(default_factory=dict)
    """What every new lead gets in addition, by the columns of the table, or by Odoo's own field names. Example:
    `{status: new}`"""
    files: str | None = None
    """A folder into which `apply` writes the files (binary values) of the records that move, each as `ab/abcdef…`, the
    name that its note says behind `attachments/`. Without it they stay in the plan's folder. Example: `build/files`"""

    @model_validator(mode="after")
    def _import_files(self) -> Target:
        if self.system is None:
            if named := next((key for key in ("choices", "lengths", "kinds") if getattr(self, key)), None):
                raise ValueError(f"{named} needs system, the CRM that imports the files; a database says it itself")
            return self
        if not self.url.startswith("files:"):
            raise ValueError(
                f"system: {self.system} needs a folder for the import files, for example url: files:out/import"
            )
        if self.table or self.parts:
            raise ValueError("table and parts do not apply to import files; remove them")
        return self

    @model_validator(mode="after")
    def _odoo(self) -> Target:
        if is_odoo(self.url) and (self.table or self.columns or self.parts):
            raise ValueError(
                "table, columns and parts do not apply to an Odoo, where every lead is a crm.lead; remove them"
            )
        if self.files and is_odoo(self.url):
            raise ValueError("files does not apply to an Odoo, where files are attached to their leads; remove it")
        if self.values and self.table is None and self.system is None and not is_odoo(self.url):
            raise ValueError(
                "values apply to an Odoo, to import files and to an existing lead table; name it with table, or set "
                "the lead fields under leads.fields"
            )
        for column in self.values:
            if column in (self.id, *self.columns.values()):
                raise ValueError(
                    f"values: the column {column!r} is filled by id or columns already; remove one of them"
                )
        return self

    @model_validator(mode="after")
    def _mapping(self) -> Target:
        if self.table is None and self.system is None and (self.columns or self.parts):
            raise ValueError("columns and parts need table, the name of the existing lead table")
        if self.table is not None:
            for name in ("name", "note"):
                if name not in self.columns:
                    raise ValueError(
                        f"columns must say which column of {self.table} takes the lead's {name}, "
                        f"for example {name}: {name}"
                    )
        if self.table is not None or self.system is not None:
            for name in self.columns:
                if name in RESERVED or not NAME.fullmatch(name):
                    raise ValueError(
                        f"columns: {name!r} cannot be the name of a field; use letters, digits, _ and -, the first a "
                        f"letter, and none of {', '.join(RESERVED)}"
                    )
        return self

    @property
    def has_own_columns(self) -> bool:
        """Whether the config may name columns of the target's own."""
        return self.table is not None or self.system is not None

    def refuse_folders_of(self, urls: Mapping[str, str]) -> None:
        """Refuse to write import files where others are read: they would be taken for these, or replace them.

        urls: of what is read, by its name in the config. Raises ValueError.
        """
        out = _folder(self.url) if self.system else None
        for name, url in urls.items():
            folder = _folder(url)
            if out and folder and (out.is_relative_to(folder) or folder.is_relative_to(out)):
                raise ValueError(
                    f"target.url: the import files would stand among the files of {name}; name a folder that is "
                    "neither that one, nor in it, nor above it, for example url: files:out/import"
                )


def _folder(url: str) -> Path | None:
    """The folder that a URL names, wherever links lead; None where it names none."""
    return Path(url.removeprefix("files:")).expanduser().resolve() if url.startswith("files:") else None
