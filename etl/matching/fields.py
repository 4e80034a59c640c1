"""Identities as arrays of codes: each distinct value is normalised once, and compared once with another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Written = Callable[[str, str], str]
"""What people wrote for a normal form: of a whole text and the form, the part of the text that is meant."""
Floats = npt.NDArray[np.float64]
NONE = -1


def distinct(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The distinct values in order; numpy's own finds them by hashing, which takes longer for millions."""
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered


def distinct_pairs(a: Codes, b: Codes, width: int) -> tuple[Codes, Codes, Places]:
    """The distinct pairs of codes side by side, as two columns, and for each given pair its place among them.

    width: more than any code of b; so that each pair is compared once.
    """
    pairs, place = np.unique(a.astype(np.int64) * width + b, return_inverse=True)
    return (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), place


def whole(text: str, form: str) -> str:  # noqa: ARG001  as each `Written` takes both
    """The whole text."""
    return text


@dataclass(frozen=True)
class Originals:
    """What people wrote: one text for each normal form, the most frequent one, of several the least in order.

    So row order changes nothing. written: the part of a text that is meant by a form.
    """

    texts: pa.Array
    written: Written

    @staticmethod
    def of(distinct_texts: pa.Array, often: Places, text: Places, form: Places, written: Written) -> Originals:
        """Choose the texts. often: how many records have each distinct text; text, form: side by side, which text has
        which form; every form has one."""
        order = np.lexsort((-often[text], form))
        text, form = text[order], form[order]
        first, length = _runs(form)
        most = often[text] == np.repeat(often[text[first]], length)
        text, form = text[most], form[most]
        _, length = _runs(form)
        tied = np.unique(text[np.repeat(length > 1, length)])
        rank = np.zeros(len(distinct_texts), dtype=np.int64)
        in_order = pc.array_sort_indices(distinct_texts.take(pa.array(tied)))
        rank[tied[np.asarray(in_order)]] = np.arange(len(tied))
        order = np.lexsort((rank[text], form))
        return Originals(distinct_texts.take(pa.array(text[order][_runs(form)[0]])), written)

    def text(self, code: int, form: str) -> str:
        """What people wrote for a form."""
        return self.written(self.texts[code].as_py(), form)


def _runs(values: Places) -> tuple[Places, Places]:
    """Where each run of equal values begins, and how long it is."""
    first = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.zeros(0, dtype=np.int64)
    return first, np.diff(np.r_[first, len(values)])


@dataclass(frozen=True)
class Coded:
    """One value a record at most. values: the distinct normal forms, sorted; codes: by record, NONE without a value.

    originals: what people wrote for each value; None where the normal form says it.
    """

    values: list[str]
    codes: Codes
    originals: Originals | None = None

    @staticmethod
    def of(texts: pa.Array, normal: Callable[[str], str | None]) -> Coded:
        """Normalise a column of texts; null and what has no normal form is missing."""
        [column] = Coded.parts(texts, lambda text: (normal(text),), (whole,))
        return column

    @staticmethod
    def parts(
        texts: pa.Array, normal: Callable[[str], Sequence[str | None]], written: Sequence[Written | None]
    ) -> list[Coded]:
        """Normalise a column of texts into parts of each. written: by part, how a text shows it; None where its normal
        form does."""
        encoded = pc.fill_null(texts, "").dictionary_encode()
        indices = np.asarray(encoded.indices)
        forms = [normal(text) if text else (None,) * len(written) for text in encoded.dictionary.to_pylist()]
        often = np.bincount(indices, minlength=len(forms))
        columns = []
        for part, shown in enumerate(written):
            values, of_form = _sorted([form[part] for form in forms])
            text = np.flatnonzero(of_form != NONE)
            form = of_form[text].astype(np.int64)
            originals = shown and Originals.of(encoded.dictionary, often, text, form, shown)
            columns.append(Coded(values, of_form[indices], originals or None))
        return columns

    def shown(self, code: int) -> str:
        """A value as people write it."""
        return _shown(self.values, self.originals, code)

    @property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Which records have a value."""
        mask: npt.NDArray[np.bool_] = self.codes != NONE
        return mask

    def counts(self) -> npt.NDArray[np.int64]:
        """How many records have each value."""
        return np.bincount(self.codes[self.filled], minlength=len(self.values))

    def derived(self, of: Callable[[str], str | None]) -> Coded:
        """A form of each value, such as its prefix."""
        values, codes = _sorted([of(value) for value in self.values])
        return Coded(values, np.where(self.filled, codes[self.codes] if len(codes) else NONE, NONE).astype(np.int32))


def _shown(values: Sequence[str], originals: Originals | None, code: int) -> str:
    return values[code] if originals is None else originals.text(code, values[code])


def _sorted(forms: Sequence[str | None]) -> tuple[list[str], Codes]:
    """The distinct forms in order, and for each of the given ones its place there."""
    values = sorted({form for form in forms if form})
    places = {value: place for place, value in enumerate(values)}
    return values, np.array([places.get(form or "", NONE) for form in forms], dtype=np.int32)


@dataclass(frozen=True)
class Several:
    """Any number of values a record: record and code side by side, by record, each pair once.

    originals: what people wrote for each value; None where the normal form says it.
    """

    values: list[str]
    record: Codes
    code: Codes
    count: int
    originals: Originals | None = None

    @staticmethod
    def of(
        columns: Iterable[pa.Array],
        normal: Callable[[str], Sequence[str]],
        count: int,
        written: Written | None = None,
    ) -> Several:
        """Normalise columns of which a field may hold several values. written: how a text shows one of them; None where
        its normal form does."""
        below = [pc.fill_null(column.cast(pa.large_string()), "") for column in columns]
        encoded = pa.concat_arrays([pa.array([], pa.large_string()), *below]).dictionary_encode()
        forms_of_text = [normal(text) if text else () for text in encoded.dictionary.to_pylist()]
        lengths = np.array([len(text_forms) for text_forms in forms_of_text], dtype=np.int64)
        values, flat = _sorted([form for text_forms in forms_of_text for form in text_forms])
        starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        indices = np.asarray(encoded.indices)
        mine = lengths[indices]
        record = np.repeat(np.tile(np.arange(count), len(below)), mine)
        code = flat[np.repeat(starts[indices], mine) + ranges(mine)].astype(np.int64)
        width = max(len(values), 1)
        pairs = distinct(record * width + code)
        originals = written and Originals.of(
            encoded.dictionary,
            np.bincount(indices, minlength=len(lengths)),
            np.repeat(np.arange(len(lengths)), lengths),
            flat.astype(np.int64),
            written,
        )
        return Several(
            values, (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), count, originals or None
        )

    def shown(self, code: int) -> str:
        """A value as people write it."""
        return _shown(self.values, self.originals, code)

    def derived(self, of: Callable[[str], str | None], written: Written | None = None) -> Several:
        """A form of each value, such as its domain. written: how what people wrote for the most frequent value shows
        it; None where the form does."""
        values, places = _sorted([of(value) for value in self.values])
        code = places[self.code] if len(places) else self.code
        kept = code != NONE
        width = max(len(values), 1)
        pairs = distinct(self.record[kept].astype(np.int64) * width + code[kept])
        originals = None
        if written is not None and self.originals is not None:
            value = np.flatnonzero(places != NONE)
            form = places[value].astype(np.int64)
            originals = Originals.of(self.originals.texts, self.counts, value, form, written)
        return Several(
            values, (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), self.count, originals
        )

    def and_also(self, other: Several) -> Several:
        """The values of both; what people wrote for one that both have is the first's."""
        values = sorted({*self.values, *other.values})
        places = {value: place for place, value in enumerate(values)}
        width = max(len(values), 1)
        parts = [
            part.record.astype(np.int64) * width + np.array([places[v] for v in part.values], dtype=np.int64)[part.code]
            if len(part.values)
            else np.zeros(0, np.int64)
            for part in (self, other)
        ]
        pairs = distinct(np.concatenate(parts))
        originals = None
        if self.originals is not None and other.originals is not None:
            place = {value: code for code, value in enumerate([*self.values, *other.values])}
            place.update((value, code) for code, value in enumerate(self.values))
            texts = pa.concat_arrays([self.originals.texts, other.originals.texts])
            originals = Originals(texts.take(pa.array([place[v] for v in values], pa.int64())), self.originals.written)
        return Several(
            values, (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), self.count, originals
        )

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where the values of each record begin; one more than there are records."""
        return np.searchsorted(self.record, np.arange(self.count + 1)).astype(np.int64)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many records have each value."""
        return np.bincount(self.code, minlength=len(self.values))


def ranges(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0, 1, … up to each length, one after the other: of [2, 3] it is [0, 1, 0, 1, 2]."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - lengths, lengths)


def joined(columns: Sequence[pa.Array]) -> pa.Array:
    """The texts of several columns with a blank between; null where all are."""
    if len(columns) == 1:
        return columns[0]
    filled = [
        pc.fill_null(column, "") for column in columns
    ]  # Arrow's own skipping of nulls drops rows of nothing else
    together = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*filled, pa.scalar(" ", columns[0].type)))
    return pc.if_else(pc.equal(together, ""), pa.scalar(None, together.type), together)
