"""Where did a record go: the index to search, excerpts of notes, and the page for people without this tool."""
