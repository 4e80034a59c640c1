"""The texts of one language, and the language that is spoken now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from etl.texts.po import Messages, read_po, read_stored

ENGLISH = "en"
POINTS = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Texts:
    """One language: its code, such as `de`, and its messages; English has none, for it is what the code says.

    stored: the messages that plans keep in English.
    """

    code: str
    messages: Messages = field(default_factory=dict, repr=False, compare=False)
    stored: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def text(self, english: str, /, **values: object) -> str:
        """A sentence, its `{name}` filled in where there are values; in English where it is not translated."""
        [sentence, *_] = self.messages.get(english, (english,))
        return sentence.format(**values) if values else sentence

    def plural(self, count: int, singular: str, many: str, /, **values: object) -> str:
        """The sentence for 1, or that for any other count; `{n}` is the count unless a value says otherwise."""
        forms = self.messages.get(singular, (singular, many))
        return forms[0 if count == 1 else -1].format(**{"n": self.number(count), **values})

    def number(self, count: int) -> str:
        """A count as readers of the language write it: 1,204 or 1.204."""
        return self.digits(f"{count:,}")

    def digits(self, english: str) -> str:
        """A number that is written the English way, as readers of the language write it."""
        return english if self.code == ENGLISH else english.translate(POINTS)

    def share(self, english: str) -> str:
        """A percentage that is written the English way, as readers of the language write it: 2.5% or 2,5 %."""
        return english if self.code == ENGLISH else self.digits(english).replace("%", "\u00a0%")


@cache
def texts(language: str) -> Texts:
    """The texts of a language; English where there is no catalogue of it."""
    catalogue = files("etl.texts") / f"{language}.po"
    if language == ENGLISH or not catalogue.is_file():
        return Texts(ENGLISH)
    text = catalogue.read_text(encoding="utf-8")
    return Texts(language, read_po(text), read_stored(text))


@cache
def ways_to_say(english: str) -> frozenset[str]:
    """A word in every language that has a catalogue, and in English, without capitals: so people may write it."""
    codes = [path.name.removesuffix(".po") for path in files("etl.texts").iterdir() if path.name.endswith(".po")]
    return frozenset(texts(code).text(english).casefold() for code in (ENGLISH, *codes))


_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[Texts]:
    """Say all that `t` and `tn` say in a language, until the block ends."""
    token = _spoken.set(language)
    try:
        yield texts(language)
    finally:
        _spoken.reset(token)


def spoken() -> Texts:
    """The texts of the language that is spoken now; English unless `speaking` says otherwise."""
    return texts(_spoken.get())


def t(english: str, /, **values: object) -> str:
    """Say a sentence in the language that is spoken now."""
    return spoken().text(english, **values)


def tn(count: int, singular: str, many: str, /, **values: object) -> str:
    """Say a sentence that depends on a count in the language that is spoken now."""
    return spoken().plural(count, singular, many, **values)


def mark(english: str, /) -> str:
    """Name a sentence that `t` says later, so that the test finds it; returns it as it is."""
    return english
