"""Lead fields from templates, maps, flags and lists, a chunk of leads at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import AnyColumn, ColumnCondition, Config, FieldSource, First, Flag, Mapped
from etl.matching.addresses import NOBODY, READ, Addresses
from etl.model import Chunk, Severity
from etl.rows.literals import folded
from etl.texts import stored
from etl.transform.arrow_text import arrow, column, empty, keys, text, texts, trimmed
from etl.transform.consent import (
    ADDRESS,
    FLAG,
    OPTED_OUT,
    REACHING,
    Consent,
    addresses_of,
    any_of,
    members_opted_out,
    none_of,
    with_addresses_of_leads,
)
from etl.transform.identity import identities, person_names
from etl.transform.lead_values import LeadValues, Reachable
from etl.transform.quality.findings import Finding, table
from etl.transform.templates import Reference, Template

FALLBACKS = (
    (
        "company",
        "name-from-identity",
        Severity.WARNING,
        "is empty after its template was filled in, so the company's name is used",
    ),
    (
        "person",
        "name-from-identity",
        Severity.WARNING,
        stored("is empty after its template was filled in, so the person's name is used"),
    ),
    (
        "email",
        "name-missing",
        Severity.ERROR,
        stored("is missing, and no record has a name, so the e-mail address is used"),
    ),
    ("key", "name-missing", Severity.ERROR, stored("is missing, and no record has a name, so the source key is used")),
)
"""What a lead is called when its template gives nothing, in this order: code, severity and message of the finding."""


@dataclass(frozen=True)
class Fields:
    """The lead fields, indexed by lead key, in the order of LEAD_FIELDS, then the target's own; and the findings.

    reached: for each lead and field that reaches somebody, whether its value is that of a record that opted out, here
    or in another family. replaced: leads that have another record's address in place of such a one. opted_out: the
    members that did.
    """

    leads: pd.DataFrame
    findings: pd.DataFrame
    reached: pd.DataFrame = field(default_factory=pd.DataFrame)
    replaced: int = 0
    opted_out: pd.Index[str] = field(default_factory=lambda: pd.Index([], dtype="str"))


def lead_fields(
    chunk: Chunk,
    members: pd.DataFrame,
    layout: pd.DataFrame,
    config: Config,
    columns: Mapping[str, Sequence[str]],
    opted_out: Addresses = NOBODY,
) -> Fields:
    """Fill the fields that the config names, one row a lead, in the order of the layout.

    columns: entry -> its source columns. A column that neither the record nor its company, contact has is empty.
    opted_out: the addresses of all records of the snapshot that opted out.
    All fields are str, NA where empty, but `do_not_contact`, which is bool; `tags` is a JSON array. Outer blanks are
    cut off; nothing else of a value is changed. Raises ConfigError for a template that cannot be read.
    """
    by_test = members_opted_out(chunk, members, config.leads.consent)
    out = pc.unique(pa.concat_arrays([empty(0), *by_test.values()]))
    values = LeadValues(chunk, members, layout, columns, out, _reaching_columns(config))
    made: dict[str, pa.Array] = {}
    findings: list[Finding] = []
    for name in config.leads.names:
        source = config.leads.fields[name]
        made[name] = _field(source, values)
        if isinstance(source, Mapped) and source.map and source.default is None:
            findings += _unmapped(name, source, values)
    made["name"], unnamed = _named(made["name"], chunk, config, values)
    reached, replaced = _spared(made, config, values, opted_out) if len(out) or opted_out else ({}, 0)
    if by_test and reached:
        made[FLAG] = any_of([made[FLAG], *reached.values()], len(values.leads))
    leads = pd.DataFrame({name: _series(array, values.leads) for name, array in made.items()}, index=values.leads)
    if by_test:
        leads[OPTED_OUT] = addresses_of(chunk, by_test, members, config).reindex(leads.index)
        leads[OPTED_OUT] = leads[OPTED_OUT].astype("str")
        if "email" in reached:  # elsewhere no lead has an address of somebody who opted out
            of_somebody_out = leads["email"].where(reached["email"].to_numpy(zero_copy_only=False))
            leads[OPTED_OUT] = with_addresses_of_leads(leads[OPTED_OUT], of_somebody_out, opted_out)
    reach = pd.DataFrame({name: _series(mask, values.leads) for name, mask in reached.items()}, index=values.leads)
    return Fields(leads, table([*findings, *unnamed]), reach, replaced, pd.Index(keys(out), dtype="str"))


def consent_of(leads: pd.DataFrame, fields: Fields, lead_of: pd.Series[str]) -> Consent:
    """What was done for those who opted out. leads: as they will be written; fields: as `as_one` gives them; lead_of:
    source key -> lead key."""
    if FLAG not in leads:
        return Consent()
    reached = fields.reached.any(axis=1).reindex(leads.index).fillna(False) if len(fields.reached.columns) else 0
    own = leads.index.isin(lead_of.reindex(fields.opted_out))
    return Consent(int(leads[FLAG].sum()), int(np.sum(reached)), int((leads[FLAG] & ~own).sum()), fields.replaced)


def _reaching_columns(config: Config) -> frozenset[str]:
    """The columns by which fields reach a contact by mail or phone."""
    sources = [config.leads.fields.get(name) for name in ("email", "phone", "mobile")]
    templates = [t for s in sources for t in (s.first if isinstance(s, First) else [s] if isinstance(s, str) else [])]
    references = [reference for template in templates for reference in _parsed(template).references]
    return frozenset(reference.column for reference in references if reference.role == "contact")


def _spared(
    made: dict[str, pa.Array], config: Config, values: LeadValues, opted_out: Addresses
) -> tuple[dict[str, pa.Array], int]:
    """Take the values that reach somebody from records that did not opt out, where there is one, and that no record of
    another family opted out with.

    Changes `made`. Returns for each field whether its value is still that of a record that opted out, and how many
    leads have another value now. An address is of one kind: where a part of it is of a record that opted out, all is.
    """
    reached = dict[str, pa.Array]()
    others = {
        name: _willing(name, config.leads.fields[name], made[name], values, opted_out)
        for name in REACHING
        if name in made
    }
    for name, other in others.items():
        reached[name] = pc.and_(pc.is_null(other), pc.is_valid(made[name]))
    address = [name for name in ADDRESS if name in others]
    in_address = any_of([reached[name] for name in address], len(values.leads))
    replaced = none_of(len(values.leads))
    for name, other in others.items():
        keeps = in_address if name in address else reached[name]
        new = pc.if_else(keeps, made[name], other)
        reached[name] = pc.and_(keeps, pc.is_valid(made[name]))
        replaced = pc.or_(replaced, pc.fill_null(pc.not_equal(new, made[name]), False))
        made[name] = new
    return reached, int(pc.sum(replaced).as_py() or 0)


def _series(array: pa.Array, index: pd.Index[Any]) -> pd.Series[Any]:
    if pa.types.is_boolean(array.type):
        return pd.Series(array.to_numpy(zero_copy_only=False), index=index, dtype=bool)
    return column(array, index)


def _willing(name: str, source: FieldSource, made: pa.Array, values: LeadValues, opted_out: Addresses) -> pa.Array:
    """What a field would be if nobody who opted out had a value: null where nobody else has one.

    An address of somebody who opted out is nobody's, whichever record has it.
    """
    others = _field(source, Reachable(values)) if values.somebody_opted_out else made
    if name not in READ or not opted_out:
        return others
    differ = pc.fill_null(pc.not_equal(others, made), True)
    asked = pc.or_(pa.array(opted_out.in_texts(made, name)), pc.and_(differ, pc.is_valid(others)))
    if not pc.any(asked).as_py():
        return others

    def kept(texts: pa.Array) -> pa.Array:
        stands = opted_out.in_texts(pc.if_else(asked, texts, text(None)), name)
        return pc.if_else(pa.array(stands), text(None), texts)

    return _field(source, Reachable(values), kept)


Values = LeadValues | Reachable


def _as_it_is(values: pa.Array) -> pa.Array:
    return values


def _field(source: FieldSource, values: Values, kept: Callable[[pa.Array], pa.Array] = _as_it_is) -> pa.Array:
    """Fill in one field. kept: what is left of a value before the next template is tried."""
    match source:
        case Mapped():
            return kept(_mapped(source, values[Reference.parse(source.column)]))
        case Flag() | ColumnCondition() | AnyColumn():
            assert isinstance(values, LeadValues)
            return values.opted_out
        case First():
            return pc.coalesce(*(kept(render(_parsed(template), values)) for template in source.first))
        case tuple():
            return _tags([render(_parsed(template), values) for template in source])
    return kept(render(_parsed(source), values))


@lru_cache(maxsize=1000)
def _parsed(text: str) -> Template:
    return Template.parse(text)


def render(template: Template, values: Values) -> pa.Array:
    """Fill a template in for all leads: rows with the same empty references at once.

    A value of blanks alone is empty. Null where all references are, and where the text would be blank.
    """
    length = len(values.leads)
    if not template.references:
        return trimmed(pa.repeat(text("".join(map(str, template.parts))), length))
    if len(template.parts) == 1:
        return trimmed(values[template.references[0]])
    filled = {reference: _not_blank(values[reference]) for reference in template.references}
    signs = [pc.if_else(pc.is_valid(array), text("1"), text("0")) for array in filled.values()]
    patterns = pc.binary_join_element_wise(*signs, text("")).dictionary_encode()
    pieces, places = [], []
    for number, pattern in enumerate(patterns.dictionary.to_pylist()):
        rows = pc.indices_nonzero(pc.equal(patterns.indices, number))
        present = frozenset(ref for ref, sign in zip(template.references, pattern, strict=True) if sign == "1")
        pieces.append(_join(template.filled(present), filled, rows) if present else empty(len(rows)))
        places.append(rows)
    original_order = pc.sort_indices(pa.chunked_array(places, pa.uint64()).combine_chunks())
    return trimmed(pa.chunked_array(pieces, pa.large_string()).combine_chunks().take(original_order))


def _not_blank(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_valid(trimmed(values)), values, text(None))


def _join(parts: list[str | Reference], filled: Mapping[Reference, pa.Array], rows: pa.Array) -> pa.Array:
    blocks = [text(part) if isinstance(part, str) else filled[part].take(rows) for part in parts]
    return pc.binary_join_element_wise(*blocks, text(""))


def _mapped(source: Mapped, values: pa.Array) -> pa.Array:
    """Look up distinct values; a missing one gets the map's value for "", else the default.

    Without a map a value goes over as it is, and the default is for what is empty, or what the target does not know.
    """
    encoded = values.dictionary_encode()
    texts_found = encoded.dictionary.to_pylist()
    keeps = source.default is None or not source.map
    known = source.map if not source.fold else _folded_keys(source)
    wanted = texts_found if not source.fold else folded(encoded.dictionary).to_pylist()
    looked_up = [
        known.get(key, value if keeps else source.default) for key, value in zip(wanted, texts_found, strict=True)
    ]
    missing = source.map.get("", source.default)
    mapped = texts(looked_up).take(encoded.indices)
    return trimmed(pc.fill_null(mapped, missing) if missing is not None else mapped)


def _folded_keys(source: Mapped) -> dict[str, str]:
    keys = [key for key in source.map if key]
    return dict(zip(folded(texts(list(keys))).to_pylist(), (source.map[key] for key in keys), strict=True))


def _unmapped(name: str, source: Mapped, values: LeadValues) -> Iterator[Finding]:
    """Find the values that the map does not know and that went over as they are."""
    fetched = values[Reference.parse(source.column)]
    asked = folded(fetched) if source.fold else fetched
    known = pc.is_in(asked, value_set=texts(list(_folded_keys(source) if source.fold else source.map)))
    rows = pc.indices_nonzero(pc.and_(pc.is_valid(fetched), pc.invert(known))).to_pylist()
    message = stored("is not in the map of {source}, so it was taken over unchanged", source=source.column)
    for row in rows:
        lead = values.leads[row]
        yield Finding(lead, lead, "unmapped", Severity.WARNING, name, fetched[row].as_py(), None, message)


def _tags(rendered: list[pa.Array]) -> pa.Array:
    """A JSON array of the tags, each once, in the order of the config; null without a tag."""
    quoted: list[pa.Array] = []
    for tag in map(_quoted, rendered):
        for same in [pc.fill_null(pc.equal(tag, earlier), False) for earlier in quoted]:
            tag = pc.if_else(same, text(None), tag)
        quoted.append(tag)
    # Arrow's own skipping of nulls drops the rows in which all are null
    listed = [pc.fill_null(pc.binary_join_element_wise(text(", "), tag, text("")), "") for tag in quoted]
    inside = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*listed, text("")), 2)
    array = pc.binary_join_element_wise(text("["), inside, text("]"), text(""))
    return pc.if_else(pc.equal(pc.binary_length(inside), 0), text(None), array)


def _quoted(values: pa.Array) -> pa.Array:
    encoded = values.dictionary_encode()
    return texts([json.dumps(value, ensure_ascii=False) for value in encoded.dictionary.to_pylist()]).take(
        encoded.indices
    )


def _named(name: pa.Array, chunk: Chunk, config: Config, values: LeadValues) -> tuple[pa.Array, list[Finding]]:
    """Give a lead without a name one of its records' names, its e-mail address or its source key, and say so."""
    rows = pc.indices_nonzero(pc.is_null(name))
    if not len(rows):
        return name, []
    identity = identities(chunk, config.source.records, ("company", "first_name", "last_name", "email"))
    nearest = [arrow(values.leads.to_series()), values.contact_keys, values.company_keys]
    records = [identity.reindex(pd.Index(keys(related_keys.take(rows)))) for related_keys in nearest]
    leads = keys(nearest[0].take(rows))
    candidates = {
        "company": pc.coalesce(*(arrow(record["company"]) for record in records)),
        "person": pc.coalesce(*(person_names(record) for record in records)),
        "email": pc.coalesce(*(arrow(record["email"]) for record in records)),
        "key": texts(list(leads)),
    }
    findings, names = [], []
    for row, lead in enumerate(leads):
        kind, code, severity, message = next(step for step in FALLBACKS if candidates[step[0]][row].is_valid)
        names.append(candidates[kind][row].as_py())
        findings.append(Finding(lead, lead, code, severity, "name", None, names[-1], message))
    return pc.replace_with_mask(name, pc.is_null(name), texts(names)), findings
