"""The truth agrees with the rows, and tells what matching must find."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

import pytest

from tests.data.conftest import Sample

Row = Mapping[str, str]
STRENGTH = ("customer", "keep", "review", "lead")


def _rules(sample: Sample) -> dict[str, str]:
    """The decisions of configs/demo.yaml for each record by itself, worked out by hand."""
    found: dict[str, str] = {}
    evidence: dict[str, set[str]] = defaultdict(set)
    for invoice in sample.invoices:
        if invoice["state"] == "posted":
            kind = "unreadable" if invoice["date"] < "1900" else "recent" if invoice["date"] >= "2023-11-01" else "old"
            evidence[f"accounts:{invoice['account_id']}"].add(kind)
            evidence[f"contacts:{invoice['contact_id']}"].add(kind)
    for order in sample.orders:
        day, month, year = order["date"].split(".")
        if order["state"] == "open" and f"{year}-{month}-{day}" >= "2025-11-01":
            evidence[f"accounts:{order['account_id']}"].add("recent")
            evidence[f"contacts:{order['contact_id']}"].add("recent")
    for key, row in sample.records().items():
        found[key] = _decided(row, evidence[key], company=not key.startswith("contacts:"))
    return found


def _with_second_jobs(sample: Sample, by_record: dict[str, str], family_of: Mapping[str, str]) -> dict[str, str]:
    """The decisions, where who works for a customer, too, is a customer's contact."""
    customers = {family_of[key] for key, decision in by_record.items() if decision == "customer"}
    theirs = {contact for contact, company in sample.second_jobs() if family_of[company] in customers}
    return by_record | dict.fromkeys(theirs, "customer")


def _decided(row: Row, evidence: set[str], company: bool) -> str:
    if company and row.get("is_own_company") == "1":
        return "keep"
    if "recent" in evidence:
        return "customer"
    if "unreadable" in evidence:
        return "review"
    if company and row.get("is_supplier") == "1":
        return "keep"
    title = row["name"] if company else row["last_name"]
    tried = r"(?i)(.*\btest(firma|kunde)?\b.*|asdf.*|x{3,} *)" if company else r"(?i)test(kontakt)?( .*)?"
    called = company and row.get("status") == "Kunde" and not evidence
    return "review" if re.fullmatch(tried, title) or called else "lead"


def test_the_rules_lead_where_the_truth_says(sample: Sample) -> None:
    """Each record that is no reject gets the decision that the strongest of its family's records has by the rules."""
    family_of = {row["source_key"]: row["family"] for row in sample.truth}
    by_record, families, wanted = _with_second_jobs(sample, _rules(sample), family_of), defaultdict(set), {}
    rejects = {row["source_key"] for row in sample.truth if row["decision"] == "reject"}
    for row in sample.truth:
        if row["decision"] == "left out":
            continue
        if row["source_key"] in rejects:
            if row["source_key"] != row["family"]:
                families[row["family"]].add("review")
        else:
            families[row["family"]].add(by_record[row["source_key"]])
            wanted[row["source_key"]] = (row["family"], row["decision"])

    decided = {key: next(d for d in STRENGTH if d in families[family]) for key, (family, _) in wanted.items()}

    assert decided == {key: decision for key, (_, decision) in wanted.items()}


def test_a_family_in_the_truth_is_a_company_with_what_belongs_to_it(sample: Sample) -> None:
    """Following parents from any record ends at the family that the truth names."""
    records = sample.records()
    for row in sample.truth:
        key = row["source_key"]
        while row["decision"] not in ("reject", "left out"):
            above = records[key].get("parent_id") or records[key].get("account_id")
            if not above or above == records[key]["id"]:
                break
            key = f"accounts:{above}"
        assert row["decision"] == "reject" or key == row["family"]


def test_who_was_deleted_is_left_out(sample: Sample) -> None:
    """The truth says so of all rows that are marked, and of no other."""
    rows = {f"accounts:{row['id']}": row["deleted"] == "1" for row in sample.accounts}
    rows |= {f"contacts:{row['id']}": row["deleted"] == "1" for row in sample.contacts}
    rows |= {f"prospects:{row['office']}/{row['number']}": row["deleted"] == "1" for row in sample.prospects}
    deleted = {key for key, gone in rows.items() if gone}

    assert {row["source_key"] for row in sample.truth if row["decision"] == "left out"} == deleted
    assert len(deleted) > 20


def test_a_second_job_makes_a_customer_where_the_truth_says(sample: Sample) -> None:
    """The families that are customers for that alone have a contact at a customer; there are some."""
    shared = {row["family"] for row in sample.truth if row["reason"] == "a contact works for a customer, too"}
    family_of = {row["source_key"]: row["family"] for row in sample.truth}

    assert len(shared) > 3
    assert shared <= {family_of[contact] for contact, _ in sample.second_jobs()}


def test_rejects_are_what_the_truth_says(sample: Sample) -> None:
    """Shared keys, parents that do not exist and parents in a circle are rejects, and nothing else is."""
    times = Counter(f"accounts:{row['id']}" for row in sample.accounts)
    times.update(f"contacts:{row['id']}" for row in sample.contacts)
    records = sample.records()
    parents = {key: f"accounts:{row.get('parent_id') or row.get('account_id', '')}" for key, row in records.items()}
    broken = {key for key, count in times.items() if count > 1}
    broken |= {key for key, above in parents.items() if above != "accounts:" and above not in records}
    broken |= {key for key, above in parents.items() if above != key and parents.get(above) == key}

    assert {row["source_key"] for row in sample.truth if row["decision"] == "reject"} == broken
    assert 0 < len(broken) < len(records) / 100


def test_what_rules_can_decide_is_true(sample: Sample) -> None:
    """Where the truth says that rules can tell, a customer's decision is customer and no other's is."""
    for row in sample.truth:
        assert ((row["customer"] == "yes") == (row["decision"] == "customer")) == (row["decidable"] == "rules")
    assert {row["decidable"] for row in sample.truth} == {"rules", "erp", "duplicates"}


def test_the_gates_of_the_demo_hold(sample: Sample) -> None:
    """Of the records, 5% to 60% are customers and at most 5% need a person."""
    share = Counter(row["decision"] for row in sample.truth)
    assert 0.05 < share["customer"] / len(sample.truth) < 0.6
    assert share["review"] / len(sample.truth) <= 0.05


def test_known_customers_have_an_active_debtor(sample: Sample) -> None:
    """Every debtor that the truth names exists; active where the ERP alone can tell that its company is a customer."""
    active = {row["debtor_no"]: row["active"] for row in sample.debtors}
    told = {row["family"] for row in sample.truth if row["debtor_no"] and active[row["debtor_no"]] == "X"}
    assert {row["family"] for row in sample.truth if row["decidable"] == "erp"} <= told
    strangers = set(active) - {row["debtor_no"] for row in sample.truth}
    assert strangers, "some debtors are unknown to the CRM"


def _emails(text: str) -> set[str]:
    return {part.casefold() for part in re.split(r"[;,/\s]+", text) if "@" in part}


def _phones(*texts: str) -> set[str]:
    numbers = (re.sub(r"^(0049|49|0)0?", "", re.sub(r"\D", "", part)) for text in texts for part in text.split(" / "))
    return {number for number in numbers if len(number) > 5}


def _agree(one: Row, other: Row) -> bool:
    """Whether two rows have the same name, VAT number, e-mail or phone, spelling of the last three aside."""
    names = [
        (row.get("name") or row.get("name1", "") + " " + row.get("name2", ""))
        + row.get("first_name", "")
        + row.get("last_name", "")
        for row in (one, other)
    ]
    vats = [re.sub(r"\W", "", row.get("vat_id") or row.get("vat", "")).upper() for row in (one, other)]
    return (
        names[0].strip().casefold() == names[1].strip().casefold()
        or (len(vats[0]) > 4 and vats[0] == vats[1])
        or bool(_emails(one["email"]) & _emails(other["email"]))
        or bool(_phones(one["phone"], one.get("mobile", "")) & _phones(other["phone"], other.get("mobile", "")))
    )


def _share_of_hard(pairs: Iterable[tuple[Row, Row]]) -> float:
    found = [_agree(*pair) for pair in pairs]
    assert len(found) > 50
    return found.count(False) / len(found)


def _duplicates(sample: Sample, entry: str) -> list[tuple[Row, Row]]:
    records, clusters = sample.records(), defaultdict(list)
    for row in sample.truth:
        if row["same_as"].startswith(entry):
            clusters[row["same_as"]].append(records[row["source_key"]])
    assert min(map(len, clusters.values())) > 1, "a cluster has at least two records"
    return [pair for rows in clusters.values() for pair in combinations(rows, 2)]


@pytest.mark.parametrize("entry", ["accounts", "contacts"])
def test_three_of_ten_duplicates_agree_on_nothing_exactly(sample: Sample, entry: str) -> None:
    """At least 30% of the true pairs share neither name nor VAT, e-mail or phone, however those are spelled."""
    assert _share_of_hard(_duplicates(sample, entry)) >= 0.3


def test_three_of_ten_debtors_agree_on_nothing_exactly(sample: Sample) -> None:
    """At least 30% of the debtors' records share neither name nor VAT, e-mail or phone with their debtor."""
    records, debtors = sample.records(), {row["debtor_no"]: row for row in sample.debtors}
    pairs = [(records[row["source_key"]], debtors[row["debtor_no"]]) for row in sample.truth if row["debtor_no"]]
    assert _share_of_hard(pairs) >= 0.3
