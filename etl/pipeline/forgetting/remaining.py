"""What the target holds of a person after `forget`: what people wrote themselves, or made of a lead, is theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from etl.connect.target import DELETED, FORGOTTEN, Amended, Amendment, Target
from etl.load.verify import by_lead
from etl.pipeline.forgetting.person import Person, mentions
from etl.pipeline.forgetting.snapshot import Taken

TELLING = 4
"""A shorter value says nothing of who somebody is."""


@dataclass(frozen=True)
class _Values:
    """The values of a person that no lead is to have, and where they are looked for."""

    values: tuple[str, ...]

    def in_text(self, text: Any) -> bool:
        """Whether one of them stands in a text, as words of their own."""
        return not pd.isna(text) and any(mentions(str(text).casefold(), value) for value in self.values)

    def places(self, amendment: Amendment, stored: pd.Series[str], kept: Sequence[str]) -> Iterator[str]:
        """Where they stand in a lead. stored: as it is before it is amended, or as it is after that."""
        for name in (str(name) for name in stored.index if name != "note"):
            frames = [frame for frame in (amendment.before, amendment.after) if frame is not None and name in frame]
            planned = [frame[name].iloc[0] for frame in frames]
            if (name in kept or not any(_same(stored[name], text) for text in planned)) and self.in_text(stored[name]):
                yield name
        note = str(stored["note"])
        for block in filter(None, amendment.blocks):
            note = note.replace(block, "", 1)
        if self.in_text(note):
            yield "what people have written in its note"


def remaining(
    target: Target, system: str, plan: str, person: Person, taken: Taken, amendments: Sequence[Amendment], done: Amended
) -> tuple[str, ...]:
    """Where values of a person stand in the target although all was done, in words, without a value or a key.

    done: what becomes of the leads.
    """
    places = list(_of_other_plans(target, system, plan, person))
    left = [amendment for amendment in amendments if amendment.after is not None and amendment.lead in done.leads]
    if not left:
        return tuple(places)
    ids = target.ledger_of(system, [amendment.lead for amendment in left]).set_index("lead_key")["lead_id"]
    stored = by_lead(target.read(ids.tolist()), ids)
    for amendment in left:
        lead, own = amendment.lead, ids[amendment.lead]
        values = _Values(_telling(taken, amendment))
        own_places = list(values.places(amendment, stored.loc[[lead]].iloc[0], done.kept.get(lead, ())))
        if lead in done.customers:
            own_places.append(f"the customer {done.customers[lead]}, which it was converted to")
        places += [f"lead {own}: {place}" for place in own_places]
    return tuple(places)


def _of_other_plans(target: Target, system: str, plan: str, person: Person) -> Iterator[str]:
    """The lead that another plan wrote of the record, if it is there."""
    rows = target.ledger_of(system, [person.key])
    for own, other in zip(rows["lead_id"], rows["plan"], strict=True):
        if other not in (plan, FORGOTTEN, DELETED) and len(target.read([own], []).leads):
            yield f"lead {own}: all of it, as the plan {other[:16]} wrote it; run the command for that plan, too"


def _telling(taken: Taken, amendment: Amendment) -> tuple[str, ...]:
    """What the record said that the lead does not say without it."""
    said = "" if amendment.after is None else "\n".join(str(text) for text in amendment.after.iloc[0].dropna())
    values = {value.strip().casefold() for value in (*taken.cells.values(), *taken.texts)}
    return tuple(sorted(value for value in values if len(value) >= TELLING and value not in said.casefold()))


def _same(text: Any, other: Any) -> bool:
    return bool(text == other or (pd.isna(text) and pd.isna(other)))
