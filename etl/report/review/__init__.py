"""The page on which people decide the open cases, wherever they sit: one file, no server, no network."""
