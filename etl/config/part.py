"""What every part of the config has in common: its strictness, and how it takes text."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Part(BaseModel):
    """A part of the config: no unknown key, no guessed type, never changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _text(value: object) -> object:
    """Refuse what YAML has turned into a number, date or boolean: `007` is 7 to YAML, and would find no `007`."""
    if value is None or isinstance(value, (str, list, dict)):
        return value
    raise ValueError(
        f"YAML reads this value as {type(value).__name__}, but the source holds text; put it in quotes, "
        'for example "007" or "true"'
    )


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(lambda v: v if isinstance(v, (list, tuple)) else (_text(v),))]
