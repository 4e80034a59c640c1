"""What a lead pipeline must be able to do, whatever system it is: take leads exactly once, and give them back."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from etl.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Kind = Literal["text", "number", "boolean", "date", "json", "website"]
Unit = Literal["characters", "bytes"]
Form = Literal["integer", "decimal", "date", "datetime", "boolean", "email"]


@dataclass(frozen=True)
class FieldLimit:
    """What the target can hold in one field of a lead.

    length: the longest text, counted in `unit`; None without a limit. required: it cannot be empty. kind: what it
    holds there; all values are text on the way, and a value that is none of its kind is refused by the target.
    without: the characters that it cannot hold. choices: where it names a record that has to be there, what may be
    written (casefolded) -> what the target has for it. charset: the codec of the characters that it can hold, None for
    all. form: what a text must look like, None for anything; least, most: of numbers; digits: after the point. A
    `website` is stored with its scheme. stands_in: what an empty value is there, as the field is never empty; None
    where it stays empty. Of `json`, a list, `without` means each of its values. unlisted: where a value has to be one
    that the target knows, and nobody has said which these are, what to do about it.
    """

    length: int | None = None
    unit: Unit = "characters"
    required: bool = False
    kind: Kind = "text"
    without: str = ""
    choices: Mapping[str, str] | None = None
    charset: str | None = None
    form: Form | None = None
    least: int | None = None
    most: int | None = None
    digits: int | None = None
    stands_in: str | None = None
    unlisted: str | None = None

    def __str__(self) -> str:
        length = "any length" if self.length is None else f"{self.length} {self.unit}"
        return f"{self.kind}, {length}, {'required' if self.required else 'may be empty'}"


@dataclass(frozen=True)
class Unique:
    """Fields that no two leads have the same values in, where none of them is empty.

    folds: for each field what does not count when values are compared: `case`, `accents`, `blanks` at the end. empty:
    those of the fields in which an empty value is one like others.
    """

    fields: tuple[str, ...]
    folds: tuple[frozenset[str], ...]
    empty: frozenset[str] = frozenset()


DELETED = "deleted"
"""What the ledger says in `state` of a record whose lead was deleted on purpose; and as the plan of one whose plan was
taken back since."""


FORGOTTEN = "forgotten"
"""The same of a record that was taken out of its lead."""

Below = Callable[[Sequence[str], Sequence[str]], list[str]]


@dataclass(frozen=True)
class Html:
    """How a target that keeps notes as HTML draws them, reads them back as text, and puts one text in the place of
    another while all around it stays as people have formatted it: None where that text does not stand there."""

    draw: Callable[[str], str]
    read: Callable[[str], str]
    replace: Callable[[str, str, str], str | None]


def replaced(note: str, before: str, after: str) -> str | None:
    """A note with another block in the place of one; None where that does not stand in it as it is."""
    return note.replace(before, after, 1) if before in note else None


@dataclass(frozen=True)
class LeadFile:
    """A binary value of a record, as a file that belongs to its lead. name: as people called it."""

    lead: str
    name: str
    path: Path


@dataclass(frozen=True)
class Batch:
    """Leads that are written together or not at all.

    leads: index = lead key; columns: lead fields (str, NA = empty; `do_not_contact` bool), `note`, which is the first
    part where the note has several, and perhaps `into`: the id of the lead that is there already, and gets the note
    below its own and the values of its empty fields; NA for a new lead. parts: the others: columns lead, number (from
    2), text. members: index = source key of each legacy record that is moved with these leads; column lead, and
    perhaps contents: what its rows add up to. below: puts
    the parts of a note below those of a note that is stored, and gives the parts to store. files: what is attached to
    the leads, where the target takes files.
    """

    leads: pd.DataFrame
    parts: pd.DataFrame
    members: pd.DataFrame
    below: Below
    files: tuple[LeadFile, ...] = ()

    def only(self, leads: Collection[str]) -> Batch:
        """Some of the leads, with what belongs to them."""
        parts = self.parts[self.parts["lead"].isin(leads)] if len(self.parts) else self.parts
        members = self.members[self.members["lead"].isin(leads)]
        files = tuple(file for file in self.files if file.lead in leads) if self.files else ()
        return Batch(self.leads.loc[list(leads)], parts, members, self.below, files)


@dataclass(frozen=True)
class Written:
    """What became of a batch: lead keys that were written now, and those that the ledger had already.

    conflicts: lead key -> why it cannot be written: some of its records were moved before, in another way. unlisted:
    leads of somebody who opted out with a text that cannot be put on the target's mail blacklist.
    """

    leads: tuple[str, ...]
    before: tuple[str, ...]
    conflicts: Mapping[str, str]
    unlisted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stored:
    """Leads as they stand in the target: index = lead id (str), columns as in `Batch`; parts by lead id, in order."""

    leads: pd.DataFrame
    parts: pd.DataFrame


@dataclass(frozen=True)
class Customers:
    """Whom the target's own wizard could link a lead to when it is converted.

    partners: columns id, name, email (str, NA where empty), by id. leads: e-mail address -> id, of the leads and
    opportunities that are there already. by_name: whether it looks for names, too.
    """

    partners: pd.DataFrame
    leads: Mapping[str, str]
    by_name: bool


@dataclass(frozen=True)
class TakenBack:
    """What became of leads that were to be taken back: lead keys that were, and those that were gone already.

    kept: lead key -> why it stays.
    """

    leads: tuple[str, ...]
    gone: tuple[str, ...]
    kept: dict[str, str]


Judge = Callable[[Stored], Mapping[str, str]]
"""Says of leads as they stand, indexed by lead key, which are not as they were written: lead key -> how."""


@dataclass(frozen=True)
class Amendment:
    """A written lead that is to lose what one record gave it.

    before, after: it as it was planned, and as it is to be: one row, columns as in `Batch`, the note in one piece;
    after None, where the lead is that record's alone and has to go. contents: source key of a record of the lead ->
    what its rows add up to from now on. files: that were attached to the lead and are no more, where the target takes
    files.
    """

    lead: str
    before: pd.DataFrame
    after: pd.DataFrame | None
    contents: Mapping[str, str]
    files: tuple[LeadFile, ...] = ()

    @property
    def blocks(self) -> tuple[str, str]:
        """What stands in the note now, and what is to stand there."""
        return str(self.before["note"].iloc[0]), "" if self.after is None else str(self.after["note"].iloc[0])


@dataclass(frozen=True)
class Amending:
    """How leads are amended.

    forgotten: the source key of the record that is taken out. joined: puts the parts of a note together; cut: cuts it
    into those that the target takes; same: whether a field's value, as it is stored, is the one that was planned;
    judge: says which leads were touched. dry: whether only is said what would come of it.
    """

    system: str
    plan: str
    forgotten: str
    dry: bool
    judge: Judge
    joined: Callable[[Sequence[str]], str]
    cut: Callable[[str], list[str]]
    same: Callable[[str, str, str], bool]


@dataclass(frozen=True)
class Amended:
    """What became of leads. leads: that were amended, or removed; edited: lead key -> why it cannot be; with any, none
    is. kept: lead key -> the fields that stay as they are, as people have changed them or the lead is a customer's by
    now. customers: lead key -> the customer that it was converted to, which the target made of the lead."""

    leads: tuple[str, ...] = ()
    edited: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)


class BatchRefused(Exception):
    """The target took nothing of a batch because of what is in it. `reason`: its words, without quoted values."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Target(Protocol):
    """A lead pipeline. Everything raises TargetError where the target cannot be reached, read or written."""

    @property
    def takes_files(self) -> bool:
        """Whether files are attached to leads; elsewhere the notes name them alone."""

    @property
    def tells_edits(self) -> bool:
        """Whether the target itself tells when somebody has changed a lead, as the stamps of an Odoo do."""

    def customers(self) -> Customers | None:
        """Whom the target's own wizard could link leads to; None where it has none."""

    def hints(self) -> list[str]:
        """What to mend in the target before leads are written into it, each a sentence."""

    @property
    def where(self) -> str:
        """Who and where, without a secret."""

    def fields(self) -> dict[str, FieldLimit]:
        """The lead fields that the target has, `note` among them. Raises ConfigError where the mapping is wrong."""

    def unique(self) -> list[Unique]:
        """The fields whose values no two leads may share."""

    def taken(self, unique: Unique, /) -> Iterator[pa.Table]:
        """Stream the values of such fields that the leads have that are there: a text column a field."""

    def values(self) -> dict[str, FieldLimit]:
        """What the columns of `target.values` can hold."""

    def key(self) -> FieldLimit:
        """What the target can hold as a source key, and so as a lead key."""

    def part(self) -> FieldLimit | None:
        """The longest part of a note; None where the target holds a note in one piece only."""

    def next_id(self) -> str | None:
        """An id such as the next lead may get; None where that is its lead key."""

    def is_prepared(self) -> bool:
        """Whether the tool's own tables are there; where not, nothing was ever written."""

    def schema(self) -> str:
        """The target's tables, columns and types as text: equal texts, equal schemas. Own tables may yet be missing."""

    def prepare(self) -> None:
        """Make the tool's own tables where they are missing. Nothing else ever makes or changes a table."""

    def write(self, batch: Batch, *, system: str, plan: str) -> Written:
        """Write those leads of a batch that the ledger has not, with their ledger rows, in one transaction.

        Raises BatchRefused, with nothing written, where the target refuses a row or another runner was faster.
        """

    def take_back(
        self, batch: Batch, judge: Judge, *, system: str, plan: str, forced: Collection[str] = (), dry: bool = False
    ) -> TakenBack:
        """Take back those leads of a batch that a plan wrote and nobody has touched since, in one transaction.

        A lead that was there before gets its former values. Their rows in the ledger go with them, also those of leads
        that are gone, but for those that were deleted on purpose: their records must not be moved again. forced: leads
        that are taken back in any case.
        """

    def accept_deleted(self, leads: Collection[str], *, system: str, plan: str) -> None:
        """Mark in the ledger that leads of a plan, by key, were deleted on purpose. It may be called again.

        Their records have `state` DELETED and no `contents` from then on: no later plan takes them for edited.
        """

    def amend(self, amendments: Sequence[Amendment], how: Amending, /) -> Amended:
        """Take one record out of leads that a plan wrote, in one transaction: all of them or none.

        The block of the note is replaced and what people wrote around it stays; a field gets its new value where it
        still has the planned one. The record's row in the ledger says FORGOTTEN from then on, in the place of the plan,
        too. It may be called again; where the target has no transaction over several leads, that ends what was begun.
        Raises ConfigError where the target cannot do it.
        """

    def lock(self, holder: str) -> AbstractContextManager[Callable[[], None]]:
        """Be the only runner; gives what sees that it still is, for the transactions of others.

        Raises Locked, which says who the other one is and since when it is at work.
        """

    def existing(self) -> Iterator[pa.Table]:
        """Stream all leads that are there, whoever wrote them: `id`, and the fields that are mapped but the note."""

    def ledger(self, system: str) -> Iterator[pa.Table]:
        """Stream the ledger of one source system, by source key, all text: source_key, lead_key, lead_id, plan,
        contents (what the record's rows added up to when it was moved), state."""

    def systems(self) -> dict[str, int]:
        """The source systems that the ledger knows, and how many legacy records of each were moved."""

    def counts(self, system: str, plan: str) -> tuple[int, int]:
        """How many leads a plan wrote that are in the ledger, and how many legacy records with them."""

    def entries(self, system: str) -> set[str]:
        """The entries of which the ledger has records of one source system."""

    def ledger_of(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some source keys; index = source_key; those without a row are absent."""

    def ledger_by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some lead ids, perhaps several of one; index = source_key. It may scan the ledger."""

    def read(self, ids: Collection[str], fields: Collection[str] | None = None) -> Stored:
        """Read leads back by id, all fields or some, and always the note; those that do not exist are absent."""

    def not_blacklisted(self, leads: pd.DataFrame, /) -> list[str]:
        """The leads, as `Batch` has them, of which an address that opted out is not on the target's mail blacklist.

        None where the target has no such list.
        """

    def finish(self, *, system: str, plan: str) -> str | None:
        """End a run of a plan that has written, or taken back: what is made of all leads, such as files, is made now.

        Gives the file that says what people have to do with it; None where they have nothing to do. It may be called
        again.
        """

    def take_export(self, exports: Sequence[Path], /) -> None:
        """Keep what the CRM has exported, of leads that came into it by files, to read them back from it.

        Raises ConfigError where leads are read in the target itself.
        """

    def read_back(self, *, export: bool) -> None:
        """Read leads from now on as they ended up, where they go into a CRM by files: in these, or in its last export.

        Raises TargetError where there is no export yet: nobody knows what became of the leads then.
        """

    def close(self) -> None:
        """Give the connections back."""


class ReadItself:
    """What a target has in the place of exports and files of its own, where its leads are read in it."""

    @property
    def where(self) -> str:
        """Who and where, without a secret."""
        return ""

    def finish(self, *, system: str, plan: str) -> str | None:  # noqa: ARG002  nothing is left to be done
        """None: each transaction was the end of itself."""
        return None

    def take_export(self, _exports: Sequence[Path], /) -> None:
        """Refuse it. Raises ConfigError."""
        raise ConfigError(
            "The leads of this target are read in it; only leads that came into a CRM by import files need an export.",
            where=self.where,
            next="run the command without --export",
        )

    def read_back(self, *, export: bool) -> None:
        """Nothing: leads are read in the target."""


def require(limits: Mapping[str, FieldLimit], configured: Collection[str], where: str) -> None:
    """Hold the lead fields of a config against what the target has.

    limits: of `Target.fields`; configured: the lead fields that the config fills. Raises ConfigError for a field that
    the target has not, and for one that it requires and nothing fills.
    """
    for name in configured:
        if name not in limits:
            raise ConfigError(
                f"The config fills the lead field {name!r}, but the target has no column for it; it has "
                f"{nearest(name, limits)}.",
                where=where,
                next=f"name its column under target.columns, or take {name} out of leads.fields",
            )
    for name, limit in limits.items():
        if limit.required and name not in configured and name != "note":
            raise ConfigError(
                f"The target requires the lead field {name!r}, but the config does not fill it.",
                where=where,
                next=f"add {name} to leads.fields",
            )


def nearest(name: str, known: Collection[str]) -> str:
    """The known names that look most like this one, or all of them where none does."""
    near = difflib.get_close_matches(name, list(known), 3)
    return ", ".join(near or sorted(known))
