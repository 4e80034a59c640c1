"""Keep what Jinja2 has compiled beside what Python has compiled: compiling all templates anew takes a second."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from etl import __version__


class Compiled(jinja2.BytecodeCache):
    """Compiled templates in `__pycache__`, by the rules that Python has for modules.

    PYTHONPYCACHEPREFIX names another folder and PYTHONDONTWRITEBYTECODE keeps it from being written. Where it cannot be
    written, each run compiles. One that was compiled from another text, or by another Python, Jinja2 or version of this
    tool, is not used.
    """

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The file that holds a template, without its ending."""
        return cache_from_source(filename or name, optimization=f"jinja{_plain(jinja2.__version__)}")

    def get_source_checksum(self, source: str) -> str:
        """What the text of a template and the filters that it was compiled with are told by."""
        return super().get_source_checksum(f"{__version__}\n{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a compiled template, where there is one."""
        with suppress(OSError), Path(bucket.key).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a compiled template, whole or not at all; readable by all, as the templates are."""
        if sys.dont_write_bytecode:
            return
        path = Path(bucket.key)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(bucket.bytecode_to_string())
            new.chmod(0o644)
            new.replace(path)


def _plain(version: str) -> str:
    return "".join(filter(str.isalnum, version))
