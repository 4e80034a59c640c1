"""Makes up a legacy CRM, the ERP's list of debtors, and the truth about both.

    python data/generate.py --records 4000 --seed 2027 --to files:data --replace      the sample in this folder
    python data/generate.py --records 1000000 --seed 1 --to sqlite:////tmp/crm.db     a large one, as tables
    python data/generate.py --records 100000 --seed 1 --related 3 --to postgresql+psycopg://localhost/crm

The same records, seed and as-of date give the same rows, wherever they are written to and whatever machine writes them.
Companies, persons and phone numbers are made up; a family is written as soon as it is thought of, so that memory stays
small however many records are asked for.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence

from generator.chance import Chance
from generator.families import Families
from generator.sinks import Buffer, Refused, open_sink
from generator.tables import TABLES


def generate(url: str, records: int, seed: int, as_of: dt.date, related: int | None, replace: bool) -> dict[str, int]:
    """Write a whole CRM to `url` and count the rows of each table. Raises Refused where something stands already."""
    with open_sink(url, TABLES, replace) as sink:
        buffer = Buffer(sink, TABLES)
        Families(Chance(seed), buffer, records, as_of, related).write()
        buffer.close()
    return buffer.counts


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def arguments() -> argparse.ArgumentParser:
    """The call, with help that teaches by example."""
    parser = argparse.ArgumentParser(
        prog="data/generate.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--records", type=_at_least_one, required=True, metavar="N", help="legacy records: 3 companies to 5 contacts"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number, another CRM (default: 1)")
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="files:FOLDER (writes legacy/, erp/ and truth/ below it as CSV) or a SQLAlchemy URL (makes the tables)",
    )
    parser.add_argument(
        "--as-of",
        type=dt.date.fromisoformat,
        default=dt.date(2026, 11, 1),
        metavar="DATE",
        help="the day that the data end with, and from which the last three years count (default: 2026-11-01)",
    )
    parser.add_argument(
        "--related",
        type=_at_least_one,
        metavar="R",
        help="exactly R history rows a record: activities, orders and invoices together (default: as they come)",
    )
    parser.add_argument("--replace", action="store_true", help="overwrite files or tables that exist")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; 0 when all is written, 2 when something is in the way."""
    call = arguments().parse_args(argv)
    try:
        counts = generate(call.to, call.records, call.seed, call.as_of, call.related, call.replace)
    except Refused as refused:
        print(f"data/generate.py: {refused}", file=sys.stderr)
        return 2
    for table, count in counts.items():
        print(f"{count:>10,}  {table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
