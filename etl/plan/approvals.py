"""Approvals: names under a plan's digest and fingerprints. They are a record among colleagues and no protection
against forgery: nothing is encrypted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from etl.errors import NotApproved, PlanError, plural
from etl.plan.bundle import PURGED, Bundle
from etl.plan.intact import manifest_hash
from etl.plan.journal import replace_file
from etl.runner import host, now, user

APPROVALS = "approvals.json"


LONGEST = 100
"""The longest name under a plan, in characters; a note may be five times as long."""


@dataclass(frozen=True)
class Approval:
    """One person's approval of a plan.

    by: as the person gave it; user, host: as the operating system knows them; at: ISO 8601, UTC. digest, fingerprints:
    the plan's when it was approved. manifest: SHA-256 of its manifest, which has the gates and all figures.
    """

    by: str
    user: str
    host: str
    at: str
    note: str
    digest: str
    manifest: str
    fingerprints: Mapping[str, Any]


def approvals(bundle: Bundle) -> list[Approval]:
    """The approvals in a plan's folder, in their order. Raises PlanError where they cannot be read."""
    from pydantic import TypeAdapter

    path = bundle.path / APPROVALS
    try:
        return TypeAdapter(list[Approval]).validate_json(path.read_bytes(), strict=True)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise PlanError(
            f"The plan's approvals cannot be read: the file is damaged ({type(error).__name__}).",
            where=path,
            next=f"delete the file, then approve the plan again: crm-cleanup approve {bundle.path} --by NAME",
        ) from None


def proposed(bundle: Bundle, by: str, note: str) -> list[Approval]:
    """The valid approvals of a plan and a new one; nothing is written yet.

    Approvals of an older state of the plan are dropped. Raises PlanError for a person who has already approved it, and
    for a name that is not readable.
    """
    name = readable_name(bundle, by, note)
    valid = [approval for approval in approvals(bundle) if not _differs(approval, bundle)]
    if any(_same_name(approval.by, name) for approval in valid):
        raise PlanError(
            f"{name} has already approved this plan.",
            where=bundle.path / APPROVALS,
            next="ask another person for the second approval",
        )
    manifest = bundle.manifest
    added = Approval(
        name, user(), host(), now(), note, manifest.digest, manifest_hash(bundle.path), manifest.fingerprints
    )
    return [*valid, added]


def readable_name(bundle: Bundle, by: str, note: str = "") -> str:
    """The name of a person that stands under something, with single blanks. Raises PlanError where it, or the note, is
    not readable."""
    name = " ".join(by.split())
    if not name:
        raise PlanError("The name of a person is missing.", where=bundle.path, next="add the name: --by 'Maria Muster'")
    if not (name + note).isprintable() or len(name) > LONGEST or len(note) > 5 * LONGEST:
        raise PlanError(
            f"The name or the note contains invisible characters, or is too long: a name may have {LONGEST} "
            f"characters, a note {5 * LONGEST}.",
            where=bundle.path,
            next="type the name and the note as people will read them",
        )
    return name


def save_approvals(bundle: Bundle, names: Sequence[Approval]) -> None:
    """Save these approvals of a plan in place of all earlier ones. Raises PlanError where they cannot be written."""
    text = json.dumps([asdict(approval) for approval in names], ensure_ascii=False, indent=1) + "\n"
    replace_file(bundle.path / APPROVALS, text)


def refuse_unapproved(bundle: Bundle) -> None:
    """Raise NotApproved where the plan lacks approvals that its config asks for, and say what is missing or differs."""
    needed = bundle.config.approvals
    present = approvals(bundle) if needed else []
    good = [approval for approval in present if not _differs(approval, bundle)]
    if len(good) >= needed:
        return
    for approval in present:
        if differs := _differs(approval, bundle):
            raise NotApproved(
                f"{approval.by} approved a different state of this plan: {', '.join(differs)} "
                f"{'has' if len(differs) == 1 else 'have'} changed since then.",
                where=bundle.path,
                next=f"read {bundle.path}/report.html again, then run crm-cleanup approve {bundle.path} --by NAME",
            )
    have = f"but has only {len(good)}, by {', '.join(approval.by for approval in good)}" if good else "but has none"
    raise NotApproved(
        f"The plan needs {plural(needed, 'approval')}{' of different people' if needed > 1 else ''}, {have}.",
        where=bundle.path,
        next=f"read {bundle.path}/report.html, then run crm-cleanup approve {bundle.path} --by NAME",
    )


def counts_for(approval: Approval, bundle: Bundle) -> bool:
    """Whether an approval is of the plan as it is now."""
    return not _differs(approval, bundle)


def _differs(approval: Approval, bundle: Bundle) -> list[str]:
    """Which parts of the plan have changed since this approval was given."""
    manifest = bundle.manifest
    if any((step.digest, step.manifest) == (approval.digest, approval.manifest) for step in manifest.forgotten.steps):
        return []  # the plan has lost a person since, and nothing else
    differs = ["the digest"] if approval.digest != manifest.digest else []
    names = sorted({*approval.fingerprints, *manifest.fingerprints})
    differs += [
        f"the fingerprint of {name}"
        for name in names
        if approval.fingerprints.get(name) != manifest.fingerprints.get(name)
    ]
    if not differs and approval.manifest != _manifest(bundle):
        differs = ["manifest.json"]
    return differs


def _manifest(bundle: Bundle) -> str:
    """SHA-256 of a plan's manifest; as it was before the plan was purged."""
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        return str(json.loads((bundle.path / PURGED).read_text(encoding="utf-8"))["manifest"])
    return manifest_hash(bundle.path)


def _same_name(name: str, other: str) -> bool:
    return name.casefold() == other.casefold()
