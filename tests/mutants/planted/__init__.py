"""All planted faults, in the order of the way of the data."""

from tests.mutants.planted import deciding, first_config, leads, moving, notes, plans, reading, reports, silence

MUTANTS = (
    *reading.MUTANTS,
    *deciding.MUTANTS,
    *leads.MUTANTS,
    *notes.MUTANTS,
    *plans.MUTANTS,
    *moving.MUTANTS,
    *reports.MUTANTS,
    *silence.MUTANTS,
    *first_config.MUTANTS,
)
