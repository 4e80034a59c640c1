"""All files of a plan without one record, in a folder of their own; then in the places of those that were."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify.literals import figures_of
from etl.config import Config
from etl.config.people import delimiter_of
from etl.config.tables import links_of
from etl.errors import excerpt
from etl.extract.dated import asked_of_dates
from etl.load.files import STANDS_FOR
from etl.model import Dataset
from etl.pipeline.forgetting.leads import Figures, Remade
from etl.pipeline.forgetting.opted_out import left_in_plan
from etl.pipeline.forgetting.person import Person, mentions
from etl.pipeline.forgetting.snapshot import Taken, rewrite
from etl.pipeline.former_families import FORMER
from etl.pipeline.planning.conversion import FILE as CONVERSION
from etl.pipeline.planning.lead_files import codes_of
from etl.pipeline.planning.tables import with_findings
from etl.plan import Bundle, Manifest, reading
from etl.plan.bundle import ForgetStep
from etl.plan.digest import digest_of, plan_digest
from etl.plan.figures import Figures as PlanFigures, LiteralFigures
from etl.plan.intact import ATTACHMENTS, contents_of, file_hash
from etl.report.find.index import RECORDS, WORDS
from etl.report.safe_csv import OPEN_CASES, unguarded

TEXT = pa.large_string()
ANEW = ("leads", "merged", "findings")
"""The tables of which the rows of leads that are made anew are replaced."""
KEYS: Mapping[str, tuple[str, ...]] = {
    "matches": ("source_key",),
    "duplicates": ("left", "right"),
    "existing": ("source_key",),
    "flips": ("source_key",),
    "rejects": ("source_key",),
    "cases": ("source_key", "other"),
    "merged": ("source_key",),
    "findings": ("source_key",),
    "blocked": ("lead",),
}
"""Table -> the columns by which its rows are about a record."""
SAID: Mapping[str, tuple[str, ...]] = {
    "decisions": ("evidence",),
    "matches": ("other", "words"),
    "duplicates": ("words",),
    "existing": ("words",),
    "rejects": ("reason", "place"),
    "cases": ("evidence",),
    "orphans": ("key", "place"),
    "merged": (),
    "findings": (),
    "flips": (),
    "blocked": (),
}
"""Table -> the columns in which something is said of other records, perhaps with a value of this one."""


def write_tables(bundle: Bundle, person: Person, taken: Taken, chunks: Sequence[Remade], folder: Path) -> None:
    """Write all tables beside the snapshot without the person into a folder."""
    anew = {remade.chunk: remade for remade in chunks}
    rewrite(bundle.path / "leads.parquet", folder / "leads.parquet", _leads(anew))
    rewrite(bundle.path / "decisions.parquet", folder / "decisions.parquet", _decisions(person, taken, anew))
    for name, columns in KEYS.items():
        path = bundle.path / f"{name}.parquet"
        if path.is_file():
            of = [lead for remade in chunks for lead in remade.before.index] if name in ANEW else []
            more = [getattr(remade.made, name) for remade in chunks] if name in ANEW else []
            rewrite(path, folder / path.name, _filtered(name, columns, person, taken, of))
            if more:
                _append(folder / path.name, more)
    rewrite(bundle.path / "orphans.parquet", folder / "orphans.parquet", _orphans(bundle, person, taken))


Change = Callable[[pa.Table, int], pa.Table]


def _leads(anew: Mapping[int, Remade]) -> Change:
    return lambda table, group: anew[group].made.leads if group in anew else table


def _decisions(person: Person, taken: Taken, anew: Mapping[int, Remade]) -> Change:
    def change(table: pa.Table, group: int) -> pa.Table:
        left = _without(table, ("source_key",), person.key)
        if group in anew and len(left):
            left = with_findings(left.drop_columns("findings"), codes_of(anew[group].made.findings))
        by_person = pc.equal(left["decided_by"], pa.scalar(person.key, TEXT))
        if len(left):
            own = pc.if_else(by_person, left["source_key"], left["decided_by"])
            said = pc.if_else(by_person, pa.scalar(None, TEXT), left["evidence"])
            left = _set(_set(left, "decided_by", own), "evidence", said)
        return _silent(left, SAID["decisions"], taken)

    return change


def _filtered(name: str, columns: Sequence[str], person: Person, taken: Taken, leads: Sequence[str]) -> Change:
    def change(table: pa.Table, _group: int) -> pa.Table:
        left = _without(table, columns, person.key)
        if leads:
            left = left.filter(pc.invert(pc.is_in(left["lead"], pa.array(leads, TEXT))))
        return _silent(left, SAID[name], taken)

    return change


def _orphans(bundle: Bundle, person: Person, taken: Taken) -> Change:
    """Rows that belong to no record, without those that say in a link that they were the person's."""
    links = {column for some in links_of(bundle.config).values() for entry, column in some if entry == person.entry}
    said = [f"{column} {excerpt(person.own_key)}" for column in sorted(links)]

    def change(table: pa.Table, _group: int) -> pa.Table:
        keys = [text or "" for text in table["key"].to_pylist()]
        mine = [any(mentions(key, words) for words in said) for key in keys]
        return _silent(table.filter(pc.invert(pa.array(mine, pa.bool_()))), SAID["orphans"], taken)

    return change


def _without(table: pa.Table, columns: Sequence[str], key: str) -> pa.Table:
    for column in columns:
        named = pc.fill_null(pc.equal(table[column], pa.scalar(key, table.schema.field(column).type)), False)
        table = table.filter(pc.invert(named))
    return table


def _silent(table: pa.Table, columns: Sequence[str], taken: Taken) -> pa.Table:
    """A table in which these columns say no value of the person."""
    for column in columns:
        texts = table[column].to_pylist()
        if any(taken.says(text) for text in texts):
            table = _set(table, column, pa.array([None if taken.says(text) else text for text in texts], TEXT))
    return table


def _set(table: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    place = table.column_names.index(column)
    return table.set_column(place, table.schema.field(place), values.cast(table.schema.field(place).type))


def _append(path: Path, tables: Sequence[pa.Table]) -> None:
    """Add rows to a small table, as a last row group."""
    whole = pq.read_table(path)
    with pq.ParquetWriter(path, whole.schema) as writer:
        for table in (whole, *(table.cast(whole.schema) for table in tables if len(table))):
            writer.write_table(table)


def write_texts(bundle: Bundle, person: Person, taken: Taken, folder: Path) -> None:
    """Write the plan's CSV and JSON files that no report makes anew."""
    for name, columns in ((OPEN_CASES, ("source_key", "other")), (CONVERSION, ("lead", "other"))):
        path = bundle.path / name
        if path.is_file():
            text = path.read_text("utf-8-sig")
            begin = "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
            (folder / name).write_text(begin + _csv_without(text, columns, person.key, taken), encoding="utf-8")


def _csv_without(text: str, columns: Sequence[str], key: str, taken: Taken) -> str:
    delimiter = delimiter_of(text.partition("\n")[0])
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, reader.fieldnames or (), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    for row in reader:
        if not any(unguarded(row.get(column) or "") == key for column in columns):
            writer.writerow({name: "" if taken.says(cell) else cell for name, cell in row.items()})
    return out.getvalue()


def lost_attachments(bundle: Bundle, folder: Path) -> list[str]:
    """The files of the plan that nothing in the new snapshot names."""
    here = {path.name for path in (bundle.path / ATTACHMENTS).rglob("*") if path.is_file()}
    if not here:
        return []
    named: set[str] = set()
    for path in (folder / "snapshot").glob("*.parquet"):
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                for column in file.read_row_group(group).columns:
                    some = column.filter(pc.fill_null(pc.match_substring(column, "attachments/"), False))
                    named |= {
                        match[1].partition("/")[2] for text in some.to_pylist() for match in STANDS_FOR.finditer(text)
                    }
    return sorted(here - named)


def new_manifest(
    bundle: Bundle, person: Person, taken: Taken, figures: Figures, lost: Sequence[str], folder: Path, step: ForgetStep
) -> Manifest:
    """What the plan says of itself from now on. folder: has its new tables."""
    manifest = bundle.manifest
    parquet = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*.parquet"))}
    files = {name: file_hash(parquet[name]) if name in parquet else own for name, own in manifest.files.items()}
    digests = dict(manifest.digests)
    for part in digests:
        path = parquet.get(part, parquet.get(f"{part}.parquet"))
        if path is not None:
            digests[part] = contents_of(path)
    names = {path.name for path in (bundle.path / ATTACHMENTS).rglob("*") if path.is_file()} - set(lost)
    digests[ATTACHMENTS] = digest_of(sorted(names))
    with pq.ParquetFile(folder / "leads.parquet") as file:
        leads = file.metadata.num_rows
    dated = _dates(manifest.figures, bundle.config, folder / "snapshot")
    return replace(
        manifest,
        digest=plan_digest(manifest.as_of.isoformat(), manifest.config, digests, manifest.format),
        digests=digests,
        figures=_figures(manifest.figures, person, taken, figures, dated),
        leads=leads,
        files={name: own for name, own in files.items() if name not in (RECORDS, WORDS, *reading.FILES)},
        reading=None,
        forgotten=manifest.forgotten.with_one(person.key, step, left_in_plan(bundle, figures.opted_out, folder)),
    )


def _figures(
    plan: PlanFigures, person: Person, taken: Taken, figures: Figures, dated: Mapping[str, LiteralFigures]
) -> PlanFigures:
    datasets = tuple(
        replace(
            dataset,
            rows=dataset.rows - taken.rows[dataset.name],
            forgotten=dataset.forgotten + taken.rows[dataset.name],
            forgotten_shared=dataset.forgotten_shared + taken.shared[dataset.name],
        )
        for dataset in plan.datasets
    )
    omitted = tuple(
        replace(column, values=column.values + figures.omitted[column.dataset, column.column])
        for column in plan.values.omitted
    )
    over = plan.overrides
    lists: dict[str, Any] = {
        why: tuple(key for key in keys if key != person.key) for why, keys in over.not_applied.items()
    }
    conversion = plan.conversion
    if conversion:
        shown = tuple(lead for lead in conversion.first if person.key not in (lead.lead, lead.other))
        conversion = replace(conversion, first=shown)
    return replace(
        plan,
        datasets=datasets,
        values=replace(plan.values, conserved=plan.values.conserved + figures.values, omitted=omitted),
        rules=tuple(replace(rule, held=rule.held - (rule.name in person.rules)) for rule in plan.rules),
        overrides=replace(over, **lists),
        undecided=plan.undecided - (person.rule == plan.rules[-1].name),
        conversion=conversion,
        literals=tuple(dated.get(literal.at) or _literal(literal, person, taken) for literal in plan.literals),
    )


def _dates(plan: PlanFigures, config: Config, snapshot: Path) -> dict[str, LiteralFigures]:
    """What of `changed` and `order_by` can be read in a new snapshot, by where the config names it."""
    datasets = {
        figures.name: Dataset(
            figures.name, figures.kind, figures.table, snapshot / figures.file, figures.columns, figures.rows, 0
        )
        for figures in plan.datasets
        if (snapshot / figures.file).exists()
    }
    return {asked.at: figures_of(asked) for asked in asked_of_dates(datasets, config)}


def _literal(figures: LiteralFigures, person: Person, taken: Taken) -> LiteralFigures:
    """What values nearly met, without the one that only the person has."""
    own = taken.cells.get(figures.column) if figures.dataset == person.entry else None
    near = tuple(
        replace(value, rows=value.rows - (value.value == own))
        for value in figures.near
        if value.value != own or value.rows > 1
    )
    return replace(figures, near=near)


def put_in_place(folder: Path, plan: Path, lost: Sequence[str]) -> None:
    """Put the files of a folder in the places of those that were, the manifest last. It may be called again."""
    manifest = folder / "manifest.json"
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path != manifest):
        path.replace(plan / path.relative_to(folder))
    for name in (RECORDS, WORDS, FORMER, *reading.FILES):
        (plan / name).unlink(missing_ok=True)
    for name in lost:
        (plan / ATTACHMENTS / name[:2] / name).unlink(missing_ok=True)
    if manifest.exists():
        manifest.replace(plan / manifest.name)
    shutil.rmtree(folder, ignore_errors=True)
