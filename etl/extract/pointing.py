"""Which columns of a table name records, and how often each record is named: by foreign keys, or by their values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config.links import Step
from etl.connect import TEXT, Source
from etl.rows.keys import keys_of, normalized, parts_of, texts
from etl.rows.near_keys import LOOSEST, TRIED, Steps

SAMPLE, ROWS = 2_000, 50_000
ENOUGH = 100
"""So many filled rows say whether columns name records; of fewer, all that there are."""
MEETS = 0.8
"""So large a share of the values must be keys of records, for columns to name them."""
SHORT = re.compile(r"^\d{1,4}(/\d{1,4})*$")
"""Keys that any small numbers meet: the columns' names must say that they are links."""
LINK = re.compile(r"(^|_|\b)(id|no|nr|key|ref|code|number)$|_?(account|contact|customer|client|company|partner)", re.I)
BARE = re.compile(r"id|no|nr|key|ref|code|number", re.I)
"""Such a name alone may as well be that of a row's own number."""
DENSE = 0.9
"""So many of the numbers between the first and the last are there, where rows are numbered."""
TUPLES = 20
"""So many choices of columns of one table are tried on a key of several columns."""

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Keys:
    """The keys of one entry's records, each once.

    table: where the source has them; columns: in which, and steps: how they are brought to one form. parts: the values
    of each column. near: steps by which keys only nearly meet; then known are the keys in that form, null where two are
    one, and in the same places. count: of all keys, also where only some are known.
    """

    entry: str
    table: str
    columns: Columns
    steps: tuple[Step, ...]
    known: pa.Array
    parts: tuple[pa.Array, ...]
    near: Steps = ()
    count: int = 0

    @staticmethod
    def of(entry: str, table: str, columns: Columns, steps: tuple[Step, ...], known: pa.Array) -> Keys:
        """Keys in the form in which they meet."""
        return Keys(entry, table, columns, steps, known, _parts(known, len(columns)), count=len(known))

    def among(self, values: Sequence[pa.Array]) -> Keys:
        """Only those keys of one column that some values are, or nearly are: a small table to look others up in."""
        if len(self.columns) > 1:
            return self
        wanted = normalized(pa.concat_arrays([pc.unique(part) for part in values]), self.steps)
        met = [pc.is_in(own, normalized(wanted, form).drop_null()) for form, own in self._loose.items()]
        known = self.known.filter(reduce(pc.or_, met))
        return replace(self, known=known, parts=(known,))

    @cached_property
    def _loose(self) -> Mapping[Steps, pa.Array]:
        """The keys as they stand, and in the forms in which any that nearly meet do."""
        return {steps: normalized(self.known, steps) for steps in ((), *LOOSEST)}

    def may_be(self, values: pa.Array) -> npt.NDArray[np.bool_]:
        """Which of some values could be keys in any form: few columns are left to try each form on."""
        wanted = normalized(values, self.steps)
        met = [pc.is_in(normalized(wanted, form), own, skip_nulls=True) for form, own in self._loose.items()]
        return np.asarray(reduce(pc.or_, met))

    def nearly(self, steps: Steps) -> Keys:
        """The same keys, as others meet them by some steps more."""
        forms = normalized(self.known, steps)
        counts = pc.value_counts(forms.drop_null())
        several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        once = pc.if_else(pc.is_in(forms, several), pa.scalar(None, TEXT), forms)
        return replace(self, known=once, near=steps)

    def are_called(self, columns: Columns) -> bool:
        """Whether some columns have the names of the keys' own."""
        return [column.casefold() for column in columns] == [column.casefold() for column in self.columns]

    def places(self, values: pa.Array) -> pa.Array:
        """Which key each of some values is, or nearly is; null for the others."""
        return pc.index_in(self.forms(values), value_set=self.known, skip_nulls=True)

    def forms(self, values: pa.Array) -> pa.Array:
        """Values in the form in which they meet these keys."""
        return normalized(normalized(values, self.steps), self.near)


def _parts(known: pa.Array, width: int) -> tuple[pa.Array, ...]:
    if width == 1:
        return (known,)
    escaped = pc.match_substring(known, "\\")
    split = pc.split_pattern(known.filter(pc.invert(escaped)), "/")
    others = [parts_of(key) for key in known.filter(escaped).to_pylist()]
    return tuple(
        pc.unique(pa.concat_arrays([pc.list_element(split, n), pa.array([parts[n] for parts in others], TEXT)]))
        for n in range(width)
    )


@dataclass
class Naming:
    """Columns that name records, or may do so.

    keys: of the entries whose records they name; None until enough values are there to say. counts: by entry, how many
    rows name each of its keys.
    """

    columns: Columns
    keys: tuple[Keys, ...] | None
    counts: dict[str, npt.NDArray[np.int32]] = field(default_factory=dict)
    _waiting: list[pa.Table] = field(default_factory=list)

    def see(self, rows: pa.Table, all_keys: Sequence[Keys], *, last: bool = False) -> None:
        """Count what rows name. last: that no more will come."""
        if self.keys is None:
            filled = rows.select(list(self.columns)).drop_null()
            self._waiting.append(filled)
            if not last and sum(map(len, self._waiting)) < ENOUGH:
                return
            rows, self._waiting = pa.concat_tables(self._waiting), []
            self.keys = named_by(self.columns, rows, all_keys)
        for keys in self.keys:
            self._count(rows, keys)

    def _count(self, rows: pa.Table, keys: Keys) -> None:
        places = keys.places(keys_of(rows, self.columns))
        named, times = np.unique(np.asarray(places.drop_null()), return_counts=True)
        if len(named):
            counts = self.counts.setdefault(keys.entry, np.zeros(len(keys.known), dtype=np.int32))
            counts[named] += times.astype(np.int32)


def namings(source: Source, table: str, keys: Sequence[Keys]) -> list[Naming]:
    """The columns of a table that name records, with how often they name each. Raises SourceError."""
    declared = _declared(source, table, keys)
    sample, whole = _sample(source, table)
    if not len(sample):
        return []
    values = [texts(sample, column) for column in sample.column_names]
    few = [each.among(values) for each in keys]
    asked = [Naming(columns, tuple(named)) for columns, named in declared.items()]
    for columns in _choices(sample, few, whole):
        if columns not in declared:
            filled = sample.select(list(columns)).drop_null()
            named = named_by(columns, filled, few)
            if named:
                steps = {meant.entry: meant.near for meant in named}
                meant = tuple(
                    key.nearly(steps[key.entry]) if steps[key.entry] else key for key in keys if key.entry in steps
                )
                asked.append(Naming(columns, meant))
            elif not whole and len(filled) < ENOUGH:
                asked.append(Naming(columns, None))
    wanted = list(dict.fromkeys(column for naming in asked for column in naming.columns))
    if wanted:
        for batch in source.read(table, table, wanted, ROWS, length):
            for naming in asked:
                naming.see(batch.data, keys)
        for naming in asked:
            naming.see(sample.slice(0, 0), keys, last=True)
    return [naming for naming in asked if naming.counts]


def _declared(source: Source, table: str, keys: Sequence[Keys]) -> Mapping[Columns, list[Keys]]:
    """The foreign keys of a table that lead to keys of records: its columns, in the order of the key's."""
    declared: dict[Columns, list[Keys]] = {}
    for reference in source.references(table):
        to = dict(zip(reference.to, reference.columns, strict=True))
        for meant in keys:
            if meant.table == reference.table and set(meant.columns) == set(to):
                declared.setdefault(tuple(to[column] for column in meant.columns), []).append(meant)
    return declared


def _sample(source: Source, table: str) -> tuple[pa.Table, bool]:
    """The first rows of a table, and whether these are all."""
    parts: list[pa.Table] = []
    for batch in source.read(table, table, None, SAMPLE, length):
        if sum(map(len, parts)) >= SAMPLE:
            return pa.concat_tables(parts), False
        parts.append(batch.data)
    return (pa.concat_tables(parts) if parts else pa.table({})), True


def _choices(sample: pa.Table, keys: Sequence[Keys], whole: bool) -> Iterator[Columns]:
    """Columns that could name records: each alone, and for a key of several those whose values fit its parts.

    whole: whether the sample is all there is, so that a column without a value names nothing.
    """
    if any(len(each.columns) == 1 for each in keys):
        yield from ((column,) for column in sample.column_names)
    for each in keys:
        if len(each.columns) > 1:
            fitting = [
                [column for column in sample.column_names if _fits(texts(sample, column), part, each.steps, whole)]
                for part in each.parts
            ]
            distinct = (chosen for chosen in itertools.product(*fitting) if len(set(chosen)) == len(chosen))
            yield from itertools.islice(distinct, TUPLES)


def _fits(values: pa.Array, part: pa.Array, steps: Sequence[Step], whole: bool) -> bool:
    """Whether a column holds one part of a composite key; one without a value may."""
    distinct = pc.unique(values).drop_null()
    if not len(distinct):
        return not whole
    met = pc.or_(pc.is_in(distinct, part), pc.is_in(normalized(distinct, steps), part))
    return bool(np.mean(np.asarray(met)) >= MEETS)


def named_by(columns: Columns, rows: pa.Table, keys: Sequence[Keys]) -> tuple[Keys, ...]:
    """Of which entries the values of some columns are keys: of one, or of several together, as of accounts or contacts.

    Keys of one column may also nearly meet. rows: filled in all these columns.
    """
    every = keys_of(rows, columns)
    values = pc.unique(every).drop_null()
    fit = [each for each in keys if len(each.columns) == len(columns)]
    if not len(values) or not fit or _number_rows(columns, every, values, fit):
        return ()
    named = _named(columns, values, fit)
    if named or len(columns) > 1 or np.logical_or.reduce([each.may_be(values) for each in fit]).mean() < MEETS:
        return named
    for steps in TRIED:
        named = named or _named(columns, values, [each.nearly(steps) for each in fit])
    return named


def _named(columns: Columns, values: pa.Array, fit: Sequence[Keys]) -> tuple[Keys, ...]:
    """Of which entries values are keys, each in the form in which it is to meet them."""
    met = [np.asarray(each.places(values).is_valid()) for each in fit]
    together = np.logical_or.reduce(met)
    enough = [mask.mean() >= MEETS for mask in met]
    called = [each.are_called(columns) and fits for each, fits in zip(fit, enough, strict=True)]
    keys = fit[0].forms(values.filter(pa.array(together)))
    if together.mean() < MEETS or not (any(called) or _say_so(columns, keys)):
        return ()
    best = max(range(len(fit)), key=lambda at: (called[at], int(met[at].sum())))
    if enough[best]:
        return (fit[best],)
    return tuple(each for each, mask in zip(fit, met, strict=True) if mask.any())


def _say_so(columns: Columns, keys: pa.Array) -> bool:
    """Whether columns are links by their names, or by keys that are no small numbers, as quantities are."""
    short: npt.NDArray[np.bool_] = np.asarray(pc.match_substring_regex(keys, SHORT.pattern))
    return all(map(LINK.search, columns)) or bool(short.mean() <= 0.5)


def _number_rows(columns: Columns, every: pa.Array, values: pa.Array, fit: Sequence[Keys]) -> bool:
    """Whether a column is a row's own number, 1, 2, 3 …: small numbers, each once, and not those of all records."""
    if len(columns) > 1 or not BARE.fullmatch(columns[0]) or len(values) < len(every):
        return False
    if not pc.all(pc.match_substring_regex(values, r"^\d{1,4}$")).as_py():
        return False
    numbers = values.cast(pa.int64())
    span = pc.max(numbers).as_py() - pc.min(numbers).as_py() + 1
    return len(numbers) >= DENSE * span and all(each.count != len(numbers) for each in fit)


def length(value: bytes) -> str:
    """What stands for a file whose content is not looked at."""
    return f"{len(value)} bytes"
