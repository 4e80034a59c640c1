"""Take one person out of a finished plan, and out of the leads that it wrote."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from etl.config.forgotten import COLUMNS as FORGET_COLUMNS
from etl.config.people import csv_line, delimiter_of
from etl.connect.sql.lead_files import place_of
from etl.connect.target import Amended, Amending, Amendment, LeadFile, Target
from etl.errors import CleanupError, PlanError
from etl.load.batches import batches
from etl.load.files import files_of
from etl.load.undo import judge
from etl.load.verify import SAME
from etl.note import join, split
from etl.pipeline.forgetting.files import lost_attachments, new_manifest, put_in_place, write_tables, write_texts
from etl.pipeline.forgetting.leads import Remade, remade
from etl.pipeline.forgetting.person import Person, mentions, person_of
from etl.pipeline.forgetting.remaining import remaining
from etl.pipeline.forgetting.shown import refuse_what_others_show
from etl.pipeline.forgetting.snapshot import take_out
from etl.pipeline.planning.target_state import limits_of
from etl.pipeline.reports import renew_all
from etl.pipeline.target import finish, holder, open_planned_target
from etl.plan import Bundle
from etl.plan.approvals import approvals, counts_for, readable_name
from etl.plan.bundle import FORGETTING, ForgetStep, private
from etl.plan.intact import manifest_hash, refuse_changed
from etl.plan.journal import Journal, replace_file
from etl.plan.skipped import SKIPPED, read_skipped, write_skipped
from etl.rows.forgotten import lines_to_forget
from etl.runner import now

NEW = ".forgetting"
"""The folder in a plan in which its files are made without the person."""


CHANGED = "its family changed in the source"
"""Why a lead was skipped, where the reason named the record."""


@dataclass(frozen=True)
class ForgottenOne:
    """What `forget` did, or would do.

    rows: of history and evidence that were left out with it, of which `shared` name other records, too. leads: in the
    target, that were amended or removed; kept: lead -> fields that people have changed, and that stay; remaining:
    where the target has values of the record all the same. listed: where the record was written down, None where
    forget.csv could not be found. before, digest: the plan's digest before and after.
    """

    source_key: str
    rows: int
    shared: int
    leads: tuple[str, ...]
    kept: dict[str, tuple[str, ...]]
    remaining: tuple[str, ...]
    listed: str | None
    before: str
    digest: str
    written: bool


@dataclass(frozen=True)
class _Mark:
    """How far it is. staged: all files are made, and the target is done."""

    key: str
    by: str
    why: str
    at: str
    digest: str
    manifest: str
    leads: tuple[str, ...] = ()
    rows: int = 0
    shared: int = 0
    lost: tuple[str, ...] = ()
    staged: bool = False


def forget(bundle: Bundle, key: str, *, by: str, why: str = "", dry_run: bool = False) -> ForgottenOne:
    """Take one record out of a plan: its rows, its part of leads, and what other records say of it.

    Where its lead is written, the block of the lead's note gives way to one without the record, and fields to those of
    the next member; all in one transaction, before the plan's files change. Killed, the same command ends it. Raises
    CleanupError where it cannot be done, and then nothing was changed.
    """
    name = readable_name(bundle, by, why)
    mark = _read_mark(bundle)
    if mark is not None and mark.key != key:
        raise PlanError(
            "Another record is being taken out of this plan, and that has not ended.",
            where=bundle.path / FORGETTING,
            next="run the command for that record again; the file names it",
        )
    if mark is not None and mark.staged:
        with Journal(bundle.path, bundle.manifest.digest).command("forget"):
            return _ended(bundle, mark)
    if mark is None:
        refuse_changed(bundle)
    target = open_planned_target(bundle)
    try:
        if dry_run:
            return _done(bundle, target, _begun(bundle, key, name, why), dry=True)
        with Journal(bundle.path, bundle.manifest.digest).command("forget") as counts, _locked(target):
            result = _done(bundle, target, mark or _begun(bundle, key, name, why), dry=False)
            counts.update(forgotten=1, amended=len(result.leads))
            counts.update({"remaining": len(result.remaining)} if result.remaining else {})
        return result
    finally:
        target.close()


@contextmanager
def _locked(target: Target) -> Iterator[None]:
    """Be the only runner, where there is anything that could be changed by two."""
    if not target.is_prepared():
        yield
        return
    with target.lock(holder("forget")):
        yield


def _begun(bundle: Bundle, key: str, by: str, why: str) -> _Mark:
    person_of(bundle, key)
    return _Mark(key, by, why, now(), bundle.manifest.digest, manifest_hash(bundle.path))


def _done(bundle: Bundle, target: Target, mark: _Mark, *, dry: bool) -> ForgottenOne:
    person, folder = person_of(bundle, mark.key), bundle.path / NEW
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with private():
            folder.mkdir(mode=0o700)
            taken = take_out(bundle, person.key, folder)
            refuse_what_others_show(bundle, person, taken)
            chunks, figures = remade(bundle, person, taken, folder, limits_of(target, target.fields()))
            write_tables(bundle, person, taken, chunks, folder)
            write_texts(bundle, person, taken, folder)
            lost = lost_attachments(bundle, folder)
            written = _written(bundle, target, chunks, folder)
            amended = _amended(bundle, target, person, written, dry=True)
            which = bundle.manifest.system, bundle.manifest.written_as
            still = remaining(target, *which, person, taken, [amendment for amendment, _ in written], amended)
            step = ForgetStep(mark.by, mark.at, mark.digest, mark.manifest, still)
            manifest = new_manifest(bundle, person, taken, figures, lost, folder, step)
            manifest.save(folder)
        rows, shared = sum(taken.rows.values()) - 1, sum(taken.shared.values())
        if dry:
            kept = dict(amended.kept)
            return ForgottenOne(
                mark.key, rows, shared, amended.leads, kept, still, None, mark.digest, manifest.digest, False
            )
        _write_mark(bundle, mark)
        listed = _listed(bundle, mark)
        _amended(bundle, target, person, written, dry=False)
        finish(bundle, target)
        staged = replace(mark, leads=amended.leads, rows=rows, shared=shared, lost=tuple(lost), staged=True)
        _write_mark(bundle, staged)
    except BaseException:
        if not (bundle.path / FORGETTING).exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        if dry:
            shutil.rmtree(folder, ignore_errors=True)
    return _ended(bundle, staged, dict(amended.kept), listed)


def _ended(
    bundle: Bundle, mark: _Mark, kept: dict[str, tuple[str, ...]] | None = None, listed: str | None = None
) -> ForgottenOne:
    """Put the new files in their places, draw the reports anew, and remove the mark."""
    put_in_place(bundle.path / NEW, bundle.path, mark.lost)
    for name in mark.lost if bundle.config.target.files else ():
        place_of(Path(bundle.config.target.files or ""), Path(name[:2]) / name).unlink(missing_ok=True)
    new = Bundle.open(bundle.path, forgetting=True)
    renew_all(new, [approval for approval in approvals(new) if counts_for(approval, new)])
    if (new.path / SKIPPED).exists():
        skipped = {lead: why for lead, why in read_skipped(new.path).items() if lead != mark.key}
        write_skipped(new.path, {lead: CHANGED if mentions(why, mark.key) else why for lead, why in skipped.items()})
    (bundle.path / FORGETTING).unlink()
    still, digest = new.manifest.forgotten.steps[-1].remaining, new.manifest.digest
    return ForgottenOne(
        mark.key, mark.rows, mark.shared, mark.leads, kept or {}, still, listed, mark.digest, digest, True
    )


Written = Sequence[tuple[Amendment, pd.DataFrame]]
"""Leads that are to be amended, each with its members."""


def _amended(bundle: Bundle, target: Target, person: Person, written: Written, *, dry: bool) -> Amended:
    """Take the person out of the leads that are written. Raises CleanupError where one cannot be amended."""
    if not written:
        return Amended()
    how = _how(target, bundle, person, written, dry=dry)
    amended = target.amend([amendment for amendment, _ in written], how)
    if amended.edited:
        lead, reason = next(iter(amended.edited.items()))
        raise CleanupError(
            f"The lead {lead} cannot be changed by this command: {reason}.",
            where=target.where,
            next="take the person out of that lead by hand, in its note and its fields; then "
            f"crm-cleanup undo {bundle.path} --lead {lead} --force {lead} removes it, or delete it and run "
            f"crm-cleanup verify {bundle.path} --accept-deleted {lead} --by NAME; then run this command again",
        )
    return amended


def _written(bundle: Bundle, target: Target, chunks: Sequence[Remade], folder: Path) -> Written:
    """The leads that differ from now on and that the ledger has. folder: has the snapshot without the person."""
    amendments = []
    for remade_chunk in chunks:
        different = remade_chunk.different
        if not different:
            continue
        known = target.ledger_of(bundle.manifest.system, different)
        for lead in different:
            if lead in known.index and known.at[lead, "plan"] == bundle.manifest.written_as:
                members = bundle.members(remade_chunk.chunk)
                own = members[members["lead"] == lead]
                after = remade_chunk.after.loc[[lead]] if lead in remade_chunk.after.index else None
                contents = {key: remade_chunk.contents[key] for key in own.index if key in remade_chunk.contents}
                before, files = remade_chunk.before.loc[[lead]], _lost_files(bundle, target, remade_chunk, own, folder)
                amendments.append((Amendment(lead, before, after, contents, files), own))
    return amendments


def _lost_files(
    bundle: Bundle, target: Target, remade_chunk: Remade, members: pd.DataFrame, folder: Path
) -> tuple[LeadFile, ...]:
    """The files of a lead that no record of it has any more, where the target has them."""
    if not target.takes_files:
        return ()
    had, have = (files_of(bundle, remade_chunk.chunk, members, snapshot) for snapshot in (bundle.path, folder))
    return tuple(file for file in had if file not in have)


def _how(target: Target, bundle: Bundle, person: Person, written: Written, *, dry: bool) -> Amending:
    part = target.part()
    kinds = {name: limit.kind for name, limit in target.fields().items()}
    before = pd.concat([amendment.before for amendment, _ in written])
    [batch] = batches(before, pd.concat([members for _, members in written]), part, rows=len(before), size=2**62)

    def cut(note: str) -> list[str]:
        return [note] if part is None or part.length is None else split(note, part.length, part.unit)

    def same(name: str, text: str, other: str) -> bool:
        return kinds[name] in SAME and SAME[kinds[name]](text, other)

    manifest = bundle.manifest
    return Amending(manifest.system, manifest.written_as, person.key, dry, judge(target, batch), join, cut, same)


def _listed(bundle: Bundle, mark: _Mark) -> str | None:
    """Write the record into forget.csv beside the config, unless it stands there; None where there is no such place."""
    config = bundle.config
    path = config.forget_path
    if not config.path.exists():
        return None
    if any(line.source_key == mark.key for line in lines_to_forget(config)):
        return str(path)
    text = path.read_text("utf-8-sig") if path.exists() else ",".join(FORGET_COLUMNS) + "\n"
    header = text.partition("\n")[0].rstrip("\r")
    delimiter = delimiter_of(header)
    cells = {"source_key": mark.key, "who": mark.by, "when": mark.at[:10], "why": mark.why}
    [names] = csv.reader([header], delimiter=delimiter)
    line = csv_line([cells.get(name, "") for name in names], delimiter)
    replace_file(path, (text if text.endswith("\n") else text + "\n") + line)
    return str(path)


def _read_mark(bundle: Bundle) -> _Mark | None:
    try:
        row = json.loads((bundle.path / FORGETTING).read_text("utf-8"))
        return _Mark(**{**row, "leads": tuple(row["leads"]), "lost": tuple(row["lost"])})
    except FileNotFoundError:
        return None


def _write_mark(bundle: Bundle, mark: _Mark) -> None:
    replace_file(bundle.path / FORGETTING, json.dumps(asdict(mark), ensure_ascii=False, indent=1) + "\n")
