"""People's decisions: `decisions.csv` beside the config wins over rules, as long as what it was about is unchanged."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.families import Families
from etl.classify.records import Numbers, Records
from etl.config import Config
from etl.errors import ConfigError, excerpt
from etl.model import Dataset, Decision
from etl.plan.tables import batches

COLUMNS = ("source_key", "decision", "who", "when", "why", "hash")
ALLOWED = (Decision.CUSTOMER, Decision.KEEP, Decision.REVIEW, Decision.LEAD)
BY_PERSON = "decision of a person"
Places = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Override:
    """One line of `decisions.csv`.

    hash: of the family's records and evidence rows when the person decided; may be empty.
    """

    source_key: str
    decision: Decision
    who: str
    when: str
    why: str
    hash: str

    @property
    def words(self) -> str:
        """Who decided, when and why, as evidence."""
        return ", ".join(filter(None, (self.who, self.when))) + (f": {self.why}" if self.why else "")


def read_overrides(config: Config) -> list[Override]:
    """Read people's decisions; none where there is no file. A later line on a source key replaces an earlier one.

    Raises ConfigError, which names the line, for a file that is no such list.
    """
    path = config.overrides_path
    if not path.exists():
        return []
    found: dict[str, Override] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, delimiter=_delimiter(file.readline()))
            file.seek(0)
            if missing := [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]:
                raise _wrong(path, 1, f"the column {missing[0]!r} is missing; the columns are {', '.join(COLUMNS)}")
            for row in reader:
                override = _override(row, path, reader.line_num)
                found[override.source_key] = override
    except UnicodeDecodeError:
        raise ConfigError("People's decisions are not UTF-8.", where=path, next="save the file as CSV UTF-8") from None
    except (csv.Error, OSError) as error:
        raise ConfigError(f"People's decisions cannot be read: {error}.", where=path) from None
    return list(found.values())


def _delimiter(header: str) -> str:
    """What separates the columns: a spreadsheet saves commas, semicolons or tabs, as its language has it."""
    return max(",;\t", key=header.count)


def _override(row: Mapping[str | None, str | None], path: Path, line: int) -> Override:
    texts = {name: (row.get(name) or "").strip() if name != "source_key" else row.get(name) or "" for name in COLUMNS}
    texts["decision"] = texts["decision"].lower()
    if None in row or ":" not in texts["source_key"]:
        raise _wrong(path, line, f"{excerpt(texts['source_key'])!r} is no source key such as accounts:1042")
    if texts["decision"] not in ALLOWED:
        raise _wrong(path, line, f"{excerpt(texts['decision'])!r} is no decision; write {', '.join(ALLOWED)}")
    if not texts["who"]:
        raise _wrong(path, line, "who decided is missing")
    return Override(**{**texts, "decision": Decision(texts["decision"])})  # type: ignore[arg-type]


def _wrong(path: Path, line: int, what: str) -> ConfigError:
    return ConfigError(
        f"People's decisions: {what}.",
        where=f"{path}:{line}",
        next="fill in decision and who in a copy of the plan's open-cases.csv, and put its rows here",
    )


@dataclass(frozen=True)
class Verdict:
    """What people's decisions say of one family: the decision, the rule's name, the words for the report.

    hashed: whether the person's line says by a hash what the person saw.
    """

    decision: Decision
    rule: str
    words: str
    hashed: bool = True


@dataclass(frozen=True)
class Overridden:
    """What became of people's decisions. verdicts: family's root number -> verdict. The rest names source keys."""

    verdicts: dict[int, Verdict]
    used: tuple[str, ...] = ()
    without_hash: tuple[str, ...] = ()
    changed_since: tuple[str, ...] = ()
    conflicting: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def weigh_overrides(
    overrides: Sequence[Override], numbers: Mapping[str, int], roots: Numbers, hashes: Mapping[int, str]
) -> Overridden:
    """Bring people's decisions to families.

    numbers: source key -> record number, for those that exist. hashes: family's root -> its hash now.
    """
    families: dict[int, list[Override]] = defaultdict(list)
    for override in overrides:
        if override.source_key in numbers:
            families[int(roots[numbers[override.source_key]])].append(override)
    verdicts: dict[int, Verdict] = {}
    used, changed, conflicting, bare = [], [], [], []
    for root, group in families.items():
        keys = [override.source_key for override in group]
        stale = [override for override in group if override.hash and override.hash != hashes[root]]
        if stale:
            changed += [override.source_key for override in stale]
            verdicts[root] = Verdict(Decision.REVIEW, "changed since a person decided", stale[0].words)
        elif len({override.decision for override in group}) > 1:
            conflicting += keys
            verdicts[root] = Verdict(Decision.REVIEW, "people's decisions differ", " / ".join(o.words for o in group))
        else:
            used += keys
            bare += [override.source_key for override in group if not override.hash]
            hashed = all(override.hash for override in group)
            verdicts[root] = Verdict(group[0].decision, BY_PERSON, group[0].words, hashed)
    unknown = [override.source_key for override in overrides if override.source_key not in numbers]
    return Overridden(verdicts, *(tuple(sorted(keys)) for keys in (used, bare, changed, conflicting, unknown)))


def family_hashes(
    wanted: Iterable[int],
    records: Records,
    families: Families,
    datasets: Sequence[Dataset],
    evidence: Mapping[str, tuple[Numbers, Numbers]],
) -> dict[int, str]:
    """Hash the records and evidence rows of families, so that a change is seen; not by order of rows or columns.

    Takes what `family_digests` takes. Returns root -> 16 hex digits of SHA-256.
    """
    digests = family_digests(wanted, records, families, datasets, evidence)
    return {root: family_hash(rows) for root, rows in digests.items()}


def family_digests(
    wanted: Iterable[int],
    records: Records,
    families: Families,
    datasets: Sequence[Dataset],
    evidence: Mapping[str, tuple[Numbers, Numbers]],
) -> dict[int, list[bytes]]:
    """The digest of each row that a family's hash is over, by the family's root.

    wanted: the families' root numbers. evidence: dataset -> (rows, the number of the record that each names).
    """
    chosen = np.zeros(len(records), dtype=np.bool_)
    chosen[list(wanted)] = True
    digests: dict[int, list[bytes]] = {int(root): [] for root in np.flatnonzero(chosen)}
    rows: Places
    for dataset in datasets:
        if dataset.name in records.rows:
            numbers = records.rows[dataset.name]
            rows = np.flatnonzero(numbers >= 0)
            owners = numbers[rows]
        elif dataset.name in evidence:
            rows, owners = evidence[dataset.name]
        else:
            continue
        mine = chosen[families.root[owners]]
        rows, owners = rows[mine], owners[mine]
        order = np.argsort(rows, kind="stable")
        for owner, digest in zip(owners[order].tolist(), _row_digests(dataset, rows[order]), strict=True):
            digests[int(families.root[owner])].append(digest)
    return digests


def family_hash(rows: Iterable[bytes]) -> str:
    """The hash of a family, from the digests of its rows in any order."""
    return hashlib.sha256(b"".join(sorted(rows))).hexdigest()[:16]


def row_digest(dataset: str, row: Mapping[str, str | None]) -> bytes:
    """SHA-256 of one row of a dataset: over its name and its filled cells by column name."""
    cells = [(column, row[column]) for column in sorted(row) if row[column] is not None]
    return hashlib.sha256(repr((dataset, cells)).encode("utf-8", "surrogatepass")).digest()


def _row_digests(dataset: Dataset, rows: Places) -> Iterable[bytes]:
    """The digests of some rows of a dataset, `rows` ascending."""
    columns, first = sorted(dataset.columns), 0
    for batch in batches(dataset.path, columns):
        low, high = np.searchsorted(rows, [first, first + len(batch)])
        for row in batch.take(pa.array(rows[low:high] - first)).to_pylist():
            yield row_digest(dataset.name, row)
        first += len(batch)
