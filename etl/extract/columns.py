"""Check that every column named by the config exists in the source, before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.config import (
    RESERVED,
    AllOf,
    AnyColumn,
    AnyOf,
    ColumnCondition,
    Config,
    Entry,
    Exists,
    First,
    Flag,
    Link,
    Mapped,
    MatchList,
    Not,
    Related,
    Test,
    Through,
    TypeColumn,
    columns_named,
    place,
)
from etl.config.leads import ROLES, TEMPLATE_COLUMN
from etl.connect import Source, near
from etl.connect.datasets import Datasets
from etl.errors import ConfigError, SourceError, excerpt

At = tuple[str | int, ...]
LOOKED_UP = RESERVED + "looked_up_"
"""What stands before the name of a table that is no dataset, and that values are looked up in."""


@dataclass(frozen=True)
class Use:
    """A column that the config names. at: where in the config; where: the datasets one of which must have it."""

    at: At
    column: str
    where: tuple[str, ...]


def check_columns(config: Config, source: Source) -> dict[str, list[str]]:
    """Check that every column named by the config exists. Returns each dataset's columns in the source's order.

    source: opened. Raises ConfigError with each column that is missing: file and line, table, near matches. Raises
    SourceError where a table is missing or unusable, for one, because its CSV file has another delimiter.
    """
    datasets = Datasets(source, config)
    tables = {name: table.table for name, table in datasets.tables.items()}
    present = {name: datasets.columns(name) for name in datasets.tables}
    named = list(uses(config, present))
    looked_up = {name: name.removeprefix(LOOKED_UP) for use in named for name in use.where if name not in present}
    _refuse_to_ignore_nothing(config, source)
    columns = {**present, **{name: source.columns(table) for name, table in looked_up.items()}}
    _refuse_missing(config.path, named, {**tables, **looked_up}, columns, source, "source.csv")
    return present


def _refuse_to_ignore_nothing(config: Config, source: Source) -> None:
    """Check that the tables which the config ignores exist, whether they can be read or not."""
    known = list(source.tables()) if config.source.ignore else []
    for table in config.source.ignore:
        try:
            if table not in known:
                source.columns(table)
        except SourceError as error:
            raise ConfigError(
                f"The source has no table {excerpt(table)!r} that can be ignored; {near(table, known)}",
                where=place(config.path, ("source", "ignore", table)),
            ) from error


def check_list(path: Path, at: At, match_list: MatchList, source: Source) -> list[str]:
    """Check that every column of a list named by the config exists. Returns the list's columns in its own order.

    path: the config's; at: the list's place in it; source: opened. Raises ConfigError and SourceError as
    `check_columns` does.
    """
    present = {match_list.from_: source.columns(match_list.from_)}
    named = [
        ((*at, "key"), match_list.key),
        *(((*at, "where"), column) for column in columns_named(match_list.where)),
        *(((*at, "identity", kind), column) for kind, columns in match_list.identity.items() for column in columns),
    ]
    columns = (Use(place, column, (match_list.from_,)) for place, column in named)
    _refuse_missing(
        path, columns, {match_list.from_: match_list.from_}, present, source, ".".join((*map(str, at), "csv"))
    )
    return present[match_list.from_]


def _refuse_missing(
    path: Path,
    named: Iterable[Use],
    tables: Mapping[str, str],
    present: Mapping[str, Sequence[str]],
    source: Source,
    csv: str,
) -> None:
    mistakes = []
    for use in named:
        if not any(use.column in present[name] for name in use.where):
            _refuse_an_unfit_format(use, tables, source, csv)
            mistakes.append((place(path, use.at), _explain(use, tables, present)))
    if len(mistakes) == 1:
        raise ConfigError(mistakes[0][1], where=mistakes[0][0])
    if mistakes:
        listed = "".join(f"\n  {where}: {mistake}" for where, mistake in mistakes)
        raise ConfigError(f"The config names {len(mistakes)} columns that do not exist:{listed}", where=mistakes[0][0])


def uses(config: Config, present: Mapping[str, Sequence[str]]) -> Iterator[Use]:
    """List all columns that the config names, in its order. present: dataset -> its columns."""
    yield from _records(config)
    for number, rule in enumerate(config.classify):
        yield from _condition(config, rule.when, ("classify", number, "when"))
    yield from _fields(config)
    for part, names in (("labels", config.leads.note.labels), ("omit", config.leads.note.omit)):
        for name in names:
            if part == "labels" and name in config.source.related:
                continue  # the heading of that table's rows
            yield _noted(config, present, name, ("leads", "note", part, name))


def _records(config: Config) -> Iterator[Use]:
    for name, entry in config.source.records.items():
        at: At = ("source", "records", name)
        for column in (*entry.key_columns.columns, *columns_named(entry.where)):
            yield Use((*at, "key" if column in entry.key_columns.columns else "where"), column, (name,))
        yield from _shaped(entry, at, name)
        if isinstance(entry.type, TypeColumn):
            yield Use((*at, "type", "column"), entry.type.column, (name,))
        if entry.parent:
            for column in entry.parent.columns:
                yield Use((*at, "parent", "column"), column, (name,))
            if entry.parent.through:
                yield from _through(entry.parent.through, (*at, "parent", "through"))
        if entry.aliases:
            of_aliases = {"old": (entry.aliases.old,), "new": (entry.aliases.new,)}
            yield from _looked_up(entry.aliases.from_, (*at, "aliases"), of_aliases, entry.aliases.where)
        if entry.changed:
            yield Use((*at, "changed"), entry.changed.column, (name,))
        for field, columns in entry.identity.items():
            for column in columns:
                yield Use((*at, "identity", field), column, (name,))
        for column in entry.none:
            yield Use((*at, "none", column), column, (name,))
    for name, related in config.source.related.items():
        if related.is_made:
            continue  # the part that they are made of has them
        at = ("source", "related", name)
        if related.key:
            yield Use((*at, "key"), related.key, (name,))
        yield from _links(related.links, at, name)
        for column in columns_named(related.where):
            yield Use((*at, "where"), column, (name,))
        yield from _shaped(related, at, name)
        if related.order_by:
            yield Use((*at, "order_by"), related.order_by.column, (name,))
        for column in related.none:
            yield Use((*at, "none", column), column, (name,))


def _links(links: Mapping[str, Sequence[Link]], at: At, name: str) -> Iterator[Use]:
    """The columns by which rows name records."""
    for of, some in links.items():
        for link in some:
            for column in link.named():
                above = ("under", link.under_row.rows) if link.under_row else ("of", of)
                yield Use((*at, *above), column, (name,))
            if link.through:
                yield from _through(link.through, (*at, "of", of, "through"))


def _shaped(table: Entry | Related, at: At, name: str) -> Iterator[Use]:
    """The columns by which other tables are looked up."""
    for join, part in table.join.items():
        for column in part.on:
            yield Use((*at, "join", join, "on"), column, (name,))
        order = {"order_by": (part.order_by.column,)} if part.order_by else {}
        named = {"key": part.key, "columns": part.columns, **order}
        yield from _looked_up(part.from_ or join, (*at, "join", join), named, part.where)
        if part.through:
            yield from _through(part.through, (*at, "join", join, "through"))
    for column, labels in table.labels_of.items():
        yield Use((*at, "labels_of", column), column, (name,))
        of_labels = {"key": (labels.key,), "show": labels.show}
        yield from _looked_up(labels.from_, (*at, "labels_of", column), of_labels, labels.where)


def _through(through: Through, at: At) -> Iterator[Use]:
    """The columns of a table of links."""
    order = {"order_by": (through.order_by.column,)} if through.order_by else {}
    named = {"from": (through.from_,), "to": through.to, **order}
    yield from _looked_up(through.table, at, named, through.where)


def _looked_up(table: str, at: At, named: Mapping[str, Sequence[str]], where: object) -> Iterator[Use]:
    """The columns of a table that values are looked up in. named: key of the config -> the columns that it names."""
    for key, columns in {**named, "where": columns_named(where)}.items():
        for column in columns:
            yield Use((*at, key), column, (LOOKED_UP + table,))


def _condition(config: Config, condition: object, at: At) -> Iterator[Use]:
    match condition:
        case ColumnCondition() | Flag():
            if condition.of is not None and condition.of not in config.source.records:
                known = list(config.source.records)
                raise ConfigError(
                    f"There is no entry {excerpt(condition.of)!r}; {near(condition.of, known)}",
                    where=place(config.path, (*at, "of")),
                )
            entries = (condition.of,) if condition.of else tuple(config.source.records)
            word = "flag" if isinstance(condition, Flag) else "column"
            yield Use((*at, word), condition.column, entries)
        case Exists():
            yield from _evidence(condition, at)
        case AllOf(all=inner):
            for number, part in enumerate(inner):
                yield from _condition(config, part, (*at, "all", number))
        case AnyOf(any=inner):
            for number, part in enumerate(inner):
                yield from _condition(config, part, (*at, "any", number))
        case Not(not_=part):
            yield from _condition(config, part, (*at, "not"))


def _evidence(condition: Exists, at: At) -> Iterator[Use]:
    table = (condition.exists,)
    if condition.key:
        yield Use((*at, "key"), condition.key, table)
    yield from _links(condition.links, at, condition.exists)
    for column in columns_named(condition.where):
        yield Use((*at, "where", column), column, table)
    if condition.within:
        yield Use((*at, "within", "column"), condition.within.column, table)


def _fields(config: Config) -> Iterator[Use]:
    for field, source in config.leads.fields.items():
        at: At = ("leads", "fields", field)
        match source:
            case AnyColumn(any=tests):
                for number, test in enumerate(tests):
                    yield _tested(config, test, (*at, "any", number))
                continue
            case Mapped() | ColumnCondition() | Flag():
                yield _tested(config, source, at)
                continue
            case First(first=templates):
                at = (*at, "first")
            case str():
                templates = (source,)
            case _:
                templates = source
        for template in templates:
            for name in TEMPLATE_COLUMN.findall(template):
                yield _templated(config, name, at)


def _tested(config: Config, source: Mapped | Test, at: At) -> Use:
    """The column that a map or test of a lead field asks."""
    return _templated(config, source.column, (*at, "flag" if isinstance(source, Flag) else "column"))


def _templated(config: Config, name: str, at: At) -> Use:
    """A column of a lead field: `x` of any entry, `contact.x` of persons, `company.x` of companies."""
    prefix, _, column = name.partition(".")
    if not column or prefix not in ROLES:
        return Use(at, name, tuple(config.source.records))
    entries = config.source.records.items()
    return Use(
        at,
        column,
        tuple(of for of, entry in entries if isinstance(entry.type, TypeColumn) or entry.type == ROLES[prefix]),
    )


def _noted(config: Config, present: Mapping[str, Sequence[str]], name: str, at: At) -> Use:
    """A column of the note: `x` of any entry or related table, `table.x` of one of them."""
    shown = (*config.source.records, *config.source.related)
    dataset, _, column = name.partition(".")
    if column and dataset in shown and not any(name in present[other] for other in shown):
        return Use(at, column, (dataset,))
    return Use(at, name, shown)


def _refuse_an_unfit_format(use: Use, tables: Mapping[str, str], source: Source, csv: str) -> None:
    """If a file is read with the wrong delimiter or encoding, report that and not the names in the config."""
    for name in use.where:
        hints = source.suggest(tables[name])
        if hints:
            raise SourceError(
                f"{excerpt(tables[name], 80)} has no column {excerpt(use.column)!r}. {' '.join(hints)}",
                where=source.where,
                next=f"correct {csv} and run the command again",
            )


def _explain(use: Use, tables: Mapping[str, str], present: Mapping[str, Sequence[str]]) -> str:
    name = ".".join(map(str, use.at))
    if not use.where:
        column = excerpt(use.column)
        return f"{name}: {column!r} needs an entry of the other type (company or person), but the config has none."
    known = list(dict.fromkeys(column for table in use.where for column in present[table]))
    listed = " and ".join(excerpt(tables[table], 80) for table in use.where)
    verb = "has" if len(use.where) == 1 else "have"
    return f"{name}: {listed} {verb} no column {excerpt(use.column)!r}; {near(use.column, known)}"
