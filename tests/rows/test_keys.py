"""Keys are brought to one form, and several columns are one key."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from etl.config.links import Step
from etl.rows.keys import STEPS, normalized, parts_of, salesforce_18, together

TEXT = pa.large_string()


@given(
    st.lists(st.none() | st.text("0123456789aA ,.", max_size=4) | st.from_regex("[1-9][0-9]{10,17}", fullmatch=True))
)
@pytest.mark.parametrize("step", STEPS)
def test_a_key_that_is_passed_over_is_one_that_no_step_changes(step: Step, values: list[str | None]) -> None:
    """Most keys are plain numbers, and no step is asked about them."""
    keys = pa.array(values, TEXT)
    changed = [key or None for key in STEPS[step](keys).to_pylist()]

    assert normalized(keys, [step]).to_pylist() == changed


@pytest.mark.parametrize(
    ("steps", "value", "key"),
    [
        (["trim"], " A1 ", "A1"),
        (["trim"], "  ", None),
        (["upper"], "a1", "A1"),
        (["lower"], "A1", "a1"),
        (["leading_zeros"], "00042", "42"),
        (["leading_zeros"], "000", "0"),
        (["trim", "leading_zeros"], " 007", "7"),
        (["number"], "1.0", "1"),
        (["number"], "01", "1"),
        (["number"], "1,00", "1"),
        (["number"], "1.50", "1.5"),
        (["number"], " +1,5 ", "1.5"),
        (["number"], "1.000", "1.000"),
        (["number"], "A.0", "A.0"),
        (["salesforce_18"], "0015g00000ABCdE", "0015g00000ABCdEAAX"),
        (["unicode"], " \uff17\u200b", "7"),
        (["unicode"], "a\u0301", "á"),
        ([], " A1 ", " A1 "),
    ],
)
def test_a_step_brings_a_key_to_its_form(steps: list[Step], value: str, key: str | None) -> None:
    """Each step does what the config's page says of it, and one after the other."""
    assert normalized(pa.array([value, None], TEXT), steps).to_pylist() == [key, None]


def test_a_salesforce_id_of_15_characters_meets_the_one_of_18_whatever_its_case() -> None:
    """A spreadsheet that lost the case of an id of 18 characters has not lost which record it is."""
    whole = salesforce_18("0015g00000ABCdE")

    assert len(whole) == 18
    assert salesforce_18(whole.lower()) == salesforce_18(whole.upper()) == whole
    assert salesforce_18("no id") == "no id"


@given(st.lists(st.text(alphabet="a/\\ b", min_size=1), min_size=2, max_size=4))
def test_the_parts_of_a_composite_key_come_back(parts: list[str]) -> None:
    """No two keys of several columns are one text, also where a part has the sign that joins them."""
    [key] = together([pa.array([part], TEXT) for part in parts]).to_pylist()

    assert parts_of(key) == parts


def test_a_composite_key_without_a_part_is_no_key() -> None:
    """Half a key names nothing."""
    assert together([pa.array(["1", None], TEXT), pa.array(["a", "b"], TEXT)]).to_pylist() == ["1/a", None]
