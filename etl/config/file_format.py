"""What a config says of how CSV files are written: all files of a folder, or one of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from etl.config.part import Part, Text

Sign = Annotated[str, Field(min_length=1, max_length=1)]


class CsvFormat(Part):
    """How CSV files are written. Declared, never guessed; `check` suggests it.

    escape: the sign that takes its meaning from a delimiter, quote, line break or escape after it. skip_rows: lines
    before the header that hold no table. header: the columns' names, for a file whose first line is a record.
    """

    delimiter: Sign = ","
    """What stands between two values. Example: `";"`"""
    quote: Sign | None = '"'
    """What stands around a value; `null` where nothing does. Example: `"'"`"""
    escape: Sign | None = None
    """The sign that takes its meaning from a delimiter, quote, line break or escape after it. Example: `"|"`"""
    encoding: str = "utf-8"
    """The encoding, as Python calls it. Example: `cp1252`"""
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    """Lines before the header that hold no table. Example: `2`"""
    header: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """The columns' names, for a file whose first line is a record. Example: `[id, name, city]`"""

    def within(self, whole: CsvFormat) -> CsvFormat:
        """The format of one file: what it says itself, and for the rest what is said of all files."""
        return whole.model_copy(update={name: getattr(self, name) for name in self.model_fields_set})

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"there is no encoding {value!r}; common ones are utf-8, cp1252 and iso-8859-15") from None
        return value

    @field_validator("header")
    @classmethod
    def _names(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for number, name in enumerate(value or ()):
            if not name or name in (value or ())[:number]:
                raise ValueError(f"column {number + 1} has no name of its own, but {name!r}; write [id, name, …]")
        return value

    @model_validator(mode="after")
    def _escape(self) -> CsvFormat:
        if self.escape is not None and (self.escape in "\r\n" or self.escape in (self.delimiter, self.quote)):
            raise ValueError(
                f"escape cannot be {self.escape!r}; a doubled quote is read without it, and else it is mostly "
                '"\\\\", a backslash'
            )
        return self
