"""Make a first config of a source: profile it, write what follows from it, and mark what is not sure."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import duckdb

from etl.config import Config, CsvFormat, ImportSystem, with_variables, without_secrets
from etl.connect import open_source
from etl.connect.registry import formats_of
from etl.errors import ConfigError, SourceError
from etl.model import Progress, no_progress
from etl.profile.adapted import draft_known, draft_known_rules
from etl.profile.draft import UNSURE, Draft
from etl.profile.entries import draft_source
from etl.profile.evidence_rules import USUAL_YEARS
from etl.profile.formats import doubt_encodings
from etl.profile.gates import draft_gates
from etl.profile.known import Recognition, System, system_by_url, system_of
from etl.profile.leads import draft_leads
from etl.profile.left_out import say_left_out
from etl.profile.masters import Compared, draft_known_customers, draft_master
from etl.profile.naming import Names, names_of
from etl.profile.page import ShownTable, page_of, tables_of
from etl.profile.profile import Profile, profile_of
from etl.profile.questions import Questions, head, questions_of, settle_years
from etl.profile.rules import draft_rules
from etl.profile.searched import tables_in
from etl.profile.unused import ask_unused

MEMORY = "1GB"


@dataclass(frozen=True)
class _Place:
    """A source that no config describes yet."""

    url: str
    csv: CsvFormat
    formats: dict[str, CsvFormat]


@dataclass(frozen=True)
class Answers:
    """What only people can decide. years: how long ago a purchase may be, None for ever; merge: whether duplicates
    become one lead."""

    years: int | None = USUAL_YEARS
    merge: bool = True


Ask = Callable[[Questions, Answers], Answers]
"""Is given the questions and the usual answers, and gives what people want."""


def as_usual(_questions: Questions, usual: Answers) -> Answers:
    """Ask nobody."""
    return usual


@dataclass(frozen=True)
class Initial:
    """A first config. path: where it stands; draft: what is in it; unsure: the places that people should look at;
    tables: the profile."""

    path: Path
    draft: Draft
    source: str
    entries: dict[str, int]
    unsure: tuple[str, ...]
    tables: tuple[ShownTable, ...]


def init(
    source: str,
    out: Path,
    *,
    target: str | None = None,
    masters: Sequence[str] = (),
    ask: Ask = as_usual,
    years: int | None = USUAL_YEARS,
    as_of: date | None = None,
    replace: bool = False,
    page: Path | None = None,
    progress: Progress = no_progress,
) -> Initial:
    """Profile a source and write a config for it.

    source, target, masters: a folder, a URL of a database or of an Odoo; `${NAME}` in it is a variable of the
    environment. years: the usual answer to how long ago a purchase may be, as of a day. replace: whether a file that
    is there is written over. page: where the profile is written as a page, if anywhere. Raises ConfigError where a file
    is in the way or a variable is not set, and SourceError where the source holds nobody.
    """
    if out.exists() and not replace:
        raise ConfigError(f"{out} is there already.", where=out, next="name another file with --out, or add --replace")
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name, _memory(Path(name)) as connection:
        profiling = _Profiling(connection, Path(name), progress)
        url = _url(source)
        written = without_secrets(url, "CRM_PASSWORD")
        profile, formats = profiling.of(url)
        if page is not None:
            page.write_text(page_of(profile), encoding="utf-8")
        draft = Draft({"name": re.sub(r"[^0-9A-Za-z_-]+", "-", out.stem).strip("-") or "clean-up"})
        today = as_of or Config.model_fields["as_of"].get_default(call_default_factory=True)
        system = system_of(url, {table.name: frozenset(c.name for c in table.columns) for table in profile.tables})
        names = _draft(draft, system, profile, formats, written, profiling, masters)
        questions = questions_of(profile, names, connection, draft, today)
        answers = ask(questions, Answers(years))
        settle_years(draft, USUAL_YEARS, answers.years)
        if not answers.merge:
            draft.config["leads"].pop("duplicates", None)
        if target or "target" not in draft.config:
            _draft_target(draft, target or "sqlite:///pipeline.db")
        say_left_out(draft, profile)
        draft_gates(draft, profile, questions.unmet)
        head(draft, profile, questions, answers.years, merges="duplicates" in draft.config["leads"])
        out.write_text(draft.text(), encoding="utf-8")
        rows = {names.entries[table]: profile.parts[table].table.rows for table in names.entries}
        return Initial(out, draft, profile.where, rows, tuple(_unsure(draft)), tuple(tables_of(profile)))


def _draft(
    draft: Draft,
    system: Recognition | None,
    profile: Profile,
    formats: Mapping[str, CsvFormat],
    written: str,
    profiling: _Profiling,
    masters: Sequence[str],
) -> Names:
    """Write source, masters, rules and leads of a config: of a known system's own, or of what the tables hold."""
    if system is None:
        names = names_of(profile)
        _refuse_nobody(profile, names)
        draft_source(draft, profile, names, formats, written)
    else:
        names = draft_known(draft, system, profile, written, formats)
    compared = Compared(profiling.connection, {entry: profile.parts[table] for table, entry in names.entries.items()})
    if system is None:
        draft_known_customers(draft, compared, profile, written, formats)
    doubt_encodings(draft, formats, ("source",))
    for number, master in enumerate(masters, 1):
        _add_master(draft, compared, profiling, _url(master), f"MASTER{number}_PASSWORD")
    if system is None:
        draft_rules(draft, profile, names)
        draft_leads(draft, profile, names)
        ask_unused(draft, profile, names)
    else:
        draft_known_rules(draft, profile, names)
    return names


def _unsure(draft: Draft) -> Iterator[str]:
    yield from (line.removeprefix(UNSURE).strip() for line in draft.heading if line.startswith(UNSURE))
    for at, lines in draft.above.items():
        for line in lines:
            if line.startswith(UNSURE):
                yield f"{'.'.join(map(str, at))}: {line.removeprefix(UNSURE).strip()}"


def _refuse_nobody(profile: Profile, names: Names) -> None:
    if not names.entries:
        raise SourceError(
            "No table of this source seems to hold companies or persons: " + _seen(profile),
            where=profile.where,
            next="describe it in a config of your own; docs/config.md explains how",
        )


def _add_master(draft: Draft, compared: Compared, profiling: _Profiling, url: str, variable: str) -> None:
    profile, formats = profiling.of(url)
    if not draft_master(draft, compared, profile, without_secrets(url, variable), formats):
        raise SourceError(
            "Nothing in this master can be compared with the records: " + _seen(profile),
            where=profile.where,
            next="leave it out, or name its table and columns under masters in the config",
        )


def _draft_target(draft: Draft, target: str) -> None:
    """Where leads go: import files are for any CRM, until somebody says for which."""
    url = without_secrets(target, "TARGET_PASSWORD")
    draft.config["target"] = {"url": url}
    if url.startswith("files:"):
        draft.config["target"]["system"] = "csv"
        others = ", ".join(name for name in get_args(ImportSystem) if name != "csv")
        draft.doubt(("target", "system"), f"Which CRM imports the files? {others}; csv is any other.")


def _url(source: str) -> str:
    """A source as a URL: a path is a folder's. Raises ConfigError where it is that of a file."""
    url = source if re.match(r"[a-z][a-z0-9+]+:", source) else f"files:{source}"
    path = Path(url.removeprefix("files:")).expanduser()
    if url.startswith("files:") and path.is_file():
        raise ConfigError(
            f"{path} is a file, and a source is a folder of files.",
            where=path,
            next=f"name its folder, {path.parent}; each file in it is a table",
        )
    return url


@contextmanager
def _memory(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory, that uses the disk where this is not enough."""
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / "spill")}) as connection:
        yield connection


@dataclass
class _Profiling:
    """Profiles sources, each in a folder of its own below one that is deleted afterwards."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    progress: Progress
    _count: int = 0

    def of(self, url: str) -> tuple[Profile, dict[str, CsvFormat]]:
        """The profile of a source, and how its files are written; of a system known by its URL, of what is its own."""
        self._count += 1
        copies = self.folder / str(self._count)
        copies.mkdir()
        url = with_variables(url, os.environ, lambda: url)
        formats = formats_of(url)
        system = system_by_url(url)
        only = None if system is None else frozenset(_read_of(system))
        with open_source(_Place(url, CsvFormat(), formats)) as opened:
            return profile_of(opened, self.connection, copies, self.progress, only), formats


def _read_of(system: System) -> Iterator[str]:
    """The tables that a known system's first config is made of: records, history, and what makes a customer."""
    yield from tables_in({**system.config, "classify": []})
    yield from tables_in([rule for rule in system.config["classify"] if rule["as"] == "customer"])


def _seen(profile: Profile) -> str:
    tables = [f"{part.table.name} ({part.why or part.role.value})" for part in profile.parts.values()]
    return (
        "; ".join(tables[:8]) + (f" and {len(tables) - 8} more" if len(tables) > 8 else "") or "it has no tables"
    ) + "."
