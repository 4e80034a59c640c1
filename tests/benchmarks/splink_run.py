"""Runs Splink, set up as somebody would who knows it and matches companies, on columns that `matching.py` prepared.

    PYTHON splink_run.py PREPARED.json       PYTHON is one that has splink==5.0.0 installed; a process of its own

PREPARED.json names the Parquet files of one list or two, their columns, and where the pairs go. Blocking is on `keys`,
the list of keys of each record, so that the same pairs are compared as the project compares. Columns are normal forms:
of a company's name the legal form stands apart, `company_words` has its words and `company_sorted` their sorted text;
`phone_all` and its like have all values of a record. What depends on each other is one comparison: street and house,
postcode and city, mail and domain. Nothing here is the project's.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import splink.comparison_level_library as cll  # type: ignore[import-not-found]
import splink.comparison_library as cl  # type: ignore[import-not-found]
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

SURE = (
    ("number",), ("email",), ("date_of_birth",), ("company", "phone"), ("company", "street"), ("company", "legal_form"),
)  # fmt: skip
"""Columns whose agreement mostly means the same: of the first three that are there the prior is estimated."""
TRAIN_PERSONS = (("first_name", "last_name"), ("date_of_birth",), ("street", "postcode"), ("email",))
TRAIN_COMPANIES = (("company",), ("domain",), ("street", "postcode"), ("company_start",))
"""Columns that EM is trained on the agreement of: of persons the first two that are there, with a third it often breaks
down; of companies the first three."""
DATE = "%Y%m%d"
SHARED = "len(list_intersect(company_words_l, company_words_r))"
SHORTER = "least(len(company_words_l), len(company_words_r))"


MADE = {"stem", "local_part", "domain"}
"""Made of other columns."""


def exact(name: str) -> Any:
    """Equal, the more the rarer."""
    return cll.ExactMatchLevel(name, term_frequency_adjustments=True)


def meet(name: str) -> Any:
    """Any of several values equal."""
    return cll.ArrayIntersectLevel(f"{name}_all", 1)


def custom(name: str, *levels: Any) -> Any:
    """A comparison whose last level is anything else."""
    return cl.CustomComparison(output_column_name=name, comparison_levels=[*levels, cll.ElseLevel()])


def company() -> Any:
    """A company's name by its text and its words, as token-aware scores have it."""
    return custom(
        "company",
        cll.NullLevel("company"),
        exact("company"),
        cll.JaroWinklerLevel("company_sorted", 0.96),
        cll.CustomLevel(f"{SHARED} = {SHORTER} AND {SHORTER} > 1"),
        cll.JaroWinklerLevel("company", 0.92),
        cll.CustomLevel(f"{SHARED} = {SHORTER}"),
        cll.CustomLevel(f"{SHARED} * 2 >= greatest(len(company_words_l), len(company_words_r))"),
        cll.JaroWinklerLevel("company", 0.85),
        cll.CustomLevel(f"{SHARED} > 0"),
    )


def street(columns: set[str]) -> Any:
    """Street and house."""
    if "house" not in columns:
        return cl.JaroWinklerAtThresholds("street", [0.92, 0.88]).configure(term_frequency_adjustments=True)
    near = cll.JaroWinklerLevel("street", 0.9)
    return custom(
        "address",
        cll.NullLevel("street"),
        cll.And(exact("street"), cll.ExactMatchLevel("house")).configure(tf_adjustment_column="street"),
        cll.And(near, cll.ExactMatchLevel("house")),
        cll.ExactMatchLevel("street"),
        near,
    )


def place(columns: set[str]) -> Any:
    """Postcode and city."""
    city = [cll.ExactMatchLevel("city"), cll.JaroWinklerLevel("city", 0.88)] if "city" in columns else []
    return custom(
        "place",
        cll.NullLevel("postcode"),
        exact("postcode"),
        cll.LevenshteinLevel("postcode", 1),
        cll.CustomLevel("substr(postcode_l, 1, 3) = substr(postcode_r, 1, 3)"),
        *city,
    )


def reach(columns: set[str]) -> Any:
    """Mail and domain, of companies; the latter also of the website."""
    if "domain" not in columns:
        return cl.EmailComparison("email")
    levels = [exact("email"), meet("email")] if "email" in columns else []
    return custom("reach", cll.NullLevel("domain_all"), *levels, exact("domain"), meet("domain"))


def of_companies(columns: set[str]) -> Iterator[Any]:
    """What is compared of companies, and of the persons who work there."""
    yield company()
    yield cl.ExactMatch("legal_form")
    yield from (of_persons(name) for name in ("first_name", "last_name", "date_of_birth") if name in columns)
    if "street" in columns:
        yield street(columns)
    if "postcode" in columns:
        yield place(columns)
    if "phone" in columns:
        yield custom("phone", cll.NullLevel("phone_all"), exact("phone"), meet("phone"), meet("stem"))
    if {"email", "domain"} & columns:
        yield reach(columns)
    if "number" in columns:
        near = cll.LevenshteinLevel("number", 1)
        yield custom("number", cll.NullLevel("number_all"), exact("number"), meet("number"), near)


def person_name(name: str) -> Any:
    """What the documentation proposes for names, and one level for first and last name that stand in each other's
    place."""
    near = [cll.JaroWinklerLevel(name, threshold) for threshold in (0.92, 0.88)]
    reversed_ = cll.ColumnsReversedLevel("first_name", "last_name", symmetrical=True)
    return custom(name, cll.NullLevel(name), exact(name), *near, reversed_, cll.JaroWinklerLevel(name, 0.7))


def of_persons(name: str) -> Any:
    """What the documentation proposes for a column of that kind."""
    if name in ("first_name", "last_name"):
        return person_name(name)
    if name == "date_of_birth":
        return cl.DateOfBirthComparison(name, input_is_string=True, datetime_format=DATE)
    if name == "email":
        return cl.EmailComparison(name)
    if name == "street":
        return cl.JaroWinklerAtThresholds(name, [0.92, 0.88]).configure(term_frequency_adjustments=True)
    if name in ("number", "phone", "postcode"):
        return cl.LevenshteinAtThresholds(name, [1, 2]).configure(term_frequency_adjustments=True)
    return cl.ExactMatch(name).configure(term_frequency_adjustments=True)


def comparisons(columns: set[str]) -> list[Any]:
    """What is compared of these columns."""
    if "company" in columns:
        return [*of_companies(columns)]
    return [of_persons(name) for name in sorted(columns - MADE) if not name.endswith("_all")]


def training(columns: set[str]) -> Sequence[tuple[str, ...]]:
    """The columns on whose agreement EM is trained, one after the other."""
    if "last_name" in columns:
        return [names for names in TRAIN_PERSONS if columns.issuperset(names)][:2]
    return [names for names in TRAIN_COMPANIES if columns.issuperset(names)][:3]


def main() -> None:
    """Link or dedupe, and write the pairs with their probabilities."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    database = DuckDBAPI()
    connection = database._con
    connection.execute("SET threads = 2")
    tables = [database.register(connection.read_parquet(path)) for path in given["lists"]]
    columns = set(given["columns"])
    settings = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        comparisons=[*comparisons(columns)],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
    )
    linker = Linker(tables if len(tables) > 1 else tables[0], settings)
    sure = [block_on(*names) for names in SURE if set(names) <= columns][:3]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for names in training(columns):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*names))
        except ValueError as error:  # a level that no pair has; the next columns train the rest
            print(f"splink: not trained on {names}: {error}")
    found = linker.inference.predict(threshold_match_probability=given["at_least"])
    found.as_duckdbpyrelation().project("unique_id_l, unique_id_r, match_probability").write_parquet(given["pairs"])
    print(f"splink: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
