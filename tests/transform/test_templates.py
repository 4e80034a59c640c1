from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings, strategies as st

from etl.errors import ConfigError
from etl.transform.arrow_text import BLANKS
from etl.transform.templates import Reference, Template
from tests.profiles import examples
from tests.transform.crm import Crm

VALUE = st.none() | st.text(st.sampled_from(" ab-\n\u00a0\U0001f600{}"), min_size=1, max_size=4)
PART = st.sampled_from(["{name}", "{branch}", "{company.city}", " ", "  ", ", ", "x", "{{", "}}", "\t"])


def expected(parts: list[str], values: dict[str, str | None]) -> str | None:
    """Fill in one template for one record: hide values, mark gaps, close gaps by one expression."""
    hidden: dict[str, str] = {}
    text, filled, asked = "", False, False
    for part in parts:
        name = part.strip("{}").removeprefix("company.")
        if not name or not part.startswith("{"):
            text += {"{{": "{", "}}": "}"}.get(part, part)
            continue
        asked, value = True, values[name]
        if value is None or not value.strip(BLANKS):
            text += "\ue000"
        else:
            filled, sign = True, chr(0xE100 + len(hidden))
            hidden[sign] = value
            text += sign
    if asked and not filled:
        return None
    text = re.sub("([ \t]*)(\ue000[ \t\ue000]*)", _closed, text)
    for sign, value in hidden.items():
        text = text.replace(sign, value)
    return text.strip(BLANKS) or None


def _closed(gap: re.Match[str]) -> str:
    """The blanks that are left around empty columns: those before them, else the first ones after."""
    after = re.search("[ \t]+", gap[2])
    return gap[1] if gap[1] or not gap.start() or not after else after[0]


@settings(max_examples=examples(60))
@given(st.lists(PART, min_size=1, max_size=8), st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=4))
@example(["{name}", " ", "{branch}", " ", "{company.city}"], [("a", None, "b"), (None, None, "b"), ("a", None, None)])
@example(["{name}", " ", "{branch}", "{branch}", " ", "x"], [("a", None, None)])
@example(["{name}", " ", "{branch}", " ", "{branch}", " ", "{company.city}"], [("a", None, "d")])
def test_a_template_is_filled_in_as_one_would_by_hand(
    parts: list[str], rows: list[tuple[str | None, str | None, str | None]]
) -> None:
    """Whatever the template and the values: the column gets what filling in each record alone gives."""
    crm = Crm()
    for number, (name, branch, city) in enumerate(rows):
        crm.company(str(number), name=name, branch=branch, city=city)

    found = crm.fields(street="".join(parts))["street"]

    want = [expected(parts, {"name": name, "branch": branch, "city": city}) for name, branch, city in rows]
    assert [None if text != text else text for text in found] == want


def test_values_keep_their_inner_blanks(crm: Crm) -> None:
    """Double blanks, line breaks and tabs inside a value stand in the lead field as they are."""
    crm.company("1", name="A  B\n\tC", branch=None)

    assert crm.fields(street="{name} {branch} x")["street"].tolist() == ["A  B\n\tC x"]


@pytest.mark.parametrize("text", ["{name", "name}", "{}", "{na{me}", "{name}}"])
def test_a_lone_brace_is_an_error(text: str) -> None:
    """A template with a brace that opens or closes nothing is refused, and the error says how to write one."""
    with pytest.raises(ConfigError, match="single") as raised:
        Template.parse(text)

    assert raised.value.next is not None
    assert "{{" in raised.value.next


def test_braces_are_written_twice() -> None:
    """`{{` and `}}` are braces, also around a column."""
    assert Template.parse("{{{x}}}").parts == ("{", Reference("own", "x"), "}")


def test_columns_with_dots_are_columns() -> None:
    """Only `contact.` and `company.` name another record; any other dot belongs to the column."""
    assert Reference.parse("user.name") == Reference("own", "user.name")
    assert Reference.parse("contact.e.mail") == Reference("contact", "e.mail")
    assert Reference.parse("company.") == Reference("own", "company.")
