"""Which leads Odoo's own wizard would link to a wrong customer, or merge with another lead, when they are converted."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import Config
from etl.connect.target import Customers
from etl.model import Decision
from etl.plan.figures import ConversionFigures, Mislinked

FILE = "conversion.csv"
SHOWN = 20
NAMES = ("partner_name", "contact_name", "name")
"""The lead fields whose text Odoo looks for in the names of customers, in its order."""

LEADS = ("lead", "email", *NAMES)


def conversion(folder: Path, config: Config, customers: Customers | None) -> ConversionFigures | None:
    """Compare the leads of a plan with the target's customers as its wizard would; writes `conversion.csv`.

    customers: those of the target; None where it has no such wizard. Records that this plan archives in the same place
    are no customers any more. `_find_matching_partner` of Odoo takes the exact e-mail address, and in older versions
    then a name that holds the lead's; leads that share an address are merged by default.
    """
    if customers is None:
        return None
    leads = _leads(folder)
    staying = customers.partners
    if config.source.url == config.target.url:
        staying = staying[~staying["id"].isin(_moving(folder))]
    mislinked = list(_mislinked(leads, staying, customers))
    with (folder / FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["lead", "what", "by", "other"])
        writer.writerows((lead.lead, lead.what, lead.by, lead.other) for lead in mislinked)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for lead in mislinked:
        counts[lead.what, lead.by] += 1
    return ConversionFigures(
        counts["linked", "email"], counts["linked", "name"], counts["merged", "email"], tuple(mislinked[:SHOWN])
    )


def _leads(folder: Path) -> pd.DataFrame:
    with pq.ParquetFile(folder / "leads.parquet") as file:
        names = [name for name in LEADS if name in file.schema_arrow.names]
        table = file.read(columns=names)
    for name in LEADS:
        if name not in names:
            table = table.append_column(name, pa.nulls(len(table), pa.large_string()))
    frame: pd.DataFrame = table.select(list(LEADS)).to_pandas()
    return frame.sort_values("lead", ignore_index=True)


def _moving(folder: Path) -> set[str]:
    table = pq.read_table(folder / "decisions.parquet", columns=["key", "decision"])
    return set(table.filter(pc.equal(table["decision"], Decision.LEAD.value))["key"].to_pylist())


def _mislinked(leads: pd.DataFrame, staying: pd.DataFrame, customers: Customers) -> Iterator[Mislinked]:
    by_email = _first(
        zip(staying["email"].dropna().map(_address), staying["id"][staying["email"].notna()], strict=True)
    )
    shared = leads["email"].dropna().map(_address).value_counts()
    existing_leads = {_address(text): lead_id for text, lead_id in customers.leads.items()}
    names = "\n".join(staying["name"].fillna("").str.lower().str.replace("\n", " "))
    lines = staying["id"].tolist() if customers.by_name else []
    for lead, email, *texts in leads.to_numpy().tolist():
        address = _address(email) if isinstance(email, str) else ""
        if address in by_email:
            yield Mislinked(lead, "linked", "email", by_email[address])
        elif lines and (customer := _holding(names, lines, texts)):
            yield Mislinked(lead, "linked", "name", customer)
        if address and (shared.get(address, 0) > 1 or address in existing_leads):
            yield Mislinked(lead, "merged", "email", existing_leads.get(address, ""))


def _first(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    first: dict[str, str] = {}
    for key, value in pairs:
        first.setdefault(key, value)
    return first


def _address(text: str) -> str:
    """An e-mail address as Odoo compares it: without a name around it, in small letters."""
    inner = text.rpartition("<")[2].partition(">")[0]
    return (inner or text).strip().lower()


def _holding(names: str, ids: list[str], texts: Iterable[object]) -> str | None:
    """The first customer whose name holds one of these texts."""
    for text in texts:
        if isinstance(text, str) and text:
            place = names.find(text.lower())
            if place >= 0:
                return ids[names.count("\n", 0, place)]
    return None
