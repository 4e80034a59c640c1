"""Names: placeholders, given names alone, and records that somebody made to try the CRM out."""

from __future__ import annotations

from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from etl.matching.data import given_names
from etl.transform.quality.cells import Judged
from etl.transform.quality.data import lines

OUTER = r"^[^\pL\pN]+|[^\pL\pN]+$"
TEST_WORD = r"(?:test|teste?r?|testing|dummy|asdf+|qwertz|qwerty|xxx+|foo ?bar|muster|beispiel|probe)"
TEST_KIND = (
    r"(?:firma|company|kunde|customer|kontakt|contact|person|user|account|lead|mann|frau|unternehmen|datensatz|eintrag"
    r"|record|gmbh|ag|inc|ltd)s?"
)
LEGAL_FORM = r"(?:gmbh|ag|kg|inc\.?|ltd\.?)"
TEST_NAMES = (
    rf"{TEST_WORD}[\s_-]*\d*",
    rf"{TEST_WORD}(?:[\s_-]+{TEST_WORD})+",
    rf"(?:test|dummy|muster|beispiel)[\s_-]*{TEST_KIND}[\s\d_.-]*{LEGAL_FORM}?",
    rf"(?:(?:max|erika|herr|frau|maria)\s+)?muster(?:mann|frau)(?:\s+{LEGAL_FORM})?",
    r"(?:john|jane) doe|acme(?: inc\.?| corp\.?)?",
    r".*\b(?:bitte l(?:ö|oe)schen|delete me|do not use|nicht verwenden)\b.*",
)
TEST_NAME = rf"(?i)^(?:{'|'.join(TEST_NAMES)})$"


def placeholder(cells: Judged) -> dict[int, str | None]:
    """Values that only fill the field: signs alone, `n/a`, `unbekannt`, `xxx`. To leave the field empty is proposed."""
    bare = pc.replace_substring_regex(pc.utf8_lower(cells.trimmed), OUTER, "")
    filler = pc.or_(pc.equal(pc.binary_length(bare), 0), pc.is_in(bare, value_set=_words("placeholders.txt")))
    return dict.fromkeys(pc.indices_nonzero(pc.fill_null(filler, False)).to_pylist(), "")


def first_name_only(cells: Judged) -> dict[int, str | None]:
    """Names that are a person's first name, or a common given name, and nothing else."""
    name = pc.utf8_lower(cells.trimmed)
    own = pc.fill_null(pc.equal(name, pc.utf8_lower(cells.first_name)), False)
    common = pc.is_in(name, value_set=given_names())
    return dict.fromkeys(pc.indices_nonzero(pc.or_(own, common)).to_pylist())


def test_record(cells: Judged) -> dict[int, str | None]:
    """Names such as `Test GmbH`, `Max Mustermann` or `asdf`; `Stiftung Warentest` is none."""
    return dict.fromkeys(pc.indices_nonzero(pc.match_substring_regex(cells.trimmed, TEST_NAME)).to_pylist())


@cache
def _words(name: str) -> pa.Array:
    """The phrases of a data file."""
    return pa.array(sorted({phrase for (phrase,) in lines(name)}), pa.large_string())
