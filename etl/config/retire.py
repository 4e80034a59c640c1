"""What a config says of retiring: which columns of a moved record are set to what, so that the CRM shows it no more."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from etl.config.part import Part

PLACEHOLDERS = ("lead.id", "lead.key", "plan")
"""What a value can name: the lead's id in the target, its key in the plan, and the plan digest."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
EXAMPLE = "{table: crm_accounts, key: id, set: {deleted: 1}}"


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _known(value: str | None) -> str | None:
    for name in PLACEHOLDER.findall(value or ""):
        if name not in PLACEHOLDERS:
            raise ValueError(
                f"{{{name}}} is not a placeholder; the placeholders are {', '.join(f'{{{p}}}' for p in PLACEHOLDERS)}"
            )
    return value


Value = Annotated[str | None, BeforeValidator(_text), AfterValidator(_known)]
Columns = Annotated[dict[str, Value], Field(min_length=1)]


class Retire(Part):
    """How the records of one entry are archived."""

    table: str | None = None
    """The table whose rows are set; `from` of the entry if left out. An entry that is read by a query needs it.
    Example: `crm_accounts`"""
    key: str | None = None
    """Its column with the entry's keys; the entry's own, or all of them, if left out. Example: `id`"""
    set_: Columns = Field(alias="set")
    """Column -> what it is set to; `{lead.id}`, `{lead.key}` and `{plan}` are filled in. Example: `{deleted: 1, lead:
    "{lead.id}"}`"""


def _whole(value: object) -> object:
    """The long form of the short one, `{archived: true}`."""
    if not isinstance(value, dict) or isinstance(value.get("set"), dict):
        return value
    if value and value.keys() <= {"table", "key"}:
        raise ValueError(f"says nothing to set; for example {EXAMPLE}")
    return {"set": value}


Retiring = Annotated[Retire, BeforeValidator(_whole)]


def filled(value: str | None, lead_id: str, lead_key: str, plan: str) -> str | None:
    """A configured value with its placeholders filled in; None is NULL."""
    names = {"lead.id": lead_id, "lead.key": lead_key, "plan": plan}
    return None if value is None else PLACEHOLDER.sub(lambda match: names[match[1]], value)
