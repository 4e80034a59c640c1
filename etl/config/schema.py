"""What a whole config can say, as strict types; reading the file and naming its lines is `load`'s."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from etl.config.conditions import Exists, Matches, Rule, exists_of, matches_of
from etl.config.gates import Gates
from etl.config.identity import comparable
from etl.config.leads import Leads
from etl.config.matching import Master
from etl.config.part import Part
from etl.config.report import ReportOptions
from etl.config.retire import Retiring
from etl.config.source import NAME, Source
from etl.config.target import Target
from etl.model import LEAD_FIELDS


def _approvals(value: object) -> object:
    if value == "waived":
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 9:
        raise ValueError(
            "approvals is the number of different people who must approve a plan, from 1 to 9; "
            "for tests and demos, write approvals: waived"
        )
    return value


class Config(Part):
    """One clean-up.

    approvals: how many different people must approve a plan; 0 where that is waived. path: the file it was read from;
    raw: what stands in that file, before `${}` is filled in: it belongs to the plan digest and holds no secret.
    """

    path: Path
    raw: dict[str, Any]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    """What the clean-up is called. Example: `demo`"""
    as_of: dt.date = Field(default_factory=dt.date.today)
    """The day from which "the last 3 years" counts; today if left out. Example: `2026-11-01`"""
    source: Source
    """Where the legacy records are. Example: `{url: "files:data", records: {accounts: {key: id, type: company}}}`"""
    masters: dict[str, Master] = Field(default_factory=dict)
    """Lists of known customers to match against, each with a name. Example: `{erp: {url: "files:data", from: debtors,
    key: no, identity: {company: name}}}`"""
    classify: Annotated[tuple[Rule, ...], Field(min_length=1)]
    """The rules: the first that holds decides. Example: `[{as: lead, name: no evidence}]`"""
    decisions: str = "decisions.csv"
    """The file of people's decisions, seen from the config. Example: `decisions.csv`"""
    forget: str = "forget.csv"
    """The file of records that must not move, and of which nothing may be told, seen from the config. Example:
    `forget.csv`"""
    leads: Leads
    """What a lead is made of. Example: `{fields: {name: "{name}"}}`"""
    target: Target
    """Where leads go. Example: `{url: "sqlite:///pipeline.db"}`"""
    gates: Gates = Gates()
    """The limits that a plan must keep: a count such as `25`, a share such as `2%`, a range such as `5%..60%`.
    Example: `{review: 2%}`"""
    report: ReportOptions = ReportOptions()
    """How reports speak, and how their CSV lists are written. Example: `{language: de}`"""
    retire: dict[str, Retiring] = Field(default_factory=dict)
    """Entry -> how its records are archived; `{accounts: {active: 0}}` is short for `{accounts: {set: {active: 0}}}`.
    Example: `{accounts: {active: 0, lead: "{lead.id}"}}`"""
    approvals: Annotated[int, BeforeValidator(_approvals)] = 1
    """How many different people must approve a plan, from 1 to 9; `waived` for tests and demos. Example: `2`"""

    @property
    def system(self) -> str:
        """What the ledger calls the source."""
        return self.source.system or self.name

    @property
    def language(self) -> Literal["en", "de"]:
        """The language of report.html, review.xlsx and the lists."""
        return self.report.language or self.leads.note.language

    @property
    def overrides_path(self) -> Path:
        """The file of people's decisions, beside the config."""
        return self.path.parent / self.decisions

    @property
    def forget_path(self) -> Path:
        """The file of records that must not move, beside the config."""
        return self.path.parent / self.forget

    def omitted(self, dataset: str, column: str) -> str | None:
        """The legal reason for which notes leave out a column of an entry or a related table; None of the others."""
        return self._noted(self.leads.note.omit, dataset, column)

    def label(self, dataset: str, column: str) -> str:
        """What people call a column of an entry or a related table."""
        return self._noted(self.leads.note.labels, dataset, column) or column

    def _noted(self, said: Mapping[str, str], dataset: str, column: str) -> str | None:
        """What is said of a column of that dataset, else of the one that its rows are made of, else of any."""
        related = self.source.related.get(dataset)
        names = (dataset, related.made_of) if related and related.made_of else (dataset,)
        return next((said[key] for key in (*(f"{name}.{column}" for name in names), column) if key in said), None)

    def evidence(self) -> dict[str, Exists]:
        """The tables that rules look for evidence in, other than related tables: name -> one condition on it."""
        conditions: dict[str, Exists] = {}
        for rule in self.classify:
            for condition in exists_of(rule.when):
                if condition.exists not in self.source.related:
                    conditions.setdefault(condition.exists, condition)
        return conditions

    @model_validator(mode="after")
    def _import_folder(self) -> Config:
        """The folder of import files is one of its own."""
        masters = {f"masters.{name}": master.url for name, master in self.masters.items()}
        self.target.refuse_folders_of({"source": self.source.url, **masters})
        return self

    @model_validator(mode="after")
    def _own_fields(self) -> Config:
        """A field is one of LEAD_FIELDS, or one of the target's own: mapped by `target.columns`, and filled."""
        import difflib

        for name in self.leads.fields:
            if name not in LEAD_FIELDS and name not in self.target.columns:
                near = difflib.get_close_matches(name, LEAD_FIELDS, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"the lead fields are {', '.join(LEAD_FIELDS)}"
                own = (
                    "; a column of the target's own is named under target.columns"
                    if self.target.has_own_columns
                    else ""
                )
                raise ValueError(f"leads.fields: {name!r} is not a lead field; {hint}{own}")
        for name in self.target.columns:
            if name not in (*LEAD_FIELDS, "note", *self.leads.fields):
                near = difflib.get_close_matches(name, (*LEAD_FIELDS, "note"), 1)
                hint = f"did you mean {near[0]!r}?" if near else f"fill it under leads.fields, for example {name}: …"
                raise ValueError(
                    f"target.columns: {name!r} is no lead field, and leads.fields does not fill it; {hint}"
                )
        return self

    @model_validator(mode="after")
    def _rules(self) -> Config:
        earlier_rules: dict[str, str] = {}
        names: set[str] = set()
        for number, rule in enumerate(self.classify):
            if rule.name in names:
                raise ValueError(
                    f"classify.{number}: two rules are called {rule.name!r}; reports refer to rules "
                    "by name, so give each its own"
                )
            names.add(rule.name)
            for earlier, name in earlier_rules.items():
                if earlier in ("None", repr(rule.when)):
                    raise ValueError(
                        f"classify.{number}: the rule {rule.name!r} can never be reached, because {name!r} above it "
                        + ("always holds" if earlier == "None" else "has the same condition")
                    )
            earlier_rules[repr(rule.when)] = rule.name
            for condition in exists_of(rule.when):
                for of in condition.of:
                    if of not in self.source.records:
                        raise ValueError(f"classify.{number}.when: {self.source.no_entry(of)}")
                related = self.source.related.get(condition.exists)
                if related and related.is_made:
                    raise ValueError(f"classify.{number}.when: {related.taken}, under source.related")
                if condition.exists in self.source.records:
                    raise ValueError(
                        f"classify.{number}.when: {condition.exists!r} is an entry of source.records; "
                        "exists looks for rows in a related table, or in another table of the source"
                    )
                self._learn_a_format(f"classify.{number}.when", condition)
            for on_master in matches_of(rule.when):
                self._ask_a_master(f"classify.{number}.when", on_master)
        if self.classify[-1].when is not None:
            raise ValueError(
                f"classify: the last rule, {self.classify[-1].name!r}, must hold for every record; "
                "remove its `when`, or add a last rule such as {as: review, name: nothing else held}"
            )
        return self

    def _learn_a_format(self, at: str, condition: Exists) -> None:
        if condition.csv is None:
            return
        if condition.exists in self.source.related:
            raise ValueError(f"{at}: csv of {condition.exists!r} belongs under source.related.{condition.exists}")
        try:
            self.source.add_format(condition.exists, condition.csv)
        except ValueError as error:
            raise ValueError(f"{at}: {error}") from None

    def _ask_a_master(self, at: str, condition: Matches) -> None:
        if condition.matches not in self.masters:
            known = f"the masters are {', '.join(self.masters)}" if self.masters else "add it there"
            raise ValueError(f"{at}: there is no master {condition.matches!r} under masters; {known}")
        master = self.masters[condition.matches].identity
        for kind in condition.same or ():
            if kind not in master or all(kind not in entry.identity for entry in self.source.records.values()):
                raise ValueError(
                    f"{at}: same: {kind} needs a {kind} column under the identity of the master "
                    f"{condition.matches} and of at least one entry"
                )

    @model_validator(mode="after")
    def _retire(self) -> Config:
        for name, retire in self.retire.items():
            if name not in self.source.records:
                raise ValueError(f"retire: {self.source.no_entry(name)}")
            entry = self.source.records[name]
            if entry.key_columns.normalize:
                raise ValueError(
                    f"retire.{name}: records are archived by their keys as these stand in the table; normalize brings "
                    "them to another form"
                )
            keys = (retire.key,) if retire.key else entry.key_columns.columns
            above = [column for link in (entry.parent.links if entry.parent else ()) for column in link.columns]
            fixed = (*keys, *above)
            for column in retire.set_:
                if column in fixed:
                    raise ValueError(
                        f"retire.{name}: {column!r} identifies the record or its parent; retire must set other columns"
                    )
        if self.retire and (missing := [name for name in self.source.records if name not in self.retire]):
            raise ValueError(
                f"retire: the entry {missing[0]!r} is missing; say which columns mark its records as archived, "
                f"for example {missing[0]}: {{archived: true}}"
            )
        return self

    @model_validator(mode="after")
    def _limits_of_tables(self) -> Config:
        asked = {condition.shown for rule in self.classify for condition in exists_of(rule.when)}
        for gate, part, known in (
            ("evidence_without_record", "source.related", {*self.source.related, *asked}),
            ("empty_tables", "source.records", {*self.source.records, *asked}),
        ):
            for name in getattr(self.gates, gate).tables:
                if name not in known:
                    raise ValueError(
                        f"gates.{gate}.{name}: this is no table of {part} or of a rule; there are "
                        f"{', '.join(sorted(known)) or 'none'}"
                    )
        return self

    @model_validator(mode="after")
    def _duplicates(self) -> Config:
        if self.leads.duplicates and not any(comparable(e.identity, e.identity) for e in self.source.records.values()):
            raise ValueError(
                "leads.duplicates: no entry of source.records has anything to compare its records by; "
                "name a company, last_name or official number under its identity"
            )
        return self

    @model_validator(mode="after")
    def _masters(self) -> Config:
        taken = {**self.source.records, **self.source.related, **self.evidence()}
        masters_asked = {condition.matches for rule in self.classify for condition in matches_of(rule.when)}
        for name, master in self.masters.items():
            if not NAME.fullmatch(name) or len(name) > 63:
                raise ValueError(
                    f"masters.{name}: this is not a valid name; use at most 63 letters, "
                    "digits, _ and -, the first a letter"
                )
            if name in taken:
                raise ValueError(
                    f"masters.{name}: an entry or a table of the source is called {name!r}, too; rename one of them"
                )
            if name not in masters_asked:
                raise ValueError(
                    f"masters.{name}: no rule uses this master; add one under classify, for example "
                    f"{{as: customer, name: known to {name}, when: {{matches: {name}, at_least: 0.95}}}}"
                )
            if not any(comparable(entry.identity, master.identity) for entry in self.source.records.values()):
                raise ValueError(
                    f"masters.{name}: no entry of source.records can be compared with this master; "
                    "both need a company, last_name or official number under identity"
                )
        self._refuse_a_probability_too_late()
        return self

    def _refuse_a_probability_too_late(self) -> None:
        least: dict[str, tuple[float, str]] = {}
        for number, rule in enumerate(self.classify):
            if isinstance(rule.when, Matches) and rule.when.at_least is not None:
                master, at_least = rule.when.matches, rule.when.at_least
                if master in least and at_least >= least[master][0]:
                    raise ValueError(
                        f"classify.{number}: the rule {rule.name!r} can never be reached, because "
                        f"{least[master][1]!r} above it holds from {least[master][0]:g} up; "
                        "put the rule with the highest at_least first"
                    )
                least[master] = at_least, rule.name
