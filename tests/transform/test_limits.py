from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from etl.connect.target import FieldLimit, Unit
from etl.transform.limits import blocked, with_defaults


def leads(*names: str | None) -> pd.DataFrame:
    """Leads with nothing but a name."""
    index = pd.Index([f"a:{number}" for number in range(len(names))], dtype="str", name="lead")
    return pd.DataFrame({"name": pd.Series(names, index=index, dtype="str"), "do_not_contact": True})


@given(
    st.lists(st.none() | st.text(max_size=6), min_size=1, max_size=5),
    st.integers(0, 8),
    st.sampled_from(["characters", "bytes"]),
)
def test_what_is_longer_than_its_field_is_blocked(names: list[str | None], length: int, unit: Unit) -> None:
    """Exactly the leads whose value is longer, in the target's unit, are blocked, with both lengths."""
    found = blocked(leads(*names), {"name": FieldLimit(length, unit)})

    sizes = [len(name or "") if unit == "characters" else len((name or "").encode()) for name in names]
    expected = [[f"a:{n}", "name", size, length, "too long"] for n, size in enumerate(sizes) if size > length]
    assert found.to_numpy().tolist() == expected


def test_without_a_limit_everything_fits() -> None:
    """A field without a limit, or that is not named, or that is no text, blocks nothing."""
    long = leads("x" * 1_000)

    assert len(blocked(long, {"name": FieldLimit(), "do_not_contact": FieldLimit(1)})) == 0
    assert len(blocked(long, {})) == 0


def test_empty_and_forbidden_values_are_blocked() -> None:
    """A field that is required must not be empty, and none may have characters that the target cannot hold."""
    found = blocked(leads("a", None, "b\x00", "c\x01"), {"name": FieldLimit(required=True, without="\x00\x01")})

    assert found[["lead", "length", "reason"]].to_numpy().tolist() == [
        ["a:1", 0, "empty"],
        ["a:2", 2, "characters"],
        ["a:3", 2, "characters"],
    ]
    assert found["limit"].isna().all()


@pytest.mark.parametrize(
    ("limit", "fits", "does_not"),
    [
        (FieldLimit(form="integer", least=0, most=255), ["0", "255", "007"], ["256", "-1", "1.5", "x", "1e2"]),
        (FieldLimit(form="decimal", least=-999, most=999, digits=2), ["999.99", "1.500"], ["1000", "0.001", "1,5"]),
        (FieldLimit(form="date"), ["2024-02-29"], ["2023-02-29", "29.02.2024", "2024"]),
        (FieldLimit(form="datetime"), ["2024-02-29", "2024-02-29T10:00:00+01:00"], ["10:00", "gestern"]),
        (FieldLimit(form="boolean"), ["0", "1", "true", "False"], ["yes", "2"]),
        (FieldLimit(charset="cp1252"), ["Ærø €", "x"], ["漢", "Ł"]),
        (FieldLimit(charset="bmp"), ["漢"], ["😀"]),
    ],
)  # fmt: skip
def test_what_a_column_of_a_type_does_not_take_is_blocked(
    limit: FieldLimit, fits: list[str], does_not: list[str]
) -> None:
    """Numbers of its size, days that exist, flags, characters of its set; an empty value is none of these."""
    assert len(blocked(leads(*fits, None), {"name": limit})) == 0
    assert len(blocked(leads(*does_not, None), {"name": limit})) == len(does_not)


def test_what_the_target_does_not_know_becomes_the_default_and_is_counted() -> None:
    """In its own words; what it knows stays, and what is empty stays empty."""
    limit = FieldLimit(choices={"maria": "Maria", "sales": "Sales"})
    made, findings = with_defaults(leads("Maria", "Xaver", None), {"name": limit}, {"name": "sales"})

    assert made["name"].tolist()[:2] == ["Maria", "Sales"]
    assert made["name"].isna().tolist() == [False, False, True]
    assert findings[["code", "value", "proposal"]].to_numpy().tolist() == [["unknown", "Xaver", "Sales"]]
