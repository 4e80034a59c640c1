"""What a config makes of the rows of a dataset: values of other tables beside them, rows left out, keys and links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Join, Test
from etl.config.links import MERGED, RESERVED
from etl.config.shapes import DOUBT, UNCLEAR, UNDECIDED, Shape, each_column, instead_column
from etl.connect.aside import Aside
from etl.connect.lookup_tables import LookupTables, marked
from etl.connect.made_links import MadeLinks
from etl.connect.overwritten import Overwritten
from etl.connect.rows_left import RowsLeft
from etl.connect.source import Batch
from etl.empties import emptied
from etl.rows import Answer, Asked, Mask, answer
from etl.rows.keys import keys_of, texts
from etl.rows.lookups import KnownKeys, Lookup
from etl.rows.meetings import Kind, Meeting
from etl.rows.places import Places


class Shaping:
    """Makes of batches what their dataset's shape says. left_out: dataset -> rows that its `where` leaves out."""

    def __init__(
        self,
        config: Config,
        looked_up: LookupTables,
        links: MadeLinks,
        overwritten: Mapping[str, Sequence[Overwritten]],
        meeting: Callable[[str, Kind, str, KnownKeys, Hashable], Meeting],
        aside: Aside | None,
    ) -> None:
        """overwritten: by dataset. meeting: what counts how rows meet a table that they look up. aside: is shown what
        is left out."""
        self._config, self._tables, self._links = config, looked_up, links
        self._overwritten, self._meeting, self._aside = overwritten, meeting, aside
        self.left_out: Counter[str] = Counter()

    def shaped(
        self,
        batch: Batch,
        name: str,
        shape: Shape,
        wanted: Sequence[str],
        asked: dict[Test, Asked] | None,
        left_rows: RowsLeft,
    ) -> Batch:
        """Make of a batch what the config wants. A damaged row is never left out, nor does it stand twice."""
        damaged = np.zeros(batch.data.num_rows, dtype=np.bool_)
        damaged[[fault.row - left_rows.read for fault in batch.faults if fault.row is not None]] = True
        joined = list(self._joins(batch.data, name, shape))
        data = _all_taken(batch.data, joined)
        labelled = list(self._labels(data, name, shape))
        data = self._with_other_rows(_all_taken(data, labelled), name, shape, [*joined, *labelled])
        counts = self._counting(data, name, shape, asked)
        stays = counts.possible | damaged
        if asked is not None:
            self.left_out[name] += int(np.count_nonzero(~stays))
            self._count_meetings(name, [*joined, *labelled], stays & ~damaged)
            if self._aside is not None and not stays.all():
                self._aside.left_out(name, self._decisive(data.filter(pa.array(~stays)), name))
        rows: Places = np.flatnonzero(stays)
        data = data.take(pa.array(rows)).combine_chunks()
        decisive = self._decisive(data, name)
        if shape.may_doubt:
            data = data.append_column(DOUBT, marked(counts.open[rows] | self._links.doubts(decisive, shape)))
        if shape.ordered:
            data = data.append_column(UNDECIDED, marked(self._links.undecided(decisive, shape)))
        if shape.merged and shape.key and (merges := self._tables.merges(shape.merged)):
            own = keys_of(decisive, shape.key.columns, shape.key.normalize)
            data = data.append_column(MERGED, merges.of(own)).append_column(
                UNCLEAR, marked(np.asarray(merges.unclear(own)))
            )
        if shape.made_key:
            data = data.append_column(
                RESERVED + "key", keys_of(decisive, shape.made_key.columns, shape.made_key.normalize)
            )
        data, source_rows = self._links.add(data, decisive, shape, damaged[rows], counted=asked is not None)
        return left_rows.batch(batch, data.select(list(wanted)), rows[source_rows], left_rows.read + rows[source_rows])

    def _counting(self, data: pa.Table, name: str, shape: Shape, asked: dict[Test, Asked] | None) -> Answer:
        """What the rows say to the dataset's `where`: one that nearly meets it is not left out, but in doubt."""
        rows = self._decisive(data, name)
        counts = answer(rows, shape.where, asked)
        for own in () if counts.possible.all() else self._overwritten.get(name, ()):
            ours = np.asarray(pc.is_in(keys_of(rows, own.key.columns, own.key.normalize), own.keys))
            stays = ours & answer(rows, shape.where, unknown=own.columns).possible
            counts = Answer(counts.holds | (stays & ~counts.possible), counts.open)
        return counts

    def _decisive(self, data: pa.Table, name: str) -> pa.Table:
        """The rows without the words that stand for an empty value."""
        empties = self._config.source.empties(name)
        if not empties:
            return data
        return pa.table({column: emptied(texts(data, column), empties.of(column)) for column in data.column_names})

    def _joins(self, data: pa.Table, name: str, shape: Shape) -> Iterator[_LookedUp]:
        """The values that rows take from tables that are joined to them."""
        for join_name, join in shape.joins.items():
            keys = self.keys_on(data, name, shape, join)
            yield _LookedUp("joined", join_name, self._tables.joined(join_name, join), keys)

    def _with_other_rows(self, data: pa.Table, name: str, shape: Shape, looked_up: Sequence[_LookedUp]) -> pa.Table:
        """The rows with what other rows of the tables say that conditions ask, beside those whose values are taken."""
        empties = self._config.source.empties(name)
        for each in looked_up:
            others = self._tables.others(each.lookup)
            for column in each.lookup.columns:
                full = f"{each.name}.{column}"
                for made, say in ((each_column(full), others.each), (instead_column(full), others.instead)):
                    if made in shape.of_other_rows:
                        data = data.append_column(made, say(each.keys, column, empties.of(full)))
        return data

    def keys_on(self, data: pa.Table, name: str, shape: Shape, join: Join) -> pa.Array:
        """The keys by which rows of a dataset take values from a table that is joined to them."""
        own = columns_on(join, shape)
        return keys_of(self._decisive(data.select(list(own)), name), own, join.normalize)

    def _labels(self, data: pa.Table, name: str, shape: Shape) -> Iterator[_LookedUp]:
        """What the ids in rows are called."""
        for column, labels in shape.labels.items():
            ids = keys_of(self._decisive(data.select([column]), name), [column], labels.normalize)
            yield _LookedUp("labels", column, self._tables.labels(labels), ids)

    def _count_meetings(self, name: str, looked_up: Sequence[_LookedUp], rows: Mask) -> None:
        """Count how some rows met the tables that they take values from."""
        for each in looked_up:
            meeting = self._meeting(name, each.kind, each.name, each.lookup.known, None)
            meeting.add(each.keys.filter(pa.array(rows)))


def columns_on(join: Join, shape: Shape) -> tuple[str, ...]:
    """The columns by which rows take values from a table that is joined to them: their key if nothing else is said."""
    if join.on:
        return join.on
    if shape.key is None:
        raise KeyError(join.key)
    return shape.key.columns


@dataclass(frozen=True)
class _LookedUp:
    """What rows take from another table, as `name.column`, by which keys."""

    kind: Kind
    name: str
    lookup: Lookup
    keys: pa.Array


def _all_taken(data: pa.Table, looked_up: Sequence[_LookedUp]) -> pa.Table:
    """The rows with the columns that they take from other tables."""
    for each in looked_up:
        data = with_values(data, each.name, each.lookup.of(each.keys))
    return data


def with_values(data: pa.Table, name: str, values: Mapping[str, pa.Array]) -> pa.Table:
    """The rows with the columns of another table, under its name."""
    for column, taken in values.items():
        data = data.append_column(f"{name}.{column}", taken)
    return data
