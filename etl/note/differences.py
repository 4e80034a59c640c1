"""Name each value in which a note and the legacy records differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from etl.note.blocks import State
from etl.note.contents import Contents, Values
from etl.note.parse import ParsedNote

NEAR = 100
"""With how many rows of an edited history a row is compared to find the one it has become."""

Kind = Literal["lost", "different", "extra", "order", "edited", "missing note"]


class Difference(NamedTuple):
    """One thing in which a note and the legacy records differ.

    source_key, dataset, row, column: where; None where the note as a whole is meant. row: the place in the record's
    history, from 0. kind: `lost` and `different` speak of a value (of a record, row or reference, where the column
    is None), `extra` of what no legacy record has, `order` of a history whose rows stand in another order, `edited` of
    a block whose checksum does not fit, `missing note` of a lead without a block.
    values: how many legacy values are not found because of it.
    """

    lead: str
    source_key: str | None
    dataset: str | None
    row: int | None
    column: str | None
    kind: Kind
    values: int = 0


def differences(lead: str, contents: Contents, parsed: ParsedNote) -> Iterator[Difference]:
    """Name everything in which a block differs from what it has to hold.

    Each value that is lost or different is named; of what should not be there, each value, row, history or record once.
    """
    if parsed.state is not State.INTACT:
        yield Difference(lead, None, None, None, None, "edited")
    for _ in parsed.unread:
        yield Difference(lead, None, None, None, None, "extra")
    for key in _either(contents.references, parsed.references):
        yield from _reference(lead, key, contents.references.get(key), parsed.references.get(key))
    for key in _either(contents.records, parsed.records):
        yield from _record(lead, key, contents.records.get(key), parsed.records.get(key))
    for name in _either(contents.related, parsed.related):
        wanted, read = contents.related.get(name, {}), parsed.related.get(name, {})
        for key in _either(wanted, read):
            yield from _history(lead, key, name, wanted.get(key, []), read.get(key, []))


def _either(left: Mapping[str, object], right: Mapping[str, object]) -> list[str]:
    """The keys of both, each once, in order."""
    return list(dict.fromkeys([*left, *right]))


Tell = Callable[[str | None, Kind], Difference]


def _teller(lead: str, key: str, dataset: str, row: int | None) -> Tell:
    """Say for a record or history row what is wrong with a column of it."""

    def tell(column: str | None, kind: Kind) -> Difference:
        counts = column is not None and kind in ("lost", "different")
        return Difference(lead, key, dataset, row, column, kind, int(counts))

    return tell


def _reference(lead: str, key: str, wanted: str | None, read: str | None) -> Iterator[Difference]:
    if wanted != read:
        kind: Kind = "lost" if read is None else "extra" if wanted is None else "different"
        yield _teller(lead, key, key.partition(":")[0], None)(None, kind)


def _record(lead: str, key: str, wanted: Values | None, read: Values | None) -> Iterator[Difference]:
    tell = _teller(lead, key, key.partition(":")[0], None)
    if wanted is None:
        yield tell(None, "extra")
    elif read is None and not wanted:
        yield tell(None, "lost")
    else:
        yield from _values(tell, wanted, read or {})


def _values(tell: Tell, wanted: Values, read: Values) -> Iterator[Difference]:
    for column in _either(wanted, read):
        if column not in read:
            yield tell(column, "lost")
        elif column not in wanted:
            yield tell(column, "extra")
        elif wanted[column] != read[column]:
            yield tell(column, "different")


def _history(lead: str, key: str, name: str, wanted: list[Values], read: list[Values]) -> Iterator[Difference]:
    """Compare the rows of a record's history: equal ones meet first, then those that share most."""
    if wanted == read:
        return
    if not wanted:
        yield _teller(lead, key, name, None)(None, "extra")
        return
    pairs, left, over = _equal_rows(wanted, read)
    if [place for _, place in sorted(pairs)] != sorted(place for _, place in pairs):
        yield _teller(lead, key, name, None)(None, "order")
    for row in left:
        other = _nearest(wanted[row], read, over)
        tell = _teller(lead, key, name, row)
        if other is None and not wanted[row]:
            yield tell(None, "lost")
        yield from _values(tell, wanted[row], {} if other is None else read[other])
    for row in over:
        yield _teller(lead, key, name, row)(None, "extra")


def _nearest(row: Values, read: list[Values], over: list[int]) -> int | None:
    """Take from the rows that are left the one that shares most with a row; of very many, the next."""
    if not over:
        return None
    near = max(over[:NEAR], key=lambda place: len(row.items() & read[place].items()))
    over.remove(near)
    return near


def _equal_rows(wanted: list[Values], read: list[Values]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair the rows that are equal, in order; give the pairs, and the places that are left on either side."""
    places: dict[frozenset[tuple[str, str]], list[int]] = {}
    for place, row in reversed(list(enumerate(read))):
        places.setdefault(frozenset(row.items()), []).append(place)
    pairs, left = [], []
    for place, row in enumerate(wanted):
        same = places.get(frozenset(row.items()))
        if same:
            pairs.append((place, same.pop()))
        else:
            left.append(place)
    return pairs, left, sorted(place for rest in places.values() for place in rest)
