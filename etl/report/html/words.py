"""What the page says, in English and in German: the English sentence is the key of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from etl.errors import shown_chance
from etl.report.gates import SILENT
from etl.report.html.german import DECISIONS, FAULTS, FINDINGS, GATES, REASONS, WORDS
from etl.report.model import GateResult
from etl.report.text import number, percent

Code = Literal["en", "de"]
POINTS = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Language:
    """How one language says things; numbers are written as its readers write them."""

    code: Code

    def text(self, english: str, **values: object) -> str:
        """A sentence, its `{name}` filled in. Raises KeyError for one that is not translated."""
        return (english if self.code == "en" else WORDS[english]).format(**values)

    def word(self, code: str) -> str:
        """A word of the report's own; any other text stays as it is."""
        return code if self.code == "en" else WORDS.get(code, code)

    def sentence(self, english: str, **values: object) -> Markup:
        """A sentence with parts of the page in it, such as links; other values are escaped."""
        said = self.text(english, **{name: f"{{{name}}}" for name in values})
        return Markup(said).format(**values)  # noqa: S704  a sentence of this package

    def plural(self, count: int, one: str, many: str, linked: Markup | None = None) -> str:
        """The sentence for one, or for another number, with `{n}` filled in: the number, or a link that says it."""
        return self.sentence(one if count == 1 else many, n=self.number(count) if linked is None else linked)

    def number(self, count: int) -> str:
        """A count: 1,204 or 1.204."""
        return self._written(number(count))

    def decimal(self, value: float) -> str:
        """A probability as a config has it: 0.95 or 0,95."""
        return self._written(f"{value:g}")

    def chance(self, value: float) -> str:
        """A probability that was found."""
        return self._written(shown_chance(value))

    def percent(self, part: int, whole: int) -> str:
        """A share: 2.5% or 2,5 %."""
        found = self._written(percent(part, whole))
        return found if self.code == "en" else found.replace("%", "\u00a0%")

    def decision(self, decision: str) -> str:
        """What a decision is called."""
        return decision if self.code == "en" else DECISIONS[decision]

    def gate(self, name: str) -> str:
        """What a gate is called."""
        return name.replace("_", " ") if self.code == "en" else GATES[name][0]

    def advice(self, gate: GateResult) -> str:
        """What to do where a gate is broken."""
        if self.code == "en":
            return gate.advice
        return WORDS[SILENT] if gate.advice == SILENT else GATES[gate.name][1]

    def limit(self, gate: GateResult) -> str:
        """The limit as a sentence has it."""
        return gate.limit if self.code == "en" else self._range(gate.limit)

    def _range(self, limit: str) -> str:
        words = limit.replace("at most", "höchstens").replace("..", " bis ").replace(".", ",")
        return words.replace("%", "\u00a0%")

    def actual(self, gate: GateResult) -> str:
        """What was measured."""
        if self.code == "en":
            return gate.actual
        if gate.advice == SILENT:
            return self.text("no row of any table was asked")
        return self._written(gate.actual).replace(" of ", " von ").replace("%", "\u00a0%")

    def reason(self, name: str) -> str:
        """What decided, where that is no rule of the config; a rule's name stays as it is."""
        return name if self.code == "en" else REASONS.get(name) or self.fault(name)

    def finding(self, code: str) -> str:
        """What a finding is called; any other text stays as it is."""
        english, german = FINDINGS.get(code, (code, code))
        return english if self.code == "en" else german

    def shows(self, tag: str) -> str:
        """What an example shows: a finding, or what decided."""
        found = self.finding(tag)
        return self.reason(tag) if found == tag else found

    def fault(self, code: str) -> str:
        """What a fault of a row is called; any other text stays as it is."""
        english, german = FAULTS.get(code, (code, code))
        return english if self.code == "en" else german

    def _written(self, digits: str) -> str:
        return digits if self.code == "en" else digits.translate(POINTS)
