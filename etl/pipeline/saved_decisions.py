"""The decisions that people saved from the page `review.html`, as JSON: taken as the page writes it, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from etl.errors import ConfigError, excerpt
from etl.pipeline.opinions import moment_of
from etl.report.workbook import Filled, Row

KIND, VERSION = "decisions", 1
MARK = "crm_cleanup"
OF_FILE = (MARK, "version", "name", "plan", "by", "saved", "decisions")
OF_DECISION = ("source_key", "decision", "other", "who", "when", "why", "hash")
LARGEST = 64_000_000
"""So many bytes a file may have; what a page saves of 10,000 cases has about two million."""
MOST = 100_000
"""So many decisions a file may hold."""
LONGEST = 32_767
"""So many characters a text may have: what a cell of a workbook can hold."""
DIGEST = re.compile("[0-9a-f]{64}")
ADVICE = "open the page again, press Save decisions, and take that file as it is"


def looks_saved(path: Path, content: bytes) -> bool:
    """Whether a file is, or says it is, one that the page has saved."""
    return path.suffix.lower() == ".json" or content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read_saved(content: bytes, path: Path) -> Filled:
    """Read what a page has saved. Raises ConfigError where it is anything else, or not whole."""

    def refuse(what: str, advice: str = ADVICE) -> NoReturn:
        raise ConfigError(f"The file is not one that review.html has saved: {what}.", where=path, next=advice)

    if len(content) > LARGEST:
        refuse(f"it has more than {LARGEST:,} bytes")
    saved = _parsed(content, refuse)
    if not isinstance(saved, dict) or saved.get(MARK) != KIND:
        refuse(f"it does not say {MARK}: {KIND}")
    version = saved.get("version")
    if type(version) is not int or version != VERSION:
        refuse(
            f"it has the version {excerpt(str(version))}, and this version of crm-cleanup reads {VERSION}",
            "take it with the version of crm-cleanup that made the page",
        )
    if fault := _strange_keys(saved, OF_FILE) or _strange_texts(saved, OF_FILE[2:-1]):
        refuse(fault)
    if not DIGEST.fullmatch(saved["plan"]) or "T" not in saved["saved"] or moment_of(saved["saved"]) is None:
        refuse("plan is no digest, or saved is no time")
    decisions = saved["decisions"]
    if not isinstance(decisions, list) or len(decisions) > MOST:
        refuse(f"decisions is no list of at most {MOST:,}")
    rows = [_row(number, row, saved["by"], refuse) for number, row in enumerate(decisions, 1)]
    return Filled(tuple(rows), saved["name"], saved["saved"])


def _parsed(content: bytes, refuse: Callable[[str], NoReturn]) -> Any:
    """What the JSON says; a key that stands twice, and a number that is none, are mistakes."""
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        refuse("it is not in UTF-8")
    except json.JSONDecodeError as error:
        refuse(f"it is no JSON from line {error.lineno}, column {error.colno} on; it may have been cut off")
    except RecursionError:
        refuse("it is no JSON that a page writes")
    except ValueError as error:
        refuse(str(error))


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, value in pairs:
        if key in told:
            raise ValueError(f"the key {excerpt(key)!r} stands twice")
        told[key] = value
    return told


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


def _row(number: int, decision: object, by: str, refuse: Callable[[str], NoReturn]) -> Row:
    """One decision as a row. by: who decided, where it does not say so; the day is what decisions.csv has."""
    where = f"decision {number}"
    if not isinstance(decision, dict):
        refuse(f"{where} is no object")
    if fault := _strange_keys(decision, OF_DECISION) or _strange_texts(decision, OF_DECISION):
        refuse(f"{where}: {fault}")
    texts = {name: decision[name] for name in OF_DECISION}
    return Row(where, {**texts, "who": texts["who"] or by})


def _strange_keys(of: Mapping[str, Any], known: tuple[str, ...]) -> str | None:
    """Which key is missing, or unknown."""
    if missing := [name for name in known if name not in of]:
        return f"{missing[0]} is missing"
    unknown = next((name for name in of if name not in known), None)
    return None if unknown is None else f"the key {excerpt(unknown)!r} is unknown"


def _strange_texts(of: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Which of these is no text, or none that a file can hold."""
    for name in names:
        if not isinstance(text := of[name], str):
            return f"{name} is no text"
        if len(text) > LONGEST:
            return f"{name} has more than {LONGEST:,} characters"
        if any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in text):
            return f"{name} has a character that is none"
    return None
