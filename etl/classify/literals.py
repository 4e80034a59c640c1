"""Hold every value that the config names against the data: what nearly meets it, and what never does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from etl.classify.conditions import Conditions
from etl.classify.facts import Facts
from etl.classify.none_words import none_words
from etl.classify.opted_out import further_rows
from etl.config import ColumnCondition, Config, Entry, Flag, Mapped, Test, TypeColumn
from etl.matching.opted_out import kind_asked, own_test
from etl.model import Dataset
from etl.plan.figures import LiteralFigures, NearValue
from etl.plan.tables import batches
from etl.rows import Asked, ask, gather

FLAG = "do_not_contact"
CONSENT = f"leads.fields.{FLAG}"
SHOWN = 1_000
"""So many different values that nearly meet one place of the config are told one by one, the most frequent ones."""


def literal_figures(facts: Facts, config: Config, conditions: Conditions) -> tuple[LiteralFigures, ...]:
    """How the values of all rules, lead fields and types met the data, in the order of the config."""
    asked = [*_types(facts, config), *conditions.asked]
    asked += [tests for evidence in facts.joins.evidence.values() for tests in evidence.asked]
    asked += _fields(facts, config)
    asked += none_words({**facts.entries, **{name: join.dataset for name, join in facts.joins.owners.items()}}, config)
    return tuple(_known_anywhere([figures_of(each) for each in asked]))


def figures_of(asked: Asked) -> LiteralFigures:
    """What came of asking one column. Of an empty table it is not said that a value is never met."""
    near = asked.near.most_common(SHOWN)
    values = [
        NearValue(value, rows, asked.nearness(value)) for value, rows in sorted(near, key=lambda p: (-p[1], p[0]))
    ]
    return LiteralFigures(
        at=asked.at,
        dataset=asked.dataset,
        column=asked.test.column,
        flag=isinstance(asked.test, Flag),
        meeting=asked.meeting,
        near=tuple(values),
        rest=asked.near.total() - sum(value.rows for value in values) + asked.rest,
        never=asked.never if asked.rows else (),
        formats=asked.formats,
    )


def _types(facts: Facts, config: Config) -> Iterator[Asked]:
    for name, entry in config.source.records.items():
        if isinstance(entry.type, TypeColumn):
            values = (*entry.type.company, *entry.type.person)
            test = ColumnCondition.model_validate({"column": entry.type.column, "in": values})
            yield from _over(facts.entries[name], f"source.records.{name}.type", test)


def _fields(facts: Facts, config: Config) -> Iterator[Asked]:
    for field, source in config.leads.fields.items():
        mapped = (source.test,) if isinstance(source, Mapped) and source.test else ()
        for test in config.leads.consent if field == FLAG else mapped:
            kind = kind_asked(test)
            for name, entry in config.source.records.items():
                if kind is None or _may_be(entry, kind):
                    for dataset in _asked_for_consent(name, facts, config) if field == FLAG else (facts.entries[name],):
                        if own := own_test(test, dataset.columns):
                            yield from _over(dataset, f"leads.fields.{field}", own)


def _asked_for_consent(entry: str, facts: Facts, config: Config) -> list[Dataset]:
    """An entry's own rows, and those of joined tables that its records have and do not take."""
    further = [rows.dataset for rows in further_rows(facts.joins.owners, config) if rows.entry == entry]
    return [facts.entries[entry], *further]


def _may_be(entry: Entry, kind: str) -> bool:
    return isinstance(entry.type, TypeColumn) or entry.type == kind


def _over(dataset: Dataset, at: str, test: Test) -> Iterator[Asked]:
    """Ask all rows of a dataset."""
    asked = gather(at, dataset.name, [test])
    for batch in batches(dataset.path, [test.column]):
        ask(test, batch.column(0), asked[test])
    yield from asked.values()


def _known_anywhere(figures: list[LiteralFigures]) -> Iterator[LiteralFigures]:
    """A value that no row of one entry has, but some row of another one, is met."""
    never: dict[tuple[str, str], frozenset[str]] = {}
    for each in figures:
        place = (each.at, each.column)
        never[place] = never.get(place, frozenset(each.never)) & frozenset(each.never)
    for each in figures:
        yield replace(each, never=tuple(literal for literal in each.never if literal in never[each.at, each.column]))


def silent_columns(figures: Iterable[LiteralFigures]) -> tuple[str, ...]:
    """The columns that are asked who opted out, and by which no row did."""
    rows: dict[str, int] = {}
    for each in figures:
        if each.at == CONSENT:
            rows[each.column] = rows.get(each.column, 0) + each.meeting
    return tuple(column for column, meeting in rows.items() if not meeting)
