"""Duplicates among the records: one lead a company, nothing lost, and nobody but a person decides what is unsure."""

from __future__ import annotations

import csv
import json
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from etl.errors import ConfigError
from etl.note import Labels, parse
from etl.pipeline.apply import apply
from etl.pipeline.plan import Planned, Settings, plan
from etl.pipeline.verify import verify
from etl.plan.bundle import Bundle, Manifest
from tests.pipeline import twins
from tests.pipeline.hard import Row, company

ONE = Settings(threads=1)
BOTH = [twins.KRASZEWSKI, twins.TWIN, *twins.OTHERS]


def made(folder: Path, companies: Sequence[Row] = BOTH, *, settings: Settings = ONE, **options: Any) -> Planned:
    """Plan companies and contacts some of which are the same."""
    config = twins.write_config(folder, companies, **options)
    return plan(config, folder / "plan", settings=settings, replace=True)


def table(planned: Planned, name: str) -> list[dict[str, Any]]:
    """The rows of one table of a plan."""
    found: list[dict[str, Any]] = pq.read_table(planned.folder / f"{name}.parquet").to_pylist()
    return found


def decided(planned: Planned) -> dict[str, dict[str, Any]]:
    """Key -> row of the decisions."""
    return {row["key"]: row for row in table(planned, "decisions")}


def open_cases(planned: Planned) -> list[dict[str, str]]:
    """What people are to decide."""
    with (planned.folder / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answer(folder: Path, *lines: dict[str, str]) -> None:
    """Put people's decisions beside the config."""
    columns = ("source_key", "decision", "other", "who", "hash")
    with (folder / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({"who": "Maria", **line} for line in lines)


def test_two_records_of_one_company_are_one_lead(tmp_path: Path) -> None:
    """Contacts and all; the best record names it and gives its fields, the other fills the gaps, and it is written
    down which gave what."""
    planned = made(tmp_path)
    found = decided(planned)
    [lead] = [row for row in table(planned, "leads") if row["lead"] == "accounts:2"]

    assert {found[key]["lead"] for key in ("1", "2", "c1", "c2")} == {"accounts:2"}
    assert planned.report.leads == len(twins.OTHERS) + 1
    assert lead["name"] == "KRASZEWSKI Metallbau"  # it has more filled columns
    assert lead["website"] == "kraszewski.example"
    assert lead["do_not_contact"] is True
    assert {row["source_key"]: row["fields"] for row in table(planned, "merged")} == {
        "accounts:2": ["name", "phone", "website", "do_not_contact"],  # it opted out; its number is the other's, too
        "accounts:1": ["contact_name", "street", "postcode", "city"],
    }


def test_the_gaps_of_the_best_record_are_filled_from_the_others(tmp_path: Path) -> None:
    """A field comes from the one that has it; the parts of an address from one record alone."""
    one = {**twins.KRASZEWSKI, "email": "info@kraszewski.example", "street": "", "changed": "2026-01-01"}
    other = {**twins.TWIN, "zip": "", "website": "", "remark": ""}
    planned = made(tmp_path, [one, other, *twins.OTHERS])
    [lead] = [row for row in table(planned, "leads") if row["lead"] == "accounts:1"]
    given = {row["source_key"]: set(row["fields"]) for row in table(planned, "merged")}

    assert (lead["email"], lead["phone"]) == ("info@kraszewski.example", "0351 1234567")
    assert (lead["street"], lead["postcode"], lead["city"]) == (None, "01099", "Dresden")
    assert {"name", "email", "phone", "postcode", "city"} <= given["accounts:1"]
    assert not given["accounts:1"] & given["accounts:2"]


def test_one_of_several_who_opted_out_makes_the_lead_one_that_must_not_be_contacted(tmp_path: Path) -> None:
    """Also where nothing of that record reaches anybody, so that no address or number tells."""
    planned = made(tmp_path, [twins.KRASZEWSKI, {**twins.TWIN, "phone": ""}, *twins.OTHERS])
    [lead] = [row for row in table(planned, "leads") if "kraszewski" in row["name"].lower()]

    assert {row["source_key"] for row in table(planned, "merged")} == {"accounts:1", "accounts:2"}
    assert lead["do_not_contact"] is True


def test_a_gap_is_filled_and_said_so(tmp_path: Path) -> None:
    """What only the lesser record has is in the lead, and the plan names it as the giver."""
    one = {**twins.KRASZEWSKI, "email": "info@kraszewski.example", "changed": "2026-01-01"}
    other = {**twins.TWIN, "changed": "", "remark": ""}
    planned = made(tmp_path, [one, other, *twins.OTHERS])
    [lead] = [row for row in table(planned, "leads") if row["lead"] == "accounts:1"]
    given = {row["source_key"]: row["fields"] for row in table(planned, "merged")}

    assert lead["website"] == "kraszewski.example"
    assert given["accounts:2"] == ["website"]


def test_every_value_of_every_member_is_in_the_note(tmp_path: Path) -> None:
    """Under its own heading, and `parse` gives each record back; the target holds what the plan says."""
    planned = made(tmp_path)
    bundle = Bundle.open(planned.folder)
    [lead] = [row for row in table(planned, "leads") if row["lead"] == "accounts:2"]
    parsed = parse(lead["note"], Labels.of(bundle.config, bundle.manifest.columns))

    assert set(parsed.records) == {"accounts:1", "accounts:2", "contacts:c1", "contacts:c2"}
    for row in (twins.KRASZEWSKI, twins.TWIN):
        assert parsed.records[f"accounts:{row['id']}"] == {name: value for name, value in row.items() if value}
    assert set(parsed.related["calls"]) == {"accounts:1", "accounts:2"}

    apply(bundle)
    assert verify(bundle).holds


def test_what_is_the_same_as_a_customer_is_no_lead(tmp_path: Path) -> None:
    """The second record of a customer, and its contacts, have the customer's decision; so for one that is kept."""
    for kind, decision, rule in (("buys", "customer", "duplicate of a customer"),
                                 ("supplies", "keep", "duplicate of a record that is kept")):  # fmt: skip
        planned = made(tmp_path, [{**twins.KRASZEWSKI, "kind": kind}, twins.TWIN, *twins.OTHERS])
        found = decided(planned)

        assert (found["2"]["decision"], found["2"]["rule"]) == (decision, rule)
        assert found["c2"]["decision"] == decision
        assert found["2"]["evidence"].startswith("accounts:1 is ")
        assert "same name 'KRASZEWSKI Metallbau" in found["2"]["evidence"]


def test_what_may_be_a_record_that_does_not_move_waits_for_a_person(tmp_path: Path) -> None:
    """One in review, and one that is not surely the customer; what is the same as these waits, too."""
    odd = decided(made(tmp_path, [{**twins.KRASZEWSKI, "kind": "odd"}, twins.TWIN, *twins.OTHERS]))
    assert (odd["2"]["decision"], odd["2"]["rule"]) == ("review", "possible duplicate of a record that stays")

    planned = made(tmp_path, [{**twins.MAYBE, "kind": "buys"}, twins.KRASZEWSKI, twins.TWIN, *twins.OTHERS])
    found = decided(planned)
    assert {found[key]["decision"] for key in ("1", "2", "c1", "c2")} == {"review"}
    assert found["2"]["evidence"].startswith(
        "accounts:3 is a customer and may be the same as accounts:2 (probability 0.7"
    )
    assert {row["other"] for row in open_cases(planned) if row["source_key"] == "accounts:2"} == {"accounts:3"}


def test_two_leads_that_may_be_one_wait_for_a_person(tmp_path: Path) -> None:
    """Neither is moved, and one open case names both."""
    planned = made(tmp_path, [twins.TWIN, twins.MAYBE, *twins.OTHERS])
    found = decided(planned)

    assert {found[key]["rule"] for key in ("2", "3", "c2")} == {"possible duplicate of another lead"}
    assert [(row["source_key"], row["other"], row["records"]) for row in open_cases(planned)] == [
        ("accounts:2", "accounts:3", "3")
    ]
    assert (planned.report.open_cases, planned.report.review_families) == (1, 2)


@pytest.mark.parametrize(("said", "leads"), [("same", 1), ("different", 2), ("lead", 2)])
def test_a_person_says_whether_two_records_are_the_same(tmp_path: Path, said: str, leads: int) -> None:
    """`same`: one lead; `different`, or `lead`, which is for both: two. Nothing is open any more."""
    planned = made(tmp_path, [twins.TWIN, twins.MAYBE, *twins.OTHERS])
    [case] = open_cases(planned)
    answer(tmp_path, {**case, "who": "Maria", "decision": said})
    again = made(tmp_path, [twins.TWIN, twins.MAYBE, *twins.OTHERS])
    found = decided(again)

    assert {found["2"]["lead"], found["3"]["lead"]} - {None} == {
        "same": {"accounts:2"}, "different": {"accounts:2", "accounts:3"}, "lead": {"accounts:2", "accounts:3"},
    }[said]  # fmt: skip
    assert again.report.leads == len(twins.OTHERS) + leads
    assert (again.report.overrides.used, again.report.open_cases) == (1, 0)


def test_what_a_person_says_of_two_records_counts_as_long_as_both_are_unchanged(tmp_path: Path) -> None:
    """The hash is over both families: a change of the other one brings the case back."""
    rows = [twins.TWIN, twins.MAYBE, *twins.OTHERS]
    [case] = open_cases(made(tmp_path, rows))
    answer(tmp_path, {**case, "who": "Maria", "decision": "same"})
    again = made(tmp_path, [{**twins.TWIN, "remark": "new"}, *rows[1:]])

    assert decided(again)["3"]["decision"] == "review"
    assert again.report.overrides.changed == ("accounts:2",)


def test_the_same_as_a_customer_in_a_persons_words_is_a_customer(tmp_path: Path) -> None:
    """Whoever is named first; and `different` lets it move."""
    rows = [{**twins.TWIN, "kind": "buys"}, twins.MAYBE, *twins.OTHERS]
    for one, other in (("accounts:2", "accounts:3"), ("accounts:3", "accounts:2")):
        answer(tmp_path, {"source_key": one, "other": other, "decision": "same"})
        row = decided(made(tmp_path, rows))["3"]
        assert (row["decision"], row["rule"]) == ("customer", "decided by a person")
        answer(tmp_path, {"source_key": one, "other": other, "decision": "different"})
        assert decided(made(tmp_path, rows))["3"]["decision"] == "lead"


def test_a_person_can_bring_together_what_nothing_else_does(tmp_path: Path) -> None:
    """Two companies without anything in common, one renamed."""
    answer(tmp_path, {"source_key": "accounts:20", "other": "accounts:23", "decision": "same"})
    found = decided(made(tmp_path))

    assert found["20"]["lead"] == found["23"]["lead"] == found["c9"]["lead"]


def test_a_wrong_line_about_two_records_is_named(tmp_path: Path) -> None:
    """Without the other record, or in a config that asks for no duplicates."""
    answer(tmp_path, {"source_key": "accounts:20", "decision": "same"})
    with pytest.raises(ConfigError, match="needs the source key of the other record") as raised:
        made(tmp_path)
    assert str(raised.value.where).endswith("decisions.csv:2")

    answer(tmp_path, {"source_key": "accounts:20", "decision": "same", "other": "accounts:21"})
    config = twins.write_config(tmp_path, BOTH)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("  duplicates: {merge_at: 0.98, review_at: 0.70}\n", ""), encoding="utf-8")
    with pytest.raises(ConfigError, match="the config does not look for any"):
        plan(config, tmp_path / "plan", settings=ONE, replace=True)


def test_a_person_without_a_company_goes_with_the_contact_who_is_the_same(tmp_path: Path) -> None:
    """Into the lead of the company, whose name the lead keeps; with a customer's contact it stays with the customer."""
    contacts = [*twins.HEAD, twins.LONE]
    moved = decided(made(tmp_path, contacts=contacts))
    assert moved["c5"]["lead"] == moved["1"]["lead"] == "accounts:2"

    bought = [{**twins.KRASZEWSKI, "kind": "buys"}, *twins.OTHERS]
    row = decided(made(tmp_path, bought, contacts=[contacts[0], *contacts[2:]]))["c5"]
    assert (row["decision"], row["rule"]) == ("customer", "duplicate of a customer")


def test_a_contact_of_two_companies_does_not_make_them_one(tmp_path: Path) -> None:
    """The person without a company waits, for nobody can tell whose lead it belongs to; the companies move apart."""
    both = {**twins.HEAD[0], "id": "c7", "account": "20"}
    found = decided(made(tmp_path, [twins.KRASZEWSKI, *twins.OTHERS], contacts=[twins.HEAD[0], both, twins.LONE]))

    assert (found["c5"]["decision"], found["c5"]["rule"]) == ("review", "possible duplicate of another lead")
    assert (found["1"]["lead"], found["20"]["lead"]) == ("accounts:1", "accounts:20")


def test_a_chain_of_likely_pairs_does_not_join_its_ends(tmp_path: Path) -> None:
    """Sister companies behind one switchboard, with names that only share a word, are no one company."""
    sisters = [
        company(str(n), f"Brandt {what} GmbH", "Am Markt 1", "04109 Leipzig", phone="0341 987654")
        for n, what in enumerate(("Holding", "Logistik", "Immobilien", "Personal"), 30)
    ]
    found = decided(made(tmp_path, [*sisters, *twins.OTHERS]))

    assert len({found[row["id"]]["lead"] for row in sisters} - {None}) in (0, 4)


def test_a_lead_that_does_not_fit_takes_all_of_its_members_back(tmp_path: Path) -> None:
    """A merged lead with a value that the target cannot hold is reviewed whole; nothing of it moves alone."""
    with sqlite3.connect(tmp_path / "out.db") as connection:
        connection.execute("CREATE TABLE leads (id INTEGER PRIMARY KEY, name TEXT, city TEXT NOT NULL, note TEXT)")
    nowhere = [{**row, "city": ""} for row in (twins.KRASZEWSKI, twins.TWIN)]
    config = twins.write_config(tmp_path, [*nowhere, *twins.OTHERS])
    text = config.read_text(encoding="utf-8")
    columns = "{name: name, city: city, note: note}"
    mapped = f'    city: "{{city}}"\ntarget: {{url: "sqlite:///{tmp_path}/out.db", table: leads, columns: {columns}}}'
    config.write_text(text[: text.index("    contact_name:")] + mapped, encoding="utf-8")
    planned = plan(config, tmp_path / "plan", settings=ONE)
    found = decided(planned)

    assert {found[key]["rule"] for key in ("1", "2", "c1", "c2")} == {"a value does not fit its field in the target"}
    assert {found[key]["lead"] for key in ("1", "2", "c1", "c2")} == {None}
    assert "shares history or a lead with accounts:2" in found["1"]["evidence"]
    assert planned.report.leads == len(twins.OTHERS)


def test_what_moved_before_is_not_moved_a_second_time_under_another_key(tmp_path: Path) -> None:
    """A record that shows up later, and is the same as one that moved, waits for a person."""
    first = made(tmp_path, [twins.KRASZEWSKI, *twins.OTHERS], contacts=[], calls=[])
    apply(Bundle.open(first.folder))
    config = twins.write_config(tmp_path, BOTH, contacts=[], calls=[])
    found = decided(plan(config, tmp_path / "second", settings=ONE))

    assert found["1"]["decision"] == "moved before"
    assert (found["2"]["decision"], found["2"]["rule"]) == ("review", "possible duplicate of a record that stays")
    assert found["2"]["evidence"].startswith("accounts:1 was moved before and may be the same as accounts:2")


def test_the_plan_does_not_depend_on_order_or_chunks(tmp_path: Path) -> None:
    """Shuffled rows, any chunk size, one worker or two: the same digest."""
    rows = [twins.KRASZEWSKI, twins.TWIN, twins.MAYBE, *twins.OTHERS]
    contacts = [*twins.HEAD, twins.LONE]
    digests = set()
    for seed, settings in enumerate((ONE, Settings(threads=2), Settings(threads=1, chunk_records=1))):
        mixed, people = list(rows), list(contacts)
        random.Random(seed).shuffle(mixed)
        random.Random(seed).shuffle(people)
        digests.add(Manifest.read(made(tmp_path, mixed, contacts=people, settings=settings).folder).digest)

    assert len(digests) == 1


def test_the_model_of_duplicates_can_be_pinned(tmp_path: Path) -> None:
    """With the models of an earlier plan the pairs are weighed alike, however many records there are now."""
    first = made(tmp_path, [*BOTH, twins.MAYBE])
    pinned = tmp_path / "models.json"
    pinned.write_bytes((first.folder / "models.json").read_bytes())
    made(tmp_path, BOTH, more=", model: models.json")

    assert json.loads((tmp_path / "plan" / "models.json").read_bytes()) == json.loads(pinned.read_bytes())


def test_the_report_says_what_became_of_duplicates(tmp_path: Path) -> None:
    """How many leads are of several, the least sure of them with the evidence, and how many wait."""
    planned = made(tmp_path, [twins.KRASZEWSKI, twins.TWIN, *twins.OTHERS])
    found = planned.report.duplicates
    text = (planned.folder / "report.md").read_text(encoding="utf-8")

    assert found is not None
    assert (found.merged, found.of, found.staying, found.unsure) == (1, 2, 0, 0)
    assert "## Duplicates" in text
    [pair] = planned.report.merged
    assert (pair.left, pair.right, pair.lead) == ("accounts:1", "accounts:2", "accounts:2")
    assert "same name 'KRASZEWSKI Metallbau" in text
