"""docs/config.md has every key of the config, as the schema says it, with an example that the schema takes."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from tests.docs.config import PAGE, Key, all_parts, keys, renewed

ALL = [pytest.param(key, id=f"{part.__name__}.{key.name}") for part in all_parts() for key in keys(part)]


def test_the_page_is_as_the_schema_says() -> None:
    """Where this fails, `python -m tests.docs.config` renews the page."""
    page = PAGE.read_text(encoding="utf-8")

    assert renewed(page) == page


@pytest.mark.parametrize("key", ALL)
def test_a_key_says_what_it_is_for_and_its_example_is_taken(key: Key) -> None:
    """In a docstring below it, `What it is for. Example: YAML in backquotes`."""
    assert key.words.endswith("."), f"{key.part.__name__}.{key.name} needs a docstring with a sentence below it"
    assert key.example, f"the docstring of {key.part.__name__}.{key.name} needs an `Example:` as YAML in backquotes"

    TypeAdapter(key.annotation).validate_python(YAML(typ="safe").load(key.example))
