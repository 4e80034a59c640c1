"""What a config says of a column of dates: how they are written, and which zone says what day it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from etl.config.part import Part
from etl.dates import DateForm, ambiguity, unfit_format


class DateColumn(Part):
    """A column of dates.

    format: how they are written, in the words of strptime; several where some rows are written otherwise. epoch: they
    are seconds or milliseconds since 1970. excel: they are the serial numbers of Excel. Without any of these they are
    ISO 8601.
    """

    column: str
    """The column with the dates. Example: `date`"""
    format: (
        Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]
        | None
    ) = None
    """How they are written, in the words of strptime, in one way or several. Example: `"%d.%m.%Y"`"""
    epoch: Literal["s", "ms"] | None = None
    """They are seconds, or milliseconds, since 1970. Example: `ms`"""
    excel: bool = False
    """They are the serial numbers of Excel. Example: `true`"""

    @property
    def form(self) -> DateForm:
        """How the dates are read; what zone they belong to is the source's to say."""
        return DateForm(self.format or (), self.epoch, self.excel)

    @field_validator("format")
    @classmethod
    def _formats(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for written in value or ():
            if reason := unfit_format(written):
                raise ValueError(reason)
        if value and (reason := ambiguity(value)):
            raise ValueError(reason)
        return value

    @model_validator(mode="after")
    def _one_form(self) -> DateColumn:
        if (self.format is not None) + (self.epoch is not None) + self.excel > 1:
            raise ValueError("dates are written in one way: name format, epoch or excel, not several of them")
        return self


def as_date_column(value: object) -> object:
    """A column's name alone stands for a column of ISO dates."""
    return {"column": value} if isinstance(value, str) else value
