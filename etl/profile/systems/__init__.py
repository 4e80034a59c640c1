"""Known systems, a data file each; `etl/profile/known.py` reads them."""
