"""Keys as they meet: brought to one form, and several columns as one key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from etl.config.links import Step
from etl.replacing import replaced
from etl.rows.literals import GROUPED, number_form, visible

TEXT = pa.large_string()
SALESFORCE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""The letters of the suffix of a Salesforce id, five bits each."""


def texts(data: pa.Table, column: str) -> pa.Array:
    """One column of a table as texts, in one piece."""
    return pa.concat_arrays([pa.array([], TEXT), *(chunk.cast(TEXT) for chunk in data[column].chunks)])


BINARY = r"(?i)(^|/)[0-9]+ bytes(/|$)| bytes, SHA-256 [0-9a-f]{64}"
"""The texts that stand for binary values, as they are read to be looked at or kept; also as a part of a key."""


HOW_BINARY_KEYS_ARE_READ = (
    "read the table by a query, a view or a column that has the key in hexadecimal digits, for example `SELECT "
    "lower(hex(id)) AS id, name FROM accounts` (PostgreSQL: encode(id, 'hex')), and its links likewise"
)
"""What makes texts of them."""


def are_binary(keys: pa.Array | pa.ChunkedArray) -> bool:
    """Whether some keys are binary values, such as a UUID of 16 bytes: the texts that stand for them name no record."""
    return bool(pc.any(pc.match_substring_regex(keys, BINARY)).as_py())


def keys_of(data: pa.Table, columns: Sequence[str], steps: Sequence[Step] = ()) -> pa.Array:
    """The keys that columns of a table hold, together and in one form."""
    return normalized(together([texts(data, column) for column in columns]), steps)


STEADY = "^[1-9][0-9]{0,13}$"
"""Keys that no step changes: most are plain numbers."""


def normalized(values: pa.Array, steps: Sequence[Step]) -> pa.Array:
    """Bring keys to one form, step by step; what is empty afterwards is null."""
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(values, STEADY)), False)
    if not steps or not pc.any(odd, min_count=0).as_py():
        return values
    changed = values.filter(odd)
    for step in steps:
        changed = STEPS[step](changed)
    changed = pc.if_else(pc.equal(changed, ""), pa.scalar(None, TEXT), changed)
    return pc.replace_with_mask(values, odd, changed)


def _number(values: pa.Array) -> pa.Array:
    """`01`, `1.0` and `1,00` are 1; what is no number stays, as does `1.000`, which may be a thousand."""
    return pc.if_else(pc.match_substring_regex(values, GROUPED), values, number_form(values))


def _salesforce(values: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(values, "^([0-9A-Za-z]{15}|[0-9A-Za-z]{18})$")).as_py():
        return values
    encoded = values.dictionary_encode()
    return pa.array(list(map(salesforce_18, encoded.dictionary.to_pylist())), TEXT).take(encoded.indices)


def salesforce_18(key: str) -> str:
    """A Salesforce id in its form of 18 characters, whose letters' case the suffix tells; any other text stays.

    Source: Salesforce, "Record IDs: 15 and 18 characters": each letter of the suffix has a bit for each of five
    characters, the first the lowest, that is set for capital letters.
    """
    if not (key.isascii() and key.isalnum()) or len(key) not in (15, 18):
        return key
    if len(key) == 15:
        return key + "".join(_suffix(key[start : start + 5]) for start in (0, 5, 10))
    suffix = key[15:].upper()
    if any(letter not in SALESFORCE for letter in suffix):
        return key
    bits = [SALESFORCE.index(letter) >> place & 1 for letter in suffix for place in range(5)]
    return "".join(c.upper() if bit else c.lower() for c, bit in zip(key[:15], bits, strict=True)) + suffix


def _suffix(five: str) -> str:
    return SALESFORCE[sum(1 << place for place, letter in enumerate(five) if letter.isupper())]


STEPS: dict[Step, Callable[[pa.Array], pa.Array]] = {
    "trim": pc.utf8_trim_whitespace,
    "upper": pc.utf8_upper,
    "lower": pc.utf8_lower,
    "leading_zeros": lambda values: replaced(values, "^0+(.)", r"\1"),
    "number": _number,
    "salesforce_18": _salesforce,
    "unicode": visible,
}


def together(columns: Sequence[pa.Array]) -> pa.Array:
    """Several columns as one key: joined by `/`, a `/` or backslash in them with a backslash before it.

    One column is the key as it stands. Null where a part is.
    """
    if len(columns) == 1:
        return columns[0]
    parts = [pc.replace_substring_regex(column, r"([\\/])", r"\\\1") for column in columns]
    return pc.binary_join_element_wise(*parts, pa.scalar("/", TEXT))


def parts_of(key: str) -> list[str]:
    """The columns' values of a key that `together` has made of several."""
    parts, escaped = [""], False
    for character in key:
        if escaped or character not in "\\/":
            parts[-1] += character
            escaped = False
        elif character == "/":
            parts.append("")
        else:
            escaped = True
    return parts
