"""Runs Splink with its documentation's settings on columns that `matching.py` prepared: a process of its own.

    PYTHON splink_run.py PREPARED.json       PYTHON is one that has splink==5.0.0 installed

PREPARED.json names the Parquet files of one list or two, their columns, and where the pairs go. Blocking is on `keys`,
the list of keys of each record, so that the same pairs are compared as the project compares. Nothing here is the
project's.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import splink.comparison_library as cl  # type: ignore[import-not-found]
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

TRAIN = (("company",), ("first_name", "last_name"), ("date_of_birth",), ("street", "postcode"), ("city", "postcode"))
"""Columns that EM is trained on the agreement of, the first two that are there."""


def comparison(name: str) -> Any:
    """What the documentation proposes for a column of that kind."""
    if name in ("first_name", "last_name"):
        return cl.NameComparison(name)
    if name == "date_of_birth":
        return cl.DateOfBirthComparison(name, input_is_string=True)
    if name == "email":
        return cl.EmailComparison(name)
    if name in ("company", "street"):
        return cl.JaroWinklerAtThresholds(name, [0.92, 0.88, 0.7]).configure(term_frequency_adjustments=True)
    if name in ("number", "phone", "postcode"):
        return cl.LevenshteinAtThresholds(name, [1, 2]).configure(term_frequency_adjustments=True)
    return cl.ExactMatch(name).configure(term_frequency_adjustments=True)


def main() -> None:
    """Link or dedupe, and write the pairs with their probabilities."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    database = DuckDBAPI()
    connection = database._con
    connection.execute("SET threads = 2")
    tables = [database.register(connection.read_parquet(path)) for path in given["lists"]]
    columns = given["columns"]
    settings = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        comparisons=[comparison(name) for name in columns],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
    )
    linker = Linker(tables if len(tables) > 1 else tables[0], settings)
    sure = [block_on(name) for name in ("number", "email", "phone", "date_of_birth") if name in columns][:2]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for names in [names for names in TRAIN if set(names) <= set(columns)][:2]:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*names))
        except ValueError as error:  # a level that no pair has; the next columns train the rest
            print(f"splink: not trained on {names}: {error}")
    found = linker.inference.predict(threshold_match_probability=given["at_least"])
    found.as_duckdbpyrelation().project("unique_id_l, unique_id_r, match_probability").write_parquet(given["pairs"])
    print(f"splink: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
