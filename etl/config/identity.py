"""The kinds of columns that say who a company or person is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator

from etl.config.part import Texts

IDENTITY_FIELDS = (
    "company",
    "first_name",
    "last_name",
    "street",
    "postcode",
    "city",
    "state",
    "country",
    "email",
    "phone",
    "website",
    "vat",
    "company_number",
    "number",
    "date_of_birth",
    "occupation",
    "gender",
    "other",
)
"""`number`: any official number, such as that of a customer; `other`: any text that tells records apart."""


def _known(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for name in value:
        if name not in IDENTITY_FIELDS:
            raise ValueError(f"{name!r} is not an identity field; the identity fields are {', '.join(IDENTITY_FIELDS)}")
    return value


Identity = Annotated[dict[str, Texts], AfterValidator(_known)]
"""Kind -> the columns that hold it, which are read together where there are several."""

NAMES = ("company", "last_name")
NUMBERS = ("vat", "company_number", "number")


def comparable(own: Collection[str], others: Collection[str]) -> bool:
    """Tell whether records with these identity fields can be compared with a list that has the others.

    Both need a name or an official number in common. Where the other list has no names at all, any common field will
    do. A contact has the phone and mail domain of its company, so these alone never make a person a known customer.
    """
    shared = {*own} & {*others}
    return bool(shared & {*NAMES, *NUMBERS}) or (bool(shared) and not {*others} & {*NAMES})
