"""Rates of writing leads into real Odoos and of reading partners from them, beside plain calls of their API.

    eval "$(tests/odoo/servers start FOLDER)"
    python -m tests.benchmarks.odoo [--partners 3000] [--rounds 3]

The peer for writing is a thread pool of two that calls `load` with external ids, 500 leads a call, the same fields and
notes; the one for reading calls `search_read` page by page for the same fields. Both get their own databases.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from etl.connect.odoo.client import SILENT, Odoo
from etl.connect.odoo.fields import LEAD, LeadFields
from etl.connect.odoo.source import OdooSource
from etl.connect.odoo.tables import stored, table_query
from etl.load import apply
from etl.note import to_html
from etl.pipeline.target import open_planned_target
from etl.plan import Bundle
from tests.odoo.instance import VERSIONS, Instance, instance, make_partners
from tests.odoo.way import Way

TABLES = ("res.partner", *(f"odoo.{name}" for name in ("messages", "meetings", "orders", "invoices", "bank_accounts")))
BATCH, SINGLE, PAGE = 500, 60, 2_000


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def planned(crm: Instance, folder: Path, partners: int) -> Bundle:
    """A plan of generated partners."""
    made = make_partners(crm.odoo, partners)
    time.sleep(2)  # rows of the last second of all are read again: on a living system it is somebody's one edit
    for model, own in (("res.partner", made["persons"][0]), ("sale.order", made["orders"][0])):
        crm.odoo.call(
            model,
            "write",
            {"vals": {"note" if model == "sale.order" else "comment": "geändert"}},
            ids=[own],
            context=SILENT,
        )
    way = Way(crm, crm, folder)
    way.configure()
    way.run("plan", "odoo.yaml", "--out", "plan")
    os.environ["ODOO_KEY"] = crm.key
    return Bundle.open(folder / "plan")


def leads_of(bundle: Bundle) -> pd.DataFrame:
    """All leads of a plan."""
    return pd.concat([bundle.leads(chunk) for chunk in range(bundle.chunks)])


def ours(bundle: Bundle) -> float:
    """Write a plan's leads as `apply` does, with the ledger; what it reads anew from the source is left out."""
    target = open_planned_target(bundle)
    try:
        with target.lock("benchmark"):
            return seconds(lambda: apply(bundle, target))
    finally:
        target.close()


def rows_of(odoo: Odoo, leads: pd.DataFrame, run: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of `load`."""
    fields = LeadFields(odoo, {})
    frame = leads.drop(columns=["into", "family"], errors="ignore")
    notes = frame["note"].tolist()
    drawn = map(to_html, notes) if fields.html else notes
    ids = [f"crm_peer.{run}_{number}" for number in range(len(frame))]
    return fields.columns(frame), fields.rows(frame, ids, drawn)


def peer(odoo: Odoo, leads: pd.DataFrame, run: str) -> float:
    """The same leads by `load` from two threads."""

    def work() -> None:
        columns, rows = rows_of(odoo, leads, run)

        def load(first: int) -> None:
            data = {"fields": columns, "data": rows[first : first + BATCH]}
            assert odoo.call(LEAD, "load", data, context=SILENT)["ids"]

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(load, range(0, len(rows), BATCH)))

    return seconds(work)


def single(odoo: Odoo, leads: pd.DataFrame) -> float:
    """Some leads by one `create` each; seconds a lead."""
    values = [
        {"name": row["name"], "type": "lead", "description": row["note"]} for row in leads[:SINGLE].to_dict("records")
    ]

    def work() -> None:
        for one in values:
            odoo.call(LEAD, "create", {"vals_list": [one]}, context=SILENT)

    return seconds(work) / len(values)


def read_ours(url: str) -> float:
    """Read partners and their history as the plan does."""

    def work() -> None:
        with OdooSource(url) as source:
            for table in TABLES:
                for _ in source.read(table, table, None, PAGE, lambda value: f"{len(value)} bytes"):
                    pass

    return seconds(work)


def read_peer(odoo: Odoo) -> float:
    """The same fields by paged `search_read`."""

    def pages(table: str) -> Iterator[int]:
        what = table_query(table, "")
        fields = odoo.fields(what.model)
        links = [name for name in what.links if name in fields]
        names = stored(fields) if what.fields is None else [*(n for n in what.fields if n in fields), *links]
        last = 0
        while True:
            arguments = {"domain": [["id", ">", last], *what.domain], "fields": names, "order": "id", "limit": PAGE}
            rows = odoo.call(what.model, "search_read", arguments)
            yield len(rows)
            if len(rows) < PAGE:
                return
            last = rows[-1]["id"]

    return seconds(lambda: [sum(pages(table)) for table in TABLES])


def measure(version: int, partners: int, rounds: int) -> Iterator[str]:
    """The rows of the table of one version."""
    written: list[tuple[float, float]] = []
    read: list[tuple[float, float]] = []
    one = 0.0
    for number in range(rounds):
        with instance(version) as crm, tempfile.TemporaryDirectory() as name:
            bundle = planned(crm, Path(name), partners)
            leads = leads_of(bundle)
            url = crm.url.replace("${ODOO_KEY}", crm.key)
            with instance(version) as other:
                order = (True, False) if number % 2 else (False, True)
                times = {mine: ours(bundle) if mine else peer(other.odoo, leads, f"r{number}") for mine in order}
                written.append((len(leads) / times[True], len(leads) / times[False]))
                one = single(other.odoo, leads)
            times = {mine: read_ours(url) if mine else read_peer(crm.odoo) for mine in order}
            read.append((times[True], times[False]))
    mine, theirs = (statistics.median(pair[side] for pair in written) for side in (0, 1))
    ratio = statistics.median(pair[0] / pair[1] for pair in written)
    plain = f"{theirs:.0f} (single creates {1 / one:.0f})"
    yield f"| Odoo {version}: leads written a second | {mine:.0f} | {plain} | {ratio:.2f} |"
    mine, theirs = (statistics.median(pair[side] for pair in read) for side in (0, 1))
    ratio = statistics.median(pair[0] / pair[1] for pair in read)
    what = f"Odoo {version}: seconds to read {partners:,} partners with history"
    yield f"| {what} | {mine:.2f} | {theirs:.2f} | {ratio:.2f} |"


def main() -> None:
    """Measure both versions and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partners", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print("| what | crm-cleanup | plain calls | ratio |\n|---|---|---|---|")
    for version in VERSIONS:
        for line in measure(version, given.partners, given.rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
