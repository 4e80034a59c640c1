"""CSV files beside the config in which people write: read so that each mistake is named with its line."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.errors import ConfigError

GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.])")
"""A day as a spreadsheet writes it where German is spoken; no other country writes points in another order."""


@dataclass(frozen=True)
class PeoplesFile:
    """A file of lines that people write.

    what: it is called, such as "people's decisions". columns: all that it may have; needed: how many of the first it
    must have. advice: what to do about a line that cannot be used.
    """

    path: Path
    what: str
    columns: tuple[str, ...]
    needed: int
    advice: str

    def lines(self) -> Iterator[tuple[int, dict[str, str | None]]]:
        """The lines with their numbers; none where there is no file.

        Raises ConfigError, which names the line, for a file that is no such list.
        """
        if not self.path.exists():
            return
        try:
            yield from self._read()
        except UnicodeDecodeError:
            advice = "save the file as CSV UTF-8, then run the command again"
            raise ConfigError(f"The file of {self.what} is not in UTF-8.", where=self.path, next=advice) from None
        except (csv.Error, OSError) as error:
            raise ConfigError(f"The file of {self.what} cannot be read: {error}.", where=self.path) from None

    def _read(self) -> Iterator[tuple[int, dict[str, str | None]]]:
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, delimiter=delimiter_of(file.readline()))
            file.seek(0)
            if missing := [name for name in self.columns[: self.needed] if name not in (reader.fieldnames or ())]:
                listed = ", ".join(self.columns)
                raise self.wrong(1, f"the column {missing[0]!r} is missing; the columns are {listed}")
            for row in reader:
                if None in row:
                    raise self.wrong(reader.line_num, "the line has more cells than the file has columns")
                yield reader.line_num, row

    def wrong(self, line: int, what: str, advice: str = "") -> ConfigError:
        """The error for a line that cannot be used."""
        return ConfigError(
            f"A line of {self.what} cannot be used: {what}.", where=f"{self.path}:{line}", next=advice or self.advice
        )


def delimiter_of(header: str) -> str:
    """What separates the columns: a spreadsheet saves commas, semicolons or tabs, as its language has it."""
    return max(",;\t", key=header.count)


def iso_day(text: str) -> str:
    """A day such as 31.10.2026, and what follows it, in ISO form; any other text, or one that is no day, as it is."""
    if not (match := GERMAN_DAY.match(text)):
        return text
    try:
        day = dt.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return text
    return day.isoformat() + text[match.end() :]


def csv_line(cells: Sequence[str], delimiter: str = ",") -> str:
    """One line of such a file, with its end."""
    import io

    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return file.getvalue()
