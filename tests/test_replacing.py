"""Parts of texts are replaced as Arrow does it, whichever texts have none."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, strategies as st

from etl.replacing import replaced
from etl.rows.literals import OTHER_BLANKS

TEXT = pa.large_string()
TEXTS = st.lists(st.none() | st.text("ab01 \t\n\u00a0\u2003\u2028\u200b", max_size=6), max_size=5)


@pytest.mark.parametrize(("pattern", "by"), [("^0+(.)", r"\1"), (r"\s+", " "), ("b|^a", ""), (r"\p{Cf}+", "")])
@given(values=TEXTS)
@example(values=["00", None, "a", "0b"])
def test_as_arrow_does_it(pattern: str, by: str, values: list[str | None]) -> None:
    """The same texts, in the same places, nulls among them."""
    texts = pa.array(values, TEXT)

    assert replaced(texts, pattern, by).equals(pc.replace_substring_regex(texts, pattern, by))


@given(TEXTS)
@example(["a  b", "a\tb", "\u00a0", " a b ", " \u2028 b"])
def test_blanks_that_are_not_one_plain_blank_are_all_others(values: list[str | None]) -> None:
    """Where they become one blank, all blanks have."""
    texts = pa.array(values, TEXT)

    assert replaced(texts, OTHER_BLANKS, " ").equals(pc.replace_substring_regex(texts, r"[\s\p{Z}]+", " "))
