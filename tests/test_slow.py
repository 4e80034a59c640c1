from pathlib import Path

from tests.slow import durations, page, slowest

JUNIT = """<testsuites><testsuite>
  <testcase classname="tests.room.test_one" name="test_quick" time="0.5"/>
  <testcase classname="tests.room.test_one" name="test_slow[a]" time="2"/>
  <testcase classname="tests.room.test_one" name="test_slow[b.c]" time="3"/>
  <testcase classname="tests.room.test_one.TestStates" name="runTest" time="1"/>
</testsuite></testsuites>"""


def test_the_cases_of_a_test_are_one_line_and_the_slowest_comes_first(tmp_path: Path) -> None:
    """With the first sentence of its docstring, or that of the file."""
    (tmp_path / "tests" / "room").mkdir(parents=True)
    code = '"""A room."""\ndef test_slow():\n    """Nothing | is\n    lost.\n\n    More.\n    """\n'
    (tmp_path / "tests" / "room" / "test_one.py").write_text(code, encoding="utf-8")
    found = durations(JUNIT)
    rows = page(found, tmp_path).splitlines()

    assert [name for (_, name), _ in slowest(found)] == ["test_slow", "TestStates.runTest", "test_quick"]
    assert rows[2].startswith("Of 6 s that 4 tests take, these take 6 s.")
    assert rows[-3] == "| 5.0 | 2 | `tests/room/test_one.py` `test_slow` | Nothing \\| is lost. |"
    assert rows[-2].endswith("| A room. |")
