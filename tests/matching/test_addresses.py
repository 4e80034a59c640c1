"""A set of addresses without their texts: what it has is found in any spelling, and nothing else is."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from etl.matching.addresses import NOBODY, READ, Addresses, address_keys

SPELLED = {
    "email": ["a@x.example", "A@X.example; b@x.example", "b@x.example", "a at x.example", "", None],
    "phone": ["030 2312510", "+49 (30) 23125-10", "0171 3920001 / 030 2312511", "030 2312511", "12", None],
}


@pytest.mark.parametrize("field", SPELLED)
@given(data=st.data())
def test_a_text_is_of_the_set_where_it_shares_an_address_with_it(field: str, data: st.DataObject) -> None:
    """As plain sets of normal forms say it, for any texts, repeated or empty."""
    texts = st.lists(st.sampled_from(SPELLED[field]), max_size=8)
    known, asked = data.draw(texts), data.draw(texts)
    normal = {address for text in known for address in READ[field](text or "")}

    made = Addresses.of([address_keys(pa.array(known, pa.large_string()), field)[1]])

    found = made.in_texts(pa.array(asked, pa.large_string()), field)
    assert found.tolist() == [bool(normal & set(READ[field](text or ""))) for text in asked]
    assert bool(made) == bool(normal)
    assert all(address in made for address in normal)
    assert "c@x.example" not in made


def test_nobody_is_in_an_empty_set() -> None:
    """No address is of it, and no text has one."""
    assert not NOBODY
    assert "a@x.example" not in NOBODY
    assert NOBODY.in_texts(pa.array(["a@x.example"], pa.large_string()), "email").tolist() == [False]
