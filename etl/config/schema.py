"""What a config can say, as strict types; reading the file and naming its lines is `load`'s."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from etl.model import LEAD_FIELDS

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
TEMPLATE_COLUMN = re.compile(r"\{([^{}]+)\}")
IDENTITY_FIELDS = (
    "company",
    "first_name",
    "last_name",
    "street",
    "postcode",
    "city",
    "state",
    "country",
    "email",
    "phone",
    "website",
    "vat",
    "company_number",
    "date_of_birth",
)


class Part(BaseModel):
    """A part of the config: no unknown key, no guessed type, never changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _text(value: object) -> object:
    """Refuse what YAML has turned into a number, date or boolean: `007` is 7 to YAML, and would find no `007`."""
    if value is None or isinstance(value, (str, list, dict)):
        return value
    raise ValueError(f"is text in the source, and YAML reads it as {type(value).__name__}; put it in quotes")


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(lambda v: v if isinstance(v, (list, tuple)) else (_text(v),))]


class CsvFormat(Part):
    """How the CSV files of a folder are written. Declared, never guessed; `check` suggests it."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Field(min_length=1, max_length=1)] | None = '"'
    encoding: str = "utf-8"

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"no encoding is called {value!r}; utf-8, cp1252 and iso-8859-15 are usual ones") from None
        return value


class Parent(Part):
    """The column that names the record above, and the entry that record is in."""

    column: str
    of: str


class TypeColumn(Part):
    """A column that says whether a record is a company or a person."""

    column: str
    company: Text
    person: Text


class Entry(Part):
    """One kind of legacy record; each of its records gets a decision."""

    from_: str | None = Field(None, alias="from")
    key: str
    type: Literal["company", "person"] | TypeColumn
    parent: Parent | None = None
    changed: str | None = None
    identity: dict[str, Texts] = {}

    @field_validator("identity")
    @classmethod
    def _fields(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name in value:
            if name not in IDENTITY_FIELDS:
                raise ValueError(f"{name!r} is no identity field; known are {', '.join(IDENTITY_FIELDS)}")
        return value

    def columns(self) -> tuple[str, ...]:
        """The source columns that this entry names, in the order of the config."""
        named = [self.key]
        if isinstance(self.type, TypeColumn):
            named.append(self.type.column)
        if self.parent:
            named.append(self.parent.column)
        if self.changed:
            named.append(self.changed)
        named += [column for columns in self.identity.values() for column in columns]
        return tuple(dict.fromkeys(named))


class OrderBy(Part):
    """The column that puts history in order; with a `format`, by the date it holds instead of by its text."""

    column: str
    format: str | None = None


class Related(Part):
    """History that belongs to records and goes into their notes.

    of: entry -> the column that names its record. A row that names several records stands with the first that exists.
    """

    from_: str | None = Field(None, alias="from")
    key: str | None = None
    of: Annotated[dict[str, str], Field(min_length=1)]
    order_by: Annotated[OrderBy | None, BeforeValidator(lambda v: {"column": v} if isinstance(v, str) else v)] = None

    def columns(self) -> tuple[str, ...]:
        """The source columns that this table names."""
        named = [
            *([self.key] if self.key else []),
            *self.of.values(),
            *([self.order_by.column] if self.order_by else []),
        ]
        return tuple(dict.fromkeys(named))


class Source(Part):
    """Where the legacy records are.

    system: what the ledger calls this source for ever; it must stay the same in rehearsal and cutover. Defaults to the
    config's name.
    """

    url: str
    system: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    csv: CsvFormat = CsvFormat()
    records: Annotated[dict[str, Entry], Field(min_length=1)]
    related: dict[str, Related] = {}

    @field_validator("records", "related")
    @classmethod
    def _names(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if not NAME.fullmatch(name) or len(name) > 63:
                raise ValueError(f"{name!r} is no name: letters, digits, _ and -, a letter first, at most 63 of them")
        return value

    @model_validator(mode="after")
    def _links(self) -> Source:
        for name in self.related:
            if name in self.records:
                raise ValueError(f"{name!r} is both an entry of records and a related table; give one another name")
        for name, entry in self.records.items():
            if entry.parent and entry.parent.of not in self.records:
                raise ValueError(f"records.{name}.parent.of: there is no entry {entry.parent.of!r}")
        for name, related in self.related.items():
            for of in related.of:
                if of not in self.records:
                    raise ValueError(f"related.{name}.of: there is no entry {of!r}")
        return self


def _span(value: object) -> object:
    found = re.fullmatch(r"(\d+) (day|week|month|year)s?", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("is a span such as '90 days', '18 months' or '3 years'")
    return value


class Within(Part):
    """A date column that must lie in the last days, weeks, months or years before the as-of date, or after it.

    format: how the dates are written, in the words of strptime; without it they are ISO 8601.
    """

    column: str
    last: Annotated[str, BeforeValidator(_span)]
    format: str | None = None

    def since(self, as_of: dt.date) -> dt.date:
        """The first day that is still within; a day that its month does not have is the month's last."""
        import calendar

        amount, unit = int(self.last.split()[0]), self.last.split()[1].rstrip("s")
        try:
            if unit in ("day", "week"):
                return as_of - dt.timedelta(days=amount * (7 if unit == "week" else 1))
            months = as_of.year * 12 + as_of.month - 1 - amount * (12 if unit == "year" else 1)
            year, month = divmod(months, 12)
            return dt.date(year, month + 1, min(as_of.day, calendar.monthrange(year, month + 1)[1]))
        except (OverflowError, ValueError):
            return dt.date.min


class ColumnCondition(Part):
    """Holds for a record by one of its own columns.

    of: the entry whose column is meant, where several entries have one of that name. matches: a regular expression
    (RE2) that the whole value must match.
    """

    column: str
    of: str | None = None
    equals: Text | None = None
    in_: tuple[Text, ...] | None = Field(None, alias="in")
    matches: str | None = None
    empty: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> ColumnCondition:
        if sum(test is not None for test in (self.equals, self.in_, self.matches, self.empty)) != 1:
            raise ValueError("one of equals, in, matches or empty goes with column")
        return self

    @field_validator("matches")
    @classmethod
    def _expression(cls, value: str | None) -> str | None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if value is not None:
            try:
                pc.match_substring_regex(pa.array([""]), f"^(?:{value})$")
            except pa.ArrowInvalid as error:
                raise ValueError(f"is no regular expression: {error}") from None
        return value


class Exists(Part):
    """Holds for a record that has a row in another table.

    exists: a related table of this config, or a table, file or query of the source. of: entry -> the column that holds
    its keys. where: column -> the value, or one of the values, that it must have.
    """

    exists: str
    of: Annotated[dict[str, str], Field(min_length=1)]
    key: str | None = None
    where: dict[str, Texts] = {}
    within: Within | None = None

    def columns(self) -> tuple[str, ...]:
        """The columns of the evidence table that this condition names."""
        named = [*([self.key] if self.key else []), *self.of.values(), *self.where]
        if self.within:
            named.append(self.within.column)
        return tuple(dict.fromkeys(named))


class AllOf(Part):
    """Holds where each of its conditions holds."""

    all: Annotated[tuple[Condition, ...], Field(min_length=1)]


class AnyOf(Part):
    """Holds where one of its conditions holds."""

    any: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Not(Part):
    """Holds where its condition does not."""

    not_: Condition = Field(alias="not")


KINDS = ("column", "exists", "all", "any", "not")


def _kind(value: object) -> str | None:
    """Tell the kind of a condition by its first word, so that an error speaks of that kind alone."""
    keys = value.keys() if isinstance(value, dict) else {k.rstrip("_") for k in getattr(value, "model_fields_set", ())}
    return next((kind for kind in KINDS if kind in keys), None)


Condition = Annotated[
    Annotated[ColumnCondition, Tag("column")]
    | Annotated[Exists, Tag("exists")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        _kind,
        custom_error_type="condition",
        custom_error_message="a condition begins with one of column, exists, all, any, not",
    ),
]


class Rule(Part):
    """The first rule that holds for a record decides; without `when` it always holds."""

    as_: Literal["customer", "keep", "review", "lead"] = Field(alias="as")
    name: Annotated[str, Field(min_length=1)]
    when: Condition | None = None


class Mapped(Part):
    """A lead field from one column through a table of values.

    map: legacy value -> what the lead gets. default: for any other value; without it the value goes over as it is.
    """

    column: str
    map: dict[str, str] = {}
    default: str | None = None


class Flag(Part):
    """A lead field that is true where a column has a value."""

    column: str
    equals: Texts


class First(Part):
    """A lead field from the first of several templates that gives a text."""

    first: Annotated[tuple[Text, ...], Field(min_length=1)]


def _field_kind(value: object) -> str:
    if isinstance(value, dict):
        return next((kind for kind in ("first", "equals") if kind in value), "map")
    if isinstance(value, (list, tuple)):
        return "list"
    names = {First: "first", Flag: "equals", Mapped: "map"}
    return names.get(type(value), "text")  # type: ignore[call-overload,no-any-return]


FieldSource = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[tuple[Text, ...], Tag("list")]
    | Annotated[First, Tag("first")]
    | Annotated[Flag, Tag("equals")]
    | Annotated[Mapped, Tag("map")],
    Discriminator(_field_kind),
]


class NoteOptions(Part):
    """How the notes speak. labels: column -> what people call it. omit: column -> the legal reason to leave it out.

    A column is named alone, or as `entry.column` or `related.column` where only that one is meant.
    """

    language: Literal["de", "en"] = "en"
    labels: dict[str, Annotated[str, Field(min_length=1)]] = {}
    omit: dict[str, Annotated[str, Field(min_length=1)]] = {}


class Leads(Part):
    """What a lead is made of. fields: lead field -> where its value comes from."""

    one_per: Literal["company", "contact"] = "company"
    fields: dict[str, FieldSource]
    note: NoteOptions = NoteOptions()

    @field_validator("fields")
    @classmethod
    def _known(cls, value: dict[str, Any]) -> dict[str, Any]:
        import difflib

        for name, source in value.items():
            if name not in LEAD_FIELDS:
                near = difflib.get_close_matches(name, LEAD_FIELDS, 1)
                hint = f"is {near[0]!r} meant?" if near else f"known are {', '.join(LEAD_FIELDS)}"
                raise ValueError(f"{name!r} is no lead field; {hint}")
            if isinstance(source, tuple) != (name == "tags") and not isinstance(source, str):
                raise ValueError(f"{name!r}: a list of templates goes with tags, and only with tags")
            if isinstance(source, Flag) != (name == "do_not_contact"):
                raise ValueError(f"{name!r}: column with equals goes with do_not_contact, and only with it")
        if "name" not in value:
            raise ValueError('a lead needs a name: name: "{name}"')
        return value


class PartsTable(Part):
    """The table of an existing pipeline that takes the further parts of a note that its column cannot hold."""

    table: str
    lead: str
    number: str
    text: str


class Target(Part):
    """Where leads go.

    Without `table`, the tool makes the pipeline's own schema. With it, `columns` says which column of that table takes
    which lead field (`note` among them), and `id` is its primary key.
    """

    url: str
    table: str | None = None
    id: str = "id"
    columns: dict[str, str] = {}
    parts: PartsTable | None = None

    @model_validator(mode="after")
    def _mapping(self) -> Target:
        if self.table is None and (self.columns or self.parts):
            raise ValueError("columns and parts go with table: the name of the existing lead table")
        if self.table is not None:
            for name in ("name", "note"):
                if name not in self.columns:
                    raise ValueError(f"columns must say which column of {self.table} takes the lead's {name}")
            for name in self.columns:
                if name not in (*LEAD_FIELDS, "note"):
                    raise ValueError(f"columns: {name!r} is no lead field; known are {', '.join(LEAD_FIELDS)}, note")
        return self


def _gate(value: object) -> object:
    if isinstance(value, Gate):
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("is a limit such as 0, 25, '2%' or '5%..60%'")
    found = re.fullmatch(r"(?:(\d+(?:\.\d+)?)(%?)\.\.)?(\d+(?:\.\d+)?)(%?)", str(value).replace(" ", ""))
    if not found or (found[1] is not None and found[2] != found[4]):
        raise ValueError(f"{value!r} is no limit; write 0, 25, '2%' or '5%..60%'")
    return {"low": float(found[1] or 0), "high": float(found[3]), "share": found[4] == "%"}


class Gate(Part):
    """A limit that a plan must keep: from `low` to `high`, both allowed; `share` says per cent, else a count."""

    low: float
    high: float
    share: bool

    NAMES: ClassVar[tuple[str, ...]] = ("review", "reject", "customers", "evidence_without_record", "quality_errors")

    def __str__(self) -> str:
        unit = "%" if self.share else ""
        return f"{self.low:g}{unit}..{self.high:g}{unit}" if self.low else f"at most {self.high:g}{unit}"


Limit = Annotated[Gate, BeforeValidator(_gate)]


class Gates(Part):
    """The limits of a plan. Shares are of all records; of evidence rows and of leads for the last two."""

    review: Limit | None = None
    reject: Limit | None = None
    customers: Limit | None = None
    evidence_without_record: Limit = Gate(low=0, high=1, share=True)
    quality_errors: Limit | None = None


class Config(Part):
    """One clean-up.

    path: the file it was read from; raw: what stands in that file, before `${}` is filled in: it belongs to the plan
    digest and holds no secret.
    """

    path: Path
    raw: dict[str, Any]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    as_of: dt.date = Field(default_factory=dt.date.today)
    source: Source
    classify: Annotated[tuple[Rule, ...], Field(min_length=1)]
    decisions: str = "decisions.csv"
    leads: Leads
    target: Target
    gates: Gates = Gates()

    @property
    def system(self) -> str:
        """What the ledger calls the source."""
        return self.source.system or self.name

    @property
    def overrides_path(self) -> Path:
        """The file of people's decisions, beside the config."""
        return self.path.parent / self.decisions

    def evidence(self) -> dict[str, Exists]:
        """The tables that rules ask for evidence and that are no related table: name -> one condition on it."""
        found: dict[str, Exists] = {}
        for rule in self.classify:
            for condition in exists_of(rule.when):
                if condition.exists not in self.source.related:
                    found.setdefault(condition.exists, condition)
        return found

    @model_validator(mode="after")
    def _rules(self) -> Config:
        seen: dict[str, str] = {}
        names: set[str] = set()
        for number, rule in enumerate(self.classify):
            if rule.name in names:
                raise ValueError(
                    f"classify.{number}: two rules are called {rule.name!r}; reports name rules, so names differ"
                )
            names.add(rule.name)
            for earlier, name in seen.items():
                if earlier in ("None", repr(rule.when)):
                    raise ValueError(
                        f"classify.{number}: the rule {rule.name!r} can never be reached: {name!r} before it "
                        + ("always holds" if earlier == "None" else "has the same condition")
                    )
            seen[repr(rule.when)] = rule.name
            for condition in exists_of(rule.when):
                for of in condition.of:
                    if of not in self.source.records:
                        raise ValueError(f"classify.{number}.when: there is no entry {of!r}")
                if condition.exists in self.source.records:
                    raise ValueError(
                        f"classify.{number}.when: {condition.exists!r} is an entry of records; exists asks related rows or another table"
                    )
        if self.classify[-1].when is not None:
            raise ValueError(
                f"classify: the last rule, {self.classify[-1].name!r}, must hold for every record: leave out its `when`, "
                "or add a last rule such as {as: review, name: nothing else held}"
            )
        return self


def exists_of(condition: object) -> list[Exists]:
    """List the `exists` conditions in a condition, in the order of the config."""
    match condition:
        case Exists():
            return [condition]
        case AllOf(all=inner) | AnyOf(any=inner):
            return [found for one in inner for found in exists_of(one)]
        case Not(not_=one):
            return exists_of(one)
    return []


def columns_of(condition: object) -> list[ColumnCondition]:
    """List the column conditions in a condition, in the order of the config."""
    match condition:
        case ColumnCondition():
            return [condition]
        case AllOf(all=inner) | AnyOf(any=inner):
            return [found for one in inner for found in columns_of(one)]
        case Not(not_=one):
            return columns_of(one)
    return []


for _model in (AllOf, AnyOf, Not, Rule, Config):
    _model.model_rebuild()
