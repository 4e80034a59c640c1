from pathlib import Path

import pytest

from tests.shared import once


def test_what_is_shared_is_made_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The second one that asks gets what the first one made, and its files are there."""
    asked = list[Path]()

    def make(folder: Path) -> Path:
        asked.append(folder)
        (folder / "plan").write_text("made", encoding="utf-8")
        return folder / "plan"

    first, second = (once(tmp_path_factory, "shared-test", make) for _ in range(2))

    assert first == second
    assert second.read_text(encoding="utf-8") == "made"
    assert asked == [first.parent]


def test_what_cannot_be_made_says_why_each_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The second one that asks tries again, in an empty folder."""

    def make(folder: Path) -> None:
        (folder / "plan").mkdir()
        raise ValueError("the cause")

    for _ in range(2):
        with pytest.raises(ValueError, match="the cause"):
            once(tmp_path_factory, "shared-failure", make)
