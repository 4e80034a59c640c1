"""Long lists, written a batch of rows at a time.

XlsxWriter takes 5.7 s for 100,000 rows of nine cells, one at a time. Here the rows of a batch become XML at once, in
Arrow, and go where XlsxWriter itself puts the rows that it does not hold in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from etl.report.workbook.marks import text_cell
from etl.report.workbook.paper import Book, Column, Page, numbered

NOT_PLAIN = r"^ | $|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|_x[0-9A-Fa-f]{4}_"
"""What is to be looked at by `text_cell`: all that is not printed as it stands."""
ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
EXCERPT = 500
"""The characters of a text that a long list shows; the plan's tables have all of it."""
TEXT = pa.large_string()


def bulk(book: Book, name: str, columns: Sequence[Column], batches: Iterable[pa.RecordBatch]) -> None:
    """Write batches of texts, numbers and lists of texts under a header, on as many sheets as they need."""
    page, number = _page(book, name, 1, columns), 1
    for batch in batches:
        while len(batch):
            if page.next > book.most:
                page.filtered(columns)
                number += 1
                page = _page(book, name, number, columns)
            part = batch.slice(0, book.most + 1 - page.next)
            _write(page, part)
            batch = batch.slice(len(part))
    page.filtered(columns)


def _page(book: Book, name: str, number: int, columns: Sequence[Column]) -> Page:
    page = book.page(numbered(name, number))
    page.head(columns, fixed=1)
    return page


def _write(page: Page, batch: pa.RecordBatch) -> None:
    """Append rows to what XlsxWriter has written of a sheet, and tell it how far the sheet reaches now."""
    sheet, last = page.sheet, page.next + len(batch) - 1
    sheet._write_single_row(page.next)
    sheet.row_data_fh.write("".join(rows_xml(batch, page.next)))
    sheet.previous_row, sheet.dim_rowmax = last, last
    page.next = last + 1


def rows_xml(batch: pa.RecordBatch, first: int) -> Iterator[str]:
    """The rows of a sheet from row `first`, counted from 0; no row has a style, and an empty cell is left out."""
    rows = pa.array(range(first + 1, first + 1 + len(batch))).cast(TEXT)
    texts = iter(_texts([column for column in batch.columns if not _is_number(column)]))
    cells = [
        _cells(column if _is_number(column) else next(texts), chr(ord("A") + place), rows)
        for place, column in enumerate(batch.columns)
    ]
    yield from _joined('<row r="', rows, '">', *cells, "</row>").to_pylist()


def _cells(column: pa.Array, letter: str, rows: pa.Array) -> pa.Array:
    """One column's cells as XML, the empty text where there is no value."""
    if _is_number(column):
        ends = '"><v>', pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type)).cast(TEXT), "</v></c>"
    else:
        ends = '" t="inlineStr"><is><t>', _escaped(column), "</t></is></c>"
    return pc.coalesce(_joined(f'<c r="{letter}', rows, *ends), pa.scalar("", TEXT))


def _joined(*parts: str | pa.Array) -> pa.Array:
    """Texts one behind the other; null where one of them is."""
    return pc.binary_join_element_wise(*(pa.scalar(p, TEXT) if isinstance(p, str) else p for p in (*parts, "")))


def _is_number(column: pa.Array) -> bool:
    return bool(pa.types.is_floating(column.type) or pa.types.is_integer(column.type))


def _texts(columns: Sequence[pa.Array]) -> list[pa.Array]:
    """Each value of some columns as the text of a cell; lists are parted by commas.

    All are looked at together: the expression takes longer to compile than to run over one of them.
    """
    lists = [pc.binary_join(column, ", ") if pa.types.is_list(column.type) else column for column in columns]
    texts = pa.concat_arrays([pa.array([], TEXT), *(column.cast(TEXT) for column in lists)])
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, TEXT), texts)
    odd = pc.or_(pc.match_substring_regex(texts, NOT_PLAIN), pc.greater(pc.utf8_length(texts), EXCERPT))
    odd = pc.fill_null(odd, False)
    shown = pa.array([text_cell(value, EXCERPT) for value in texts.filter(odd).to_pylist()], TEXT)
    told = pc.replace_with_mask(texts, odd, shown)
    return [told.slice(place * len(column), len(column)) for place, column in enumerate(columns)]


def _escaped(texts: pa.Array) -> pa.Array:
    return reduce(lambda escaped, pair: pc.replace_substring(escaped, *pair), ENTITIES, texts)
