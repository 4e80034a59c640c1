from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, ValidationError
from pydantic import TypeAdapter

import etl.report
from etl.report import Report, to_dict, to_json
from etl.report.schema import schema
from tests.profiles import examples
from tests.report.plans import REPORTS

SHIPPED = Path(etl.report.__file__).with_name("report.schema.json")
VALIDATOR = Draft202012Validator(json.loads(SHIPPED.read_text("utf-8")))


@settings(max_examples=examples(25))
@given(REPORTS)
def test_json_keeps_its_schema_and_loses_nothing(report: Report) -> None:
    """Every report is valid against the shipped schema, and the same report can be read back from its JSON."""
    text = to_json(report)

    VALIDATOR.validate(json.loads(text))
    assert TypeAdapter(Report).validate_json(text) == report


@settings(max_examples=examples(25))
@given(REPORTS)
def test_json_can_be_shown_on_a_terminal(report: Report) -> None:
    """No control character, escape sequence or direction mark stands in the text as it is."""
    assert all(line.isprintable() for line in to_json(report).split("\n"))


def test_the_shipped_schema_is_that_of_the_report() -> None:
    """The schema in the project is the one that `python -m etl.report.schema` prints."""
    assert json.loads(SHIPPED.read_text("utf-8")) == schema()
    Draft202012Validator.check_schema(schema())


def test_the_schema_is_closed(report: Report) -> None:
    """An unknown key, a missing key and a negative count are refused, at any depth."""
    good = to_dict(report)
    entry, finding = good["entries"][0], good["findings"][0]
    for spoilt in (
        {**good, "more": 1},
        {key: value for key, value in good.items() if key != "digest"},
        {**good, "entries": [{**entry, "read": -1}]},
        {**good, "entries": [{**entry, "decisions": {**entry["decisions"], "perhaps": 1}}]},
        {**good, "findings": [{**finding, "example": {**finding["example"], "more": 1}}]},
    ):
        with pytest.raises(ValidationError):
            VALIDATOR.validate(spoilt)
