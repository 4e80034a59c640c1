"""Give converted customers back what the CRM's conversion dropped: from the plan's snapshot, where a field is empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from etl.config import Config
from etl.connect.registry import conversion_loses_values, open_restoration
from etl.connect.restoration import LegacyPartner, PlannedLead, Proposal, Restoration
from etl.connect.target import Target
from etl.errors import ConfigError
from etl.load.apply import Refusal
from etl.model import Progress, no_progress
from etl.pipeline.target import holder, open_planned_target
from etl.plan import Bundle
from etl.plan.intact import refuse_changed
from etl.plan.journal import Journal


@dataclass
class Restored:
    """What `restore` found, and did where it was asked to write.

    leads: of this plan that are converted, and have a customer. partners: customers and contacts that get something,
    `made` of them new ones below a customer; values: fields that they get; banks: bank accounts. compared, equal:
    fields that the legacy partners had and customers can hold, and those that the customers had already. other: fields
    in which a customer has another value, which stays. refused: what Odoo did not take, and why; kept: by an undo, what
    somebody has edited since.
    """

    leads: int = 0
    partners: int = 0
    made: int = 0
    values: int = 0
    banks: int = 0
    compared: int = 0
    equal: int = 0
    other: int = 0
    written: bool = False
    undone: bool = False
    refused: list[Refusal] = field(default_factory=list)
    kept: list[Refusal] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def restore(bundle: Bundle, *, write: bool = False, undo: bool = False, progress: Progress = no_progress) -> Restored:
    """Hold the customers that came from this plan's leads against the snapshot, and write what they lack.

    write: else it only says what it would write. undo: take back what was restored before. Raises ConfigError where
    source and target are not both an Odoo, StalePlan and Locked as `apply` does, and TargetError where Odoo is lost.
    """
    config = bundle.config
    if not conversion_loses_values(config.source, config.target):
        raise _not_between_odoos(config)
    refuse_changed(bundle)
    target = open_planned_target(bundle)
    try:
        restoration = open_restoration(config.source, config.target, bundle.path, bundle.manifest.written_as[:16])
        if restoration is None:
            raise _not_between_odoos(config)
        try:
            return _run(bundle, target, restoration, Restored(written=write, undone=undo), progress)
        finally:
            restoration.close()
    finally:
        target.close()


def _not_between_odoos(config: Config) -> ConfigError:
    return ConfigError("restore works only where source and target are both an Odoo.", where=config.path)


def _run(bundle: Bundle, target: Target, restoration: Restoration, done: Restored, progress: Progress) -> Restored:
    """Say what would be written; or write it, or take it back, as the only runner and with a line in the journal."""
    if not (done.written or done.undone):
        _restore(bundle, target, restoration, done, progress)
        return done
    with Journal(bundle.path, bundle.manifest.digest).command("restore") as counts:
        with target.lock(holder("restore")):
            (_take_back if done.undone else _restore)(bundle, target, restoration, done, progress)
        counts.update(leads=done.leads, partners=done.partners, values=done.values, refused=len(done.refused))
    return done


def _restore(bundle: Bundle, target: Target, restoration: Restoration, done: Restored, progress: Progress) -> None:
    for lead, partner in _converted(bundle, target, restoration):
        done.leads += 1
        for proposal in restoration.proposals(lead, partner):
            done.compared += proposal.compared
            done.equal += proposal.equal
            done.other += len(proposal.other)
            if proposal.needed:
                _give(restoration, proposal, done)
        progress("customers", done.leads, None)


def _give(restoration: Restoration, proposal: Proposal, done: Restored) -> None:
    refused = restoration.write(proposal) if done.written else {}
    done.refused += [Refusal(proposal.source_key, f"{name}: {reason}") for name, reason in refused.items()]
    if "contact" in refused:
        return
    values = sorted(name for name in proposal.values if name not in refused)
    banks = 0 if "bank account" in refused else len(proposal.banks)
    if not values and not banks:
        return
    done.partners += 1
    done.made += proposal.partner is None
    done.values += len(values)
    done.banks += banks
    where = f"customer {proposal.partner}" if proposal.partner else f"a new contact below {proposal.parent}"
    done.examples.append(
        f"{proposal.source_key}, {where}: {', '.join([*values, *(['bank account'] if banks else [])])}"
    )


def _take_back(_bundle: Bundle, _target: Target, restoration: Restoration, done: Restored, progress: Progress) -> None:
    for entry, source_key, kept in restoration.all_written():
        reason = restoration.take_back(kept)
        if reason is not None:
            done.kept.append(Refusal(source_key, reason))
        restoration.forget([entry])
        done.partners += 1
        done.values += len(kept["written"])
        progress("customers", done.partners, None)


def _converted(bundle: Bundle, target: Target, restoration: Restoration) -> Iterator[tuple[PlannedLead, int]]:
    """The leads of a plan that were converted, with what the plan knows of them, and their customers."""
    system, digest = bundle.manifest.system, bundle.manifest.written_as
    for chunk in range(bundle.chunks):
        members = bundle.members(chunk)
        moved = members[members["lead"].notna()]
        rows = target.ledger_of(system, moved.index)
        rows = rows[rows["plan"] == digest]
        ids = {lead: int(own) for lead, own in zip(rows["lead_key"], rows["lead_id"], strict=True) if own.isdecimal()}
        partners = restoration.converted(sorted(set(ids.values()))) if ids else {}
        wanted = {lead: own for lead, own in ids.items() if own in partners}
        if wanted:
            yield from (
                (lead, partners[lead.id])
                for lead in _leads(bundle, chunk, moved[moved["lead"].isin(list(wanted))], wanted, restoration)
            )


def _leads(
    bundle: Bundle, chunk: int, members: pd.DataFrame, ids: dict[str, int], restoration: Restoration
) -> Iterator[PlannedLead]:
    whole, planned = bundle.chunk(chunk, members), bundle.leads(chunk)
    entries = _partner_entries(bundle.config, restoration.partner_table)
    banks = _bank_tables(bundle.config, restoration.bank_table)
    for key, some in members.groupby("lead", sort=True):
        records = []
        for source_key, member in some.sort_values("type").iterrows():
            if member["entry"] not in entries:
                continue
            [values] = _rows(whole.records[member["entry"]], str(source_key))
            own = [
                row for name in banks if name in whole.related for row in _rows(whole.related[name], str(source_key))
            ]
            records.append(LegacyPartner(str(source_key), member["type"] == "company", values, own))
        records.sort(key=lambda record: record.source_key != key)
        [fields] = _rows(planned.drop(columns="note"), str(key))
        yield PlannedLead(ids[str(key)], str(key), records, fields)


def _rows(frame: pd.DataFrame, key: str) -> list[dict[str, str]]:
    """The rows of one key, without what is empty."""
    rows = frame[frame.index == key].to_dict("records")
    return [{str(name): value for name, value in row.items() if not pd.isna(value)} for row in rows]


def _partner_entries(config: Config, partner_table: str) -> frozenset[str]:
    tables = {name: (entry.from_ or name).split()[0] for name, entry in config.source.records.items()}
    return frozenset(name for name, table in tables.items() if table == partner_table)


def _bank_tables(config: Config, bank_table: str) -> list[str]:
    related = [(name, table) for name, table in config.source.related.items() if table.further_of is None]
    return [name for name, table in related if (table.from_ or name) == bank_table]
