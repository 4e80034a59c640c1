"""Planted faults: small wrong changes of `etl/`, each of which the tests of its room must catch."""
