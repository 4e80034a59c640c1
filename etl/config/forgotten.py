"""`forget.csv` beside the config: the records that must not move, and of which no value may stand anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from etl.config.people import PeoplesFile, iso_day
from etl.config.schema import Config
from etl.errors import excerpt

COLUMNS = ("source_key", "who", "when", "why")


@dataclass(frozen=True)
class ForgetLine:
    """One line of `forget.csv`: who wants the record to be forgotten, when and why. line: its number in the file."""

    source_key: str
    who: str
    when: str
    why: str
    line: int


def forget_file(config: Config) -> PeoplesFile:
    """The file beside a config."""
    advice = "correct the line; source keys are those of the plan, such as contacts:1042"
    return PeoplesFile(config.forget_path, "records to forget", COLUMNS, 2, advice)


def read_forget(config: Config) -> list[ForgetLine]:
    """Read which records are to be forgotten; none where there is no file.

    Raises ConfigError, which names the line, for one that is no such list.
    """
    file = forget_file(config)
    asked = []
    for line, row in file.lines():
        texts = {name: row.get(name) or "" for name in COLUMNS}
        entry, colon, _ = texts["source_key"].partition(":")
        if not colon or entry not in config.source.records:
            known = ", ".join(f"{name}:KEY" for name in config.source.records)
            raise file.wrong(line, f"{excerpt(texts['source_key'])!r} is not a source key; it looks like {known}")
        if not texts["who"].strip():
            raise file.wrong(line, "the column who is empty; enter who wants the record to be forgotten")
        rest = texts["who"].strip(), iso_day(texts["when"].strip()), texts["why"].strip()
        asked.append(ForgetLine(texts["source_key"], *rest, line))
    return asked
