"""The plan on disk: a folder, readable by its owner only, that holds what was decided and what will be written."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import RESERVED, Config
from etl.errors import PlanError
from etl.model import SOURCE_KEY_COLUMN, Chunk
from etl.plan.damage import changed, reading
from etl.plan.digest import plan_digest
from etl.plan.figures import Figures
from etl.plan.journal import replace_file
from etl.plan.reading import Reading
from etl.plan.seal import read_sealed, sealed
from etl.rows.forgotten import Forgotten, hashed_key

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 4
MANIFEST = "manifest.json"
PURGED = "purged"
"""A file in a plan whose personal data was removed, or is being removed: when, and what is only counted there now."""


FORGETTING = "forgetting.json"
"""A file in a plan from which a person is being taken out: who, and how far that is."""


@dataclass(frozen=True)
class ForgetStep:
    """One record that was taken out of a plan: by whom and when, and the plan's digest and its manifest's hash before
    that. What people approved then is what is left. remaining: where the target still had values of it afterwards."""

    by: str
    at: str
    digest: str
    manifest: str
    remaining: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForgottenKeys:
    """The records of which a plan has nothing, as they must not move: hashes of their source keys, with the salt.

    steps: those that were taken out after the plan was made. opted_out: keys of addresses that they, or rows that the
    plan does not read either, opted out with and that other records have, which must not be contacted there either.
    """

    salt: str = ""
    hashes: tuple[str, ...] = ()
    steps: tuple[ForgetStep, ...] = ()
    opted_out: tuple[int, ...] = ()

    def with_one(self, key: str, step: ForgetStep, opted_out: tuple[int, ...]) -> ForgottenKeys:
        """These, and one that was taken out of the plan. opted_out: of all of them."""
        salt = self.salt or secrets.token_hex(16)
        return ForgottenKeys(salt, tuple(sorted({*self.hashes, hashed_key(salt, key)})), (*self.steps, step), opted_out)

    @staticmethod
    def of(keys: Iterable[str], opted_out: Iterable[int] = ()) -> ForgottenKeys:
        """Hash some source keys with a salt of their own. opted_out: keys of addresses."""
        listed = sorted(keys)
        salt = secrets.token_hex(16) if listed else ""
        return ForgottenKeys(salt, tuple(sorted(hashed_key(salt, key) for key in listed)), (), tuple(opted_out))


@dataclass(frozen=True)
class Manifest:
    """What a plan says about itself.

    digests: part -> digest of its contents; digest: over all of them, the as-of date and the config. system: what the
    ledger calls the source. fingerprints: who and where the source and the target are, and the target's schema.
    config: as it stands in the file, `${}` not filled in. columns: dataset -> the source's columns. chunks: for each
    chunk the row group that each file of the snapshot has in it. leads: how many there are. broken_gates: the gates
    that the plan does not keep. files: Parquet file -> SHA-256 of its bytes. forgotten: the
    records of which the plan has nothing, by a hash of their keys. reading: how it was read, by which it can be decided
    again; None of plans of an older version, and of those that somebody was taken out of. checksum: over all the
    others; empty in plans of format 3, which was before manifests had one.
    """

    format: int
    version: str
    name: str
    system: str
    as_of: dt.date
    created: dt.datetime
    digest: str
    digests: dict[str, str]
    fingerprints: dict[str, Any]
    config_path: str
    config: dict[str, Any]
    columns: dict[str, list[str]]
    figures: Figures
    chunks: list[dict[str, int]] = field(default_factory=list)
    leads: int = 0
    broken_gates: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    forgotten: ForgottenKeys = field(default_factory=ForgottenKeys)
    reading: Reading | None = None
    checksum: str = ""

    @property
    def written_as(self) -> str:
        """The digest by which ledger and CRM know the plan: its first, however much was taken out of it since."""
        return self.forgotten.steps[0].digest if self.forgotten.steps else self.digest

    @property
    def approvals(self) -> int:
        """How many approvals the config asks for; as it stands in the file, so that no `${NAME}` need be set."""
        needed = self.config.get("approvals", 1)
        return 0 if needed == "waived" else int(needed)

    def with_results(
        self, chunks: list[dict[str, int]], leads: int, broken_gates: list[str], files: dict[str, str]
    ) -> Manifest:
        """The manifest of a plan that is whole."""
        return replace(self, chunks=chunks, leads=leads, broken_gates=broken_gates, files=files)

    def save(self, folder: Path) -> None:
        """Write the manifest into a plan's folder, whole or not at all. Raises PlanError."""
        replace_file(folder / MANIFEST, sealed(asdict(self) | {"figures": self.figures.as_dict()}))

    @staticmethod
    def read(folder: Path) -> Manifest:
        """Read a plan's manifest.

        Raises PlanError where there is none, it is damaged, or of another format; StalePlan where it was changed.
        """
        path = folder / MANIFEST
        manifest = read_sealed(path, Manifest, FORMAT)
        if not (folder / PURGED).exists():  # which has no whole config any more
            manifest.refuse_contradictions(path)
        return manifest

    def refuse_contradictions(self, path: Path) -> None:
        """Check the manifest's own entries against what the digest covers. Raises StalePlan where they differ."""
        if self.digest != plan_digest(self.as_of.isoformat(), self.config, self.digests, self.format):
            raise changed(path, "the digest does not match the config and the parts of the plan")
        system = self.config.get("source", {}).get("system") or self.config.get("name")
        for name, value, right in (("name", self.name, self.config.get("name")), ("system", self.system, system)):
            if "${" not in str(right) and value != right:
                raise changed(path, f"{name!r} is not the same as in the config")


@dataclass(frozen=True)
class Bundle:
    """A plan on disk. It is read a chunk at a time; a chunk holds whole families."""

    path: Path
    manifest: Manifest

    @staticmethod
    def open(path: str | Path, *, purged: bool = False, forgetting: bool = False) -> Bundle:
        """Open a plan's folder.

        Raises PlanError if it is not a plan, or was purged and `purged` is not set, or a person is being taken out of
        it and neither that nor `forgetting` is set.
        """
        bundle = Bundle(Path(path), Manifest.read(Path(path)))
        if not purged and not forgetting and (bundle.path / FORGETTING).exists():
            raise PlanError(
                "A person is being taken out of this plan, and that was interrupted.",
                where=bundle.path,
                next=f"run crm-cleanup forget {bundle.path} again for the record that {FORGETTING} names",
            )
        if not purged and (bundle.path / PURGED).exists():
            raise PlanError(
                "This plan was purged: its data of legacy records was removed. It can no longer be approved, applied, "
                "verified, retired, undone or searched; its history can still be read.",
                where=bundle.path,
                next=f"crm-cleanup status {bundle.path}",
            )
        return bundle

    @cached_property
    def config(self) -> Config:
        """The plan's config, `${}` filled in from the environment of now. Raises ConfigError, PlanError."""
        from etl.config.load import parse

        return parse(self.manifest.config, Path(self.manifest.config_path), as_of=self.manifest.as_of)

    @property
    def chunks(self) -> int:
        """How many chunks the plan has."""
        return len(self.manifest.chunks)

    @cached_property
    def forgotten(self) -> Forgotten:
        """The records of which nothing is read: those that the plan has left out, and whom `forget.csv` names now.

        Who is named there since the plan was made is missing in what is read anew, so that the family does not move.
        """
        from etl.rows.forgotten import lines_to_forget

        known = self.manifest.forgotten
        named = (line.source_key for line in lines_to_forget(self.config))
        return Forgotten(salt=known.salt, hashes=frozenset(known.hashes)).with_keys(named)

    @property
    def stamps(self) -> Mapping[str, Sequence[str]]:
        """The columns of each entry that move by themselves when `retire` sets others, as the plan has seen it."""
        stamps: Mapping[str, Sequence[str]] = self.manifest.fingerprints.get("stamps", {})
        return stamps

    def members(self, chunk: int) -> pd.DataFrame:
        """The records of a chunk, one row each, indexed by source key in its order; rejects are left out.

        Columns (str): entry, key, type, decision, family, company, lead, into; NA where there is none.
        """
        table = self._row_group(self.path / "decisions.parquet", chunk).select(MEMBER_COLUMNS)
        return members_of(table)

    def leads(self, chunk: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The leads of a chunk exactly as they will be written, indexed by lead key: family, into, the fields, note.

        columns: all, or those that are wanted, `lead` among them.
        """
        return _frame(self._row_group(self.path / "leads.parquet", chunk, columns), "lead")

    def chunk(self, chunk: int, members: pd.DataFrame | None = None) -> Chunk:
        """The records of a chunk that move, and their related rows in the order in which they are shown.

        members: the chunk's, where some of them are not to move; those that have no lead there.
        """
        tables = read_row_groups(self.path / "snapshot", self.manifest.chunks[chunk])
        return chunk_of(tables, self._kinds, self.members(chunk) if members is None else members)

    @cached_property
    def _kinds(self) -> dict[str, tuple[str, str]]:
        return {d.file: (d.kind, d.name) for d in self.manifest.figures.datasets}

    def _row_group(self, path: Path, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        with reading(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read_row_group(number, columns=None if columns is None else list(columns))


MEMBER_COLUMNS = ["source_key", "entry", "key", "type", "decision", "family", "company", "lead", "into"]


def members_of(decisions: pa.Table) -> pd.DataFrame:
    """The members frame of a chunk, from its decisions."""
    kept = decisions.filter(pc.not_equal(decisions["decision"], "reject"))
    return _frame(kept.select(MEMBER_COLUMNS), "source_key")


def read_row_groups(snapshot: Path, row_groups: Mapping[str, int]) -> dict[str, pa.Table]:
    """Read one chunk of the snapshot: file name -> its rows, in the order of families."""
    tables = {}
    for name, number in row_groups.items():
        path = snapshot / name
        with reading(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
            tables[name] = file.read_row_group(number)
    return tables


def read_rows_of(path: Path, groups: Sequence[int], keys: pa.Array) -> pa.Table:
    """The rows that stand with some records, of some row groups of one file of the snapshot. keys: source keys."""
    with reading(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        tables = [file.schema_arrow.empty_table()]
        for group in groups:
            owners = file.read_row_group(group, [SOURCE_KEY_COLUMN])[SOURCE_KEY_COLUMN]
            theirs = pc.is_in(owners, value_set=keys)
            if pc.any(theirs).as_py():
                tables.append(file.read_row_group(group).filter(theirs))
    return pa.concat_tables(tables).combine_chunks()


def read_strays(snapshot: Path, file: str, chunks: Sequence[Mapping[str, int]]) -> pa.Table:
    """The rows of one file of the snapshot that stand with no record, and so are in no chunk."""
    inside = {chunk[file] for chunk in chunks if file in chunk}
    with reading(snapshot / file), pq.ParquetFile(snapshot / file, page_checksum_verification=True) as parquet:
        return parquet.read_row_groups([n for n in range(parquet.num_row_groups) if n not in inside])


def chunk_of(tables: Mapping[str, pa.Table], kinds: Mapping[str, tuple[str, str]], members: pd.DataFrame) -> Chunk:
    """Choose those records of a chunk that move, and their related rows.

    tables: as `read_row_groups` gives them; kinds: file name -> kind and name of the dataset.
    """
    moving = pa.array(members.index[members["lead"].notna()], pa.large_string())
    frames: dict[str, dict[str, pd.DataFrame]] = {"entry": {}, "related": {}, "evidence": {}}
    for file, table in tables.items():
        kind, name = kinds[file]
        moved = table.filter(pc.is_in(table[SOURCE_KEY_COLUMN], moving))
        if len(moved) and kind != "evidence":
            legacy = [column for column in moved.column_names if not column.startswith(RESERVED)]
            frames[kind][name] = _frame(moved.select([SOURCE_KEY_COLUMN, *legacy]), SOURCE_KEY_COLUMN)
    return Chunk(frames["entry"], frames["related"])


def _frame(table: pa.Table, index: str) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame.set_index(index)


@contextmanager
def private() -> Iterator[None]:
    """Make all files written in the block readable by their owner only, whatever the umask of this process is."""
    mask = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(mask)


@contextmanager
def new_folder(path: Path, *, replace: bool) -> Iterator[Path]:
    """A private folder to write a plan into. It gets its name when everything is written, and is deleted on an error.

    replace: whether an older plan in its place is deleted. Raises PlanError if `path` exists and may not be replaced.
    """
    refuse_folder(path, replace=replace)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    try:
        with private():
            yield new
        shutil.rmtree(path, ignore_errors=True)
        new.rename(path)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def refuse_folder(path: Path, *, replace: bool) -> None:
    """Raise PlanError if something is in the place of a new plan that may not be replaced."""
    if path.exists():
        is_plan = (path / MANIFEST).is_file()
        if not replace or not is_plan:
            what = "A plan already exists" if is_plan else "Something that is not a plan already exists"
            advice = (
                f"replace it with crm-cleanup plan CONFIG --out {path} --replace, or choose another folder with --out"
                if is_plan
                else "choose another folder with --out"
            )
            raise PlanError(f"{what} in this place.", where=path, next=advice)
