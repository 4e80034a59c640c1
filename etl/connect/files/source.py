"""Reading from a folder: `TABLE.csv`, `.tsv` or `.txt`, `TABLE.xlsx` or a sheet in a workbook, `TABLE.parquet`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from etl.config import CsvFormat
from etl.connect.source import Among, Batch, Keep, Reference, near
from etl.errors import ConfigError, SourceError, excerpt
from etl.model import Remark

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
OF_TABLES = frozenset(
    ".xls .xlsb .xlsm .ods .numbers .json .jsonl .ndjson .xml .dbf .accdb .mdb .db .sqlite .sqlite3 .sql .dat "
    ".zip .gz .7z .feather .avro .orc".split()
)
"""The endings of files that hold tables elsewhere, and are not read here."""
TABS, LAST = ".tsv", ".txt"
"""What has tabs for delimiters unless the config says otherwise of that file, and what is no table beside another."""


class TableFile(Protocol):
    """One table in a file."""

    path: Path

    def columns(self) -> list[str]:
        """Name the columns. Raises SourceError where the file is unusable."""

    def read(self, dataset: str, wanted: Sequence[int], rows: int, keep: Keep, /) -> Iterator[Batch]:
        """Read the columns with these numbers."""

    def suggest(self) -> list[str]:
        """Say what declared format does not fit, and what would."""

    def remarks(self) -> list[Remark]:
        """Say what is read otherwise than it may seem."""


class FileSource:
    """A folder as a source.

    A table is named by its file, with or without the ending; one in a workbook of several sheets by its sheet, or as
    `workbook/sheet`. form: how CSV files are written; formats: what the config says of single tables. Files have no
    transactions: one that changes while it is read, or between two readings, is an error.
    """

    def __init__(self, folder: str | Path, form: CsvFormat, formats: Mapping[str, CsvFormat] | None = None) -> None:
        self._folder = Path(folder).expanduser().absolute()
        self._form, self._formats = form, formats or {}
        self._opened: dict[str, TableFile] = {}
        self._states_at_open: dict[Path, tuple[int, int, int]] = {}
        self._sheets: dict[Path, list[str]] = {}

    @property
    def where(self) -> str:
        """The folder, from the root."""
        return str(self._folder)

    @property
    def refuses_changes(self) -> bool:
        """A file that changes while it is read is an error."""
        return True

    def fingerprint(self) -> dict[str, str]:
        """That it is a folder, and which."""
        return {"kind": "files", "where": self.where}

    def __enter__(self) -> Self:
        tables_of(self._folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.clear()

    def tables(self) -> list[str]:
        """Name the tables: files without their ending, and the sheets of workbooks that have several."""
        names = []
        for path in tables_of(self._folder):
            inner = self._sheets_of(path) if _ending(path) == ".xlsx" else []
            names += [f"{path.stem}/{sheet}" for sheet in inner] if len(inner) > 1 else [path.stem]
        return sorted(names)

    def passed_over(self) -> list[tuple[str, str]]:
        """The files of other programs, which are easily taken for tables of the source."""
        others = sorted(path for path in self._folder.iterdir() if _ending(path) in OF_TABLES and path.is_file())
        return [(path.name, f"files that end with {path.suffix} are not read: {_instead(path)}") for path in others]

    def listed(self, table: str, /) -> str:
        """The file without its ending, and the sheet of a workbook that has several."""
        places = self._places(table)
        if len(places) != 1:
            return table
        path, sheet = places[0]
        several = sheet is not None and len(self._sheets_of(path)) > 1
        return f"{path.stem}/{sheet}" if several else path.stem

    def columns(self, table: str) -> list[str]:
        """Name a table's columns. Raises SourceError where there is no such table, or its file is unusable."""
        return self._table(table).columns()

    def finds(self, _table: str, _columns: Sequence[str], /) -> bool:
        """No: a file is read whole."""
        return False

    def read(
        self,
        table: str,
        dataset: str,
        columns: Sequence[str] | None,
        rows: int,
        keep: Keep,
        _among: Among | None = None,
    ) -> Iterator[Batch]:
        """Read a table in the order of its file."""
        file = self._table(table)
        names = file.columns()
        for name in columns or ():
            if name not in names:
                raise SourceError(
                    " ".join([f"There is no column {excerpt(name)!r}; {near(name, names)}", *file.suggest()]),
                    where=file.path,
                )
        wanted = [at for at, name in enumerate(names) if columns is None or name in set(columns)]
        yield from file.read(dataset, wanted, rows, keep)
        self._refuse_a_change(file.path)

    def references(self, _table: str, /) -> list[Reference]:
        """None: files declare no foreign keys."""
        return []

    def keys(self, _table: str, /) -> tuple[str, ...]:
        """None: files declare no keys."""
        return ()

    def suggest(self, table: str, /) -> list[str]:
        """Say which delimiter, quote or encoding would fit a CSV file better than the declared one."""
        return self._table(table).suggest()

    def remarks(self, table: str, /) -> list[Remark]:
        """Say what of a table is read otherwise than it may seem: columns of one name, hidden rows and sheets."""
        return self._table(table).remarks()

    def table(self, table: str) -> TableFile:
        """The file of a table. Raises SourceError where there is none, or several could be meant."""
        return self._table(table)

    def _table(self, table: str) -> TableFile:
        if table not in self._opened:
            places = self._places(table)
            if not places:
                raise SourceError(
                    f"There is no file or sheet for {excerpt(table)!r}; {near(table, self.tables())}",
                    where=self._folder,
                    next=f"put {excerpt(table)}.csv, .tsv, .txt, .xlsx or .parquet there, or name the file with `from`",
                )
            if len(places) > 1:
                listed = " and ".join(f"{path.name}{f' (sheet {sheet})' if sheet else ''}" for path, sheet in places)
                raise SourceError(
                    f"Several files match {excerpt(table)!r}: {listed}.",
                    where=self._folder,
                    next="remove all but one, or name the file with its extension: from: " + places[0][0].name,
                )
            path, sheet = places[0]
            self._states_at_open.setdefault(path, _state(path))
            self._opened[table] = self._open(table, path, sheet)
        self._refuse_a_change(self._opened[table].path)
        return self._opened[table]

    def _places(self, table: str) -> list[tuple[Path, str | None]]:
        """Find the files, and the sheets in them, that a name can mean; a full file name means that file alone."""
        files = tables_of(self._folder)
        exact = [path for path in files if path.name == table]
        places: list[tuple[Path, str | None]] = []
        for path in exact or files:
            if _ending(path) != ".xlsx":
                places += [(path, None)] if exact or path.stem == table else []
            elif exact or path.stem == table:
                places.append((path, self._only_sheet(path)))
            else:
                own = (sheet for sheet in self._sheets_of(path) if table in (sheet, f"{path.stem}/{sheet}"))
                places += [(path, sheet) for sheet in own]
        others = [place for place in places if _ending(place[0]) != LAST]
        return others or places

    def _only_sheet(self, path: Path) -> str:
        """The sheet that a workbook's own name means: the only one that is not hidden, or the one called like it."""
        from etl.connect.files.xlsx_parts import book

        opened = book(path)
        names = list(opened.sheets)
        shown = [name for name in names if name not in opened.hidden]
        if len(names) == 1:
            return names[0]
        if path.stem in names:
            return path.stem
        if len(shown) == 1:
            return shown[0]
        raise SourceError(
            f"The workbook has {len(names)} sheets: {', '.join(map(excerpt, names)) or 'none'}.",
            where=path,
            next=f"name one of them: from: {path.stem}/{names[0] if names else 'sheet'}",
        )

    def _sheets_of(self, path: Path) -> list[str]:
        """The sheets of a workbook; none of one that is damaged, which is an error only for whom it is named by."""
        from etl.connect.files.xlsx_file import sheets

        if path not in self._sheets:
            try:
                self._sheets[path] = list(sheets(path))
            except SourceError:
                self._sheets[path] = []
        return self._sheets[path]

    def _open(self, table: str, path: Path, sheet: str | None) -> TableFile:
        if sheet is None and _ending(path) != ".parquet":
            from etl.connect.files.csv_file import CsvFile

            return CsvFile(path, self._form_of(table, path))
        if table in self._formats and self._formats[table].model_fields_set:
            raise ConfigError(
                f"The config says under csv how {excerpt(table)} is written, but {path.name} is no CSV file.",
                where=path,
                next=f"remove the csv of {excerpt(table)} from the config",
            )
        if sheet is not None:
            from etl.connect.files.xlsx_file import XlsxSheet

            return XlsxSheet(path, sheet)
        from etl.connect.files.parquet_file import ParquetFile

        return ParquetFile(path)

    def _form_of(self, table: str, path: Path) -> CsvFormat:
        """How a table's file is written: what is said of it, else what its name says, else what is said of all."""
        whole = self._form.model_copy(update={"delimiter": "\t"}) if _ending(path) == TABS else self._form
        return self._formats[table].within(whole) if table in self._formats else whole

    def _refuse_a_change(self, path: Path) -> None:
        if self._states_at_open.get(path) != _state(path):
            raise SourceError(
                "The file changed while it was being read.",
                where=path,
                next="run the command again when the file is complete",
            )


def tables_of(folder: Path) -> list[Path]:
    """The files of a folder that are tables, by name. Raises SourceError where it is not there or cannot be read."""
    if not folder.is_dir():
        raise SourceError(
            f"There is no such folder: {excerpt(str(folder), 200)}.",
            where=folder,
            next="correct the url; a path that does not begin with / is relative to the current directory",
        )
    try:
        paths = [path for path in folder.iterdir() if _ending(path) in ENDINGS and path.is_file()]
    except OSError as error:
        raise SourceError(f"The folder cannot be read: {error.strerror}.", where=folder) from None
    return sorted(path for path in paths if not path.name.startswith(("~$", ".")))


def _instead(path: Path) -> str:
    """What to do with a file that is not read."""
    if _ending(path) in (".db", ".sqlite", ".sqlite3"):
        return f"a SQLite file is a source of its own, sqlite:///{path}"
    return "save it as .xlsx or .csv"


def _ending(path: Path) -> str:
    return path.suffix.lower()


def _state(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise SourceError(f"The file cannot be read: {error.strerror}.", where=path) from None
    return status.st_size, status.st_mtime_ns, status.st_ino
