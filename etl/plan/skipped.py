"""The leads that the last `apply` did not write, and why: `verify` does not report them as missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from etl.errors import PlanError
from etl.plan.journal import Event, replace_file

SKIPPED = "skipped.json"


def write_skipped(folder: Path, leads: Mapping[str, str]) -> None:
    """Save the skipped leads, key -> reason, in place of those of an earlier run. Raises PlanError."""
    replace_file(folder / SKIPPED, json.dumps(dict(sorted(leads.items())), ensure_ascii=False, indent=1) + "\n")


def read_skipped(folder: Path) -> dict[str, str]:
    """The leads that were left out, with the reason. Raises PlanError where the file is damaged."""
    try:
        skipped = json.loads((folder / SKIPPED).read_text(encoding="utf-8"))
        if not isinstance(skipped, dict) or not all(isinstance(reason, str) for reason in skipped.values()):
            raise ValueError
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise PlanError(
            f"The list of skipped leads cannot be read: the file is damaged ({type(error).__name__}).",
            where=folder / SKIPPED,
            next=f"delete the file, then run crm-cleanup apply {folder}: it writes a new one",
        ) from None
    return skipped


def wholly_applied(events: list[Event]) -> bool:
    """Whether, according to the journal, `apply` reached every lead and nothing was undone since."""
    ended = [event for event in events if event.command in ("apply", "undo")]
    return bool(ended) and ended[-1].command == "apply" and ended[-1].counts.get("left") == 0
