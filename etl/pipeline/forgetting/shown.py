"""What others show of a record that the plan cannot take out of them: then `forget` changes nothing, and says where."""

from __future__ import annotations

from collections.abc import Iterator

from etl.config import Condition, Config, Entry, Related, columns_of, exists_of
from etl.config.related import further
from etl.config.tables import tables
from etl.errors import CleanupError
from etl.pipeline.forgetting.person import Person, refuse_a_head
from etl.pipeline.forgetting.snapshot import Taken
from etl.plan import Bundle


def refuse_what_others_show(bundle: Bundle, person: Person, taken: Taken) -> None:
    """Check that a record can be taken out of all that shows its values. taken: what was taken out of the snapshot.

    Labels and joined values that rows have by the record's key are taken out with it. Those that are found by something
    else, or in rows of its history, the plan does not tell from others'. Raises CleanupError with their places.
    """
    refuse_a_head(bundle, person.key, [{"source_key": key, "lead": None} for key in taken.below])
    config = bundle.config
    places = [*_by_other_columns(config, person.entry), *_of_history(config, taken), *_not_taken(bundle, taken)]
    places += _asked(config, person.entry, taken)
    if places:
        raise CleanupError(
            f"The config shows values of this record, or may, beside other records, by {' and '.join(places)}, and the "
            "plan does not say which of them are this record's.",
            where=bundle.path,
            next="write the record into forget.csv beside the config, and make a new plan, which has nothing of it",
        )


def _parts(config: Config) -> Iterator[tuple[str, str, Entry | Related]]:
    """The datasets that the config names: where, their names, and what it says of them."""
    for name, entry in config.source.records.items():
        yield f"records.{name}", name, entry
    for name, related in config.source.related.items():
        if related.made_of is None:
            yield f"related.{name}", name, related


def _looked_up(config: Config) -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    """What rows take from tables: where the config says so, the table, its key, and whether by columns of the row."""
    for at, _, part in _parts(config):
        for name, join in part.join.items():
            yield f"{at}.join.{name}", join.from_ or name, join.key, bool(join.on) and join.through is None
        for column, labels in part.labels_of.items():
            yield f"{at}.labels_of.{column}", labels.from_, (labels.key,), True


def _by_other_columns(config: Config, entry: str) -> Iterator[str]:
    """Where values of an entry's records are found by something else than their key."""
    own = config.source.records[entry]
    for at, table, key, by_columns in _looked_up(config):
        if table == (own.from_ or entry) and not (by_columns and key == own.key_columns.columns):
            yield at


def _of_history(config: Config, taken: Taken) -> Iterator[str]:
    """Where values of a table are shown of which rows were the record's history."""
    made = {name for name, related in config.source.related.items() if related.made_of}
    named = [table for table in tables(config) if table.kind != "entry" and table.name not in made]
    lost = {table.table for table in named if taken.rows.get(table.name)}
    yield from (at for at, table, _, _ in _looked_up(config) if table in lost)


def _asked(config: Config, entry: str, taken: Taken) -> Iterator[str]:
    """Where values that rows have lost decide something, or say who a record is: reasons may show them."""
    own = config.source.records[entry].from_ or entry
    for at, name, part in _parts(config):
        if name not in taken.showing:
            continue
        shown = [f"{column}." for column, labels in part.labels_of.items() if labels.from_ == own]
        shown += [f"{join}." for join, said in part.join.items() if (said.from_ or join) == own or said.on]
        for rule in config.classify:
            if any(column.startswith(tuple(shown)) for column in _columns(rule.when, name)):
                yield f"the rule {rule.name!r}"
        if isinstance(part, Entry) and any(c.startswith(tuple(shown)) for cs in part.identity.values() for c in cs):
            yield f"{at}.identity"


def _columns(condition: Condition | None, dataset: str) -> Iterator[str]:
    """The columns of a dataset that a rule may ask."""
    yield from (test.column for test in columns_of(condition))
    for exists in exists_of(condition):
        yield from exists.columns() if exists.exists == dataset else ()


def _not_taken(bundle: Bundle, taken: Taken) -> Iterator[str]:
    """Where further rows of a table were found by a key of the record, which these rows do not say."""
    rows = {dataset.name: dataset.rows for dataset in bundle.manifest.figures.datasets}
    for at, name, part in _parts(bundle.config):
        for join, said in part.join.items():
            if said.on and name in taken.showing and rows.get(further(name, join)):
                yield f"{at}.join.{join}"
