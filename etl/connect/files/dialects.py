"""How the CSV files of a folder seem to be written: for a first config, which then declares it."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from etl.config import CsvFormat
from etl.connect.files.csv_shape import SEPARATOR
from etl.connect.files.csv_text import DELIMITERS, MARKS, CsvText
from etl.connect.files.source import ENDINGS, TABS, tables_of

RECORDS = 200
"""So many records at the beginning of a file tell its delimiter."""
CSV = tuple(ending for ending in ENDINGS if ending not in (".xlsx", ".parquet"))
WINDOWS = "cp1252"
"""The code page of western Europe."""
TITLES = 10
"""So many lines above a table may be its title."""


def dialects(folder: Path) -> dict[str, CsvFormat]:
    """File, without its ending -> how it seems to be written, of each CSV file in a folder.

    Raises SourceError where the folder is not there.
    """
    paths = {path.stem: path for path in tables_of(folder) if path.suffix.lower() in CSV}
    return _of_one_encoding({name: dialect(path) for name, path in paths.items()}, paths)


def _of_one_encoding(forms: dict[str, CsvFormat], paths: Mapping[str, Path]) -> dict[str, CsvFormat]:
    """Files of a folder are written by one program: those of another code page than most have theirs where it fits."""
    pages = Counter(form.encoding for form in forms.values() if not form.encoding.startswith("utf"))
    usual = max(pages, key=lambda page: (pages[page], page == WINDOWS), default=WINDOWS)
    return {
        name: form.model_copy(update={"encoding": usual})
        if form.encoding in pages and form.encoding != usual and _may_be(paths[name], usual, form.encoding)
        else form
        for name, form in forms.items()
    }


def _may_be(path: Path, usual: str, guessed: str) -> bool:
    """Whether the usual encoding has a sign for every byte of a file, which is in no other alphabet by the guess."""
    with path.open("rb") as file:
        sample = file.read(2**20)
    letters = [sign for sign in sample.decode(guessed, "replace") if not sign.isascii() and sign.isalpha()]
    latin = sum(unicodedata.name(sign, "").startswith("LATIN") for sign in letters)
    return "\ufffd" not in sample.decode(usual, "replace") and 2 * latin >= len(letters)


def dialect(path: Path) -> CsvFormat:
    """How one file seems to be written; of one that cannot be read nothing is said, who reads it tells why."""
    try:
        with path.open("rb") as file:
            sample = file.read(2**20)
    except OSError:
        return CsvFormat()
    encoding = _encoding(path, sample)
    text = sample.decode(encoding, "replace").removeprefix("\ufeff")
    if len(sample) == 2**20:
        text = text[: text.rfind("\n") + 1] or text
    separator = SEPARATOR.match(text)
    quote = "'" if _wrapped(text, "'") > 2 * max(_wrapped(text, '"'), 1) else '"'
    delimiter = separator[1] if separator else _delimiter(text, quote)
    skip = 0 if separator else _titles(text, delimiter, quote)
    form = CsvFormat(delimiter=delimiter, quote=quote, encoding=encoding)
    escape = "\\" if CsvText(path, form).escaped_line() else None
    said = {"delimiter": delimiter, "quote": quote, "escape": escape, "encoding": encoding, "skip_rows": skip}
    unsaid = CsvFormat(delimiter="\t") if path.suffix.lower() == TABS else CsvFormat()
    return CsvFormat.model_validate({name: value for name, value in said.items() if value != getattr(unsaid, name)})


def _encoding(path: Path, sample: bytes) -> str:
    marked = next((name for mark, name in MARKS.items() if sample.startswith(mark)), None)
    if marked:
        return marked
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return CsvText(path, CsvFormat()).fitting_encoding() or WINDOWS
    return "utf-8" if b"\0" not in sample[:1000] else CsvText(path, CsvFormat()).fitting_encoding() or "utf-8"


def _wrapped(text: str, quote: str) -> int:
    """How many values of the first lines stand in quotation marks of a kind."""
    return sum(text[: 2**15].count(f"{sign}{quote}") for sign in DELIMITERS)


def _records(text: str, delimiter: str, quote: str) -> Iterator[list[str]]:
    return islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote), RECORDS)


def _delimiter(text: str, quote: str) -> str:
    """The sign that divides most records into the same number of values, more than one."""
    best, most = ",", 0.0
    for sign in DELIMITERS:
        widths = Counter(len(record) for record in _records(text, sign, quote) if record)
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))
        share = count / max(sum(widths.values()), 1) * min(width - 1, 5)
        if share > most:
            best, most = sign, share
    return best


def _titles(text: str, delimiter: str, quote: str) -> int:
    """How many lines above the header are narrower than the table, as titles and dates of an export are."""
    records = list(_records(text, delimiter, quote))
    usual = Counter(map(len, records)).most_common(1)[0][0] if records else 0
    widths = [sum(bool(value.strip()) for value in record) for record in records]
    wide = [at for at, record in enumerate(records) if len(record) == usual and widths[at] > max(1, usual // 3)]
    first = wide[0] if wide else 0
    narrow = all(width <= max(1, usual // 3) for width in widths[:first])
    if usual < 3 or not 0 < first <= TITLES or not narrow:
        return 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    for _ in range(first):
        next(reader)
    return reader.line_num
