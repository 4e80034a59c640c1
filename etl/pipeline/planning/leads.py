"""Turn one chunk of the snapshot into leads: the work of one worker process, and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify import family_hash, row_digest
from etl.config import Config, exists_of
from etl.config.tables import own_keys
from etl.connect.target import FieldLimit
from etl.errors import PlanError
from etl.matching.addresses import NOBODY, Addresses
from etl.model import SOURCE_KEY_COLUMN, Chunk, source_key
from etl.plan.bundle import chunk_of, members_of, read_row_groups, read_rows_of
from etl.plan.digest import Contents, contents
from etl.texts import stored
from etl.transform import Transformed, transform
from etl.transform.consent import OPTED_OUT, Consent
from etl.transform.limits import blocked as unfit
from etl.transform.unique import THERE, Taken

TEXT = pa.large_string()
LEAD_KEY = "lead key"
"""What the limit of the target's key is called among those of its fields."""
FINDING_SCHEMA = pa.schema(
    [(name, TEXT) for name in ("lead", "source_key", "code", "severity", "field", "value", "proposal", "message")]
)
BLOCKED_SCHEMA = pa.schema(
    [("lead", TEXT), ("field", TEXT), ("length", pa.int64()), ("limit", pa.int64()), ("reason", TEXT)]
)
TOO_LONG = stored("{field} too long, {n} where {n_limit} fit")
REASONS = {
    "characters": stored("{field} characters"),
    "empty": stored("{field} empty"),
    "unknown": stored("{field} unknown"),
    "form": stored("{field} is no value of its column's type"),
}
"""How a value does not fit its field, by the reason in `blocked.parquet`."""
TAKEN = stored("{which} taken by {record}, and must be unique")
TAKEN_BEFORE = stored("{which} taken by a lead that is there already, and must be unique")
MERGED_SCHEMA = pa.schema([("lead", TEXT), ("source_key", TEXT), ("fields", pa.list_(TEXT))])
"""One row for each record that would have a lead of its own and shares one; fields: those of the lead that it gave."""


def lead_schema(config: Config) -> pa.Schema:
    """The columns of `leads.parquet`: the lead's key, its family, the id of the lead that is there already and that it
    goes into, the fields that the config fills, the addresses of those who opted out, the note."""
    kinds = [(name, pa.bool_() if name == "do_not_contact" else TEXT) for name in config.leads.names]
    kinds += [(OPTED_OUT, TEXT)] if "do_not_contact" in config.leads.fields else []
    return pa.schema([("lead", TEXT), ("family", TEXT), ("into", TEXT), *kinds, ("note", TEXT)])


@dataclass(frozen=True)
class Job:
    """One chunk to work on, or of several those records that `only` names.

    decisions: its rows of `decisions.parquet`. groups: of the families that share a row of history, or a lead, with
    another, each one's group; customer_rows: of families that were matched, the digests of customers' rows that their
    hash is over. kinds: file -> kind and name of a dataset. opted_out: the addresses of all records that opted out.
    taken: lead -> the value that another lead has, too. only: source keys of records; the rows of others are left out.
    """

    snapshot: Path
    row_groups: Sequence[Mapping[str, int]]
    decisions: pa.Table
    groups: Mapping[str, str]
    customer_rows: Mapping[str, Sequence[bytes]]
    kinds: Mapping[str, tuple[str, str]]
    columns: Mapping[str, list[str]]
    config: Config
    limits: Mapping[str, FieldLimit | None]
    opted_out: Addresses = NOBODY
    taken: Mapping[str, Taken] = field(default_factory=dict)
    only: pa.Array | None = None


@dataclass(frozen=True)
class ChunkLeads:
    """What became of a chunk.

    blocked: values that the target cannot hold; blocked_families: their families, and those that share history with
    them, which are in none of the other tables, with the reason in words; hashes: of these families, as people will see
    them. values: legacy values in notes, each read back from its note. omitted: dataset and column -> values left out.
    merged: as in MERGED_SCHEMA. consent: what was done for those who opted out. contents: what the chunk's rows of each
    file of the snapshot add up to.
    """

    leads: pa.Table
    merged: pa.Table
    findings: pa.Table
    blocked: pa.Table
    blocked_families: Mapping[str, str]
    hashes: Mapping[str, str]
    values: int
    omitted: Mapping[tuple[str, str], int]
    consent: Consent
    contents: Mapping[str, Contents]
    contents_of_leads: Contents


def make_leads(job: Job) -> ChunkLeads:
    """Make the leads of a chunk, and prove each note by reading it back.

    Raises PlanError where a value cannot be read back from its note: that is a fault of this tool, and the plan is not
    made.
    """
    tables = _rows(job)
    added_up = {name: contents(table) for name, table in tables.items()}
    members = members_of(job.decisions)
    made = _transformed(tables, members, job)
    keys = pd.DataFrame({LEAD_KEY: made.leads.index.astype("str")}, index=made.leads.index)
    taken = {lead: job.taken[lead] for lead in made.leads.index if lead in job.taken} if job.taken else {}
    parts = [made.blocked, unfit(keys, job.limits), *([_taken(taken)] if taken else [])]
    blocked, families = pd.concat(parts, ignore_index=True), dict[str, str]()
    if len(blocked):
        families = _families(blocked, made.leads["family"], taken)
        families |= _sharing_families(families, members["family"], job.groups)
        members = members[~members["family"].isin(list(families))]
        made = _transformed(tables, members, job)
    if not made.proof.holds:
        first = made.proof.differences[0]
        raise PlanError(
            f"A value cannot be read back from its note as it was written: {first.kind}, column {first.column!r}.",
            where=first.source_key or first.lead,
            next="report this as a fault in crm-cleanup, if possible with the value of the column",
        )
    made.leads.insert(1, "into", members["into"].reindex(made.leads.index))
    leads = pa.Table.from_pandas(made.leads.reset_index(names="lead"), lead_schema(job.config), preserve_index=False)
    return ChunkLeads(
        leads=leads,
        merged=_table(made.merged, MERGED_SCHEMA),
        findings=_table(made.findings, FINDING_SCHEMA),
        blocked=_table(blocked, BLOCKED_SCHEMA),
        blocked_families=families,
        hashes=_hashes(tables, job, families),
        values=made.proof.conserved,
        omitted=_omitted(chunk_of(tables, job.kinds, members), job.config, job.columns),
        consent=made.consent,
        contents=added_up,
        contents_of_leads=contents(leads),
    )


def _rows(job: Job) -> dict[str, pa.Table]:
    """The rows to work on: file name -> its rows, in the order of families."""
    if job.only is None:
        return read_row_groups(job.snapshot, job.row_groups[0])
    groups: dict[str, list[int]] = {}
    for chunk in job.row_groups:
        for name, group in chunk.items():
            groups.setdefault(name, []).append(group)
    return {name: read_rows_of(job.snapshot / name, numbers, job.only) for name, numbers in groups.items()}


def _transformed(tables: Mapping[str, pa.Table], members: pd.DataFrame, job: Job) -> Transformed:
    """The leads of some members of the chunk."""
    chunk = chunk_of(tables, job.kinds, members)
    return transform(chunk, members, job.config, job.columns, job.limits, job.opted_out)


def _taken(taken: Mapping[str, Taken]) -> pd.DataFrame:
    """The leads with a value that another one has, as `unfit` gives others."""
    rows = [(lead, own.field, None, None, "taken") for lead, own in sorted(taken.items())]
    frame = pd.DataFrame(rows, columns=["lead", "field", "length", "limit", "reason"])
    return frame.astype({"lead": "str", "field": "str", "length": "Int64", "limit": "Int64", "reason": "str"})


def _families(blocked: pd.DataFrame, family: pd.Series[str], taken: Mapping[str, Taken]) -> dict[str, str]:
    """The families with a value that does not fit its field in the target, and the first such value, in words."""
    families: dict[str, str] = {}
    for row in blocked.to_dict("records"):
        lead = str(row["lead"])
        if row["reason"] == "taken":
            words = TAKEN_BEFORE if taken[lead].holder == THERE else TAKEN
            value = words.format(which=row["field"], record=taken[lead].holder)
        else:
            words = TOO_LONG if pd.notna(row["limit"]) else REASONS[row["reason"]]
            value = words.format(field=row["field"], n=row["length"], n_limit=row["limit"])
        families.setdefault(
            str(family[lead]),
            stored("{lead}: {told_value}; deciding lead does not move it before it fits", lead=lead, told_value=value),
        )
    return families


def _sharing_families(
    blocked: Mapping[str, str], families: pd.Series[str], groups: Mapping[str, str]
) -> dict[str, str]:
    """The families that share a row of history, or a lead, with a blocked one: moved without it they would leave the
    row behind, or be a part of their lead alone."""
    blocked_groups = {groups[family]: family for family in sorted(blocked, reverse=True) if family in groups}
    return {
        family: stored(
            "shares history or a lead with {family}, of which a value does not fit",
            family=blocked_groups[groups[family]],
        )
        for family in families.unique()
        if family not in blocked and groups.get(family) in blocked_groups
    }


def _hashes(tables: Mapping[str, pa.Table], job: Job, families: Mapping[str, str]) -> dict[str, str]:
    """Hash the records and evidence rows of some families of the chunk, as `etl.classify` does for those in review."""
    if not families:
        return {}
    evidence = {condition.exists for rule in job.config.classify for condition in exists_of(rule.when)}
    further = {name: own for name, own in own_keys(job.config).items() if name in job.config.source.related}
    decisions = job.decisions.filter(pc.is_in(job.decisions["family"], pa.array(list(families), TEXT)))
    family_of = dict(zip(decisions["source_key"].to_pylist(), decisions["family"].to_pylist(), strict=True))
    digests: dict[str, list[bytes]] = {family: list(job.customer_rows.get(family, ())) for family in families}
    for file, table in tables.items():
        kind, name = job.kinds[file]
        if name in further:
            entry, column = further[name]
            for row in table.drop_columns([SOURCE_KEY_COLUMN]).to_pylist():
                if row[column] is not None and (family := family_of.get(source_key(entry, row[column]))):
                    digests[family].append(row_digest(name, row))
        elif kind == "entry" or name in evidence:
            for row in table.filter(pc.is_in(table[SOURCE_KEY_COLUMN], pa.array(list(family_of), TEXT))).to_pylist():
                digests[family_of[row.pop(SOURCE_KEY_COLUMN)]].append(row_digest(name, row))
    return {family: family_hash(rows) for family, rows in digests.items()}


def _table(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(frame[schema.names], schema, preserve_index=False)


def _omitted(chunk: Chunk, config: Config, columns: Mapping[str, list[str]]) -> dict[tuple[str, str], int]:
    """Count the values that the config keeps out of the notes, by dataset and column."""
    from etl.note import Labels

    labels = Labels.of(config, columns)
    omitted = {}
    for name, frame in (*chunk.records.items(), *chunk.related.items()):
        for column in labels[name].omitted:
            omitted[name, column] = int(frame[column].notna().sum())
    return omitted
