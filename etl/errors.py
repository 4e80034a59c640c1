"""Every error that a user can meet: what happened, where, what was written, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar


class CleanupError(Exception):
    """The base of all errors of this tool; `cli` catches it in one place.

    message: one or more full sentences in the words of the design, with no personal data beyond the source key, the
        column and a short excerpt.
    where: file, line, column, table or source key; as precise as is known.
    written: what the failed command had already changed, in words; most errors come before anything was.
    next: the command to run, or the thing to do, now.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, where: object = None, written: str = "nothing", next: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = None if where is None else str(where)
        self.written = written
        self.next = next

    def as_dict(self) -> dict[str, object]:
        """The error for machines (`--json`): the class's name, the exit code and the four texts."""
        return {
            "error": type(self).__name__,
            "exit_code": self.exit_code,
            "message": self.message,
            "where": self.where,
            "written": self.written,
            "next": self.next,
        }


class ConfigError(CleanupError):
    """The config, or the command's call, is wrong; the tool did not start."""

    exit_code = 2


class WrongRows(ConfigError):
    """Rows of files that people filled in cannot be taken; so none was.

    rows: where, source key, what is wrong. stale: the same of rows about records that changed since. contradictions:
    groups of decisions on one case that say different things, each as texts by name.
    """

    def __init__(
        self,
        message: str,
        rows: Sequence[tuple[str, str, str]],
        *,
        where: object,
        next: str,
        stale: Sequence[tuple[str, str, str]] = (),
        contradictions: Sequence[Sequence[Mapping[str, str]]] = (),
    ) -> None:
        super().__init__(message, where=where, next=next)
        self.rows, self.stale, self.contradictions = rows, stale, contradictions

    def as_dict(self) -> dict[str, object]:
        """The error with each row by itself."""
        rows, stale = (
            [{"row": place, "source_key": key, "what": what} for place, key, what in some]
            for some in (self.rows, self.stale)
        )
        return {**super().as_dict(), "rows": rows, "stale": stale, "contradictions": self.contradictions}


class SourceError(CleanupError):
    """The source cannot be read as a whole: no file, no table, an encoding that fits nowhere, a lost connection."""


class TargetError(CleanupError):
    """The target cannot be read or written."""


class PlanError(CleanupError):
    """A plan's folder is missing, damaged, or of another version."""


class NoteError(CleanupError):
    """A value cannot stand in a note. It is never dropped instead."""


class GateError(CleanupError):
    """A plan does not keep a limit that the config sets."""

    exit_code = 3


class StalePlan(CleanupError):
    """The plan does not fit the target or source any more."""

    exit_code = 4


class NotApproved(CleanupError):
    """The plan has not the approvals that its config asks for."""

    exit_code = 4


class Locked(CleanupError):
    """Another crm-cleanup command is writing to the target."""

    exit_code = 4


class VerifyError(CleanupError):
    """A value of the plan's snapshot is lost or different in the target."""

    exit_code = 5


def excerpt(value: str, length: int = 40) -> str:
    """Show at most `length` characters of a legacy value, control characters escaped, for an error or a report."""
    shown = value if len(value) <= length else value[: length - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)


def printable(text: str) -> str:
    """A text of several lines as a terminal may show it: whatever is no character to print is escaped."""
    return "\n".join(excerpt(line, len(line)) for line in text.split("\n"))


def plural(count: int, singular: str, plural_form: str | None = None) -> str:
    """A count with its word: 1 lead, 2 leads."""
    return f"{count:,} {singular if count == 1 else plural_form or singular + 's'}"


def shown_chance(probability: float) -> str:
    """A probability with four digits, and never as a certainty that it is not."""
    return f"{min(probability, 0.9999):.4f}"
