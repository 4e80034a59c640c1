"""The shipped sample is what the generator writes, small, and as odd as real CRMs are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from generate import main

from tests.data.conftest import DATA, Sample

FILES = (
    *(f"legacy/{name}.csv" for name in ("accounts", "contacts", "accounts_contacts", "activities", "orders")),
    *(f"legacy/{name}" for name in ("invoices.csv", "notes.tsv", "prospects.csv", "visits.csv")),
    "erp/debtors.csv",
    "truth/records.csv",
)


def test_the_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    """Every byte of the sample comes from the call that data/README.md names."""
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    call = re.search(r"python data/generate\.py (--records \d+ --seed \d+) --to files:data --replace", readme)
    assert call, "data/README.md must show the call"

    main([*call[1].split(), "--to", f"files:{tmp_path}"])

    for name in FILES:
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


def test_the_sample_is_small(sample: Sample) -> None:
    """1,500 companies and 2,500 contacts, those aside that somebody deleted, in at most 4 MB."""
    kept = [sum(not row["deleted"] for row in rows) for rows in (sample.accounts, sample.contacts)]
    assert kept == [1500, 2500]
    assert sum((DATA / name).stat().st_size for name in FILES) <= 4_000_000


def _any(rows: str, column: str, expression: str) -> Callable[[Sample], bool]:
    return lambda sample: any(re.search(expression, row[column]) for row in getattr(sample, rows))


ODDITIES: dict[str, Callable[[Sample], bool]] = {
    "umlauts": _any("accounts", "name", "[äöüß]"),
    "mojibake": _any("accounts", "name", "Ã[¤¶¼Ÿ]"),
    "mojibake in a person's name": _any("contacts", "last_name", "Ã[¤¶¼Ÿ]"),
    "NULL as text": _any("accounts", "fax", "^NULL$"),
    "NA as text": _any("accounts", "fax", "^NA$"),
    "n/a as text": _any("accounts", "fax", "^n/a$"),
    "a hyphen for nothing": _any("accounts", "fax", "^-$"),
    "leading zeros of keys": _any("contacts", "id", "^00"),
    "leading zeros of postcodes": _any("accounts", "zip", r"^0\d{4}$"),
    "several e-mails in a field": _any("accounts", "email", r"@.*[;,/\n].*@"),
    "broken e-mails": _any("accounts", "email", "^[^@]+$|@@| @|@[^.]+$"),
    "several phones in a field": _any("accounts", "phone", r"\d / \d"),
    "line breaks in addresses": _any("accounts", "street", r"\n"),
    "carriage returns": _any("accounts", "street", r"\r"),
    "test records": _any("accounts", "name", "(?i)^test"),
    "test persons": _any("contacts", "last_name", "(?i)^test"),
    "the own company": _any("accounts", "is_own_company", "1"),
    "suppliers": _any("accounts", "is_supplier", "1"),
    "contacts without a company": _any("contacts", "account_id", "^$"),
    "subsidiaries": _any("accounts", "parent_id", r"\d"),
    "owners who left": _any("accounts", "owner", "ausgeschieden"),
    "opt-outs": _any("accounts", "opt_out", "1|ja"),
    "very long notes": _any("accounts", "remarks", r"(?s)^.{8000}"),
    "a rule of box characters": _any("accounts", "remarks", "═══"),
    "a label": _any("accounts", "remarks", "^Firma: "),
    "a Markdown heading": _any("activities", "body", "(?m)^# "),
    "an end mark": _any("accounts", "remarks", "--- Ende ---"),
    "a formula": _any("activities", "body", r"^=1\+1"),
    "HTML": _any("activities", "body", "<b>"),
    "code": _any("activities", "body", "DROP TABLE"),
    "dates of zeros": _any("activities", "happened_at", "^0000-00-00"),
    "invoices with a date of zeros": _any("invoices", "date", "^0000-00-00$"),
    "birth dates of zeros": _any("contacts", "birth_date", "^0000-00-00$"),
    "trailing blanks": _any("accounts", "name", " $"),
    "companies without a name": _any("accounts", "name", "^$"),
    "countries in words": _any("accounts", "country", "Deutschland"),
    "German amounts": _any("orders", "total", r",\d\d$"),
    "drafts": _any("invoices", "state", "draft"),
    "cancelled invoices": _any("invoices", "state", "cancelled"),
    "deleted companies": _any("accounts", "deleted", "1"),
    "deleted contacts": _any("contacts", "deleted", "1"),
    "deleted notes": _any("notes", "deleted", "1"),
    "deleted prospects": _any("prospects", "deleted", "1"),
    "notes on companies": _any("notes", "parent_type", "Account"),
    "notes on contacts": _any("notes", "parent_type", "Contact"),
    "notes on opportunities": _any("notes", "parent_type", "Opportunity"),
    "second jobs": lambda sample: len(sample.second_jobs()) > 5,
    "second jobs that ended": _any("links", "deleted", "1"),
    "head offices that name themselves": lambda sample: any(row["id"] == row["parent_id"] for row in sample.accounts),
    "decimal commas": _any("visits", "volume", r",\d\d$"),
    "signs of cp1252": _any("prospects", "potential", "€"),
    "letters of Western Europe alone": lambda sample: "?" not in "".join(row["name"] for row in sample.prospects),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_sample_has_what_real_crms_have(sample: Sample, oddity: str) -> None:
    """Each oddity that data/README.md speaks of occurs at least once."""
    assert ODDITIES[oddity](sample)


def test_phones_are_written_in_eight_ways(sample: Sample) -> None:
    """Berlin's numbers alone are spelled in all eight ways."""
    shapes = {
        re.sub(r"\d", "9", re.sub(r"\d{3,}", "9", row["phone"].replace("30 23125", "A 9").replace("3023125", "A9")))
        for row in (*sample.accounts, *sample.contacts)
        if "3023125" in re.sub(r"\D", "", row["phone"]) or "30/23125" in row["phone"]
    }
    assert len(shapes) >= 8


def test_chains_of_subsidiaries(sample: Sample) -> None:
    """Some subsidiary belongs to a subsidiary."""
    parents = {row["id"]: row["parent_id"] for row in sample.accounts if row["parent_id"]}
    parents = {row: parent for row, parent in parents.items() if row != parent}
    assert any(parents[row] in parents and parents[parents[row]] != row for row in parents)


def test_a_number_of_the_field_service_is_no_key_alone(sample: Sample) -> None:
    """Each office counts from 1: most numbers name several companies, and with the office each names one."""
    numbers = Counter(row["number"] for row in sample.prospects)
    assert sum(count > 1 for count in numbers.values()) > len(numbers) / 2
    assert len({(row["office"], row["number"]) for row in sample.prospects}) == len(sample.prospects)
    assert {(row["office"], row["number"]) for row in sample.visits} <= {
        (row["office"], row["number"]) for row in sample.prospects
    }


def test_the_number_of_an_opportunity_is_that_of_another_record(sample: Sample) -> None:
    """A note on an opportunity names what is a company's key, too: parent_type alone tells them apart."""
    keys = {row["id"] for row in sample.accounts}
    assert {row["parent_id"] for row in sample.notes if row["parent_type"] == "Opportunity"} <= keys


def test_the_main_link_of_a_contact_is_its_company(sample: Sample) -> None:
    """What the link table says of the main company is what stands at the contact."""
    main = {row["contact_id"]: row["account_id"] for row in sample.links if row["main"] == "1"}
    assert {row["id"]: row["account_id"] for row in sample.contacts if row["account_id"]} == main


def test_every_orphan_gate_holds(sample: Sample) -> None:
    """Rows of records that were deleted exist, and are less than 1% of each table."""
    keys = {row["id"] for row in sample.accounts}
    for rows in (sample.invoices, sample.activities):
        orphans = [row for row in rows if row["account_id"] and row["account_id"] not in keys]
        assert 0 < len(orphans) < len(rows) / 100


def test_nothing_leads_to_anybody(sample: Sample) -> None:
    """Mail and web addresses end in .example, and every phone number is one that is kept for fiction."""
    reserved = re.compile(
        r"(49|0)?0?(3023125|6990009|4066969|2214710|8999998)\d{3,6}|(49|0)0?(17139200|176040690)\d\d"
        r"|(49|0)0?(15228817386|15228895456|15254599371|17299\d{5}|17490\d{5}|17494\d{5})"
        r"|(44|0)0?(207946|[1-9]\d{2}496)0\d{3}|1?[2-9]\d{2}55501\d\d|(33|0)0?(19900|26191|35301|46571|53649)\d{4}"
    )
    for row in (*sample.accounts, *sample.contacts, *sample.debtors, *sample.prospects):
        for column in ("phone", "mobile", "fax"):
            for part in re.split(r" / ", row.get(column, "")):
                digits = re.sub(r"\D", "", part)
                assert not digits or reserved.fullmatch(digits.removeprefix("00")), part
        for column in ("email", "website"):
            for host in re.findall(r"[\w-]+\.[a-zA-Z]+(?=[/;, \n]|$)", row.get(column, "")):
                assert host.lower().endswith(".example"), host
