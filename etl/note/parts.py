"""A note in numbered parts, for targets whose fields are too short for a whole one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from etl.errors import NoteError

Unit = Literal["characters", "bytes"]

_NUMBER = re.compile(r"^── (\d+)/(\d+)( …)? ──(\r?\n)", re.MULTILINE)


def split(note: str, limit: int, unit: Unit = "characters") -> list[str]:
    """Cut a note into parts, each with a line `── 2/3 ──` above it, none longer than the limit.

    limit: how much a field of the target holds, in characters or in bytes of UTF-8. A note within the limit is its own
    only part. Cuts are made between lines; a line that is longer than a part is cut inside, and the next part's number
    then reads `── 2/3 … ──`. `join` is the exact inverse. Raises NoteError where the limit leaves no room for text.
    """
    size = _size(unit)
    if size(note) <= limit:
        return [note]
    digits = 1
    while True:
        room = limit - size(_header(int("9" * digits), int("9" * digits), inside=True))
        if room < size("\U0010ffff"):
            raise NoteError(
                f"A field of {limit} {unit} is too short for a note in parts.",
                next="give the note a longer column in the target, or the parts a table of their own",
            )
        pieces = _pieces(note, room, unit)
        if len(pieces) < 10**digits:
            break
        digits += 1
    total = len(pieces)
    return [_header(number, total, inside) + text for number, (text, inside) in enumerate(pieces, 1)]


def join(parts: Sequence[str]) -> str:
    """Put the parts of a note together again, in the order given.

    One part is the note. Text that people wrote above a part's number stays where it is. Nothing is refused here: a
    part that is missing or was edited shows when the note is parsed.
    """
    if len(parts) == 1:
        return parts[0]
    note: list[str] = []
    for number, part in enumerate(parts, 1):
        header = _own_header(part, number, len(parts))
        if header is None:
            note.append(f"\n{part}" if note else part)
            continue
        above, text, inside = part[: header.start()], part[header.end() :], header[3]
        note.append(above + text if number == 1 or inside else header[4] + above + text)
    return "".join(note)


def _size(unit: Unit) -> Callable[[str], int]:
    return len if unit == "characters" else lambda text: len(text.encode())


def _header(number: int, total: int, inside: bool) -> str:
    return f"── {number}/{total}{' …' if inside else ''} ──\n"


def _own_header(part: str, number: int, total: int) -> re.Match[str] | None:
    """The line with the part's number; above it may stand what people wrote."""
    for header in _NUMBER.finditer(part):
        if header[1] == str(number) and header[2] == str(total):
            return header
    return None


def _pieces(note: str, room: int, unit: Unit) -> list[tuple[str, bool]]:
    """Cut a note into pieces of at most `room`, and say of each whether it goes on inside a line."""
    pieces: list[tuple[str, bool]] = []
    start, inside = 0, False
    while True:
        end = _end(note, start, room, unit)
        if end == len(note):
            return [*pieces, (note[start:], inside)]
        line_end = note.rfind("\n", start, end + 1)
        if line_end > start:
            pieces.append((note[start:line_end], inside))
            start, inside = line_end + 1, False
        else:
            pieces.append((note[start:end], inside))
            start, inside = end, True


def _end(note: str, start: int, room: int, unit: Unit) -> int:
    """How far a piece that begins at `start` can go."""
    end = min(start + room, len(note))
    if unit == "bytes":
        end = start + len(note[start:end].encode()[:room].decode(errors="ignore"))
    return end
