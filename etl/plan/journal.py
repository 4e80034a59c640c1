"""The journal of a plan: a line when a command begins and a line when it ends, saved to disk at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from etl import __version__
from etl.errors import PlanError, plural
from etl.runner import host, now, user

JOURNAL = "journal.jsonl"
State = Literal["begun", "done", "failed", "stopped"]


@dataclass(frozen=True)
class Event:
    """One line of the journal.

    at: UTC, as the machine's clock said; lines stand in the order in which they were written, whatever the clock did.
    state: `begun` when the command starts; then `done`, `failed` (an error, which `result` names by its class) or
    `stopped` (by a person). A `begun` without an end is a command that was killed. counts: what it did, by words.
    """

    at: str
    command: str
    state: State
    user: str
    host: str
    version: str
    digest: str
    counts: Mapping[str, int] = field(default_factory=dict)
    result: str = ""


class Counts(dict[str, int]):
    """What a command did, filled in while it runs; the journal's last line has it however the command ends."""


class Journal:
    """Appends to a plan's journal and reads it. Every line is on the disk before the command continues."""

    def __init__(self, folder: Path, digest: str) -> None:
        self._path = folder / JOURNAL
        self._digest = digest

    @contextmanager
    def command(self, name: str) -> Iterator[Counts]:
        """Write down that a command begins, and how it ends.

        Raises PlanError where the journal cannot be written; the command then does not begin.
        """
        counts = Counts()
        self._append(name, "begun", {}, "")
        try:
            yield counts
        except BaseException as error:
            state: State = "failed" if isinstance(error, Exception) else "stopped"
            with suppress(PlanError):  # the error itself matters more than that it cannot be written down
                self._append(name, state, counts, type(error).__name__)
            raise
        self._append(name, "done", counts, "")

    def events(self) -> list[Event]:
        """All lines in the order in which they were written. A line that a killed command left incomplete is skipped.

        Raises PlanError where the journal cannot be read.
        """
        return [event for event in map(_event, self._lines()) if event]

    def gap(self) -> str | None:
        """Say what the journal lacks; None where it is whole. The first line is that of `plan`.

        Raises PlanError where the journal cannot be read.
        """
        lines = self._lines()
        events = [event for event in map(_event, lines) if event]
        if not events or events[0].command != "plan":
            return "The beginning of the plan's journal is missing, so it does not say all that was done with the plan."
        if unreadable := len(lines) - len(events):
            named = plural(unreadable, "line")
            return f"{named} of the plan's journal cannot be read, so a command may have done more than it says."
        return None

    def _lines(self) -> list[bytes]:
        try:
            return list(filter(None, self._path.read_bytes().split(b"\n")))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise PlanError(f"The plan's journal cannot be read: {error.strerror}.", where=self._path) from None

    def _append(self, command: str, state: State, counts: Mapping[str, int], result: str) -> None:
        event = Event(now(), command, state, user(), host(), __version__, self._digest, dict(counts), result)
        try:
            append_line(self._path, asdict(event))
        except OSError as error:
            raise PlanError(
                f"The plan's journal cannot be written: {error.strerror}.",
                where=self._path,
                next="free space on the disk, or make the folder writable, then run the command again",
            ) from None


def _event(line: bytes) -> Event | None:
    """What a line says; None where it is torn or no line of a journal."""
    with suppress(ValueError, TypeError, OverflowError, RecursionError):
        event = Event(**json.loads(line))
        texts = (event.at, event.command, event.state, event.user, event.host)
        if all(isinstance(text, str) for text in texts):
            return replace(event, counts={name: int(n) for name, n in dict(event.counts).items()})
    return None


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Append one line of JSON, in one write, and wait until the disk has it; the file is its owner's alone."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            text = b"\n" + text  # what a killed command left half is ended
        os.write(descriptor, text)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, text: str) -> None:
    """Write a file of a plan whole or not at all, on the disk and readable by its owner only. Raises PlanError."""
    partial = path.with_name(f".{path.name}.new")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise PlanError(
            f"{path.name} cannot be written: {error.strerror}.",
            where=path,
            next="free space on the disk, or make the folder writable, then run the command again",
        ) from None
