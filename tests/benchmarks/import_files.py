"""How long it takes to write 100,000 leads as import files and to read them back, and how much memory that needs.

`python tests/benchmarks/import_files.py SYSTEM` prints seconds of CPU, and the peak of the process in MiB after each.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from etl import config
from etl.connect.import_folder.store import Store
from etl.connect.import_folder.target import ImportFolder

LEADS, NOTE, AT_ONCE = 100_000, 2_000, 5_000
NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LEADS})"
KEY = "printf('accounts:%06d', i)"


def main() -> None:
    """Fill a ledger, and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        target = ImportFolder(config.Target.model_validate({"url": f"files:{folder}", "system": sys.argv[1]}))
        print(f"before: {peak()} MiB")
        measured("written", lambda: target.finish(system="bench", plan="plan"))
        measured("indexed", lambda: target.read_back(export=False))
        measured("read back", lambda: read(target))
        print({path.name: path.stat().st_size for path in sorted(folder.glob("*.csv"))})
        target.close()


def fill(folder: Path) -> None:
    """Write the leads into a ledger, as `apply` would."""
    store = Store(folder, str(folder), None)
    store.widen(["email", "city", "contact_name"])
    store.close()
    columns = f"{KEY}, 'Firma ' || i, printf('%.*c', {NOTE}, 'x'), 'p' || i || '@firma.example', 'Köln', 'Muster'"
    ledger = f"'bench', {KEY}, {KEY}, {KEY}, 'plan', '2026'"
    with sqlite3.connect(store.path) as connection:
        connection.execute(
            f"{NUMBERS} INSERT INTO leads (id, name, note, email, city, contact_name) SELECT {columns} FROM n"
        )
        names = "source_system, source_key, lead_key, lead_id, plan, written_at"
        connection.execute(f"{NUMBERS} INSERT INTO crm_cleanup_ledger ({names}) SELECT {ledger} FROM n")
    connection.close()


def read(target: ImportFolder) -> None:
    """Read all leads, some at a time, as `verify` does."""
    for first in range(1, LEADS + 1, AT_ONCE):
        target.read([f"accounts:{number:06}" for number in range(first, first + AT_ONCE)])


def measured(what: str, do: Callable[[], object]) -> None:
    """Print what something costs."""
    begun = time.process_time()
    do()
    print(f"{what}: {time.process_time() - begun:.1f} s of CPU, peak {peak()} MiB")


def peak() -> int:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
