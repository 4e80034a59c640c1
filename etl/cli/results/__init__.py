"""The results of verbs: for people as a few lines, for machines as JSON; exit codes where they say failure."""
