"""The report as JSON; `report.schema.json` beside this file says what it holds."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from etl.report.model import Report

if TYPE_CHECKING:
    from pydantic import TypeAdapter

NOT_SHOWN = re.compile(r"[^\x00-\x7e]")


def to_dict(report: Report) -> dict[str, Any]:
    """The report as JSON can hold it: every field of the object, nothing that is computed."""
    fields: dict[str, Any] = _adapter().dump_python(report, mode="json", by_alias=True)
    return fields


@cache
def _adapter() -> TypeAdapter[Report]:
    from pydantic import TypeAdapter

    return TypeAdapter(Report)


def to_json(report: Report) -> str:
    """The report as the text of report.json; what a terminal would not show as it stands is written as `\\u....`."""
    return json_text(to_dict(report), indent=2) + "\n"


def json_text(value: object, indent: int | None = None) -> str:
    """A value as JSON that a terminal shows as it stands: controls and direction marks are written as `\\u....`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return NOT_SHOWN.sub(lambda match: match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1], text)
