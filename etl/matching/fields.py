"""Identities as arrays of codes: each distinct value is normalised once, and compared once with another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
NONE = -1


def distinct(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The distinct values in order; numpy's own finds them by hashing, which takes longer for millions."""
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered


@dataclass(frozen=True)
class Coded:
    """One value a record at most. values: the distinct normal forms, sorted; codes: by record, NONE without a value."""

    values: list[str]
    codes: Codes

    @staticmethod
    def of(texts: pa.Array, normal: Callable[[str], str | None]) -> Coded:
        """Normalise a column of texts; null and what has no normal form is missing."""
        [column] = Coded.parts(texts, lambda text: (normal(text),), 1)
        return column

    @staticmethod
    def parts(texts: pa.Array, normal: Callable[[str], Sequence[str | None]], count: int) -> list[Coded]:
        """Normalise a column of texts into `count` parts of each."""
        encoded = pc.fill_null(texts, "").dictionary_encode()
        indices = np.asarray(encoded.indices)
        forms = [normal(text) if text else (None,) * count for text in encoded.dictionary.to_pylist()]
        columns = []
        for part in range(count):
            values, of_form = _sorted([form[part] for form in forms])
            columns.append(Coded(values, of_form[indices]))
        return columns

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


def _sorted(forms: Sequence[str | None]) -> tuple[list[str], Codes]:
    """The distinct forms in order, and for each of the given ones its place there."""
    values = sorted({form for form in forms if form})
    places = {value: place for place, value in enumerate(values)}
    return values, np.array([places.get(form or "", NONE) for form in forms], dtype=np.int32)


@dataclass(frozen=True)
class Several:
    """Any number of values a record: record and code side by side, by record, each pair once."""

    values: list[str]
    record: Codes
    code: Codes
    count: int

    @staticmethod
    def of(columns: Iterable[pa.Array], normal: Callable[[str], Sequence[str]], count: int) -> Several:
        """Normalise columns of which a field may hold several values."""
        forms: dict[str, int] = {}
        records, codes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for column in columns:
            encoded = pc.fill_null(column, "").dictionary_encode()
            forms_of_text = [normal(text) if text else () for text in encoded.dictionary.to_pylist()]
            lengths = np.array([len(text_forms) for text_forms in forms_of_text], dtype=np.int64)
            flat = np.array(
                [forms.setdefault(form, len(forms)) for text_forms in forms_of_text for form in text_forms],
                dtype=np.int64,
            )
            starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
            indices = np.asarray(encoded.indices)
            mine = lengths[indices]
            records.append(np.repeat(np.arange(count), mine))
            codes.append(flat[np.repeat(starts[indices], mine) + ranges(mine)])
        order = sorted(forms)
        places = np.empty(len(order), dtype=np.int64)
        places[[forms[form] for form in order]] = np.arange(len(order))
        code = np.concatenate(codes).astype(np.int64)
        pairs = distinct(np.concatenate(records) * max(len(order), 1) + (places[code] if len(code) else code))
        width = max(len(order), 1)
        return Several(order, (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), count)

    def derived(self, of: Callable[[str], str | None]) -> Several:
        """A form of each value, such as its domain."""
        values, places = _sorted([of(value) for value in self.values])
        code = places[self.code] if len(places) else self.code
        kept = code != NONE
        width = max(len(values), 1)
        pairs = distinct(self.record[kept].astype(np.int64) * width + code[kept])
        return Several(values, (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), self.count)

    def and_also(self, other: Several) -> Several:
        """The values of both."""
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
        return Several(values, (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), self.count)

    def starts(self) -> npt.NDArray[np.int64]:
        """Where the values of each record begin; one more than there are records."""
        return np.searchsorted(self.record, np.arange(self.count + 1)).astype(np.int64)

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
