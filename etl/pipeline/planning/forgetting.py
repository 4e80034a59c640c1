"""What forgotten records would have decided: asked of them alone, and nothing of it is written but whose family waits.

Their families are decided without them. Where one of them would not have become a lead, by the rules and its own rows,
its family would have stayed with it: then it does not move before a person has looked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify import Linkage, classify
from etl.classify.linkage import DUPLICATE_SCHEMA, EXISTING_SCHEMA, MATCH_SCHEMA
from etl.classify.outcomes import LEAD
from etl.classify.ties import NO_TIES, Ties
from etl.config import Config, Entry, Master, comparable
from etl.connect.hiding import Apart
from etl.connect.source import TEXT
from etl.matching.addresses import Addresses
from etl.model import Dataset
from etl.pipeline.planning.identity import comparable_records
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.kept_linkage import MODELS
from etl.pipeline.planning.masters import ReadMaster, match_with
from etl.pipeline.planning.run import Run
from etl.plan.tables import database


def ties_of(run: Run, inputs: Inputs) -> Ties:
    """What forgotten records, and rows that are read no further, leave behind; the models of the masters must have
    been written."""
    apart, left = inputs.extracted.apart, inputs.extracted.opted_out
    if not apart.met and not apart.losing:
        return replace(NO_TIES, opted_out=left, met=inputs.met)
    with TemporaryDirectory(dir=run.folder) as name:
        staying, opted_out = _alone(Path(name), run, inputs)
    waiting, families = set(apart.losing), []
    for together in _together(apart):
        others = sorted(together - apart.met)
        if together & staying:
            waiting.update(others)
        elif len(others) > 1:
            families.append(tuple(others))
    return Ties(tuple(sorted(waiting)), tuple(sorted(families)), Addresses.of([opted_out.keys, left.keys]))


def _alone(folder: Path, run: Run, inputs: Inputs) -> tuple[set[str], Addresses]:
    """The forgotten records that would not have become leads, by the rules and their own rows alone.

    And the addresses that forgotten records opted out with, as keys that are no texts.
    """
    config, masters = run.config, [master.dataset for master in inputs.masters]
    own = [_own_rows(folder, dataset, inputs.extracted.apart, config) for dataset in inputs.datasets]
    matches = _matches(run.folder / MODELS, config, inputs.masters, own)
    linkage = Linkage(matches, DUPLICATE_SCHEMA.empty_table(), EXISTING_SCHEMA.empty_table())
    with database(folder) as connection:
        alone = classify(connection, (*own, *masters), config, linkage=linkage)
    decisions = alone.decisions
    stays = pa.array(decisions.outcome.decision != LEAD)
    return set(decisions.records.source_key.filter(stays).to_pylist()), alone.opted_out


def _own_rows(folder: Path, dataset: Dataset, apart: Apart, config: Config) -> Dataset:
    """A dataset of the rows of forgotten records alone, which name no parent: their families are not asked."""
    empties = config.source.empties(dataset.name)
    schema = pa.schema([(column, TEXT) for column in dataset.columns], empties.metadata())
    tables = [table.select(dataset.columns).cast(schema) for table in apart.rows.get(dataset.name, ())]
    rows = pa.concat_tables([schema.empty_table(), *tables])
    entry = config.source.records.get(dataset.name)
    if entry is not None and entry.parent is not None:
        place = rows.column_names.index(entry.parent.column)
        rows = rows.set_column(place, entry.parent.column, pa.nulls(len(rows), TEXT))
    path = folder / dataset.path.name
    pq.write_table(rows.replace_schema_metadata(empties.metadata()), path)
    size = sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in rows.columns)
    return replace(dataset, path=path, rows=len(rows), size=size, faults=())


def _matches(models: Path, config: Config, masters: Sequence[ReadMaster], own: Sequence[Dataset]) -> pa.Table:
    """The customers on the masters that forgotten records fit, by the models that the others have taught."""
    entries = [dataset for dataset in own if dataset.kind == "entry"]
    known = json.loads(models.read_text(encoding="utf-8")) if masters else {}
    tables = [MATCH_SCHEMA.empty_table()]
    for master in masters:
        name = master.dataset.name
        asked = config.masters[name]
        keys, _ = comparable_records(config, entries, partial(_comparable, asked))
        if len(keys) and name in known:
            pinned = asked.model_copy(update={"model": str(models.resolve())})
            taught = config.model_copy(update={"masters": {**config.masters, name: pinned}})
            _, _, matches = match_with(taught, master, pq.read_table(master.dataset.path), entries)
            tables += matches
    return pa.concat_tables(tables)


def _comparable(master: Master, entry: Entry) -> bool:
    return comparable(entry.identity, master.identity)


def _together(apart: Apart) -> list[set[str]]:
    """The records that forgotten ones make one family, with these."""
    groups: dict[str, set[str]] = {key: {key} for key in apart.met}
    for pair in apart.families:
        joined = set.union(*(groups.get(key, {key}) for key in pair))
        groups.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in groups.values()}.values())
