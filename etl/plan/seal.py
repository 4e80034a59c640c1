"""The manifest as text: it is saved with a checksum, and read only if its shape and its checksum are right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from etl.errors import PlanError
from etl.plan.damage import changed, damaged
from etl.plan.digest import digest_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

CHECKSUM = "checksum"
LATER = frozenset((CHECKSUM, "forgotten", "reading"))
"""The keys that manifests of an older version may lack."""
UNSEALED = 3
"""The format of plans whose manifests have no checksum yet."""

T = TypeVar("T")


def sealed(manifest: Mapping[str, Any]) -> str:
    """A manifest as JSON, with the checksum of everything else in it as its last key."""
    plain = json.loads(json.dumps({name: value for name, value in manifest.items() if name != CHECKSUM}, default=_text))
    return json.dumps({**plain, CHECKSUM: digest_of(plain)}, indent=1, ensure_ascii=False) + "\n"


def read_sealed(path: Path, kind: type[T], version: int) -> T:
    """Read what `sealed` has written. kind: a dataclass with a field for each key, CHECKSUM among them.

    Raises PlanError if the file is missing, is not such JSON, or has another format than `version`; StalePlan if it was
    changed. A manifest of an older version may lack the checksum, but no other key.
    """
    manifest = _json(path)
    written = manifest.get("format")
    if written not in (UNSEALED, version) or isinstance(written, bool):
        raise _another_format(path, written, version)
    if (written != UNSEALED or CHECKSUM in manifest) and manifest.get(CHECKSUM) != checksum_of(manifest):
        raise changed(path, "its checksum does not match its contents")
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if wrong := sorted((names - LATER) ^ (manifest.keys() - LATER)):
        raise damaged(path, f"the key {wrong[0]!r} is {'missing' if wrong[0] in names else 'unknown'}")
    return _shaped(path, kind, manifest)


def checksum_of(manifest: Mapping[str, Any]) -> str:
    """The checksum over a manifest's keys and values, whatever their order and the blanks between them."""
    return digest_of({name: value for name, value in manifest.items() if name != CHECKSUM})


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        folder = path.parent
        raise PlanError(
            "There is no plan here.", where=folder, next=f"crm-cleanup plan CONFIG --out {folder}"
        ) from None
    except OSError as error:
        raise damaged(path, error.strerror or type(error).__name__) from None
    except (ValueError, RecursionError):
        raise damaged(path, "it is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise damaged(path, "it is not a JSON object")
    return value


def _another_format(path: Path, written: object, version: int) -> PlanError:
    if not isinstance(written, int) or isinstance(written, bool):
        return damaged(path, "it does not name its format")
    return PlanError(
        f"The plan has format {written}; this version of crm-cleanup reads format {version}.",
        where=path.parent,
        next=f"make a new plan: crm-cleanup plan CONFIG --out {path.parent} --replace",
    )


def _shaped(path: Path, kind: type[T], manifest: Mapping[str, Any]) -> T:
    """The manifest as its dataclass. Each value must have the right type: none is converted."""
    from pydantic import ValidationError

    shape: Any = kind
    try:
        read: T = _adapter(shape).validate_json(json.dumps(manifest), strict=True)
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))
        raise damaged(path, f"the value of {place!r} is not valid") from None
    return read


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _text(value: Any) -> str:
    """A date or a time as JSON has it."""
    return str(value.isoformat())
