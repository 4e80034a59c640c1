"""The page on notes shows what notes look like."""

from __future__ import annotations

import re
from pathlib import Path

from tests.note.examples import EXAMPLES

PAGE = Path(__file__).parents[2] / "docs" / "notes.md"


def test_the_examples_of_the_page_are_notes() -> None:
    """Every example of docs/notes.md is what `fold` and `split` give for its records."""
    shown = re.findall(r"<!-- example: (\w+) -->\n```text\n(.*?)\n```\n", PAGE.read_text("utf-8"), re.DOTALL)

    assert dict(shown) == {name: example() for name, example in EXAMPLES.items()}
