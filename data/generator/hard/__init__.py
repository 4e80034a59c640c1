"""Lists that are hard to match, with the truth about them: see kinds.py for what is in them and how much of each."""
