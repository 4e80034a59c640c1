"""Chance that falls the same way with every Python version, hash seed and machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """Picks drawn from `random()` alone: of all of Python's generators' methods only that one never changes."""

    def apart(self, name: str) -> Chance:
        """A chance of its own: what it draws takes nothing from this one. Of the same seed and name always the same."""
        return Chance(f"{name} {self.getstate()[1][0]}")

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[int(self.random() * len(options))]

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def digits(self, count: int) -> str:
        """A text of `count` digits, leading zeros included."""
        return f"{int(self.random() * 10**count):0{count}d}"

    def holds(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.random() < share


def spread(**weights: int) -> tuple[str, ...]:
    """Options repeated by their weights, so that one pick is one look-up: spread(a=2, b=1) is ("a", "a", "b")."""
    return tuple(name for name, weight in weights.items() for _ in range(weight))
