"""Refuse to decide again on a plan's snapshot where the config asks for what that plan did not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.config import RESERVED, Config, Entry, Join, Related, exists_of, is_odoo, place
from etl.config.shapes import Shape, shape_of
from etl.config.tables import Table, tables
from etl.errors import ConfigError, excerpt
from etl.extract.columns import uses
from etl.matching.opted_out import address_columns, kind_asked
from etl.plan import Bundle
from etl.rows.forgotten import lines_to_forget

At = tuple[str | int, ...]
MAY_DIFFER = frozenset({"identity", "type", "changed", "parent", "order_by"})
"""What of an entry or a related table is asked of the rows as they were read; of `parent` how it links is not."""


@dataclass(frozen=True)
class Missing:
    """What the snapshot does not hold, in words, and where the config asks for it."""

    at: At
    what: str


def refuse_what_is_not_there(config: Config, bundle: Bundle) -> None:
    """Check that a plan's snapshot holds all that a config asks of the source and the masters.

    Raises ConfigError with the first that it does not hold, and its line.
    """
    first = next(_missing(config, bundle), None)
    if first is not None:
        raise ConfigError(
            f"{first.what} is not in the plan's snapshot; run plan without --from.",
            where=place(config.path, first.at),
            next=f"crm-cleanup plan {config.path}",
        )


def _missing(config: Config, bundle: Bundle) -> Iterator[Missing]:
    before = bundle.config
    yield from _of_source(config, before)
    for part in ("records", "related"):
        yield from _of_parts(part, getattr(config.source, part), getattr(before.source, part))
    yield from _of_tables(config, before, bundle)
    yield from _columns(config, bundle)
    yield from _of_masters(config, before)
    yield from _of_people(config, before, bundle)
    if config.retire != before.retire:
        yield Missing(("retire",), "What archiving by this `retire` would do to the records")


def _of_source(config: Config, before: Config) -> Iterator[Missing]:
    """What goes for the whole source."""
    new, old = config.source, before.source
    for key, what in (("url", "This source"), ("time_zone", "This time zone"), ("csv", "This csv")):
        if getattr(new, key) != getattr(old, key):
            yield Missing(("source", key), what)
    if new.none != old.none:
        yield Missing(("source", "none"), "What `none` says")
    for table in old.ignore.keys() - new.ignore.keys():
        yield Missing(("source",), f"How many rows of {excerpt(table)} name records")


def _of_parts(part: str, new: Mapping[str, Entry | Related], old: Mapping[str, Entry | Related]) -> Iterator[Missing]:
    """What entries and related tables say of how their rows are read."""
    for name, table in new.items():
        at = ("source", part, name)
        if name not in old:
            yield Missing(at, f"The table {excerpt(name)}")
            continue
        for key in _differing(table, old[name]):
            yield Missing((*at, key), f"Another `{key}` of {excerpt(name)}")
    for name in old.keys() - new.keys():
        yield Missing(("source", part), f"How many rows of {excerpt(name)} would stay behind")


def _differing(new: Entry | Related, old: Entry | Related) -> Iterator[str]:
    """The keys by which one table would be read otherwise."""
    for key, field in type(new).model_fields.items():
        if key not in MAY_DIFFER and getattr(new, key) != getattr(old, key):
            yield field.alias or key
    if isinstance(new, Entry) and isinstance(old, Entry) and _linked(new) != _linked(old):
        yield "parent"


def _linked(entry: Entry) -> dict[str, Any] | None:
    """What an entry's `parent` says of how its records name the ones above them."""
    return entry.parent.model_dump(exclude={"missing", "circle"}) if entry.parent else None


def _of_tables(config: Config, before: Config, bundle: Bundle) -> Iterator[Missing]:
    """What rules ask of the tables that they look for evidence in."""
    new, old = ({table.name: table for table in tables(each)} for each in (config, before))
    kept = {dataset.name: dataset.columns for dataset in bundle.manifest.figures.datasets}
    for name, table in new.items():
        at = _asking(config, name)
        if name not in old:
            yield Missing(at, f"The table {excerpt(name)}")
            continue
        formats = [each.source.formats.get(table.table) for each in (config, before)]
        if formats[0] != formats[1]:
            yield Missing(at, f"Another `csv` of {excerpt(name)}")
        if not _made_alike(shape_of(config, table), shape_of(before, old[name])):
            yield Missing(at, f"Another link of {excerpt(name)}")
        if table.kind == "evidence":
            yield from _of_evidence(table, kept[name], at)
    for name in old.keys() - new.keys() if not is_odoo(config.source.url) else ():
        if old[name].kind == "evidence":
            yield Missing(("classify",), f"How many rows of {excerpt(name)} would stay behind")


def _of_evidence(table: Table, kept: Sequence[str], at: At) -> Iterator[Missing]:
    for column in table.needed:
        if column not in kept and not column.startswith(RESERVED):
            yield Missing(at, f"The column {excerpt(column)} of {excerpt(table.name)}")


def _asking(config: Config, name: str) -> At:
    """Where the config asks a table: the first rule that looks for rows in it, or the table itself."""
    for number, rule in enumerate(config.classify):
        if any(condition.exists == name for condition in exists_of(rule.when)):
            return ("classify", number)
    return ("source", "records" if name in config.source.records else "related", name)


def _made_alike(new: Shape | None, old: Shape | None) -> bool:
    """Whether all that is made of the rows of a table was made when the plan read it."""
    if new is None or old is None:
        return new is None
    links = all(old.links.get(column) == link for column, link in new.links.items())
    return links and set(new.made) <= set(old.made)


def _columns(config: Config, bundle: Bundle) -> Iterator[Missing]:
    """The columns of entries and related tables that the config names: all that these tables had are kept."""
    evidence = {table.name for table in tables(config) if table.kind == "evidence"}
    present = bundle.manifest.columns
    if not {table.name for table in tables(config)} <= present.keys():
        return
    for use in uses(config, present):
        asked = [name for name in use.where if name in present and name not in evidence]
        if len(asked) == len(use.where) and not any(use.column in present[name] for name in asked):
            yield Missing(use.at, f"The column {excerpt(use.column)} of {' or '.join(map(excerpt, asked))}")


def _of_masters(config: Config, before: Config) -> Iterator[Missing]:
    """The lists of known customers, as they were read."""
    for name, master in config.masters.items():
        at, old = ("masters", name), before.masters.get(name)
        if old is None:
            yield Missing(at, f"The list {excerpt(name)}")
            continue
        for key in ("url", "from_", "csv", "key", "where", "none"):
            if getattr(master, key) != getattr(old, key):
                yield Missing((*at, key.removesuffix("_")), f"Another `{key.removesuffix('_')}` of {excerpt(name)}")
        for column in master.columns():
            if column not in old.columns():
                yield Missing((*at, "identity"), f"The column {excerpt(column)} of {excerpt(name)}")
    for name, old in before.masters.items():
        if name not in config.masters and old.url == config.source.url:
            yield Missing(("masters",), f"How many rows of {excerpt(name)} name records")


def _of_people(config: Config, before: Config, bundle: Bundle) -> Iterator[Missing]:
    """Those who must not move, and those who opted out in rows that are read no further."""
    if bundle.manifest.forgotten.hashes or lines_to_forget(config):
        yield Missing(("forget",), "What the records of forget.csv would have been decided as")
    parts: list[Entry | Related] = [*config.source.records.values(), *config.source.related.values()]
    joins: list[Join] = [join for part in parts for join in part.join.values()]
    unseen = joins or any(dataset.left_out for dataset in bundle.manifest.figures.datasets)
    if unseen and told_by(config, bundle) != told_by(before, bundle):
        yield Missing(("leads", "fields", "do_not_contact"), "Who opted out in rows that a `where` leaves out")


def told_by(config: Config, bundle: Bundle) -> object:
    """By what it is told who opted out, and with which addresses."""
    columns, entries, consent = bundle.manifest.columns, config.source.records, config.leads.consent
    if not consent:
        return None
    types = [entry.type for entry in entries.values()] if any(map(kind_asked, consent)) else None
    return consent, types, [address_columns(name, columns.get(name, ()), config) for name in entries]
