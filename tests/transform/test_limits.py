from __future__ import annotations

import pandas as pd
from hypothesis import given, strategies as st

from etl.connect.target import FieldLimit, Unit
from etl.transform.limits import blocked


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
