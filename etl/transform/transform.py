"""From decisions to leads: notes, lead fields and findings for a chunk of whole families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from etl.config import Config, Mapped
from etl.empties import emptied_frame
from etl.matching.addresses import NOBODY, Addresses
from etl.model import Chunk
from etl.note import Labels, Proof, fold, prove
from etl.transform.consent import Consent
from etl.transform.duplicates import apart, as_one
from etl.transform.fields import consent_of, lead_fields
from etl.transform.identity import identities, titles
from etl.transform.layout import layout
from etl.transform.limits import FieldLimit, blocked, settled, with_defaults
from etl.transform.quality import quality
from etl.transform.quality.findings import merge


@dataclass(frozen=True)
class Transformed:
    """What became of a chunk.

    leads: index = lead key, sorted; str columns `family` and the configured lead fields in the order of LEAD_FIELDS
    (`do_not_contact` bool), then `note`; those that are blocked are among them. merged: as `as_one` gives it.
    findings: as `quality` gives them, those of the lead fields included. blocked: as `limits.blocked` gives them.
    proof: that each note, parsed back, holds every value. consent: what was done for those who opted out.
    """

    leads: pd.DataFrame
    merged: pd.DataFrame
    findings: pd.DataFrame
    blocked: pd.DataFrame
    proof: Proof
    consent: Consent


def decisive(chunk: Chunk, config: Config) -> Chunk:
    """A chunk without the words that stand for an empty value; notes are made of the whole one."""
    parts = (
        {name: emptied_frame(frame, config.source.empties(name)) for name, frame in frames.items()}
        for frames in (chunk.records, chunk.related)
    )
    return Chunk(*parts)


def sections(chunk: Chunk, members: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Lay out the notes of a chunk's leads, as `layout` does, with the titles that the config's identity gives."""
    identity = identities(decisive(chunk, config), config.source.records, ("company", "first_name", "last_name"))
    return layout(members, config.leads.one_per, titles(identity, members["type"]))


def transform(
    chunk: Chunk,
    members: pd.DataFrame,
    config: Config,
    columns: Mapping[str, Sequence[str]],
    limits: Mapping[str, FieldLimit | None],
    opted_out: Addresses = NOBODY,
) -> Transformed:
    """Make the leads of a chunk: what stands in each note, the notes with their proof, fields, findings, limits.

    members: one row a legacy record of the chunk, indexed by source key: entry, type, decision, family, company, lead.
    columns: dataset -> its source columns, for entries and related tables. limits: lead field -> what the target holds.
    opted_out: the addresses of all records of the snapshot that opted out.
    The same family gives the same leads in whatever chunk, and with whatever row order, it comes.
    Raises ConfigError for a template, NoteError for a value that cannot stand in a note.
    """
    laid_out = sections(chunk, members, config)
    labels = Labels.of(config, columns)
    notes = fold(laid_out, chunk, labels)
    proof = prove(laid_out, chunk, labels, notes)
    parts, alone = members, laid_out
    if config.leads.duplicates:
        parts = apart(members)
        alone = sections(chunk, parts, config)
    filled = decisive(chunk, config)
    fields, merged = as_one(lead_fields(filled, parts, alone, config, columns, opted_out), members["lead"])
    leads, unknown = with_defaults(settled(fields.leads, limits), limits, _defaults(config))
    leads.insert(0, "family", members["family"].reindex(leads.index))
    leads["note"] = notes.reindex(leads.index)
    findings = merge([fields.findings, unknown, quality(filled, members, laid_out, leads, config)])
    consent = consent_of(leads, fields, members["lead"])
    return Transformed(leads, merged, findings, blocked(leads, limits), proof, consent)


def _defaults(config: Config) -> dict[str, str]:
    """What the config says for values without a better one, by lead field."""
    fields = config.leads.fields.items()
    return {name: of.default for name, of in fields if isinstance(of, Mapped) and of.default is not None}
