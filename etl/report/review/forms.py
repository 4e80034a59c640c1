"""The tables whose rows the page shows: which columns, what people call them, and which say who somebody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from etl.config import RESERVED, Config
from etl.config.identity import IDENTITY_FIELDS
from etl.model import SOURCE_KEY_COLUMN
from etl.plan.damage import reading
from etl.plan.figures import DatasetFigures
from etl.report.read import parquet

VALUE = 240
"""The longest value that the page shows, in characters; one more is read, so that the page can tell."""
COLUMNS = 60
"""So many columns of a table are shown."""
Kind = Literal["entry", "related", "master"]


@dataclass(frozen=True)
class Form:
    """One table.

    title: what people call it; columns: as they are called in the file; labels: as people call them. identity: kind ->
    the places of the columns that say it; owner: of those that say which salesperson a record has; keys: of those that
    name a row, and are never the same in two.
    """

    name: str
    title: str
    kind: Kind
    path: Path
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    identity: Mapping[str, tuple[int, ...]]
    owner: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()

    @property
    def rows(self) -> str:
        """Its rows as a query names them; `file_row_number` is a row's place."""
        return parquet(self.path).removesuffix(")") + ", file_row_number = true)"

    @property
    def cells(self) -> str:
        """What a query makes a row's cells with: a list in the order of the columns."""
        quoted = ['"' + name.replace('"', '""') + '"' for name in self.columns]
        return "[" + ", ".join(f"left({name}, {VALUE + 1})" for name in quoted) + "]::VARCHAR[]"

    def said(self, kind: str, cells: Sequence[str | None]) -> str:
        """What a row says in the columns of one kind."""
        return " ".join(filter(None, (cells[place] for place in self.identity.get(kind, ()))))

    def named(self, cells: Sequence[str | None]) -> str:
        """What a row is called."""
        person = " ".join(filter(None, (self.said("first_name", cells), self.said("last_name", cells))))
        return self.said("company", cells) or person

    def as_data(self) -> dict[str, Any]:
        """As the page has it."""
        return {
            "name": self.title,
            "kind": self.kind,
            "labels": self.labels,
            "identity": self.identity,
            "keys": self.keys,
        }


def forms(folder: Path, config: Config, datasets: Sequence[DatasetFigures]) -> tuple[Form, ...]:
    """The entries, related tables and masters of a plan; what notes leave out for a legal reason is in none of them."""
    places = []
    for dataset in datasets:
        path = folder / "snapshot" / dataset.file
        if dataset.kind in ("entry", "related") and path.exists():
            entry = config.source.records.get(dataset.name)
            kind: Kind = "entry" if dataset.kind == "entry" else "related"
            keys = entry.key_columns.columns if entry else ()
            places.append(_form(config, dataset.name, kind, path, entry.identity if entry else {}, keys))
    for name, master in config.masters.items():
        path = folder / "masters" / f"{name}.parquet"
        if path.exists():
            places.append(_form(config, name, "master", path, master.identity, (master.key,)))
    return tuple(places)


def _form(
    config: Config, name: str, kind: Kind, path: Path, identity: Mapping[str, Sequence[str]], keys: Sequence[str]
) -> Form:
    with reading(path):
        names = pq.read_schema(path).names
    hidden = kind != "master"
    columns = tuple(
        column
        for column in names
        if column != SOURCE_KEY_COLUMN
        and not column.startswith(RESERVED)
        and not (hidden and config.omitted(name, column) is not None)
    )
    said = {column for columns_of in identity.values() for column in columns_of}
    owners = config.leads.columns("salesperson") if kind == "entry" else ()
    columns = tuple(sorted(columns, key=lambda column: column not in said and column not in owners))[:COLUMNS]
    shown = tuple(column for column in names if column in set(columns))
    return Form(
        name,
        config.leads.note.labels.get(name, name) if hidden else name,
        kind,
        path,
        shown,
        tuple(config.label(name, column) if hidden else column for column in shown),
        {
            of: places
            for of in IDENTITY_FIELDS
            if (places := tuple(shown.index(column) for column in identity.get(of, ()) if column in shown))
        },
        tuple(shown.index(column) for column in owners if column in shown),
        tuple(shown.index(column) for column in keys if column in shown),
    )
