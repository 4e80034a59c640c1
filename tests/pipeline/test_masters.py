"""Known customers: who is on a master is no lead, and what is not certain waits for a person; matches are explained."""

from __future__ import annotations

import csv
import json
import random
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from etl.errors import CleanupError, ConfigError, GateError, SourceError
from etl.pipeline.check import check
from etl.pipeline.plan import Planned, Settings, plan
from etl.plan.bundle import Manifest
from tests.pipeline import hard

ONE = Settings(threads=1)
METALLBAU = hard.company("1", "Kraszewski Metallbau GmbH", "Hauptstr. 5", "01099 Dresden")
PAIR = [*hard.OTHERS[:4], METALLBAU]


def made(folder: Path, records: Sequence[hard.Row], debtors: Sequence[hard.Row], **options: str) -> Planned:
    """Plan records against debtors."""
    return plan(hard.write_config(folder, records, debtors, **options), folder / "plan", settings=ONE, replace=True)


def decided(planned: Planned) -> dict[str, dict[str, Any]]:
    """Key -> row of the decisions."""
    return {row["key"]: row for row in pq.read_table(planned.folder / "decisions.parquet").to_pylist()}


def test_hard_cases_are_right_or_wait_for_a_person(tmp_path: Path) -> None:
    """Thirty records against twenty debtors: no customer is taken for a lead, and nobody for another's customer."""
    records = [record for _, record, _ in hard.CASES]
    found = decided(made(tmp_path, [*records, *hard.OTHERS], hard.DEBTORS))

    for name, record, debtor in hard.CASES:
        row = found[record["id"]]
        wrong = {"customer"} if debtor is None else {"lead", "keep"}
        assert row["decision"] not in wrong, (name, row)
        assert row["decision"] != "customer" or row["match"].startswith(f"erp {debtor} "), (name, row)
    assert {found[record["id"]]["decision"] for record in hard.OTHERS} == {"lead"}
    assert sum(found[record["id"]]["decision"] == "customer" for record in records) >= 9


def test_a_match_is_explained_field_by_field(tmp_path: Path) -> None:
    """What agreed, what it weighed, and with whom; the weights add up to the whole."""
    planned = made(tmp_path, PAIR, hard.DEBTORS)
    row = decided(planned)["1"]
    [match] = [m for m in matches(planned) if m["source_key"] == "accounts:1"]

    assert (row["decision"], row["rule"], row["match"]) == (
        "customer", "known", "erp D01 'Kraszewski Metallbau GmbH'",
    )  # fmt: skip
    assert row["score"] == match["probability"] >= 0.95
    assert "same name 'Kraszewski Metallbau" in row["evidence"]
    weights = [part.rpartition(" ")[2].replace("−", "-") for part in match["words"].split(", ")]
    assert sum(map(float, weights)) == pytest.approx(match["weight"], abs=0.05 * len(weights) + 0.05)


def matches(planned: Planned) -> list[dict[str, Any]]:
    """The rows of the plan's matches."""
    found: list[dict[str, Any]] = pq.read_table(planned.folder / "matches.parquet").to_pylist()
    return found


def test_a_family_stays_with_the_member_that_is_known(tmp_path: Path) -> None:
    """The daughter of a customer is not moved."""
    columns = (*hard.COLUMNS, "parent")
    daughter = {**hard.OTHERS[0], "parent": "1"}
    found = decided(
        made(
            tmp_path,
            [METALLBAU, daughter],
            hard.DEBTORS,
            columns=columns,  # type: ignore[arg-type]
            parent="parent: {column: parent, of: accounts}, ",
        )
    )

    assert found["21"]["decision"] == "customer"
    assert found["21"]["decided_by"] == "accounts:1"


def test_a_shared_number_decides_and_names_that_differ_are_reported(tmp_path: Path) -> None:
    """Exact evidence comes first; whoever signs the report sees what does not fit."""
    renamed = hard.company("2", "VT Fashion", vat="de123456788")
    planned = made(tmp_path, [*PAIR, renamed], hard.DEBTORS)
    row = decided(planned)["2"]

    assert (row["decision"], row["rule"]) == ("customer", "same VAT number")
    assert row["evidence"] == "same vat as erp D05 'Vogtland Textil GmbH', but the names have nothing in common"
    assert planned.report.masters[0].names_differ == 1
    assert "1 record has the number of a customer with an entirely different name" in report(planned)


def report(planned: Planned) -> str:
    """The report in Markdown."""
    return (planned.folder / "report.md").read_text(encoding="utf-8")


TWINS = [
    hard.company("T1", "Rhein Druck GmbH", "Domplatz 4", "50667 Köln", phone="0221 111222"),
    hard.company("T2", "Rhein Druck GmbH", "Severinstr. 90", "50678 Köln", phone="0221 333444"),
]


def test_two_customers_that_fit_are_no_coin_toss(tmp_path: Path) -> None:
    """A record that two customers fit about as well waits for a person, who is told both."""
    record = hard.company("2", "Rhein Druck GmbH", "Domplatz 4", "Köln", phone="0221 333444")
    row = decided(made(tmp_path, [*PAIR, record], [*TWINS, *hard.DEBTORS[:9]]))["2"]

    assert (row["decision"], row["rule"]) == ("review", "its match with a customer is uncertain")
    assert "T1 'Rhein Druck GmbH'" in row["evidence"]
    assert "T2 'Rhein Druck GmbH'" in row["evidence"]


def test_a_customer_that_is_listed_twice_is_one_customer(tmp_path: Path) -> None:
    """The same debtor under two numbers fits twice, and is no doubt."""
    twice = [{**hard.DEBTORS[0], "id": key} for key in ("D01", "D99")]
    row = decided(made(tmp_path, PAIR, [*twice, *hard.DEBTORS[1:]]))["1"]

    assert (row["decision"], row["rule"]) == ("customer", "known")


def test_a_customer_that_is_listed_twice_hides_no_other(tmp_path: Path) -> None:
    """Behind the second entry of one debtor stands another debtor that fits as well."""
    record = hard.company("2", "Rhein Druck GmbH", place="50667 Köln", phone="0221 111222", email="a@rhein.example")
    one = hard.company("T1", "Rhein Druck GmbH", place="50667 Köln", phone="0221 111222", email="a@rhein.example")
    other = {**one, "id": "T3", "vat": "DE300000025"}
    debtors = [{**one, "vat": "DE123456788"}, {**one, "id": "T2", "vat": "DE123456788"}, other, *hard.DEBTORS[:4]]
    row = decided(made(tmp_path, [*PAIR, record], debtors))["2"]

    assert (row["decision"], row["rule"]) == ("review", "its match with a customer is uncertain")
    assert "erp T1" in row["evidence"]
    assert "and T3" in row["evidence"]


def test_one_customer_wanted_by_two_that_differ_is_no_coin_toss(tmp_path: Path) -> None:
    """Two records fit one debtor and are not each other: both wait, or the one that fits less. Two of one do not."""
    debtor = hard.company("T", "Rhein Druck GmbH", place="50667 Köln", phone="0221 111222", email="a@rhein.example")
    one = {**debtor, "id": "1", "vat": "DE811111116"}
    other = {**debtor, "id": "2", "vat": "DE300000025"}
    lesser = {**other, "phone": "", "email": ""}
    differing = decided(made(tmp_path / "a", [*PAIR[:4], one, other], [debtor, *hard.DEBTORS[:9]]))
    uneven = decided(made(tmp_path / "c", [*PAIR[:4], one, lesser], [debtor, *hard.DEBTORS[:9]]))
    same = decided(made(tmp_path / "b", [*PAIR[:4], one, {**one, "id": "2"}], [debtor, *hard.DEBTORS[:9]]))

    assert {differing[key]["decision"] for key in ("1", "2")} == {"review"}
    assert "also matches erp T" in differing["1"]["evidence"]
    assert [uneven[key]["decision"] for key in ("1", "2")] == ["customer", "review"]
    assert {same[key]["decision"] for key in ("1", "2")} == {"customer"}


@pytest.mark.parametrize(
    ("more", "debtors", "said"),
    [
        ("", [], "it has no rows"),
        ("where: {city: Bonn}, ", hard.DEBTORS, "for none of its 20 rows it holds that city is 'Bonn'"),
        ("where: {city: KASSEL}, ", hard.DEBTORS, "1 row nearly meets city is 'KASSEL', with the value 'Kassel'"),
        ("", [{"id": "D1"}, {"id": "D2"}], "its identity columns are all empty"),
    ],
    ids=["empty", "no such value", "spelled otherwise", "nameless"],
)
def test_a_master_that_holds_nobody_is_refused(
    tmp_path: Path, more: str, debtors: Sequence[hard.Row], said: str
) -> None:
    """All of its customers would become leads: plan and check say so, and nothing is written."""
    config = hard.write_config(tmp_path, PAIR, debtors, more=more)
    for run in (lambda: plan(config, tmp_path / "plan", settings=ONE), lambda: check(config)):
        with pytest.raises(SourceError, match=said):
            run()
    assert not (tmp_path / "plan").exists()


def test_check_counts_the_customers_and_says_what_only_looks_alike(tmp_path: Path) -> None:
    """Who is spelled otherwise is a customer as well, for left out, he would be taken for a lead."""
    debtors = [*hard.DEBTORS, hard.company("D21", "Zander Wein", place="01099 DRESDEN ")]
    checked = check(hard.write_config(tmp_path, PAIR, debtors, more="where: {city: Dresden}, "))

    assert checked.masters == {"erp": (4, 17, 0)}
    [hint] = [hint for hint in checked.hints if hint.startswith("masters.erp.where: ")]
    assert hint == (
        "masters.erp.where: erp.city: 1 row has the value 'DRESDEN\\x20', which differs only in upper and lower case"
    )


def test_a_column_that_a_master_does_not_have_is_named_with_its_line(tmp_path: Path) -> None:
    """Before anything is read."""
    config = hard.write_config(tmp_path, PAIR, hard.DEBTORS)
    text = config.read_text(encoding="utf-8").replace("from: debtors, key: id", "from: debtors, key: number")
    config.write_text(text, encoding="utf-8")

    for run in (lambda: plan(config, tmp_path / "plan", settings=ONE), lambda: check(config)):
        with pytest.raises(ConfigError, match="debtors has no column 'number'") as caught:
            run()
        assert caught.value.where == f"{config}:9"


def test_a_master_can_be_a_table(tmp_path: Path) -> None:
    """What a database holds decides as what a file holds."""
    with sqlite3.connect(tmp_path / "erp.db") as database:
        names = ", ".join(f'"{name}" text' for name in hard.COLUMNS)
        database.execute(f"create table debtors ({names})")
        marks = ", ".join("?" * len(hard.COLUMNS))
        rows = [tuple(row.get(name) or None for name in hard.COLUMNS) for row in hard.DEBTORS]
        database.executemany(f"insert into debtors values ({marks})", rows)
    database.close()
    records = [record for _, record, _ in hard.CASES]
    table = made(tmp_path / "a", records, (), erp=f"sqlite:///{tmp_path}/erp.db")
    file = made(tmp_path / "b", records, hard.DEBTORS)

    assert decided(table) == decided(file)


def test_rows_that_cannot_be_compared_are_reported_and_break_a_gate(tmp_path: Path) -> None:
    """A debtor without a name could be anybody."""
    planned = made(tmp_path, PAIR, [*hard.DEBTORS, {"id": "D21"}])

    assert planned.report.masters[0].nameless == 1
    assert "1 row has no value in the identity columns" in report(planned)
    with pytest.raises(GateError, match="master_unusable"):
        planned.raise_for_gates()


def test_the_digest_does_not_depend_on_the_order_of_rows_nor_on_threads(tmp_path: Path) -> None:
    """Same contents, same decisions, same digest; another debtor is another plan."""
    records = [*[record for _, record, _ in hard.CASES], *hard.OTHERS]
    config = hard.write_config(tmp_path, records, hard.DEBTORS)
    first = plan(config, tmp_path / "plan", settings=ONE)
    for name in ("in/accounts.csv", "erp/debtors.csv"):
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        shuffled = [lines[0], *random.Random(5).sample(lines[1:], len(lines) - 1)]
        (tmp_path / name).write_text("\n".join(shuffled), encoding="utf-8")
    second = plan(config, tmp_path / "again", settings=Settings(threads=2, chunk_records=3, rows=7))
    (tmp_path / "erp" / "debtors.csv").write_text("\n".join(shuffled[:-1]), encoding="utf-8")
    third = plan(config, tmp_path / "third", settings=ONE)

    assert second.report.digest == first.report.digest
    assert third.report.digest != first.report.digest


def test_a_pinned_model_weighs_as_before(tmp_path: Path) -> None:
    """What one plan learned is used by another, whose lists would teach something else."""
    learned = made(tmp_path / "a", [*PAIR, *(record for _, record, _ in hard.CASES[1:])], hard.DEBTORS)
    (tmp_path / "b").mkdir()
    shutil.copy(learned.folder / "models.json", tmp_path / "b" / "pinned.json")
    pinned = made(tmp_path / "b", PAIR, hard.DEBTORS, more="model: pinned.json, ")
    free = made(tmp_path / "c", PAIR, hard.DEBTORS)

    models = [json.loads((one.folder / "models.json").read_text()) for one in (learned, pinned, free)]
    assert models[1]["erp"]["prior"] == models[0]["erp"]["prior"] != models[2]["erp"]["prior"]
    assert pinned.report.masters[0].pinned == "pinned.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "the file cannot be read"),
        ("{}", "the file has no model with this name"),
        ("[1]", "cannot be used"),
        ('{"erp": {"prior": 0.01, "fields": []}}', "it does not know 'company'"),
        ('{"erp": {"prior": 0, "fields": []}}', "greater than 0"),
    ],
)
def test_a_pinned_model_that_does_not_fit_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    """Rather than to weigh with something else."""
    if text is not None:
        (tmp_path / "pinned.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        made(tmp_path, PAIR, hard.DEBTORS, more="model: pinned.json, ")


def test_the_steps_say_what_another_probability_does(tmp_path: Path) -> None:
    """Each step of the report is what a plan with that probability decides."""
    records = [*[record for _, record, _ in hard.CASES], *hard.OTHERS]
    first = made(tmp_path / "a", records, hard.DEBTORS)
    steps = {(step.rule, step.at_least): step for step in first.report.steps}
    now = decided(first)
    flips = pq.read_table(first.folder / "flips.parquet").to_pylist()

    assert [step.at_least for step in first.report.steps if step.now] == [0.95, 0.5]
    for rule, old, at_least in (("known", "0.95", 0.8), ("perhaps known", "0.5", 0.7)):
        rules = hard.RULES.replace(f"at_least: {old}", f"at_least: {at_least}")
        other = decided(made(tmp_path / f"{at_least}", records, hard.DEBTORS, rules=rules))
        changed = sum(other[key]["decision"] != row["decision"] for key, row in now.items())
        counts = [sum(row["decision"] == name for row in other.values()) for name in ("customer", "review", "lead")]
        step = steps[rule, at_least]
        mine = [one for one in flips if (one["rule"], one["at_least"]) == (rule, at_least)]
        assert {one["source_key"]: (one["decision"], one["would_be"]) for one in mine} == {
            row["source_key"]: (row["decision"], other[key]["decision"])
            for key, row in now.items()
            if other[key]["decision"] != row["decision"]
        }
        assert (step.changed, [step.customer, step.review, step.lead]) == (changed, counts)
        assert changed > 0


def test_a_person_decides_on_the_customer_that_was_seen(tmp_path: Path) -> None:
    """Once the debtor changes, the decision is about something else, and waits again."""
    records = [*PAIR, hard.company("2", "GfD mbH", "Gartenweg 8", "34117 Kassel", website="www.gfd.example")]
    config = hard.write_config(tmp_path, records, hard.DEBTORS)
    first = plan(config, tmp_path / "plan", settings=ONE)
    with (first.folder / "open-cases.csv").open(encoding="utf-8") as file:
        [case] = [row for row in csv.DictReader(file) if row["source_key"] == "accounts:2"]
    assert "erp D09" in case["evidence"]
    with (tmp_path / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(case))
        writer.writeheader()
        writer.writerow({**case, "decision": "lead", "who": "eva"})

    assert decided(plan(config, tmp_path / "plan", settings=ONE, replace=True))["2"]["decision"] == "lead"
    hard.write(tmp_path / "erp" / "debtors.csv", [{**row, "phone": row.get("phone", "") + "1"} for row in hard.DEBTORS])
    changed = decided(plan(config, tmp_path / "plan", settings=ONE, replace=True))["2"]
    assert (changed["decision"], changed["rule"]) == ("review", "changed since a person decided")


def test_a_matched_family_that_does_not_fit_has_the_hash_that_it_is_held_against(tmp_path: Path) -> None:
    """A lead that a customer is only like, without the phone that the target wants: what a person decides counts."""
    like = hard.company("2", "GfD mbH", "Gartenweg 8", "34117 Kassel", website="www.gfd.example")
    config = hard.write_config(
        tmp_path,
        [*PAIR, like],
        hard.DEBTORS,
        rules="  - {as: customer, name: known, when: {matches: erp, at_least: 0.95}}\n",
    )
    with sqlite3.connect(tmp_path / "out.db") as database:
        database.execute("create table crm (id integer primary key, title text, phone text not null, note text)")
    database.close()
    mapped = ", table: crm, columns: {name: title, phone: phone, note: note}}\n"
    text = config.read_text(encoding="utf-8").replace('out.db"}\n', f'out.db"{mapped}')
    config.write_text(
        text.replace('fields: {name: "{name}"}', 'fields: {name: "{name}", phone: "{phone}"}'), encoding="utf-8"
    )
    first = plan(config, tmp_path / "plan", settings=ONE)
    with (first.folder / "open-cases.csv").open(encoding="utf-8") as file:
        [case] = [row for row in csv.DictReader(file) if row["source_key"] == "accounts:2"]
    with (tmp_path / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(case))
        writer.writeheader()
        writer.writerow({**case, "decision": "keep", "who": "eva"})

    assert decided(first)["2"]["rule"] == "a value does not fit its field in the target"
    assert [match["source_key"] for match in matches(first) if match["probability"] < 0.95] == ["accounts:2"]
    assert decided(plan(config, tmp_path / "plan", settings=ONE, replace=True))["2"]["decision"] == "keep"


@pytest.mark.parametrize(
    "odd",
    [
        [hard.company(str(n), "GmbH") for n in range(400)],
        [hard.company(str(n), f"Firma {n} GmbH", phone="030 123456") for n in range(3000)],
        [hard.company(str(n), "Test", "Weg 1", "10115 Berlin") for n in range(3000)],
        [hard.company("1", "x" * 5000), hard.company("2", "Ω" * 5000), hard.company("3", "我" * 5000)],
        [hard.company("1", "ООО Ромашка"), hard.company("2", "Ελληνικά Έπιπλα"), hard.company("3", "北京公司")],
        [{"id": "1"}, {"id": "2"}],
    ],
    ids=["legal form alone", "one switchboard", "all identical", "long names", "other alphabets", "empty"],
)
def test_odd_records_are_planned_in_bounded_time(tmp_path: Path, odd: Sequence[hard.Row]) -> None:
    """And a debtor with the same oddity is no reason to call any of them a customer of another name."""
    planned = made(tmp_path, odd, [*hard.DEBTORS, {**odd[0], "id": "D99"}])

    assert len(decided(planned)) == len(odd)
    assert planned.report.sum_is_right


def test_the_plan_keeps_what_was_compared(tmp_path: Path) -> None:
    """The customers as they were, the matches and the model belong to the plan and its digest."""
    planned = made(tmp_path, PAIR, hard.DEBTORS)
    digests = Manifest.read(planned.folder).digests

    assert {"masters/erp", "matches", "models"} <= set(digests)
    assert pq.read_table(planned.folder / "masters" / "erp.parquet").num_rows == len(hard.DEBTORS)


def test_a_password_of_a_master_is_refused(tmp_path: Path) -> None:
    """A plan keeps the config as it stands."""
    with pytest.raises(CleanupError, match=r"masters\.erp\.url contains a password"):
        made(tmp_path, PAIR, hard.DEBTORS, erp="postgresql://me:secret@localhost/erp")


def test_what_is_not_certain_is_no_lead_by_a_rule_that_asks_for_no_match(tmp_path: Path) -> None:
    """`not` turns a match that is not certain into none; the doubt keeps the record from moving."""
    record = hard.company("2", "Rhein Druck GmbH", "Domplatz 4", "Köln", phone="0221 333444")
    rules = "  - {as: lead, name: unknown, when: {not: {matches: erp, at_least: 0.9}}}\n"
    found = decided(made(tmp_path, [*PAIR[:4], record], [*TWINS, *hard.DEBTORS[:9]], rules=rules))

    assert (found["2"]["decision"], found["2"]["rule"]) == ("review", "its match with a customer is uncertain")
    assert found["21"]["rule"] == "unknown"
