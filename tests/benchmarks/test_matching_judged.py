"""What the benchmark of matching says of pairs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.benchmarks.matching_cases import Case, Side, relatives
from tests.benchmarks.matching_judged import bins, by_kind, in_clusters, judged, kinds_table, reliability, row


def side(**truth: str) -> Side:
    """A list of these keys and groups."""
    return Side(Path(), "list", "key", {}, truth)


def pairs(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Pairs as `match` writes them."""
    return pd.DataFrame(rows, columns=["left_key", "right_key", "probability"])


def of(table: pd.DataFrame, kind: str) -> list[int]:
    """The counts of a kind."""
    return [int(count) for count in table[table.index == kind].to_numpy()[0]]


ONE_LIST = Case(
    "one",
    side(a="1", b="1", c="2", d="3", e="3", f="3"),
    None,
    ({"a": ("x", "sisters"), "b": ("x", "sisters"), "c": ("x", "sisters"), **dict.fromkeys("def", ("y", "slips"))},),
)
TWO_LISTS = Case(
    "two",
    side(a="1", b="2", c=""),
    side(p="1", q="2", r="2"),
    ({"a": ("x", "sisters"), "b": ("x", "sisters"), "c": ("y", "moved")}, dict.fromkeys("pqr", ("x", "sisters"))),
)


def test_true_pairs_are_counted_of_one_list_and_of_two() -> None:
    """Each pair of records of a group counts once; a record without a group has none."""
    assert (ONE_LIST.true_pairs(), TWO_LISTS.true_pairs()) == (4, 3)


def test_a_pair_is_true_where_both_are_of_one_group() -> None:
    """Records without a group are the same as nobody."""
    said = judged(
        Case("", side(a="1", b="", c=""), side(p="1", q="")), pairs(("a", "p", 1), ("b", "q", 1), ("c", "p", 1))
    )

    assert said.true.tolist() == [True, False, False]


def test_what_was_found_and_joined_is_told_by_kind() -> None:
    """True pairs and traps are counted by the kind of their case, pairs of two cases as joined by chance."""
    joined = pairs(("a", "b", 0.96), ("a", "c", 0.995), ("b", "c", 0.97), ("d", "e", 0.99), ("a", "d", 0.999))

    table = by_kind(ONE_LIST, judged(ONE_LIST, joined))

    assert of(table, "sisters") == [1, 1, 2, 2, 1]
    assert of(table, "slips") == [3, 1, 0, 0, 0]
    assert of(table, "by chance") == [0, 0, 0, 1, 1]
    first = next(kinds_table(ONE_LIST, judged(ONE_LIST, joined)))
    assert first == "| one | sisters | 1 | 1 (1.000) | 2 | 2 | 1 |"


def test_traps_of_two_lists_are_those_across() -> None:
    """A pair within one of two lists is no trap, and none is true."""
    table = by_kind(TWO_LISTS, judged(TWO_LISTS, pairs(("a", "p", 1.0), ("b", "p", 1.0))))

    assert of(table, "sisters") == [3, 1, 3, 1, 1]


@pytest.mark.parametrize(
    ("probability", "true", "verdict"),
    [(0.95, 95, "ok"), (0.95, 89, "FAIL"), (0.8, 71, "ok"), (0.8, 69, "FAIL"), (1.0, 100, "ok"), (1.0, 98, "FAIL")],
)
def test_a_bin_fails_where_too_few_are_true(probability: float, true: int, verdict: str) -> None:
    """Of those called .8 seven of ten may be, of .95 nine, of 1 ninety-nine of a hundred."""
    case = Case("sure", side(**{f"k{number}": "1" for number in range(40)}))
    found = pairs(*[("a", "b", probability)] * 100).assign(true=[number < true for number in range(100)])

    verdicts = [line.split("|")[-2].strip() for line in reliability(case, found)]

    assert [one for one in verdicts if one] == [verdict]
    assert sum(one.pairs for one in bins(found)) == 100


def test_clusters_are_judged_by_all_their_pairs() -> None:
    """A cluster of three records of two groups holds one true pair of three."""
    clusters = pd.DataFrame({"key": list("abcdef"), "cluster": list("aaadef")})

    assert in_clusters(ONE_LIST, clusters) == (1, 3)
    assert row("x", 1, 3, 4) == "| x | 0.2857 | 0.3333 | 0.2500 |"


def test_relatives_share_a_household_and_differ_in_what_is_their_own(tmp_path: Path) -> None:
    """A relative has the address, mail and phone of a person, and another first name, birthday and number."""
    own = ["given_name", "date_of_birth", "soc_sec_id"]
    frame = pd.DataFrame({name: [f"{name}{n}" for n in range(10)] for name in own}).assign(
        rec_id=[f"rec-{n}-org" for n in range(10)], surname="neumann", street_number="8", address_1="stanley street"
    )

    whole, half, _ = relatives(frame, frame.assign(rec_id=frame.rec_id.str.replace("org", "dup-0")), tmp_path)

    rows = pd.read_csv(tmp_path / "relatives0a.csv", dtype=str, keep_default_na=False)
    mine, theirs = rows[rows.rec_id == "rec-2-org"], rows[rows.rec_id == "rec-2r-0"]
    assert {name for name in rows if mine[name].item() != theirs[name].item()} == {"rec_id", *own}
    assert whole.true_pairs() == 20
    assert of(by_kind(whole, judged(whole, pairs())), "relatives") == [20, 0, 20, 0, 0]
    assert (pd.read_csv(tmp_path / "relatives1a.csv", keep_default_na=False).date_of_birth == "").sum() == 10
    assert "number" not in half.left.identity
