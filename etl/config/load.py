"""Read a config file: YAML with line numbers, `${NAME}` filled in, each mistake named with what would be right."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from etl.config.conditions import KINDS, AllOf, AnyOf, Exists, Matches, Not
from etl.config.leads import First, Mapped
from etl.config.links import RESERVED
from etl.config.matching import Match, MatchConfig
from etl.config.odoo import FACTS, with_facts
from etl.config.part import Part
from etl.config.row_conditions import ColumnCondition, Flag
from etl.config.schema import Config
from etl.config.shapes import with_links
from etl.config.variables import has_secret, with_variables
from etl.errors import ConfigError, excerpt

NOT_WRITTEN = ("path", "raw")
"""Fields of a config that are filled in when it is read, beside those whose names are reserved."""


def load(path: str | Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read one clean-up's config.

    environ: where `${NAME}` is looked up; the process's environment if left out.
    Raises ConfigError, which names file and line, what was found and what would be right.
    """
    raw, tree = _read(Path(path))
    _refuse_secrets(raw, tree, Path(path))
    return _config(raw, tree, Path(path), environ)


def load_match(path: str | Path, environ: Mapping[str, str] | None = None) -> Match:
    """Read a config for `crm-cleanup match`. Raises ConfigError as `load` does."""
    path = Path(path)
    raw, tree = _read(path)
    filled = _fill_in(raw, os.environ if environ is None else environ, tree, path, ())
    try:
        return MatchConfig.model_validate(filled).match
    except ValidationError as error:
        raise _explain(error, tree, path, raw, MatchConfig) from None


def parse(raw: dict[str, Any], path: Path, *, as_of: dt.date, environ: Mapping[str, str] | None = None) -> Config:
    """Make a config of what a plan has kept of it: keys and values before `${}` is filled in, and the as-of date."""
    config = _config(raw, None, path, environ)
    return config.model_copy(update={"as_of": as_of})


def _config(raw: dict[str, Any], tree: Any, path: Path, environ: Mapping[str, str] | None) -> Config:
    if "match" in raw:
        raise ConfigError(
            "This file is a config for `crm-cleanup match`, not for a clean-up.",
            where=_place(path, _line(tree, ("match",))),
            next=f"crm-cleanup match {path} --out pairs.csv",
        )
    _refuse_own_keys(raw, tree, path, ())
    filled = with_links(with_facts(_fill_in(raw, os.environ if environ is None else environ, tree, path, ())))
    try:
        return Config.model_validate({**filled, "path": path.resolve(), "raw": raw})
    except ValidationError as error:
        raise _explain(error, tree, path, raw) from None


def _read(path: Path) -> tuple[dict[str, Any], Any]:
    """Read the file as plain values, and make a tree of it that knows its lines, for errors."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = path.read_bytes().decode("utf-8")
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise ConfigError(
            f"The config cannot be read: {error.strerror}.", where=path, next="crm-cleanup plan configs/demo.yaml"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"The config is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}.", where=path
        ) from None
    try:
        raw = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise ConfigError(f"The config is not valid YAML: {error.problem}.", where=f"{path}:{line}") from None
    except (
        YAMLError,
        ValueError,
        RecursionError,
        AttributeError,
        KeyError,
        TypeError,
        IndexError,
        AssertionError,
    ) as error:
        # ruamel reports some damaged inputs by Python's own errors instead of its own class
        raise ConfigError(f"The config is not valid YAML: {excerpt(str(error), 200)}.", where=path) from None
    if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
        raise ConfigError(
            "The config is not a mapping of keys to values; it should begin with a line such as `name: demo`.",
            where=path,
        )
    return raw, _Tree(text)


@dataclass(frozen=True)
class _Tree:
    """The text of a config, parsed once more when a line is asked for: most configs have no mistake."""

    text: str

    @cached_property
    def root(self) -> Any:
        """The tree, in which each part knows its line; None where there is none to be had."""
        from ruamel.yaml import YAML

        try:
            return YAML(typ="rt").load(self.text)
        except Exception:  # noqa: BLE001  as plain values it could be read; an error without a line is better than none
            return None


def _refuse_secrets(raw: dict[str, Any], tree: Any, path: Path) -> None:
    """Refuse a password that stands in the config: a plan keeps the config as it stands."""
    masters = raw.get("masters")
    named = [("masters", name) for name in masters] if isinstance(masters, dict) else []
    for at in (("source",), ("target",), *named):
        part: Any = raw
        for key in at:
            part = part.get(key)
        url = part.get("url") if isinstance(part, dict) else None
        if isinstance(url, str) and has_secret(url):
            raise ConfigError(
                f"{'.'.join(at)}.url contains a password, and every plan would keep a copy of it.",
                where=_place(path, _line(tree, (*at, "url"))),
                next="write ${NAME} in place of the password, and set the environment variable with export NAME=…",
            )


def _refuse_own_keys(value: Any, tree: Any, path: Path, at: tuple[str | int, ...]) -> None:
    """Refuse keys that stand in no file: those by which reading a config fills in what it leaves unsaid."""
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        if str(key).startswith(RESERVED) or (not at and key in NOT_WRITTEN):
            raise ConfigError(
                f"{'.'.join(map(str, (*at, key)))}: unknown key.", where=_place(path, _line(tree, (*at, key)))
            )
        _refuse_own_keys(part, tree, path, (*at, key))


def _fill_in(value: Any, environ: Mapping[str, str], tree: Any, path: Path, at: tuple[str | int, ...]) -> Any:
    """Replace each `${NAME}` in the texts of the config."""
    if isinstance(value, dict):
        return {key: _fill_in(inner, environ, tree, path, (*at, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill_in(inner, environ, tree, path, (*at, number)) for number, inner in enumerate(value)]
    if not isinstance(value, str):
        return value
    return with_variables(value, environ, lambda: _place(path, _line(tree, at)))


def _explain(
    error: ValidationError, tree: Any, path: Path, raw: dict[str, Any], whole: type[Part] = Config
) -> ConfigError:
    """Turn pydantic's findings into one error, a line each, the first one's line as the place."""
    details = error.errors(include_url=False)
    places, lines = [], []
    for detail in details:
        at, mistake = _describe(detail, raw, whole)
        line = _line(tree, at)
        places.append(_place(path, line))
        name = ".".join(str(part) for part in at)
        lines.append(f"{name}: {mistake}" if name else mistake)
    if len(lines) == 1:
        return ConfigError(lines[0] + ".", where=places[0])
    listed = "".join(f"\n  {place}: {line}" for place, line in zip(places, lines, strict=True))
    return ConfigError(f"The config has {len(lines)} mistakes:{listed}", where=places[0])


def _describe(detail: ErrorDetails, raw: dict[str, Any], whole: type[Part]) -> tuple[tuple[str | int, ...], str]:
    """Say one finding in the config's own words: where in the config, and what is wrong with what would be right."""
    at, message = tuple(_own_keys(detail["loc"], raw)), detail["msg"]
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        known = _known_keys(detail["loc"], whole)
        near = difflib.get_close_matches(str(detail["loc"][-1]), known, 1)
        hint = (
            f"; did you mean {near[0]!r}?"
            if near
            else f"; the keys allowed here are {', '.join(known)}"
            if known
            else ""
        )
        return at, f"unknown key{hint}"
    if kind == "missing":
        return at, "is missing, and it is required"
    if kind == "value_error":
        text = message.removeprefix("Value error, ")
        parts = r"((?:classify|records|related|ignore|remaining|masters|leads|csv|target|retire)[.\w-]*): "
        inner = re.match(parts, text) if not at or at == ("source",) else None
        if inner:
            keys = tuple(int(part) if part.isdigit() else part for part in inner[1].split("."))
            return (*at, *keys), text[inner.end() :]
        return at, text
    if kind == "condition" and isinstance(value, dict) and "odoo" in value:
        near = difflib.get_close_matches(str(value["odoo"]), FACTS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"the facts are {', '.join(FACTS)}"
        return at, f"{excerpt(str(value['odoo']))!r} is not a fact that rules can ask of an Odoo; {hint}"
    if kind == "condition":
        return at, f'{message}, for example {{column: status, equals: "x"}}'
    shown = excerpt(repr(value)) if isinstance(value, (str, int, float, bool)) else f"a {type(value).__name__}"
    return at, f"{message[:1].lower()}{message[1:]}; found {shown}"


def _own_keys(loc: tuple[str | int, ...], raw: Any) -> Iterator[str | int]:
    """Leave out of pydantic's path what is not in the file: the names of union branches."""
    part = raw
    for number, key in enumerate(loc):
        named = isinstance(part, dict) and key in part and not _is_branch(key, loc[number + 1 :], part)
        numbered = isinstance(part, list) and isinstance(key, int) and key < len(part)
        if named or numbered:
            part = part[key]
        elif number != len(loc) - 1 or not isinstance(part, dict):
            continue
        yield key


def _is_branch(key: str | int, rest: tuple[str | int, ...], part: dict[Any, Any]) -> bool:
    """Tell a union branch that is named like a key of the file (`exists`) from that key itself."""
    return bool(rest) and key in KINDS and (rest[0] == key or not isinstance(part[key], (dict, list)))


def _known_keys(loc: tuple[str | int, ...], whole: type[Part]) -> list[str]:
    """The keys that could stand where an unknown one was found, by walking the schema along pydantic's path."""
    from typing import get_args

    branches: dict[str | int, type[Part]] = {
        "column": ColumnCondition, "exists": Exists, "matches": Matches, "all": AllOf, "any": AnyOf,
        "not": Not, "first": First, "test": ColumnCondition, "flag": Flag, "map": Mapped,
    }  # fmt: skip

    def models(annotation: Any) -> list[type[Part]]:
        if isinstance(annotation, type) and issubclass(annotation, Part):
            return [annotation]
        return [model for inner in get_args(annotation) for model in models(inner)]

    current: list[type[Part]] = [whole]
    for key in loc[:-1]:
        if key in branches and branches[key] in current:
            current = [branches[key]]
            continue
        fields = [
            field for model in current for name, field in model.model_fields.items() if key in (name, field.alias)
        ]
        if fields:
            current = [model for field in fields for model in models(field.annotation)]
    names = [field.alias or name for m in current for name, field in m.model_fields.items()]
    return [name for name in names if name not in NOT_WRITTEN and not name.startswith(RESERVED)]


def _line(tree: Any, at: tuple[str | int, ...]) -> int | None:
    """The line, from 1, of a key of the config; of the nearest key above it where it is not in the file."""
    line = None
    if isinstance(tree, _Tree):
        tree = tree.root
    for key in at:
        try:
            lines: Any = tree.lc
            line = (lines.key(key) if isinstance(tree, dict) else lines.item(key))[0] + 1
            tree = tree[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def place(path: Path, at: tuple[str | int, ...]) -> str:
    """Name the file, and the line where it can be had, of a part of a config that was read before."""
    try:
        _, tree = _read(path)
    except ConfigError:
        return str(path)
    return _place(path, _line(tree, at))


def _place(path: Path, line: int | None) -> str:
    return f"{path}:{line}" if line else str(path)
