"""Labels tell columns apart, whatever these are called."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, strategies as st

from etl.errors import ConfigError
from etl.note import Labels
from tests.note.crm import config
from tests.note.strategies import filled, names


@given(st.lists(names, unique=True, max_size=6), st.lists(filled | st.sampled_from(["A", "A (id)"]), max_size=6))
def test_no_two_columns_share_a_label(columns: list[str], given_labels: list[str]) -> None:
    """Each column has a label of its own, that fits on a line and ends at the first `: `."""
    labels = Labels.of(config(labels=dict(zip(columns, given_labels, strict=False))), {"orders": columns})["orders"]

    assert list(labels.labels) == columns
    assert labels.columns == {label: column for column, label in labels.labels.items()}
    assert len(labels.columns) == len(columns)
    for label in labels.columns:
        assert f"{label}: x".partition(": ") == (label, ": ", "x")
        assert "\n" not in label
        assert not label.startswith(" ")


def test_a_shared_label_gets_the_columns_name() -> None:
    """Of two columns with one label, each has its name appended; others keep theirs."""
    labels = Labels.of(
        config(labels={"phone": "Telefon", "phone2": "Telefon"}), {"accounts": ["id", "phone", "phone2"]}
    )

    assert labels["accounts"].labels == {"id": "id", "phone": "Telefon (phone)", "phone2": "Telefon (phone2)"}


def test_a_label_that_is_taken_is_not_given_again() -> None:
    """The appended name goes on until no other column is called so."""
    columns = ["a", "b", "c"]
    labels = Labels.of(config(labels={"a": "A", "b": "A", "c": "A (a)"}), {"orders": columns})

    assert list(labels["orders"].columns) == ["A (a) (a)", "A (b)", "A (a)"]


def test_a_dataset_may_have_a_label_of_its_own() -> None:
    """`dataset.column` goes before `column`, for labels and for what is omitted."""
    note = {"labels": {"name": "Name", "contacts.name": "Person"}, "omit": {"orders.name": "GDPR: not needed"}}
    labels = Labels.of(config(**note), {name: ["id", "name"] for name in ("accounts", "contacts", "orders")})

    assert [labels[name].labels.get("name") for name in ("accounts", "contacts", "orders")] == ["Name", "Person", None]
    assert labels["orders"].omitted == {"name": "GDPR: not needed"}


def test_the_column_that_orders_a_history_stands_first() -> None:
    """History rows begin with their date; the other columns keep the order of the source."""
    labels = Labels.of(config(), {"activities": ["id", "text", "happened_at"]})

    assert list(labels["activities"].labels) == ["happened_at", "id", "text"]


def test_a_key_cannot_be_omitted() -> None:
    """Without the key nobody could tell whose values they are."""
    with pytest.raises(ConfigError, match="'id'"):
        Labels.of(config(omit={"id": "GDPR"}), {"accounts": ["id", "name"]})


def test_labels_travel_to_other_processes() -> None:
    """Labels that were pickled are the same labels."""
    labels = Labels.of(config(language="de"), {"accounts": ["id", "name"], "orders": ["account_id"]})

    assert pickle.loads(pickle.dumps(labels)) == labels
