"""What a source holds, and the config that follows from it: a first one that `check` takes and `plan` runs."""
