"""The JSON schema of report.json, made from the report's own types.

`python -m etl.report.schema > etl/report/report.schema.json` writes the one that the project ships.
"""

from __future__ import annotations

import json
from typing import Any

from etl.report.model import Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of `to_dict`: all keys are required, no other is known."""
    from pydantic import TypeAdapter

    described = TypeAdapter(Report).json_schema(mode="serialization")
    for part in (described, *described["$defs"].values()):
        _close(part)
    return {"$schema": DIALECT, "title": "crm-cleanup report.json", **described}


def _close(part: dict[str, Any]) -> None:
    """Require all keys of an object and refuse others; numbers are counts."""
    if "properties" in part:
        part["additionalProperties"] = False
        part["required"] = list(part["properties"])
        for inner in part["properties"].values():
            _count(inner)
    part.pop("title", None)


def _count(part: dict[str, Any]) -> None:
    part.pop("title", None)
    part.pop("default", None)
    for inner in (
        part,
        *part.get("anyOf", ()),
        *([part["additionalProperties"]] if "additionalProperties" in part else ()),
    ):
        if inner.get("type") == "integer":
            inner["minimum"] = 0


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))
