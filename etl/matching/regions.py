"""Countries as people write them: codes, names in several languages, D and A; as ISO 3166-1 alpha-2."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import pyarrow as pa

from etl.matching.data import lines

NO_COUNTRY = frozenset({"na"})
"""What is a code by ISO 3166-1, but means "not available" in a CRM; Namibia is found by its names and NAM."""


def regions(values: pa.Array) -> pa.Array:
    """The ISO 3166-1 alpha-2 code of each country, null where it is missing or unknown."""
    encoded = values.dictionary_encode()
    return pa.array([region(text) for text in encoded.dictionary.to_pylist()], pa.large_string()).take(encoded.indices)


@lru_cache(maxsize=10_000)
def region(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's name or code, in any case, with or without accents."""
    return _table().get(_plain(text))


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for alpha2, alpha3, sign, names in lines("countries.tsv"):
        for name in (alpha2, alpha3, sign, *names.split("|")):
            table.setdefault(_plain(name), alpha2)
    return {name: code for name, code in table.items() if name and name not in NO_COUNTRY}


def _plain(text: str) -> str:
    """Letters and digits alone, lower case, without accents, so that `Côte d'Ivoire` and `cote d’ivoire` are one."""
    parts = unicodedata.normalize("NFKD", text.replace("&", "and")).casefold()
    return "".join(char for char in parts if char.isalnum())
