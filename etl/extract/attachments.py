"""Binary values of the source as files, each once, named by their SHA-256."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def named(value: bytes) -> tuple[str, str, str]:
    """The hash of a binary value, its file's name, and the text that stands for it."""
    digest = hashlib.sha256(value).hexdigest()
    name = f"{digest[:2]}/{digest}"
    return digest, name, f"attachments/{name} ({len(value):,} bytes, SHA-256 {digest})"


class Attachments:
    """A folder of binary values: `ab/abcdef…` by their hash, readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[str] = set()

    def keep(self, value: bytes) -> str:
        """Save a value unless it was saved before. Returns the text that stands for it: file, size and hash.

        The text depends on the bytes alone, so that the same source gives the same plan. Raises OSError where it
        cannot be written.
        """
        digest, name, text = named(value)
        if digest not in self._known:
            self._write(self._folder / name, value)
            self._known.add(digest)
        return text

    def _write(self, path: Path, value: bytes) -> None:
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_suffix(".part")  # a run that is killed leaves no file that its name does not fit
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(value)
        partial.replace(path)
