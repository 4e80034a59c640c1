"""The records that must not be seen: who they are, by key, or by a hash of it where the key itself must not stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.config.forgotten import ForgetLine, read_forget
from etl.rows.keys import normalized

TEXT = pa.large_string()
Mask = npt.NDArray[np.bool_]


def hashed_key(salt: str, source_key: str) -> str:
    """What stands for the key of a forgotten record: SHA-256 over a plan's salt and the key."""
    return hashlib.sha256(f"{salt}\n{source_key}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Forgotten:
    """The records that must not be seen.

    keys: source keys; hashes: of further ones, each with a salt.
    """

    keys: frozenset[str] = frozenset()
    salt: str = ""
    hashes: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.keys or self.hashes)

    def __contains__(self, source_key: str) -> bool:
        return source_key in self.keys or (bool(self.hashes) and hashed_key(self.salt, source_key) in self.hashes)

    def named(self, entry: str, keys: pa.Array | pa.ChunkedArray) -> Mask:
        """Which of an entry's keys are those of forgotten records; null is none."""
        if isinstance(keys, pa.ChunkedArray):
            keys = pa.concat_arrays([pa.array([], TEXT), *(chunk.cast(TEXT) for chunk in keys.chunks)])
        encoded = keys.cast(TEXT).dictionary_encode()
        known: list[str] = encoded.dictionary.to_pylist()
        places = np.flatnonzero([f"{entry}:{key}" in self for key in known])
        chosen = pc.is_in(encoded.indices, value_set=pa.array(places, encoded.indices.type))
        named: Mask = np.asarray(chosen, dtype=np.bool_) & np.asarray(keys.is_valid())
        return named

    def with_keys(self, keys: Iterable[str]) -> Forgotten:
        """These, and more by their keys."""
        return Forgotten(self.keys | frozenset(keys), self.salt, self.hashes)


def lines_to_forget(config: Config) -> list[ForgetLine]:
    """What `forget.csv` names, each key in the form that its entry's keys have. Raises ConfigError as `read_forget`."""
    return [replace(line, source_key=_as_read(line.source_key, config)) for line in read_forget(config)]


def _as_read(source_key: str, config: Config) -> str:
    entry, _, key = source_key.partition(":")
    [normal] = normalized(pa.array([key], TEXT), config.source.records[entry].key_columns.normalize).to_pylist()
    return f"{entry}:{normal or key}"


NOBODY = Forgotten()
