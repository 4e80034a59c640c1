"""Links of rows to records that the config makes: keys in one form, through tables of links, below other rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Link, Test
from etl.config.links import Step
from etl.config.row_conditions import columns_named
from etl.config.shapes import OTHER_KIND, MadeLink, Shape, lost_column, near_column
from etl.connect.lookup_tables import LookupTables, marked
from etl.connect.source import TEXT
from etl.rows import Asked, Mask, answer
from etl.rows.keys import keys_of, normalized, texts
from etl.rows.lists import column_of_lists
from etl.rows.lookups import KnownKeys, Several
from etl.rows.meetings import Kind, Meeting
from etl.rows.places import Places


@dataclass(frozen=True)
class _Led:
    """The keys of records to which rows are led: the row, and the key.

    lost: the rows that fill a link which leads to no key, and have no other. near_places, near_values: the rows that
    would be led to a record if their key met a table between the two, and its key.
    """

    places: Places
    values: pa.Array
    lost: Mask
    near_places: Places
    near_values: pa.Array


class MadeLinks:
    """Adds to rows the links that the config makes of their columns."""

    def __init__(
        self,
        looked_up: LookupTables,
        asked: Callable[[str, str, object], dict[Test, Asked]],
        meeting: Callable[[str, Kind, str, KnownKeys, Hashable], Meeting],
    ) -> None:
        """asked: what gathers the values that nearly meet a condition of a link; meeting: what counts how rows meet a
        table between them and their records."""
        self._looked_up, self._asked, self._meeting = looked_up, asked, meeting

    def add(
        self, data: pa.Table, decisive: pa.Table, shape: Shape, damaged: npt.NDArray[np.bool_], *, counted: bool
    ) -> tuple[pa.Table, Places]:
        """Add the made links. A row that names several records of one entry stands once for each of them.

        Returns the rows, and for each its place among those that were taken.
        """
        rows: list[Places] = [np.arange(len(data))]
        made: list[tuple[str, Places, pa.Array]] = []
        without = np.zeros(len(data), dtype=np.bool_)
        if shape.kinds:
            data = data.append_column(OTHER_KIND, _other_kinds(decisive, shape.kinds))
        for column, link in shape.links.items():
            led = self._values(decisive, link, counted=counted)
            places, values = led.places, led.values
            if link.may_lose:
                data = data.append_column(lost_column(column), marked(led.lost))
            if link.may_nearly_meet:
                near = column_of_lists(len(data), led.near_places, led.near_values)
                data = data.append_column(near_column(column), near)
            fresh = np.r_[True, places[1:] != places[:-1]] if len(places) else np.zeros(0, dtype=np.bool_)
            if link.first or link.rest:
                chosen = np.flatnonzero(fresh if link.first else ~fresh)
                places, values = places[chosen], values.take(pa.array(chosen))
                fresh = np.r_[True, places[1:] != places[:-1]] if len(places) else np.zeros(0, dtype=np.bool_)
            if link.rest:
                without |= ~np.isin(np.arange(len(data)), places) & ~damaged
            extra = np.flatnonzero(~fresh & ~damaged[places])
            made.append((column, places[fresh], values.take(pa.array(np.flatnonzero(fresh)))))
            rows.append(places[extra])
            made.append((column, extra, values))
        return _spread(data, rows, made, without)

    def doubts(self, data: pa.Table, shape: Shape) -> Mask:
        """Which rows name a record only by a value that nearly meets a `where` of a link."""
        doubts = np.zeros(len(data), dtype=np.bool_)
        for made in shape.links.values():
            for link in made.links:
                doubts |= answer(data, link.where).open
                if link.through and link.through.where is not None:
                    led = self._looked_up.through(link.through)
                    doubts |= led.in_doubt(keys_of(data, _columns(link, made), link.through.normalize))
        return doubts

    def undecided(self, data: pa.Table, shape: Shape) -> Mask:
        """Which rows name several records of which nobody can say which comes first, as its place cannot be read."""
        undecided = np.zeros(len(data), dtype=np.bool_)
        for link, made in shape.ordered:
            if link.through:
                keys = keys_of(data, _columns(link, made), link.through.normalize)
                undecided |= self._looked_up.through(link.through).is_undecided(keys)
        return undecided

    def _values(self, data: pa.Table, made: MadeLink, *, counted: bool) -> _Led:
        """The keys that the rows name by some links, in order; each once a row."""
        all_places, all_values = [np.zeros(0, dtype=np.int64)], [pa.array([], TEXT)]
        near_places, near_values = [np.zeros(0, dtype=np.int64)], [pa.array([], TEXT)]
        all_lost = np.zeros(len(data), dtype=np.bool_)
        for link in made.links:
            led = self._one_link(data, link, made, counted=counted)
            all_lost |= led.lost
            places, values = self._usable(data, led.places, led.values, link, made)
            all_places.append(places)
            all_values.append(values)
            perhaps = self._perhaps_merged(led, made, counted=counted)
            for near in ((led.near_places, led.near_values), perhaps):
                places, values = self._usable(data, *near, link, made)
                near_places.append(places)
                near_values.append(values)
        places, values = np.concatenate(all_places), pa.concat_arrays(all_values)
        order = np.lexsort((self._missing(values, made), places))
        places, values = places[order], values.take(pa.array(order))
        fresh = _once(places, values)
        all_lost[places] = False
        near = np.concatenate(near_places), pa.concat_arrays(near_values)
        return _Led(places[fresh], values.take(pa.array(fresh)), all_lost, *near)

    def _perhaps_merged(self, led: _Led, made: MadeLink, *, counted: bool) -> tuple[Places, pa.Array]:
        """The records of which those that rows name may be part, as a table of merges does not clearly say."""
        merges = self._looked_up.merges(made.entry)
        if merges is None or made.rest:
            return np.zeros(0, dtype=np.int64), pa.array([], TEXT)
        known = self._looked_up.known(made.entry)
        if counted:
            lost = led.values.filter(merges.lost(led.values, known))
            self._meeting(made.dataset, "merges", merges.table, merges.known, made).add(lost)
        at, values = merges.possible(led.values, known)
        return led.places[at], values

    def _usable(
        self, data: pa.Table, places: Places, named: pa.Array, link: Link, made: MadeLink
    ) -> tuple[Places, pa.Array]:
        """Those keys that name a record, merged ones as what they are part of now."""
        values = self._merged(named, made.entry)
        if made.self_is_none and made.own:
            own = keys_of(data, made.own.columns, made.own.normalize).take(pa.array(places))
            for itself in (pc.equal(key, normalized(own, link.normalize)) for key in (named, values)):
                values = pc.if_else(pc.fill_null(itself, False), pa.scalar(None, TEXT), values)
        usable = np.flatnonzero(np.asarray(pc.is_valid(values)))
        return places[usable], values.take(pa.array(usable))

    def _missing(self, values: pa.Array, made: MadeLink) -> Mask:
        """Which keys come after others of their row, where the first counts: those of records that there are not."""
        if (made.first or made.rest) and any(link.through for link in made.links):
            return ~np.asarray(pc.is_in(values, value_set=self._looked_up.known(made.entry)))
        return np.zeros(len(values), dtype=np.bool_)

    def _one_link(self, data: pa.Table, link: Link, made: MadeLink, *, counted: bool) -> _Led:
        """The keys that the rows name by one link, and the rows that fill it and name none."""
        columns = _columns(link, made)
        keys = keys_of(data, columns, _steps_between(link))
        asked = self._asked(f"link to {made.entry}", made.dataset, link.where) if counted else None
        counts = answer(data, link.where, asked).possible
        if not link.through:
            counts = counts & ~_is_none(keys, link)
        counts = counts & ~self._names_row_above(data, link, made)
        are_filled = [np.asarray(texts(data, column).is_valid()) for column in made.fills(link)]
        filled = counts & np.logical_or.reduce(are_filled)
        keys = pc.if_else(pa.array(counts), keys, pa.scalar(None, TEXT))
        if not (link.through or link.under_row):
            nobody, nothing = np.zeros(0, dtype=np.int64), pa.array([], TEXT)
            unmet = filled & np.asarray(keys.is_null())
            return _Led(np.arange(len(data)), normalized(keys, link.normalize), unmet, nobody, nothing)
        between = self._between(link, made)
        if counted and link.through and not made.rest:
            self._meeting(made.dataset, "links", link.through.table, between.known, (made.entry, link)).add(keys)
        if counted and link.under_row and self._looked_up.is_first(link.under_row.rows, made.entry):
            self._meeting(made.dataset, "under", link.under_row.rows, between.known, link).add(keys)
        (places, values), (near_places, near_values) = between.of(keys), between.nearly(keys)
        # each record has a key of its own, and not each has a parent
        unmet = np.zeros_like(filled) if made.first else filled & ~np.asarray(between.has(keys))
        if link.through:
            values, near_values = (self._led_to(led, link) for led in (values, near_values))
        return _Led(places, values, unmet, near_places, near_values)

    def _names_row_above(self, data: pa.Table, link: Link, made: MadeLink) -> Mask:
        """Where the column of a link names a row that these stand under, and no record."""
        names = np.zeros(len(data), dtype=np.bool_)
        for above in made.above(link):
            keys = keys_of(data, above.columns, _steps_between(above))
            names |= np.asarray(self._between(above, made).has(keys))
        if names.any():
            keys = keys_of(data, link.columns, link.normalize)
            names &= ~np.asarray(pc.is_in(keys, value_set=self._looked_up.known(made.entry)))
        return names

    def _between(self, link: Link, made: MadeLink) -> Several:
        """The table that leads rows to their records: of links, or of the rows that they belong to."""
        if link.through:
            return self._looked_up.through(link.through)
        if link.under_row:
            return self._looked_up.above(link.under_row, made.entry, link.normalize)
        raise KeyError(made.entry)

    def _led_to(self, values: pa.Array, link: Link) -> pa.Array:
        """The keys to which a table of links leads, in the form of those of records."""
        return normalized(pc.if_else(pa.array(_is_none(values, link)), pa.scalar(None, TEXT), values), link.normalize)

    def _merged(self, keys: pa.Array, entry: str) -> pa.Array:
        """The keys of an entry's records, where they were merged into others those."""
        merges = self._looked_up.merges(entry)
        return keys if merges is None else pc.coalesce(merges.of(keys), keys)


def _columns(link: Link, made: MadeLink) -> tuple[str, ...]:
    """The row's columns by which a link names a record, or is found in a table of links."""
    return link.columns or (made.own.columns if made.own else ())


def _other_kinds(data: pa.Table, kinds: Sequence[Sequence[Link]]) -> pa.Array:
    """What rows have in the columns that a `where` asks, if they fill its link and meet none for these columns."""
    said = pa.nulls(len(data), TEXT)
    for links in kinds:
        key = keys_of(data, links[0].columns)
        filled = np.asarray(key.is_valid()) & ~np.logical_and.reduce([_is_none(key, link) for link in links])
        taken = np.logical_or.reduce([answer(data, link.where).possible for link in links])
        named = dict.fromkeys(column for link in links for column in columns_named(link.where))
        each = [_kind(data, column) for column in named]
        kind = pc.binary_join_element_wise(*each, pa.scalar(", ", TEXT))
        said = pc.coalesce(said, pc.if_else(pa.array(filled & ~taken), kind, pa.scalar(None, TEXT)))
    return said


def _kind(data: pa.Table, column: str) -> pa.Array:
    """What rows have in a column, with its name; a dash where it is empty."""
    name, nothing, between = (pa.scalar(text, TEXT) for text in (f"{column}: ", "–", ""))
    return pc.binary_join_element_wise(name, pc.fill_null(texts(data, column), nothing), between)


def _steps_between(link: Link) -> tuple[Step, ...]:
    """How the row's key is brought to the form in which it meets a table between it and its record."""
    return link.through.normalize if link.through else link.normalize if link.under_row else ()


def _is_none(keys: pa.Array, link: Link) -> Mask:
    """Which keys name no record, as the config says."""
    mask: Mask = np.asarray(pc.is_in(keys, value_set=pa.array(link.none, TEXT)))
    return mask


def _once(places: Places, values: pa.Array) -> Places:
    """The first of equal pairs, in their order."""
    codes = np.asarray(values.dictionary_encode().indices).astype(np.int64)
    _, first = np.unique(places * (int(codes.max(initial=0)) + 1) + codes, return_index=True)
    return np.sort(first).astype(np.int64)


def _spread(
    data: pa.Table, rows: Sequence[Places], made: Sequence[tuple[str, Places, pa.Array]], without: npt.NDArray[np.bool_]
) -> tuple[pa.Table, Places]:
    """Put rows and their copies in order, each made link in the row or copy that it belongs to."""
    source_rows = np.concatenate(rows)
    ends = np.cumsum([len(part) for part in rows])
    columns: dict[str, list[tuple[Places, pa.Array]]] = {}
    for number in range(0, len(made), 2):
        column, places, values = made[number]
        _, extra, all_values = made[number + 1]
        begin = ends[number // 2]
        copies = np.arange(begin, begin + len(extra))
        columns[column] = [(places, values), (copies, all_values.take(pa.array(extra)))]
    order = np.argsort(source_rows, kind="stable")
    order = order[~without[source_rows[order]]]
    spread = data.take(pa.array(source_rows[order])).combine_chunks()
    for column, parts in columns.items():
        at = np.full(len(source_rows), -1, dtype=np.int64)
        filled, first = pa.concat_arrays([values for _, values in parts]), 0
        for places, values in parts:
            at[places] = np.arange(first, first + len(values))
            first += len(values)
        spread = spread.append_column(column, filled.take(pa.array(at[order], mask=at[order] < 0)))
    return spread, source_rows[order]
