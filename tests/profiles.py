"""How hard hypothesis tries: profiles that pytest's `--hypothesis-profile` names, and tests that ask for a part of one.

quick is what `make test` runs while somebody waits; ci is for each commit, seeded by its hash (`--hypothesis-seed`), so
that over time all is covered; deep is for the night. planted is
quick for planted faults (`tests/mutants`): that a test fails is enough, and no smaller example is looked for.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

USUAL = {"quick": 20, "ci": 40, "deep": 400}
"""The examples of a test that names no number: a hundredth of this is what `examples(1)` asks for."""

FEWEST = 3

UNHURRIED = (HealthCheck.too_slow,)
"""How long it takes to make examples says how busy the machine is, and nothing about the test."""

ONE_FIXTURE = (*UNHURRIED, HealthCheck.function_scoped_fixture)
"""For a test whose examples may all use one fixture; what a test suppresses takes the place of the profile's."""


def register() -> None:
    """Make the profiles known, and quick the usual one; no deadline, since other work on the machine is no fault."""
    for name, count in USUAL.items():
        settings.register_profile(
            name,
            deadline=None,
            max_examples=count,
            suppress_health_check=UNHURRIED,
            print_blob=True,
            derandomize=False,  # hypothesis sets it where CI is set: every commit would try the same share
        )
    unshrunk = [Phase.explicit, Phase.generate]
    settings.register_profile("planted", settings.get_profile("quick"), phases=unshrunk, database=None)
    settings.load_profile("quick")


def examples(count: int) -> int:
    """So many examples of each hundred that a profile tries: 300 asks for three times the usual number."""
    usual = settings().max_examples
    return max(FEWEST, round(count * usual / 100))
