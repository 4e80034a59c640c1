"""Systems for reading and writing: the three protocols, the registry, and a folder for each system."""

from etl.connect.registry import SYSTEMS, System, open_archive, open_source, open_target, system_of
from etl.connect.source import BATCH_BYTES, TEXT, Batch, Keep, Place, Source, near

__all__ = [
    "BATCH_BYTES",
    "SYSTEMS",
    "TEXT",
    "Batch",
    "Keep",
    "Place",
    "Source",
    "System",
    "near",
    "open_archive",
    "open_source",
    "open_target",
    "system_of",
]
