from __future__ import annotations

from pathlib import Path

from etl.plan.tables import database


def test_a_database_is_quiet_and_knows_no_time_zone_of_the_machine(tmp_path: Path) -> None:
    """A long query draws no bar among what the command says, and a moment is one of UTC."""
    with database(tmp_path) as connection:
        settings = "SELECT current_setting('enable_progress_bar'), current_setting('TimeZone')"

        assert connection.sql(settings).fetchall() == [(False, "UTC")]
