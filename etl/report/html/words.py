"""What the page says in the language of its readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from etl.errors import shown_chance
from etl.report import wording
from etl.report.codes import FAULTS, FINDINGS, GATES, REASONS, WORDS
from etl.report.model import GateResult
from etl.report.text import in_english
from etl.texts import Texts, speaking, texts, told

Code = Literal["en", "de"]


@dataclass(frozen=True)
class Language:
    """How one language says things; numbers are written as its readers write them."""

    code: Code

    @property
    def texts(self) -> Texts:
        """The catalogue of the language."""
        return texts(self.code)

    def text(self, english: str, **values: object) -> str:
        """A sentence, its `{name}` filled in."""
        return self.texts.text(english, **values)

    def word(self, code: str) -> str:
        """A word of the report's own; any other text stays as it is."""
        return self.text(code) if code in WORDS else code

    def sentence(self, english: str, **values: object) -> Markup:
        """A sentence with parts of the page in it, such as links; other values are escaped."""
        return Markup(self.text(english)).format(**values)  # noqa: S704  a sentence of this package

    def plural(self, count: int, single: str, many: str, linked: Markup | None = None) -> Markup:
        """The sentence for one, or for another number, with `{n}` filled in: the number, or a link that says it."""
        sentence = Markup(self.texts.plural(count, single, many, n="{n}"))  # noqa: S704  a sentence of this package
        return sentence.format(n=self.number(count) if linked is None else linked)

    def number(self, count: int) -> str:
        """A count: 1,204 or 1.204."""
        return self.texts.number(count)

    def decimal(self, value: float) -> str:
        """A probability as a config has it: 0.95 or 0,95."""
        return self.texts.digits(f"{value:g}")

    def chance(self, value: float) -> str:
        """A probability that was found."""
        return self.texts.digits(shown_chance(value))

    def percent(self, part: int, whole: int) -> str:
        """A share: 2.5% or 2,5 %."""
        return self._share(in_english(part, whole))

    def decision(self, decision: str) -> str:
        """What a decision is called."""
        return self.text(str(decision))

    def gate(self, name: str) -> str:
        """What a gate is called."""
        return self.text(GATES[name])

    def advice(self, gate: GateResult) -> str:
        """What to do where a gate is broken."""
        return self.text(gate.advice)

    def limit(self, gate: GateResult) -> str:
        """The limit as a sentence has it."""
        with speaking(self.code):
            return wording.limit(gate)

    def actual(self, gate: GateResult) -> str:
        """What was measured."""
        return self.told(gate.actual)

    def told(self, english: str) -> str:
        """What the plan keeps in English: evidence, reasons, advice, messages; any other text stays as it is."""
        with speaking(self.code):
            return told(english)

    def reason(self, name: str) -> str:
        """What decided, where that is no rule of the config; a rule's name stays as it is."""
        return self.text(name) if name in REASONS else self.fault(name)

    def finding(self, code: str) -> str:
        """What a finding is called; any other text stays as it is."""
        return self.text(FINDINGS[code]) if code in FINDINGS else code

    def shows(self, tag: str) -> str:
        """What an example shows: a finding, or what decided."""
        return self.finding(tag) if tag in FINDINGS else self.reason(tag)

    def fault(self, code: str) -> str:
        """What a fault of a row is called; any other text stays as it is."""
        return self.text(FAULTS[code]) if code in FAULTS else code

    def _share(self, english: str) -> str:
        return self.texts.share(english)
