"""archive.csv: the mass update by which people archive the moved records in the CRM that they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from etl import config
from etl.config.retire import filled
from etl.connect.archive import Archive, Retiring
from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.new_files import new_files, put
from etl.connect.import_folder.render import ARCHIVE, own_files, write_rows
from etl.connect.import_folder.target import ImportFolder

ROWS = 5_000
LEDGER = ("lead_id", "lead_key", "plan")


class MassUpdate:
    """Archives as another archive does, and says it to the CRM in files. `Archive` says what methods promise.

    They are made anew of what is archived whenever a run has ended, within the limits of an import: `archive.csv`, or
    one an entry where records of several move, as an import takes one kind of records.
    """

    def __init__(self, archive: Archive, clean_up: config.Config) -> None:
        self._archive, self._config = archive, clean_up
        self._layout = Layout(clean_up.target)
        self._folder = Path(self._layout.folder).expanduser().absolute()

    @property
    def where(self) -> str:
        """The folder of the files, and that of the remaining records."""
        return f"{self._folder} ({ARCHIVE}*.csv) and {self._archive.where}"

    def prepare(self) -> None:
        """What the other archive needs."""
        self._archive.prepare()

    def rehearse(self, entry: str, records: Sequence[Retiring], /) -> tuple[str, ...]:
        """Nothing that the other archive does not rehearse."""
        return self._archive.rehearse(entry, records)

    def retire(self, records: Sequence[Retiring], *, system: str, plan: str) -> int:
        """Archive records there; the files are written when all are known."""
        return self._archive.retire(records, system=system, plan=plan)

    def finish(self, *, system: str, plan: str) -> None:
        """End the run there, and write the files."""
        self._archive.finish(system=system, plan=plan)
        self._write(system)

    def restore(self, keys: Sequence[str], *, system: str, plan: str) -> tuple[int, dict[str, str]]:
        """Bring records back there; the files are written when all are known."""
        return self._archive.restore(keys, system=system, plan=plan)

    def unfinish(self, *, system: str, plan: str) -> None:
        """End the undo there, and write the files without the records that came back."""
        self._archive.unfinish(system=system, plan=plan)
        self._write(system)

    def known(self, system: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of some records that are archived."""
        return self._archive.known(system, keys)

    def moved_columns(self, system: str, /) -> dict[str, tuple[str, ...]]:
        """What the other archive has moved."""
        return self._archive.moved_columns(system)

    def retired(self, system: str, plan: str | None = None) -> Iterator[pa.Table]:
        """The records that are archived."""
        return self._archive.retired(system, plan)

    def close(self) -> None:
        """Give back what the other archive has open."""
        self._archive.close()

    def _write(self, system: str) -> None:
        """Write the files, each whole or not at all, and take away those of entries of which nothing is archived."""
        keys: dict[str, list[str]] = {}
        for table in self._archive.retired(system):
            for key, entry in zip(table["source_key"].to_pylist(), table["entry"].to_pylist(), strict=True):
                keys.setdefault(entry, []).append(key)
        with new_files(self._folder, "The mass update cannot be written") as new:
            for entry, some in keys.items():
                kind = ARCHIVE if len(keys) == 1 else f"{ARCHIVE}-{entry}"
                header = "/".join(self._config.source.records[entry].key_columns.columns)
                rows = self._rows(system, entry, sorted(some))
                write_rows(new, kind, self._layout.system.file, [header, *self._values(entry)], rows)
            kinds = (ARCHIVE, *(f"{ARCHIVE}-{entry}" for entry in self._config.source.records))
            put(new, self._folder, own_files(self._folder, *kinds))

    def _values(self, entry: str) -> Mapping[str, str | None]:
        """Column -> what archives a record: as the config says, or what is usual for the CRM."""
        said = self._config.retire.get(entry)
        return self._layout.system.archive if said is None else said.set_

    def _rows(self, system: str, entry: str, keys: list[str]) -> Iterator[list[str]]:
        target, values = ImportFolder(self._config.target), self._values(entry).values()
        try:
            for first in range(0, len(keys), ROWS):
                some = keys[first : first + ROWS]
                rows = target.ledger_of(system, some).reindex(list(some))
                known = zip(some, *(rows[name].fillna("").tolist() for name in LEDGER), strict=True)
                for key, own, lead, plan in known:
                    yield [key.partition(":")[2], *(filled(value, own, lead, plan) or "" for value in values)]
        finally:
            target.close()
