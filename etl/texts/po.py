"""Read a `.po` file: sentences in English, each with the same in another language.

Only what a catalogue of this project holds: no contexts, and two forms of a plural, one for 1 and one for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

PLURALS = "nplurals=2; plural=(n != 1);"
"""What the header of a file must say of its plurals."""
STORED = "#. Plans keep this sentence in English; it is told when it is shown."
"""The comment on a message that `stored` writes."""

Messages = Mapping[str, tuple[str, ...]]
"""English, the singular of two forms -> the other language: one form, or the singular and the plural."""


def read_po(text: str) -> Messages:
    """Read the entries of a file; one that is not translated, or marked as fuzzy, is left out.

    Raises ValueError where the file has another kind of plurals, or a line that no `.po` file has.
    """
    entries = list(_entries(text))
    header = entries[0].get("msgstr", "") if entries and entries[0].get("msgid") == "" else ""
    if PLURALS not in header:
        raise ValueError(f"A catalogue's header must say `Plural-Forms: {PLURALS}`.")
    messages = {}
    for entry in entries[1:]:
        forms = (entry["msgstr[0]"], entry["msgstr[1]"]) if "msgid_plural" in entry else (entry["msgstr"],)
        if all(forms) and "fuzzy" not in entry:
            messages[entry["msgid"]] = forms
    return messages


def read_stored(text: str) -> frozenset[str]:
    """The messages of a file that plans keep in English: those with the comment STORED."""
    return frozenset(entry["msgid"] for entry in _entries(text) if STORED in entry)


def _entries(text: str) -> Iterator[dict[str, str]]:
    """Each entry as keyword -> text; `fuzzy` and STORED are keywords without one."""
    for block in text.split("\n\n"):
        entry: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if not line or line.startswith("#"):
                entry |= {"fuzzy": ""} if line.startswith("#,") and "fuzzy" in line else {}
                entry |= {STORED: ""} if line == STORED else {}
                continue
            if not line.startswith('"'):
                keyword, _, line = line.partition(" ")
            entry[keyword] = entry.get(keyword, "") + str(json.loads(line))
        if "msgid" in entry:
            yield entry
