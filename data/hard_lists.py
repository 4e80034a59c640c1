"""Makes up lists that are hard to match, and the truth about them.

    python data/hard_lists.py --records 10000 --seed 1 --to build/hard                  to build with
    python data/hard_lists.py --records 10000 --seed 1 --words held-out --to build/unseen   to measure with at the end

The same records, seed and words give the same bytes. What is in them, and how much of each, says the one table in
data/generator/hard/kinds.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.hard.lists import write
from generator.hard.words import HALVES


def main(argv: Sequence[str] | None = None) -> int:
    """Write the lists and say how long they are."""
    parser = argparse.ArgumentParser(
        prog="data/hard_lists.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, required=True, metavar="N", help="of the CRM and the debtors together")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number, other lists (default: 1)")
    parser.add_argument("--words", choices=HALVES, default="build", help="which half of the words (default: build)")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where the files go")
    call = parser.parse_args(argv)
    for name, count in write(call.to, call.records, call.seed, call.words).items():
        print(f"{count:>10,}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
