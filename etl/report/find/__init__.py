"""Where did a record go: the index to search, and excerpts of notes."""
