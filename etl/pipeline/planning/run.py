"""One run of `plan`: where it writes, by which config, and how the work is cut up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from etl.config import Config
from etl.model import Progress
from etl.pipeline.settings import Settings


@dataclass(frozen=True)
class Run:
    """What every step of `plan` needs to know.

    folder: the new one that the plan is written into; name: where the plan will be when it is whole; there may be an
    older one.
    """

    folder: Path
    name: Path
    config: Config
    settings: Settings
    progress: Progress

    def fitting(self, size: int) -> Run:
        """This run with the settings that fit so many bytes of text."""
        return replace(self, settings=self.settings.fitting(size))
