"""Check what the manifest says about the parts of a plan's files against the files themselves."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import RESERVED
from etl.config.link_tables import possible_names
from etl.config.related import elsewhere, further
from etl.errors import StalePlan
from etl.model import SOURCE_KEY_COLUMN
from etl.plan.bundle import MANIFEST, Bundle
from etl.plan.damage import changed, reading


def refuse_other_places(bundle: Bundle) -> None:
    """Check the number of leads, chunks, datasets and columns against the files. Raises StalePlan where they differ.

    Only the files' metadata is read. If the manifest has no checksum, because an older version made the plan, the
    source keys in each chunk are compared as well.
    """
    _refuse_other_counts(bundle)
    _refuse_other_datasets(bundle)
    if not bundle.manifest.checksum:
        _refuse_other_chunks(bundle)


def _refuse_other_counts(bundle: Bundle) -> None:
    leads, decisions = (_metadata(bundle.path / f"{name}.parquet") for name in ("leads", "decisions"))
    if leads.num_rows != bundle.manifest.leads:
        raise _differs(bundle, "the number of leads")
    chunks = bundle.chunks
    if leads.num_row_groups != chunks or decisions.num_row_groups < chunks:
        raise _differs(bundle, "the number of chunks")


def _refuse_other_datasets(bundle: Bundle) -> None:
    datasets, manifest = bundle.manifest.figures.datasets, bundle.manifest
    files = {f"snapshot/{dataset.file}" for dataset in datasets}
    parts = {part for part in manifest.digests if part.startswith("snapshot/")}
    if files != parts or len(files) != len(datasets):
        raise _differs(bundle, "the list of datasets")
    source = manifest.config.get("source", {})
    entries, related = source.get("records") or {}, source.get("related") or {}
    joins = {name: part.get("join") or () for name, part in {**entries, **related}.items() if isinstance(part, dict)}
    made = [further(name, join) for name, some in joins.items() for join in some]
    made += possible_names(entries, related)
    kinds = dict.fromkeys([*related, *map(elsewhere, entries), *made], "related")
    kinds |= dict.fromkeys(entries, "entry")
    for dataset in datasets:
        if dataset.kind != kinds.get(dataset.name, "evidence"):
            raise _differs(bundle, f"the kind of dataset {dataset.name!r}")
        with reading(bundle.path / "snapshot" / dataset.file):
            names = pq.read_schema(bundle.path / "snapshot" / dataset.file).names
        legacy = [name for name in names if not name.startswith(RESERVED) or name == SOURCE_KEY_COLUMN]
        if legacy != [SOURCE_KEY_COLUMN, *dataset.columns] or not set(dataset.columns) <= set(
            manifest.columns.get(dataset.name, ())
        ):
            raise _differs(bundle, f"the columns of dataset {dataset.name!r}")


def _refuse_other_chunks(bundle: Bundle) -> None:
    """Check that each chunk's row groups hold the records that the decisions list for it."""
    chunks = bundle.manifest.chunks
    if not {name for chunk in chunks for name in chunk} <= {
        dataset.file for dataset in bundle.manifest.figures.datasets
    }:
        raise _differs(bundle, "the chunks")
    members = _keys(bundle.path / "decisions.parquet", "source_key")
    for dataset in bundle.manifest.figures.datasets:
        groups = _keys(bundle.path / "snapshot" / dataset.file, SOURCE_KEY_COLUMN)
        inside = [number for number, keys in enumerate(groups) if keys.null_count < len(keys)]
        if [chunk[dataset.file] for chunk in chunks if dataset.file in chunk] != inside:
            raise _differs(bundle, "the chunks")
        for chunk, keys in zip(chunks, members, strict=False):
            if dataset.file in chunk and not pc.all(pc.is_in(groups[chunk[dataset.file]], value_set=keys)).as_py():
                raise _differs(bundle, "the chunks")


def _keys(path: Path, column: str) -> list[pa.Array]:
    """The source keys of each row group of a file."""
    with reading(path), pq.ParquetFile(path) as file:
        groups = (file.read_row_group(number, columns=[column]) for number in range(file.num_row_groups))
        return [group[column].combine_chunks() for group in groups]


def _metadata(path: Path) -> pq.FileMetaData:
    with reading(path):
        return pq.read_metadata(path)


def _differs(bundle: Bundle, what: str) -> StalePlan:
    return changed(bundle.path / MANIFEST, f"{what} does not match the files")
