"""The leads that were deleted in the target on purpose: who accepted that, and when. The ledger has them marked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from etl.errors import PlanError
from etl.plan.journal import replace_file
from etl.runner import host, now, user

ACCEPTED = "accepted.json"


@dataclass(frozen=True)
class AcceptedDeletion:
    """A lead that was deleted on purpose. by: as the person gave it; user, host: as the operating system knows them;
    at: ISO 8601, UTC."""

    lead: str
    by: str
    user: str
    host: str
    at: str


def accepted_deletions(folder: Path) -> list[AcceptedDeletion]:
    """The accepted deletions of a plan, in their order. Raises PlanError where they cannot be read."""
    try:
        return [AcceptedDeletion(**row) for row in json.loads((folder / ACCEPTED).read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise PlanError(
            f"The list of accepted deletions cannot be read: the file is damaged ({type(error).__name__}).",
            where=folder / ACCEPTED,
            next="delete the file: the ledger knows which leads were deleted on purpose, though not who accepted it",
        ) from None


def add_accepted(folder: Path, leads: Sequence[str], by: str) -> None:
    """Write down who accepts that leads were deleted; those that are accepted already stay as they are."""
    before = accepted_deletions(folder)
    known = {deletion.lead for deletion in before}
    new = [AcceptedDeletion(lead, by, user(), host(), now()) for lead in leads if lead not in known]
    save_accepted(folder, [*before, *new])


def save_accepted(folder: Path, deletions: Sequence[AcceptedDeletion]) -> None:
    """Save these accepted deletions in place of all earlier ones. Raises PlanError."""
    text = json.dumps([asdict(deletion) for deletion in deletions], ensure_ascii=False, indent=1) + "\n"
    replace_file(folder / ACCEPTED, text)
