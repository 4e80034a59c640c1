"""What changed between two dry runs: one frozen object, drawn for a terminal, as Markdown and as JSON."""
