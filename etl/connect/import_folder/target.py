"""A folder of import files as the lead pipeline: a ledger in it, and the files that a CRM imports made of that."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from etl import config
from etl.connect.import_folder.export import EXPORT, keep_export
from etl.connect.import_folder.guide import guide
from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.reader import LeadFiles
from etl.connect.import_folder.render import ARCHIVE, EARLIER, GUIDE, LEADS, NOTES, OURS, own_files, render
from etl.connect.import_folder.store import DATABASE, Store
from etl.connect.sql.lock import FileLock
from etl.connect.sql.preparing import refuse_missing_folder
from etl.connect.target import (
    Amended,
    Amending,
    Amendment,
    Batch,
    FieldLimit,
    Judge,
    Stored,
    TakenBack,
    Unique,
    Written,
)
from etl.errors import ConfigError, TargetError

if TYPE_CHECKING:
    import pandas as pd


class ImportFolder:
    """A folder that takes leads for a CRM's own import. `Target` says what its methods promise.

    The ledger is an SQLite database in the folder: a lead is in it with its ledger rows in one transaction. The files
    are made of it when a run ends, so that they are the same however often it was interrupted.
    """

    tells_edits = False

    def __init__(self, target: config.Target) -> None:
        self._config = target
        self._layout = Layout(target)
        self._folder = Path(self._layout.folder).expanduser().absolute()
        self._store = Store(self._folder, str(self._folder), target.files)
        self._back: LeadFiles | None = None

    @property
    def takes_files(self) -> bool:
        """Where the config names a folder for them."""
        return self._config.files is not None

    @property
    def where(self) -> str:
        """The folder, and the CRM that imports its files."""
        return f"{self._folder}, import files for {self._layout.system.name}"

    def customers(self) -> None:
        """None: nobody can be asked."""

    def hints(self) -> list[str]:
        """Nothing: `fields` says what nobody can see of the CRM."""
        return []

    def fields(self) -> dict[str, FieldLimit]:
        """The lead fields that the import takes, `note` among them."""
        refuse_missing_folder(Path(self._layout.folder).expanduser(), self.where)
        self._refuse_foreign()
        return self._layout.limits()

    def unique(self) -> list[Unique]:
        """The fields whose values no two records of the CRM may share."""
        return self._layout.unique()

    def taken(self, unique: Unique) -> Iterator[pa.Table]:
        """Stream the values of such fields that the leads of earlier plans have."""
        for table in self.existing():
            if set(unique.fields) <= set(table.column_names):
                yield table.select(list(unique.fields))

    def values(self) -> dict[str, FieldLimit]:
        """What the columns of `target.values` can hold."""
        return self._layout.value_limits()

    def key(self) -> FieldLimit:
        """What the external id can hold as a source key."""
        return self._layout.key_limit()

    def part(self) -> FieldLimit | None:
        """The longest part of a note."""
        return self._layout.part_limit()

    def next_id(self) -> str | None:
        """None: the lead key is the external id."""
        return None

    def is_prepared(self) -> bool:
        """Whether the ledger is there."""
        target = self._store.target
        return target is not None and target.is_prepared()

    def schema(self) -> str:
        """The headers and limits of the import as text."""
        return self._layout.described()

    def prepare(self) -> None:
        """Make the folder and its ledger."""
        refuse_missing_folder(Path(self._layout.folder).expanduser(), self.where)
        self._refuse_foreign()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise TargetError(f"The folder cannot be made: {error.strerror}.", where=self._folder) from None
        self._store.make()

    def _refuse_foreign(self) -> None:
        """Refuse a folder with files of the names that are made here, and that this tool did not make."""
        foreign = [*own_files(self._folder, *OURS, ARCHIVE), *self._folder.glob(GUIDE)]
        if foreign and not (self._folder / DATABASE).exists():
            raise ConfigError(
                f"The folder has a file {foreign[0].name}, which crm-cleanup did not make.",
                where=self._folder,
                next="name another folder under target.url, or move the file away",
            )

    @contextmanager
    def lock(self, holder: str) -> Iterator[Callable[[], None]]:
        """Be the only runner, by a locked file in the folder."""
        self.prepare()
        lock = FileLock(self._store.path, holder)
        lock.take()
        try:
            yield lock.confirm
        finally:
            lock.release()

    def write(self, batch: Batch, *, system: str, plan: str) -> Written:
        """Write those leads of a batch that the ledger has not, with their ledger rows, in one transaction."""
        names = [name for name in self._layout.columns if name in batch.leads.columns]
        return self._store.widen(names).write(batch, system=system, plan=plan)

    def take_back(
        self, batch: Batch, judge: Judge, *, system: str, plan: str, forced: Collection[str] = (), dry: bool = False
    ) -> TakenBack:
        """Take the leads of a batch back, with their ledger rows; those that somebody has worked with in the CRM, as
        its last export tells, are kept."""
        target = self._store.target
        if target is None:
            return TakenBack((), (), {})
        kept = {lead: why for lead, why in self._edited(batch, judge, system).items() if lead not in forced}
        rest = batch.only([lead for lead in batch.leads.index if lead not in kept])
        foreseen = target.take_back(rest, judge, system=system, plan=plan, forced=forced, dry=True)
        if not dry:
            rows = target.ledger_of(system, foreseen.leads)
            self._store.remember_removed([str(own) for own in rows["lead_id"]], plan)
            foreseen = target.take_back(rest, judge, system=system, plan=plan, forced=forced)
        return TakenBack(foreseen.leads, foreseen.gone, foreseen.kept | kept)

    def _edited(self, batch: Batch, judge: Judge, system: str) -> dict[str, str]:
        """The leads of a batch that are not in the last export as they were written, and how."""
        exported = self._exported
        if exported is None:
            return {}
        new = batch.leads.index[batch.leads["into"].isna()] if "into" in batch.leads else batch.leads.index
        ids = self.ledger_of(system, new)["lead_id"]
        keys = {str(own): str(lead) for lead, own in ids.items()}
        stored = exported.read(list(keys), None)
        leads = stored.leads.set_axis([keys[own] for own in stored.leads.index])
        parts = stored.parts.assign(lead=[keys[own] for own in stored.parts["lead"]])
        return dict(judge(Stored(leads, parts)))

    def accept_deleted(self, leads: Collection[str], *, system: str, plan: str) -> None:
        """Mark in the ledger that leads of a plan were deleted on purpose; the files have them no more."""
        target = self._store.make()
        target.accept_deleted(leads, system=system, plan=plan)
        self._store.drop_deleted()

    def amend(self, amendments: Sequence[Amendment], how: Amending) -> Amended:
        """Take one record out of leads that a plan wrote, in one transaction; an export would still have it."""
        amended = self._store.make().amend(amendments, how)
        if not how.dry and not amended.edited:
            self._store.overwrite_deleted()
            shutil.rmtree(self._folder / EXPORT, ignore_errors=True)
            self.__dict__.pop("_exported", None)
        return amended

    def existing(self) -> Iterator[pa.Table]:
        """Stream the leads of the ledger."""
        if self._store.target is not None:
            yield from self._store.target.existing()

    def ledger(self, system: str) -> Iterator[pa.Table]:
        """Stream the ledger of one source system, by source key."""
        if self._store.target is not None:
            yield from self._store.target.ledger(system)

    def systems(self) -> dict[str, int]:
        """The source systems that the ledger knows, and how many legacy records of each were moved."""
        return {} if self._store.target is None else self._store.target.systems()

    def counts(self, system: str, plan: str) -> tuple[int, int]:
        """How many leads a plan wrote that are in the ledger, and how many legacy records with them."""
        return (0, 0) if self._store.target is None else self._store.target.counts(system, plan)

    def entries(self, system: str) -> set[str]:
        """The entries of which the ledger has records of one source system."""
        return set() if self._store.target is None else self._store.target.entries(system)

    def ledger_of(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some source keys; index = source_key."""
        return _no_rows() if self._store.target is None else self._store.target.ledger_of(system, keys)

    def ledger_by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some lead ids; index = source_key."""
        return _no_rows() if self._store.target is None else self._store.target.ledger_by_id(system, ids)

    def read(self, ids: Collection[str], fields: Collection[str] | None = None) -> Stored:
        """Read leads by id: as the ledger has them, or from where `read_back` has said."""
        if self._back is not None:
            return self._back.read(ids, fields)
        if self._store.target is None:
            return LeadFiles(self._layout, [], []).read(ids, fields)
        return self._store.target.read(ids, fields)

    def not_blacklisted(self, _leads: pd.DataFrame, /) -> list[str]:
        """None: whether an address is on the CRM's list of those who opted out cannot be seen here."""
        return []

    def finish(self, *, system: str, plan: str) -> str | None:  # noqa: ARG002  a plan's digest tells it from all others
        """Make the files anew of all that the ledger has; gives IMPORT.md."""
        store = self._store
        if store.target is None or not (store.plans() or store.removed(plan) or own_files(self._folder)):
            return None
        exported = self._exported
        records = {} if exported is None else exported.record_ids()
        render(self._folder, self._layout, store, plan, records, lambda made: guide(self._layout, made))
        return str(Path(self._layout.folder) / GUIDE)

    def take_export(self, exports: Sequence[Path], /) -> None:
        """Keep what the CRM has exported, in the place of an earlier export."""
        if self._store.target is None:
            raise TargetError("Nothing was written into the folder yet.", where=self.where)
        keep_export(self._folder, self._layout, self._store.columns(), exports)
        self.__dict__.pop("_exported", None)

    def read_back(self, *, export: bool) -> None:
        """Read leads from the files, or from the last export."""
        if not export:
            places = [self._folder, *sorted(self._folder.glob(f"{EARLIER}/*"))]
            leads, notes = ([path for place in places for path in own_files(place, kind)] for kind in (LEADS, NOTES))
            self._back = LeadFiles(self._layout, leads, notes)
        elif self._exported is None:
            name = self._layout.system.name
            raise TargetError(
                f"Nobody has shown yet that the leads are in {name}: there is no export of it.",
                where=self.where,
                next=f"import the files as IMPORT.md says, export the leads from {name}, and run "
                "crm-cleanup verify PLAN --export FILE",
            )
        else:
            self._back = self._exported

    @cached_property
    def _exported(self) -> LeadFiles | None:
        folder = self._folder / EXPORT
        if not folder.is_dir():
            return None
        return LeadFiles(self._layout, own_files(folder, LEADS), own_files(folder, NOTES))

    def close(self) -> None:
        """Give the connections back."""
        self._store.close()


def _no_rows() -> pd.DataFrame:
    import pandas as pd

    names = ("source_key", "lead_key", "lead_id", "plan", "contents", "state")
    return pd.DataFrame({name: pd.array([], dtype="str") for name in names}).set_index("source_key")
