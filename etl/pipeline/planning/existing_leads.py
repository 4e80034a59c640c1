"""Find the records that may already be a lead in the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify.linkage import EXISTING_SCHEMA
from etl.config import Config, comparable
from etl.connect import TEXT
from etl.connect.target import Target
from etl.errors import excerpt
from etl.matching import Scored, best_match, explanations, identities
from etl.matching.model import Model
from etl.model import Dataset
from etl.pipeline.planning.identity import companies, comparable_records, persons, scored
from etl.plan.snapshot import COMPRESSION
from etl.plan.sums import source_keys
from etl.plan.tables import batches

COMPANIES, PERSONS = "companies in the pipeline", "persons in the pipeline"
"""What their models are called."""
FIELDS = {
    "company": ("partner_name", "name"),
    "street": ("street", "street2"),
    "postcode": ("postcode",),
    "city": ("city",),
    "state": ("state",),
    "country": ("country",),
    "email": ("email",),
    "phone": ("phone", "mobile"),
    "website": ("website",),
    "vat": ("vat",),
}
"""Kind of identity column -> the fields of a lead that say it. A company is called by the first of its names."""
NAME = r"^\s*(?P<first>.*?)\s*(?P<last>\S+)\s*$"


@dataclass(frozen=True)
class ExistingLeads:
    """The records that may be in the pipeline already.

    matches: as in EXISTING_SCHEMA, by source key. models: by what was compared. leads: how many the pipeline has.
    """

    matches: pa.Table
    models: dict[str, Model]
    leads: int


def still_there(moved: pa.Table, datasets: Sequence[Dataset], config: Config) -> pa.Table:
    """Of the records that moved before those that the source still has under their keys.

    A lead of another one is compared like those of strangers: whoever changes the key of an entry would move all of its
    records a second time.
    """
    keys = moved["source_key"].combine_chunks().cast(TEXT)
    present = np.zeros(len(moved), dtype=np.bool_)
    for dataset in datasets:
        if dataset.kind == "entry" and len(moved):
            for batch in batches(dataset.path, [config.source.records[dataset.name].key]):
                places = pc.index_in(source_keys(dataset.name, batch.column(0)).cast(TEXT), value_set=keys)
                present[np.asarray(places.drop_null())] = True
    return moved.filter(pa.array(present))


def read_existing(target: Target, moved: pa.Table, path: Path) -> Path:
    """Copy the fields of all leads that are in the pipeline, but for those that this source's records moved into.

    moved: the ledger's rows of those that the source still has, with lead_id. Written by id, in one Parquet file.
    Raises TargetError.
    """
    tables = [pa.table({"id": pa.array([], TEXT)})]
    for table in target.existing():
        own = pc.is_in(table["id"].cast(TEXT), value_set=moved["lead_id"].combine_chunks())
        texts = [name for name in table.column_names if name != "do_not_contact"]
        others = table.select(texts).filter(pc.invert(own))
        tables.append(others.cast(pa.schema([(name, TEXT) for name in texts])))
    leads = pa.concat_tables(tables, promote_options="default").sort_by("id")
    pq.write_table(leads, path, **COMPRESSION)
    return path


def find_existing(config: Config, entries: Sequence[Dataset], path: Path | None) -> ExistingLeads:
    """Compare companies with the companies of the leads, and persons with their contacts.

    entries: as extract has copied them; path: of `read_existing`, None where nothing is to be compared.
    """
    models, tables = dict[str, Model](), [EXISTING_SCHEMA.empty_table()]
    leads = pa.table({"id": pa.array([], TEXT)}) if path is None else pq.read_table(path)
    if config.leads.duplicates is not None and len(leads):
        for name, chosen, kinds in ((COMPANIES, companies, _companies(leads)), (PERSONS, persons, _persons(leads))):
            keys, rows = comparable_records(config, entries, lambda e: comparable(e.identity, e.identity), chosen)
            identity = identities.two_lists(rows, kinds)
            if len(keys) and comparable(identity, identity):
                settings, count = config.leads.duplicates, len(keys) + len(leads)
                scores = scored(config, identity, count, len(keys), name, settings.review_at, settings.model)
                tables.append(_best_matches(scores, keys, leads, config.leads.duplicates.review_at))
                models[name] = scores.judge.model
    return ExistingLeads(pa.concat_tables(tables).sort_by("source_key").combine_chunks(), models, len(leads))


def _best_matches(scores: Scored, keys: pa.ChunkedArray, leads: pa.Table, at_least: float) -> pa.Table:
    """The lead that fits each record best, where one is that probable."""
    best = best_match.best_matches(scores, at_least)
    places = pa.array(best.known - len(keys))
    columns = {
        "source_key": keys.take(pa.array(best.record)).combine_chunks(),
        "lead_id": leads["id"].take(places).combine_chunks(),
        "title": _titles(leads).take(places),
        "probability": pa.array(np.round(best.probability, 6)),
        "weight": pa.array(np.round(best.weight, 3)),
        "words": explanations.explain(scores.judge, best.record, best.known),
    }
    return pa.table(columns, schema=EXISTING_SCHEMA)


def _companies(leads: pa.Table) -> pa.Table:
    """The leads as companies, columns by kind."""
    columns = {kind: [name for name in names if name in leads.column_names] for kind, names in FIELDS.items()}
    names = [leads[name] for name in columns.pop("company")]
    company = pc.coalesce(*names) if names else pa.nulls(len(leads), TEXT)
    return identities.by_kind(
        leads.append_column("company of the lead", company), {"company": ["company of the lead"], **columns}
    )


def _persons(leads: pa.Table) -> pa.Table:
    """The leads as persons: the last word of the contact's name is the last name."""
    name = leads["contact_name"] if "contact_name" in leads.column_names else pa.nulls(len(leads), TEXT)
    parts = pc.extract_regex(name, NAME)
    first = pc.struct_field(parts, "first")
    first = pc.if_else(pc.equal(first, ""), pa.scalar(None, first.type), first)
    kinds = {kind: [n for n in FIELDS[kind] if n in leads.column_names] for kind in ("email", "phone")}
    table = leads.append_column("first", first.cast(TEXT)).append_column(
        "last", pc.struct_field(parts, "last").cast(TEXT)
    )
    return identities.by_kind(table, {"first_name": ["first"], "last_name": ["last"], **kinds})


def _titles(leads: pa.Table) -> pa.Array:
    columns = [leads[name] for name in ("name", "partner_name", "contact_name") if name in leads.column_names]
    texts = pc.coalesce(*columns).to_pylist() if columns else [None] * len(leads)
    return pa.array([excerpt(text, 60) if text else None for text in texts], TEXT)
