"""crm-cleanup match: compare two lists, or one with itself."""

from __future__ import annotations

from pathlib import Path

import click

from etl.cli.options import config_argument, json_option, progress_bar
from etl.cli.results.planning import show_matched


@click.command()
@config_argument
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The CSV file to write the matching pairs to."
)
@click.option(
    "--clusters",
    type=click.Path(path_type=Path),
    help="A CSV file to write each record's cluster (the group of same records) to.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="A CSV file in which people wrote `same` or `different`: shows how good each threshold is by these pairs.",
)
@json_option
def match(config: Path, out: Path, clusters: Path | None, labels: Path | None, as_json: bool) -> None:
    """Find the same companies or persons in two lists, or in one.

    For example: which of these trade-fair contacts are already customers? The config names the lists and their identity
    columns. If `right` is left out, duplicates within `left` are searched. Each pair in the output has the names of
    both records, the probability that they are the same, and the match weight of each field in bits: 10 bits more make
    the match a thousand times likelier. `words` explains it, `doubts` says what holds it below certainty. The pairs
    just below `at_least` are counted.

    --labels takes such an output with a column `decision`, or the decisions.csv of a clean-up whose records the lists
    hold. For each threshold it shows precision and recall by these pairs, with their intervals, and which threshold
    they speak for; nothing is changed.

    \b
    Examples:
      crm-cleanup match fair.yaml --out pairs.csv
      crm-cleanup match duplicates.yaml --out pairs.csv --clusters clusters.csv
      crm-cleanup match fair.yaml --out pairs.csv --labels decided.csv

    \b
    fair.yaml:
      match:
        left:  {url: files:lists, from: fair, key: id,
                identity: {company: firma, postcode: plz, email: mail}}
        right: {url: files:lists, from: debtors, key: no,
                identity: {company: [name1, name2], postcode: zip, vat: vat}}
        at_least: 0.95
      language: en
    """
    from etl.pipeline.match import match as compare

    with progress_bar() as progress:
        matched = compare(config, out, clusters, labels, progress=progress)
    show_matched(matched, out, as_json)
