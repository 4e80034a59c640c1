"""Faults by which a first config would be wrong without a mark."""

from tests.mutants.mutant import SILENCE, Mutant

MUTANTS = (
    Mutant(
        "the amount of an invoice is taken for a key of persons",
        SILENCE,
        "profile/amounts.py",
        "return int(pc.sum(alike).as_py() or 0) > MOSTLY * len(column.values)",
        "return False",
        "profile/test_links.py",
    ),
    Mutant(
        "small numbers that are all keys name no rows",
        SILENCE,
        "profile/link_samples.py",
        "WHERE NOT s.says AND k.sparse",
        "WHERE NOT s.says AND s.says",
        "profile/test_links.py",
    ),
    Mutant(
        "a counter is taken for a key that it meets by chance",
        SILENCE,
        "profile/link_chance.py",
        "return math.exp(-len(values) * gain) > UNLIKELY",
        "return False",
        "profile/test_links.py",
    ),
)
