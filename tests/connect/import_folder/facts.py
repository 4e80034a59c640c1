"""What CRMs take, as their own documents say: what the data files are held against. Each fact names its place.

The documents stand in `etl/connect/import_folder/systems/*.yaml` with addresses and versions, under the names here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """The limits of one file, and in which document each stands."""

    encoding: str
    rows: int | None
    bytes: int | None
    source: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """Where a note stands, and its longest part."""

    header: str
    length: int | None
    unit: str
    second: str | None
    source: tuple[str, ...]


FILES = {
    "csv": File("utf-8", None, None, ("format",)),
    "salesforce": File("utf-8", 50_000, 100_000_000, ("wizard", "records", "encoding")),
    "hubspot": File("utf-8", 1_048_575, 20_000_000, ("import",)),
    "pipedrive": File("utf-8", 50_000, 50_000_000, ("limits",)),
    "dynamics": File("utf-8-sig", None, 8_000_000, ("import",)),
    "zoho": File("utf-8", 10_000, 25_000_000, ("import", "size")),
}

NOTES = {
    "csv": Note("note", None, "characters", None, ()),
    # Lead.Description: textarea, 32000; the wizard cuts descriptions at 32 KB, so it is bytes that count
    "salesforce": Note("Description", 32_000, "bytes", "Legacy_Note_2__c", ("fields", "wizard")),
    "hubspot": Note("Legacy note", 65_536, "characters", "Legacy note 2", ("types", "activities")),
    "pipedrive": Note("Note - Content", 30_000, "characters", None, ("fields",)),
    "dynamics": Note("Legacy Note", 1_048_576, "characters", "Legacy Note 2", ("memo", "fields")),
    "zoho": Note("Description", 32_000, "characters", "Legacy Note 2", ("fields", "custom")),
}

FLAGS = {
    "csv": ("true", "false"),
    "salesforce": ("TRUE", "FALSE"),
    "hubspot": ("True", "False"),
    "pipedrive": ("Yes", "No"),
    "dynamics": ("Do Not Allow", "Allow"),
    "zoho": ("true", "false"),
}
"""How `do_not_contact` is written."""

LISTS = {"csv": ";", "salesforce": ";", "hubspot": ";", "pipedrive": ",", "dynamics": ";", "zoho": ";"}

LENGTHS: dict[str, dict[str, tuple[str, int | None]]] = {
    "salesforce": {
        "name": ("Company", 255),
        "contact_name": ("LastName", 80),
        "title": ("Title", 128),
        "email": ("Email", 80),
        "phone": ("Phone", 40),
        "mobile": ("MobilePhone", 40),
        "website": ("Website", 255),
        "street": ("Street", 255),
        "postcode": ("PostalCode", 20),
        "city": ("City", 40),
        "state": ("State", 80),
        "country": ("Country", 80),
        "salesperson": ("OwnerId", 18),
    },
    "hubspot": {"name": ("Company name", 65_536), "city": ("City", 65_536), "email": ("Email", 254)},
    "pipedrive": {"name": ("Lead - Title", 255), "contact_name": ("Person - Name", 255)},
    "dynamics": {
        "name": ("Topic", 300),
        "partner_name": ("Company Name", 100),
        "contact_name": ("Last Name", 50),
        "title": ("Job Title", 100),
        "email": ("Email", 100),
        "phone": ("Business Phone", 50),
        "mobile": ("Mobile Phone", 20),
        "website": ("Website", 200),
        "street": ("Street 1", 250),
        "street2": ("Street 2", 250),
        "postcode": ("ZIP/Postal Code", 20),
        "city": ("City", 80),
        "state": ("State/Province", 50),
        "country": ("Country/Region", 80),
    },
    "zoho": {
        "name": ("Company", 100),
        "contact_name": ("Last Name", 80),
        "title": ("Title", 100),
        "email": ("Email", 100),
        "phone": ("Phone", 30),
        "mobile": ("Mobile", 30),
        "website": ("Website", 120),
    },
    "csv": {"name": ("name", None), "note": ("note", None)},
}
"""System -> lead field -> header and longest text: of the documents that the data file calls `fields`, `types` or
`import`."""

REQUIRED: dict[str, set[str]] = {
    "csv": set(),
    "salesforce": {"Company", "LastName"},
    "hubspot": {"Company name"},
    "pipedrive": {"Lead - Title"},
    "dynamics": {"Topic", "Last Name"},
    "zoho": {"Company", "Last Name"},
}
