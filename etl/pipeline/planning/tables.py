"""Write a plan's tables that are made in chunks: leads, findings, decisions; and add up what they contain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify import Decisions
from etl.classify.open_cases import open_cases, open_rows
from etl.classify.plan_rows import DECISION_SCHEMA, decision_rows, unkeyed_rows
from etl.config import Config
from etl.connect import open_target
from etl.pipeline.parallel import workers
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.lead_files import Totals, codes_of, lead_files, tables_of, writer
from etl.pipeline.planning.lead_jobs import job_of
from etl.pipeline.planning.leads import MERGED_SCHEMA, lead_schema, make_leads
from etl.pipeline.planning.remade_leads import remake_leads
from etl.pipeline.planning.run import Run
from etl.plan.digest import Contents, contents
from etl.plan.snapshot import COMPRESSION, ChunkPlace
from etl.report.safe_csv import OPEN_CASES, Form, write_csv
from etl.transform.consent import Consent
from etl.transform.unique import Taken, taken_values


@dataclass(frozen=True)
class LeadTables:
    """The results of making the leads, besides the tables that were written.

    decisions: a family with a value that does not fit its field in the target is in review. digests: part of the plan
    -> digest of its contents. values: legacy values in notes, read back; omitted: dataset and column -> values left
    out. consent: what was done for those who opted out. contents: what each file adds up to.
    """

    decisions: Decisions
    digests: Mapping[str, str]
    values: int
    omitted: Mapping[tuple[str, str], int]
    consent: Consent
    contents: Mapping[str, Contents]


def make_lead_tables(run: Run, inputs: Inputs, decided: Decided) -> LeadTables:
    """Make the leads of every chunk in worker processes, and write all tables in the order of chunks."""
    folder, config, chunks = run.folder, run.config, decided.chunks
    totals = remake_leads(run, inputs, decided) or _make_chunks(run, inputs, decided, {})
    if taken := _taken(run, inputs):
        totals = _make_chunks(run, inputs, decided, taken)
    decisions = _without_blocked(decided.decisions, totals, config)
    written = _write_decisions(folder, decisions, chunks, totals.codes, config)
    cases = open_cases(decisions)
    pq.write_table(cases, folder / "cases.parquet", **COMPRESSION)
    write_csv(folder / OPEN_CASES, open_rows(cases), Form.of(config))
    digests = {
        f"snapshot/{name}": rows.hex(pq.read_schema(folder / "snapshot" / name).names)
        for name, rows in totals.snapshot.items()
    }
    digests["leads"] = totals.leads.hex(lead_schema(config).names)
    if config.leads.duplicates:
        digests["merged"] = totals.merged.hex(MERGED_SCHEMA.names)
    digests["decisions"] = written.hex(DECISION_SCHEMA.names)
    added_up = {**totals.snapshot, "leads": totals.leads, "merged": totals.merged}
    return LeadTables(decisions, digests, totals.values, dict(totals.omitted), totals.consent, added_up)


def _taken(run: Run, inputs: Inputs) -> dict[str, Taken]:
    """The leads that were made with a value that another lead has, in a field that the target says is unique."""
    unique = inputs.target.unique
    if not unique:
        return {}
    target = open_target(run.config.target)
    try:
        existing = [list(target.taken(own)) for own in unique]
    finally:
        target.close()
    path, names = run.folder / "leads.parquet", {"lead", "into", *(name for own in unique for name in own.fields)}
    with pq.ParquetFile(path) as file:
        columns = [name for name in file.schema_arrow.names if name in names]
        groups = (file.read_row_group(number, columns) for number in range(file.num_row_groups))
        return taken_values(groups, unique, existing)


def _make_chunks(run: Run, inputs: Inputs, decided: Decided, taken: Mapping[str, Taken]) -> Totals:
    """Make and write the leads, findings, blocked values and merged records of every chunk.

    taken: lead -> the value that another lead has, too; its family is in review.
    """
    chunks, done = decided.chunks, 0
    totals = Totals({dataset.path.name: Contents() for dataset in inputs.datasets})
    jobs = (job_of(run, inputs, decided, [place], taken) for place in chunks)
    with lead_files(run.folder, run.config) as files, workers(min(run.settings.workers, len(chunks))) as each:
        for place, chunk in zip(chunks, each(make_leads, jobs), strict=True):
            files.write(tables_of(chunk))
            totals.add(chunk)
            totals.codes.append(codes_of(chunk.findings))
            done += len(place.numbers)
            run.progress("leads", done, len(decided.decisions.records))
    for name in totals.snapshot:
        totals.snapshot[name] += _strays(run.folder / "snapshot" / name, chunks)
    return totals


def _without_blocked(decisions: Decisions, totals: Totals, config: Config) -> Decisions:
    """The decisions, with every family in review that has a value which does not fit its field in the target."""
    if not totals.blocked:
        return decisions
    numbers = {family: decisions.records.number(family) for family in totals.blocked}
    return decisions.send_to_review(
        {numbers[family]: reason for family, reason in totals.blocked.items()},
        {numbers[family]: family_hash for family, family_hash in totals.hashes.items()},
        config.leads.one_per,
    )


def with_findings(decided: pa.Table, codes: pa.Table) -> pa.Table:
    """Add to a chunk's decisions the codes of its findings; an empty list where there is none."""
    places = pc.index_in(decided["source_key"], value_set=codes["source_key"].combine_chunks())
    lists = pa.concat_arrays([*codes["codes"].chunks, pa.array([[]], pa.list_(pa.large_string()))])
    findings = lists.take(pc.fill_null(places, len(lists) - 1).combine_chunks())
    return decided.append_column("findings", findings)


def _write_decisions(
    folder: Path, decisions: Decisions, chunks: Sequence[ChunkPlace], codes: Sequence[pa.Table], config: Config
) -> Contents:
    """Write `decisions.parquet`, a row group a chunk; rows without a key are a last one. codes: of each chunk."""
    total = Contents()
    with writer(folder, "decisions", DECISION_SCHEMA) as file:
        for place, chunk_codes in zip(chunks, codes, strict=True):
            table = with_findings(decision_rows(decisions, place.numbers, config), chunk_codes)
            file.write_table(table, row_group_size=len(table))
            total += contents(table)
        table = unkeyed_rows(decisions)
        file.write_table(table)
    return total + contents(table)


def _strays(path: Path, chunks: Sequence[ChunkPlace]) -> Contents:
    """Add up the rows of one file of the snapshot that are in no chunk: those without a record."""
    inside = {place.row_groups[path.name] for place in chunks if path.name in place.row_groups}
    total = Contents()
    with pq.ParquetFile(path) as file:
        for group in sorted(set(range(file.num_row_groups)) - inside):
            total += contents(file.read_row_group(group))
    return total
