"""Small plans to write and read back. They stand in for a bundle on disk: the same frames, made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from etl.config import Config
from etl.model import Chunk
from etl.note import Labels, fold
from etl.plan import Bundle
from etl.transform.layout import layout as lay_out

COLUMNS = {
    "accounts": ["id", "name", "city", "remark"],
    "contacts": ["id", "account_id", "last_name"],
    "activities": ["no", "account_id", "text"],
}
CONFIG = Config.model_validate(
    {
        "path": Path("small.yaml"),
        "raw": {},
        "name": "small",
        "source": {
            "url": "files:legacy",
            "records": {
                "accounts": {"key": "id", "type": "company"},
                "contacts": {"key": "id", "type": "person", "parent": {"column": "account_id", "of": "accounts"}},
            },
            "related": {"activities": {"key": "no", "of": {"accounts": "account_id"}}},
        },
        "classify": [{"as": "lead", "name": "all"}],
        "leads": {"fields": {"name": "{name}"}},
        "target": {"url": "sqlite://"},
    }
)


def layout(_chunk: Chunk, members: pd.DataFrame) -> pd.DataFrame:
    """The layout of a small plan's notes, whose headings show no names."""
    return lay_out(members, "company", pd.Series(index=members.index, dtype="str"))


@dataclass(frozen=True)
class Manifest:
    """What `load` reads of a plan's manifest."""

    system: str
    digest: str
    written_as: str
    columns: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class SmallPlan:
    """A plan in memory, with the methods of a bundle."""

    manifest: Manifest
    frames: tuple[tuple[Chunk, pd.DataFrame, pd.DataFrame], ...]
    path: Path = Path("plans/small")
    config: Config = CONFIG

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return len(self.frames)

    def chunk(self, chunk: int) -> Chunk:
        """Legacy records."""
        return self.frames[chunk][0]

    def members(self, chunk: int) -> pd.DataFrame:
        """What was decided on them."""
        return self.frames[chunk][1]

    def leads(self, chunk: int) -> pd.DataFrame:
        """What will be written."""
        return self.frames[chunk][2]

    def lead_keys(self) -> list[str]:
        """The keys of all leads."""
        return [key for _, _, leads in self.frames for key in leads.index]


def small_plan(
    keys: Iterable[str],
    *,
    at_once: int = 4,
    remark: str = "asked for a quote",
    fields: Mapping[str, Mapping[str, str | None]] | None = None,
    system: str = "crm",
    digest: str = "sha256:1",
) -> Bundle:
    """A plan of companies, each with a contact and two activities, that all become leads.

    keys: of the companies, as the source has them. at_once: companies in a chunk. remark: a column of each. fields:
    lead field -> company's key -> value, where it is not what the names say.
    """
    found = list(keys)
    frames = [_frames(found[first : first + at_once], remark, fields or {}) for first in range(0, len(found), at_once)]
    return cast(Bundle, SmallPlan(Manifest(system, digest, digest, COLUMNS), tuple(frames)))


def with_leads(plan: Bundle, **columns: Any) -> Bundle:
    """The same plan, some columns of its leads replaced."""
    small = cast(SmallPlan, plan)
    frames = tuple((chunk, members, leads.assign(**columns)) for chunk, members, leads in small.frames)
    return cast(Bundle, replace(small, frames=frames))


def _frames(
    keys: Sequence[str], remark: str, fields: Mapping[str, Mapping[str, str | None]]
) -> tuple[Chunk, pd.DataFrame, pd.DataFrame]:
    chunk = _chunk(keys, remark)
    companies, contacts = chunk.records["accounts"].index, chunk.records["contacts"].index
    members = pd.DataFrame(
        {
            "entry": ["accounts"] * len(keys) + ["contacts"] * len(keys),
            "key": [*keys, *keys],
            "type": ["company"] * len(keys) + ["person"] * len(keys),
            "decision": "lead",
            "family": [*companies, *companies],
            "company": [*companies, *companies],
            "lead": [*companies, *companies],
        },
        index=pd.Index([*companies, *contacts], name="source_key", dtype="str"),
        dtype="str",
    ).sort_index()
    leads = pd.DataFrame(index=pd.Index(companies, name="lead", dtype="str"))
    leads["family"] = pd.Series(companies, index=companies, dtype="str")
    leads["into"] = pd.Series(pd.NA, index=leads.index, dtype="str")
    for field, value in {"name": "Example {} GmbH", "email": "info{}@company.example", "city": "Musterstadt"}.items():
        given = [fields.get(field, {}).get(key, value.format(number)) for number, key in enumerate(keys)]
        leads[field] = pd.array(given, dtype="str")
    leads["do_not_contact"] = [number % 2 == 0 for number in range(len(keys))]
    leads["note"] = fold(layout(chunk, members), chunk, Labels.of(CONFIG, COLUMNS)).reindex(leads.index)
    return chunk, members, leads


def _chunk(keys: Sequence[str], remark: str) -> Chunk:
    accounts = pd.DataFrame({"id": keys, "name": [f"Example {key}" for key in keys]}, dtype="str")
    accounts["city"] = pd.array(["Musterstadt"] * len(keys), dtype="str")
    accounts["remark"] = pd.array([remark] * len(keys), dtype="str")
    contacts = pd.DataFrame(
        {"id": keys, "account_id": keys, "last_name": [f"Muster{key}" for key in keys]}, dtype="str"
    )
    rows = [(f"{key}-{turn}", key, f"call number {turn} about {key}") for key in keys for turn in (1, 2)]
    activities = pd.DataFrame(rows, columns=["no", "account_id", "text"], dtype="str")
    return Chunk(
        {
            "accounts": accounts.set_index(_keys("accounts", keys)),
            "contacts": contacts.set_index(_keys("contacts", keys)),
        },
        {"activities": activities.set_index(_keys("accounts", activities["account_id"]))},
    )


def _keys(entry: str, keys: Iterable[str]) -> pd.Index[str]:
    return pd.Index([f"{entry}:{key}" for key in keys], dtype="str")
