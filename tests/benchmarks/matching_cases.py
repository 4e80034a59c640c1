"""The lists that matching is measured on: public ones, the generator's, and those that are hard."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

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
RELATIVES: Kinds = {kind: column for kind, column in FEBRL.items() if kind not in ("date_of_birth", "number")} | {
    "email": "email",
    "phone": "phone",
}
"""Relatives share all of this."""
OWN: Kinds = {"date_of_birth": "date_of_birth", "number": "soc_sec_id"}
"""And this they do not."""
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
ADDRESS = ("company", "street", "postcode", "city", "country", "email", "phone")
HARD: Mapping[str, Kinds] = {
    "company": {kind: kind for kind in (*ADDRESS, "website", "vat")},
    "person": {kind: kind for kind in ("first_name", "last_name", *ADDRESS, "date_of_birth")},
}
"""Entry -> identity of the hard lists."""
HOUSEHOLDS = 1_500


@dataclass(frozen=True)
class Side:
    """One list: folder and name, key and identity, and the group that a key belongs to in truth; "" is none."""

    folder: Path
    name: str
    key: str
    identity: Kinds
    truth: dict[str, str]


@dataclass(frozen=True)
class Case:
    """Lists to match, one or two. of: for each side key -> (case, its kind), where traps are known."""

    name: str
    left: Side
    right: Side | None = None
    of: tuple[dict[str, tuple[str, str]], ...] = field(default=())

    @property
    def sides(self) -> tuple[Side, ...]:
        """The list, or both."""
        return (self.left, self.right) if self.right else (self.left,)

    @property
    def other(self) -> Side:
        """The list whose keys stand on the right of a pair."""
        return self.right or self.left

    def true_pairs(self) -> int:
        """How many pairs of records are the same."""
        groups = pd.Series(self.left.truth)
        counts = groups[groups != ""].value_counts()
        if not self.right:
            return int((counts * (counts - 1) // 2).sum())
        others = pd.Series(self.right.truth).value_counts()
        return int((counts * others.reindex(counts.index).fillna(0)).sum())


def febrl(data: Path, folder: Path) -> Iterator[Case]:
    """FEBRL's lists of persons: one against the other, each of three with itself, and relatives."""
    frames = {path.stem: _febrl(path) for path in sorted(data.glob("dataset*.csv"))}

    def side(name: str) -> Side:
        frames[name].to_csv(folder / f"{name}.csv", index=False)
        return Side(folder, name, "rec_id", FEBRL, _person(frames[name]))

    yield Case("FEBRL 4", side("dataset4a"), side("dataset4b"))
    for number in "321":
        if f"dataset{number}" in frames:
            yield Case(f"FEBRL {number}", side(f"dataset{number}"))
    yield from relatives(frames["dataset4a"], frames["dataset4b"], folder)


def _febrl(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, skipinitialspace=True, keep_default_na=False)


def _person(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame.rec_id, frame.rec_id.str.split("-").str[1], strict=True))


def relatives(one: pd.DataFrame, other: pd.DataFrame, folder: Path) -> Iterator[Case]:
    """1,500 persons of FEBRL 4, each with a relative of another first name, birthday and number in both lists: with
    birthday and number as columns, with half the birthdays empty, and without both."""
    both = [_with_relatives(frame, number) for number, frame in enumerate((one, other))]
    half = [frame.copy() for frame in both]
    for number, frame in enumerate(half):
        frame.loc[frame.sample(frac=0.5, random_state=number).index, "date_of_birth"] = ""
    tried = (("with birthday and number", both, {**RELATIVES, **OWN}), ("with half the birthdays", half, None),
             ("without both", both, RELATIVES))  # fmt: skip
    for place, (name, frames, identity) in enumerate(tried):
        sides, households = [], []
        for side, frame in zip(("a", "b"), frames, strict=True):
            frame.to_csv(folder / f"relatives{place}{side}.csv", index=False)
            kinds = identity or {**RELATIVES, "date_of_birth": "date_of_birth"}
            sides.append(Side(folder, f"relatives{place}{side}", "rec_id", kinds, _person(frame)))
            households.append({key: (group.removesuffix("r"), "relatives") for key, group in sides[-1].truth.items()})
        yield Case(f"FEBRL 4, relatives, {name}", sides[0], sides[1], tuple(households))


def _with_relatives(frame: pd.DataFrame, side: int) -> pd.DataFrame:
    """Persons with mail and phone, and a relative below each; the same persons and relatives in both lists.

    First name and birthday of a relative are those of two other persons, the number is a third's read backwards: nobody
    else has the number, and what was misspelled in a list stays so.
    """
    number = frame.rec_id.str.split("-").str[1].astype(int)
    persons = frame.assign(number=number).sort_values("number", kind="stable").head(HOUSEHOLDS)
    digits = (persons.number * 7_919 % 100_000).astype(str).str.zfill(5)
    contact = persons.assign(email="family" + digits + "@freemail.example", phone="030 23125" + digits)
    name, born, social = (contact.sample(frac=1, random_state=seed).set_index(contact.index) for seed in (7, 8, 9))
    relative = contact.assign(
        rec_id="rec-" + contact.number.astype(str) + f"r-{side}",
        given_name=name.given_name.where(name.given_name != contact.given_name, "xenia"),
        date_of_birth=born.date_of_birth,
        soc_sec_id=social.soc_sec_id.str[::-1],
    )
    return pd.concat([contact, relative]).drop(columns="number").reset_index(drop=True)


def splink_datasets(data: Path, folder: Path) -> Iterator[Case]:
    """The public lists of persons that Splink is shown with."""
    fake = pd.read_csv(data / "fake_1000.csv", dtype=str)
    fake.to_csv(folder / "fake.csv", index=False)
    history = pd.read_parquet(data / "historical_50k.parquet")
    history.to_parquet(folder / "historical.parquet")
    for name, frame, identity in (("fake", fake, FAKE), ("historical", history, HISTORICAL)):
        keys = dict(zip(frame.unique_id, frame.cluster, strict=True))
        yield Case(name, Side(folder, name, "unique_id", identity, keys))


def generated(records: int, folder: Path) -> Iterator[Case]:
    """The generator's companies against its debtors, and among themselves."""
    call = [sys.executable, str(ROOT / "data" / "generate.py"), "--seed", "1", "--related", "1"]
    measure([*call, "--records", str(records), "--to", f"files:{folder}"], folder, os.environ)
    truth = pd.read_csv(folder / "truth" / "records.csv", dtype=str, keep_default_na=False)
    mine = truth[truth.source_key.str.startswith("accounts:")].drop_duplicates("source_key")
    keys = mine.source_key.str.removeprefix("accounts:")
    left = (folder / "legacy", "accounts", "id", LEGACY)
    debtors = pd.read_csv(folder / "erp" / "debtors.csv", dtype=str, keep_default_na=False).debtor_no
    right = Side(folder / "erp", "debtors", "debtor_no", DEBTORS, dict(zip(debtors, debtors, strict=True)))
    debtor = dict(zip(keys, mine.debtor_no, strict=True))
    yield Case(f"generator {records:,}, debtors", Side(*left, debtor), right)
    groups = mine.same_as.where(mine.same_as != "", mine.source_key)
    yield Case(f"generator {records:,}, duplicates", Side(*left, dict(zip(keys, groups, strict=True))))


def hard(records: int, seed: int, words: str, folder: Path) -> Iterator[Case]:
    """The hard lists: companies and persons against the debtors and among themselves, and names alone."""
    call = [sys.executable, str(ROOT / "data" / "hard_lists.py"), "--records", str(records), "--seed", str(seed)]
    measure([*call, "--words", words, "--to", str(folder)], folder, os.environ)
    truth = pd.read_csv(folder / "truth.csv", dtype=str, keep_default_na=False)

    def side(name: str, entry: str) -> tuple[Side, dict[str, tuple[str, str]]]:
        frame = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        if entry:
            frame = frame[frame.entry == entry]
        frame.to_csv(folder / f"{name}_{entry}.csv", index=False)
        told = truth[(truth["list"] == name) & truth["key"].isin(frame.key)]
        groups = dict(zip(told["key"], told["group"], strict=True))
        kinds = dict(zip(told["key"], zip(told["case"], told["kind"], strict=True), strict=True))
        return Side(folder, f"{name}_{entry}", "key", HARD.get(entry, {"company": "company"}), groups), kinds

    for entry, several in (("company", "companies"), ("person", "persons")):
        (left, kinds), (right, others) = side("legacy", entry), side("debtors", entry)
        yield Case(f"hard {records:,}, {several}, debtors", left, right, (kinds, others))
        yield Case(f"hard {records:,}, {several}, duplicates", left, None, (kinds,))
    alone, kinds = side("affiliations", "")
    yield Case(f"hard {records:,}, names alone", alone, None, (kinds,))
