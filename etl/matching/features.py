"""What is compared of two lists: each identity column in its normal form, and the comparisons that it takes part in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

import pyarrow as pa
import pyarrow.compute as pc

from etl.matching import company_names, compare, levels, normal, phone_numbers
from etl.matching.company_comparison import OfCompany
from etl.matching.company_names import company
from etl.matching.comparisons import Comparison, Level, OfNumbers, OfPersonName, OfSeveral, OfValues
from etl.matching.fields import Coded, Several, joined
from etl.matching.person_names import person_name
from etl.matching.phone_numbers import phones, prefixed
from etl.matching.placeholders import LEAST_DIGITS
from etl.matching.regions import regions
from etl.matching.streets import house_as_written, street_and_house, street_as_written
from etl.matching.telling import OfTellingWords

STRAY = 0.01
"""Of so many records at most something else is filled in a list of names alone."""
Identity = Mapping[str, Sequence[pa.Array]]
"""Kind of column -> its columns, all of one length; null where the source is empty."""


@dataclass
class Features:
    """Two lists, or one, ready to be compared. count: records; of these the first `left` are the left list; all of
    them where there is one list. coded, several: normal forms by field."""

    count: int
    left: int
    coded: dict[str, Coded]
    several: dict[str, Several]
    comparisons: list[Comparison]

    @property
    def one_list(self) -> bool:
        """Whether duplicates within one list are looked for."""
        return self.left == self.count

    @property
    def names_alone(self) -> OfCompany | None:
        """The comparison of company names where nothing else is compared."""
        first = self.comparisons[0] if self.comparisons else None
        return first if isinstance(first, OfCompany) and first.alone else None


def features(identity: Identity, count: int, left: int) -> Features:
    """Normalise the identity columns of all records, the left list's first. Columns without any value are left out."""
    filled = {
        kind: [column for column in columns if column.null_count < len(column)] for kind, columns in identity.items()
    }
    made = Features(count, left, {}, {}, [])
    present = {kind: columns for kind, columns in filled.items() if columns}
    if "company" in present:
        _company(made, joined(present["company"]), alone=_names_alone(present, count))
    _person(made, present)
    _address(made, present)
    for kind, of_text in (
        ("city", levels.text(levels.CITY, 0.02)),
        ("state", levels.text(levels.STATE, 0.2)),
        ("occupation", levels.text(levels.OCCUPATION, 0.05)),
    ):
        if kind in present:
            coded = Coded.of(joined(present[kind]), normal.place)
            _value(made, kind, coded, of_text, compare.place_judge)
    for place, column in enumerate(present.get("other", ())):
        coded = Coded.of(column, normal.place)
        _value(
            made,
            f"other {place + 1}",
            coded,
            levels.text([words.format(n=place + 1) for words in levels.OTHER], 0.05),
            compare.place_judge,
        )
    if "date_of_birth" in present:
        coded = Coded.of(joined(present["date_of_birth"]), normal.birth_date)
        _value(made, "date_of_birth", coded, levels.DATE, compare.date_judge)
    if "gender" in present:
        coded = Coded.of(joined(present["gender"]), normal.place)
        _value(made, "gender", coded, levels.GENDER, compare.unlike_judge, rare=False)
    _numbers(made, present)
    _reach(made, present)
    return made


def _names_alone(present: Identity, count: int) -> bool:
    """Whether hardly any record has anything but a company's name to compare; by its country alone none is told."""
    others = [column for kind, columns in present.items() if kind not in ("company", "country") for column in columns]
    filled: int = sum(len(column) - column.null_count for column in others)
    return filled <= STRAY * count


def _value(
    made: Features, name: str, field: Coded, levels: tuple[Level, ...], judge: compare.Judge, *, rare: bool = True
) -> None:
    made.coded[name] = field
    made.comparisons.append(OfValues(name, field, levels, judge, rare))


def _company(made: Features, name: pa.Array, *, alone: bool) -> None:
    made.coded["company"], made.coded["legal form"] = Coded.parts(name, company, (company_names.as_written, None))
    core, form = made.coded["company"], made.coded["legal form"]
    names = OfCompany("company", core, form, levels.COMPANY, learned=not alone, alone=alone)
    made.comparisons += [names, OfTellingWords(names)]


def _person(made: Features, present: Identity) -> None:
    """First and last name, each beside the other: they may be swapped."""
    for kind in ("first_name", "last_name"):
        if kind in present:
            made.coded[kind] = Coded.of(joined(present[kind]), person_name)
    first, last = made.coded.get("first_name"), made.coded.get("last_name")
    for kind, words, judge, other, swapped in (
        ("first_name", levels.name(levels.FIRST_NAME, 0.008), compare.first_name_judge, last, levels.SWAPPED),
        ("last_name", levels.name(levels.LAST_NAME, 0.002), compare.name_judge, first, levels.SAME_PERSON_NAME),
    ):
        if kind in made.coded:
            as_rare = ((levels.SWAPPED, levels.SAME_PERSON_NAME),)
            name = OfPersonName(kind, made.coded[kind], words, judge, as_rare=as_rare, other=other, swapped=swapped)
            made.comparisons.append(name)


def _address(made: Features, present: Identity) -> None:
    if "street" in present:
        text = joined(present["street"])
        street, house = Coded.parts(text, street_and_house, (street_as_written, house_as_written))
        _value(made, "street", street, levels.STREET, compare.place_judge)
        _value(made, "house", house, levels.HOUSE, compare.house_judge, rare=False)
    if "postcode" in present:
        coded = Coded.of(joined(present["postcode"]), normal.postcode)
        _value(made, "postcode", coded, levels.POSTCODE, compare.postcode_judge)


def _numbers(made: Features, present: Identity) -> None:
    of_kind = [
        Several.of(
            present[kind],
            partial(normal.own_numbers, kind=kind),
            made.count,
            partial(normal.official_as_written, kind=kind),
        )
        for kind in LEAST_DIGITS
        if kind in present
    ]
    if of_kind:
        made.several["number"] = reduce(Several.and_also, of_kind)
        made.comparisons.append(OfNumbers("number", made.several["number"], (), levels.NUMBER))


def _reach(made: Features, present: Identity) -> None:
    """Mail addresses, phones and domains: those of websites, and for companies those of their mail."""
    several = made.several
    if "email" in present:
        several["email"] = Several.of(present["email"], normal.emails, made.count, normal.email_as_written)
        several["local part"] = several["email"].derived(normal.local_part)
        made.comparisons.append(OfSeveral("email", several["email"], (several["local part"],), levels.EMAIL))
    if "phone" in present:
        several["phone"] = Several.of(_dialled(present), _phones, made.count, _phone_as_written)
        several["stem"] = several["phone"].derived(normal.phone_stem, _stem_as_written)
        made.comparisons.append(OfSeveral("phone", several["phone"], (several["stem"],), levels.PHONE))
    mail = "company" in present and "email" in present
    if "website" in present or mail:
        sites = Several.of(present.get("website", ()), normal.hosts, made.count)
        if mail:
            sites = sites.and_also(several["email"].derived(normal.mail_domain))
        several["domain"] = sites
        made.comparisons.append(OfSeveral("domain", sites, (), levels.DOMAIN))


COUNTRY = "\x1f"
"""Stands between a phone number and the country that it is dialled from."""


def _dialled(present: Identity) -> list[pa.Array]:
    """The phone numbers, each with its country where they are dialled in a way of its own there."""
    if "country" not in present:
        return list(present["phone"])
    country = regions(joined(present["country"]))
    theirs = [name for name in pc.unique(country).to_pylist() if prefixed(name)]
    own, sign = pc.is_in(country, value_set=pa.array(theirs, country.type)), pa.scalar(COUNTRY, country.type)
    return [pc.if_else(own, pc.binary_join_element_wise(column, country, sign), column) for column in present["phone"]]


def _phones(text: str) -> list[str]:
    number, _, country = text.partition(COUNTRY)
    return phones(number, country or None)


def _phone_as_written(text: str, number: str) -> str:
    return phone_numbers.as_written(text.partition(COUNTRY)[0], number)


def _stem_as_written(text: str, stem: str) -> str:
    return phone_numbers.stem_as_written(text.partition(COUNTRY)[0], stem)
