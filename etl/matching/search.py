"""Search records by a few words: each must be met somewhere; those that meet exactly come before those that nearly do.

Whole columns are scanned by Arrow. What may be a typing error is looked up in the list of all words that there are,
where few are as long and share a piece, so that rapidfuzz compares hundreds and not millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from etl.matching.query import Query, Term

Points = npt.NDArray[np.float64]
COLUMNS = ["source_key", "text", "key", "phone", "person"]
"""What is searched: the source key as it is, plain words, the plain source key, phone numbers; and who is a person."""
KEY_AS_TYPED, KEY, WHOLE_KEY, KEY_BUT_ZEROS, WORD, START, INSIDE = 100.0, 90.0, 1.2, 1.1, 1.0, 0.9, 0.8
NEAR = (0.0, 0.4, 0.3)
"""What a word is worth that is met but for one or two typing errors."""
NEARLY = 0.55
"""What is worth less was met nearly, not exactly."""
SCATTERED = 0.75
LIKELIEST = 60
"""So many spellings of a word are tried."""


@dataclass
class Ranked:
    """The best records so far. rows: their places in the index; order: by which the least are the best; count: how many
    were met in all."""

    rows: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    order: Points = field(default_factory=lambda: np.zeros((3, 0)))
    count: int = 0

    def add(self, rows: npt.NDArray[np.int64], order: Points, limit: int) -> None:
        """Take more records in and keep the best; those that are as good in the order of the index. order: their ranks,
        what counts most first."""
        self.count += len(rows)
        rows, order = np.concatenate([self.rows, rows]), np.concatenate([self.order, order], axis=1)
        best = np.lexsort((rows, *order[::-1]))[:limit]
        self.rows, self.order = rows[best], order[:, best]


Similar = Mapping[str, Mapping[str, int]]
"""Word -> the words that are nearly it, and how many typing errors are between."""
Known = Mapping[str, pa.Array]
"""Word -> the source keys of the records whose lead has it for its id."""


def search(
    batches: Iterable[pa.RecordBatch], query: Query, limit: int, known: Known, similar: Similar | None = None
) -> Ranked:
    """Find the records that meet every term of a query, the best `limit` of them: those that meet it best, companies
    before persons, those that say least.

    batches: of COLUMNS, all records in the order of the index. similar: None to take only what is met exactly.
    """
    ranked, first = Ranked(), 0
    for batch in batches:
        scores = _scores(batch, query, known, similar or {})
        rows = np.flatnonzero(scores > -np.inf)
        lengths = np.asarray(pc.utf8_length(batch["text"])).astype(np.float64)
        ranked.add(rows + first, np.vstack([-scores, _mask(batch["person"]), lengths])[:, rows], limit)
        first += len(batch)
    return ranked


def _scores(batch: pa.RecordBatch, query: Query, known: Known, similar: Similar) -> Points:
    """What each record is worth; minus infinity where a term is not met."""
    points = [_points(term, batch, known, similar) for term in query.terms]
    scores = np.full(len(batch), -np.inf)
    if points:
        met = np.all([term_points > 0 for term_points in points], axis=0)
        nearly = np.sum([term_points < NEARLY for term_points in points], axis=0)
        scores = np.where(met, np.sum(points, axis=0) - 10 * nearly, -np.inf)
    if query.plain:
        scores[_mask(pc.equal(batch["key"], f" {query.plain} "))] = KEY
    typed = query.text
    as_typed = pc.or_(pc.equal(batch["source_key"], typed), pc.ends_with(batch["source_key"], f":{typed}"))
    scores[_mask(as_typed)] = KEY_AS_TYPED
    return scores


def _points(term: Term, batch: pa.RecordBatch, known: Known, similar: Similar) -> Points:
    """How well each record meets a term: as it stands, or each part of it somewhere."""
    points = _directly(term, batch, known)
    if not term.parts:
        _nearly(points, term.plain, batch, similar)
        return points
    points_of_parts = [_points(part, batch, {}, similar) for part in term.parts]
    scattered: Points = np.min(points_of_parts, axis=0) * SCATTERED
    return np.maximum(points, scattered)


def _directly(term: Term, batch: pa.RecordBatch, known: Known) -> Points:
    text, key, phone, plain, points = batch["text"], batch["key"], batch["phone"], term.plain, np.zeros(len(batch))
    _raise(points, pc.match_substring(text, f" {plain}"), START)
    _raise(points, pc.match_substring(text, f" {plain} "), WORD)
    if len(plain) >= 4:
        _raise(points, pc.match_substring(text, plain), INSIDE)
    _raise(points, pc.ends_with(key, f" {plain} "), WHOLE_KEY)
    if plain[0].isdigit():
        _raise(points, pc.match_substring_regex(key, f" 0*{plain} $"), KEY_BUT_ZEROS)
    if len(term.number) >= 4:
        _raise(points, pc.match_substring(phone, f"{term.number} "), WORD)
    if len(term.number) >= 6:
        _raise(points, pc.match_substring(phone, term.number), INSIDE)
    if plain in known:
        _raise(points, pc.is_in(batch["source_key"], known[plain]), WHOLE_KEY)
    return points


def _nearly(points: Points, word: str, batch: pa.RecordBatch, similar: Similar) -> None:
    """Raise what is met but for typing errors."""
    near = similar.get(word, {})
    for errors in sorted({*near.values()}):
        spellings = "|".join(sorted(spelling for spelling, so_many in near.items() if so_many == errors))
        _raise(points, pc.match_substring_regex(batch["text"], f" (?:{spellings}) "), NEAR[errors])


def _raise(points: Points, where: pa.Array, to: float) -> None:
    np.maximum(points, np.where(_mask(where), to, 0.0), out=points)


def _mask(where: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(where.to_numpy(zero_copy_only=False), dtype=np.bool_)


def errors_in(word: str) -> int:
    """How many typing errors are forgiven: none in a short word or a number, two in a long one."""
    if len(word) < 4 or any(character.isdigit() for character in word):
        return 0
    return 1 if len(word) < 8 else 2


def similar_words(words: Iterable[pa.Array], query: Query) -> Similar:
    """Look up what each word of a query may have been meant to be. words: all that there are, in several arrays."""
    wanted = {word for term in query.terms for word in term.words if errors_in(word)}
    near_words: dict[str, dict[str, int]] = {word: {} for word in wanted}
    for some in words if wanted else ():
        lengths = pc.utf8_length(some)
        for word in wanted:
            near_words[word] |= _near(word, some, lengths)
    return {word: dict(sorted(near.items(), key=lambda entry: (entry[1], entry[0]))[:LIKELIEST])
            for word, near in near_words.items()}  # fmt: skip


def _near(word: str, some: pa.Array, lengths: pa.Array) -> dict[str, int]:
    """The words at most so many errors away: of one piece more than errors can spoil, one is always whole."""
    errors = errors_in(word)
    fits = pc.and_(pc.greater_equal(lengths, len(word) - errors), pc.less_equal(lengths, len(word) + errors))
    candidates = some.filter(fits)
    candidates = candidates.filter(pc.match_substring_regex(candidates, "|".join(_pieces(word, 2 * errors + 1))))
    if not len(candidates):
        return {}
    spellings = candidates.to_pylist()
    [distances] = cdist([word], spellings, scorer=OSA.distance, score_cutoff=errors)
    return {spellings[at]: int(distances[at]) for at in np.flatnonzero((distances > 0) & (distances <= errors))}


def _pieces(word: str, count: int) -> list[str]:
    """Cut a word into pieces of about the same length. Two letters that change places spoil two pieces at most."""
    borders = [round(len(word) * n / count) for n in range(count + 1)]
    return [word[start:end] for start, end in pairwise(borders) if end > start]
