"""The kinds of cases in hard lists, and how much of each there is: the one table is `SHARES`.

A case is a few companies or persons that lists confuse, each written down once or more. Two records of one entity are a
true pair, two of different entities of one case a trap, both of the case's kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .entities import Firm, Human, Maker
from .written import (
    FILLED_FIRM,
    FILLED_HUMAN,
    NAMES,
    PEOPLE,
    TELLING,
    Record,
    filled,
    firm_record,
    first_firm,
    first_human,
    human_record,
    other_mail,
    phone_spelled,
    second_firm,
    second_human,
    sparse,
)

Case = Sequence[Sequence[Record]]
"""The records of each entity of a case."""
TWICE = 0.35
"""How many entities of a trap are written down twice: else whoever never joined there would be right."""
CROWD = 75
"""Records of one company, all with its name, address and domain."""
SHARES = {
    # companies
    "single company": 190,
    "abbreviations": 40,
    "legal form": 35,
    "umlauts": 25,
    "slips": 35,
    "words": 30,
    "phone spellings": 30,
    "missing columns": 25,
    "several at once": 40,
    "moved": 20,
    "renamed": 15,
    "sisters": 40,
    "numbered": 30,
    "regions": 20,
    "foundation": 15,
    "group": 30,
    "inns": 20,
    "elsewhere": 20,
    "placeholders": 20,
    # persons
    "single person": 100,
    "person slips": 20,
    "person umlauts": 10,
    "other script": 5,
    "nicknames": 20,
    "initials": 10,
    "reversed names": 15,
    "married names": 10,
    "missing person's columns": 15,
    "person, several at once": 15,
    "spouses": 25,
    "father and son": 15,
    "siblings": 15,
    "mother and daughter": 15,
    "alike": 10,
    "namesakes": 10,
    "colleagues": 10,
}
"""Kind of case -> records of it among 1,000."""
CROWD_EVERY = 50_000
"""So many records have one crowd, beside the shares: its 2,775 pairs would else be most of all."""


def two_of(kind: str) -> Callable[[Maker], Case]:
    """A company that two lists write differently in the way of that kind."""

    def make(maker: Maker) -> Case:
        firm = maker.firm()
        while kind == "umlauts" and f"{firm.core}{firm.trade}".isascii():
            firm = maker.firm()
        return [[first_firm(maker, firm), second_firm(maker, firm, kind)]]

    return make


def two_of_person(kind: str) -> Callable[[Maker], Case]:
    """A person whom two lists write differently in the way of that kind."""

    def make(maker: Maker) -> Case:
        human = someone(maker)
        while kind == "person umlauts" and f"{human.first}{human.last}".isascii():
            human = someone(maker)
        return [[first_human(maker, human), second_human(maker, human, kind)]]

    return make


def someone(maker: Maker) -> Human:
    """A person, as often at work as at home."""
    return maker.human(maker.firm() if maker.chance.holds(0.5) else None)


def firms(maker: Maker, of: Sequence[Firm]) -> Case:
    """Companies that are easily confused, some written down twice: what tells them apart never differs then."""

    def second(firm: Firm) -> list[Record]:
        return [second_firm(maker, firm, maker.chance.pick(TELLING))] if maker.chance.holds(TWICE) else []

    return [[first_firm(maker, firm), *second(firm)] for firm in of]


def humans(maker: Maker, of: Sequence[Human]) -> Case:
    """Persons who are easily confused, some of them written down twice."""
    return [
        [first_human(maker, human), *([second_human(maker, human)] if maker.chance.holds(TWICE) else [])]
        for human in of
    ]


def single_company(maker: Maker) -> Case:
    """A company that no list has twice."""
    return [[first_firm(maker, maker.firm())]]


def single_person(maker: Maker) -> Case:
    """A person whom no list has twice."""
    return [[first_human(maker, someone(maker))]]


def phone_spellings(maker: Maker) -> Case:
    """A company whose name and phone number, in two spellings or with two extensions, are nearly all there is."""
    chance, firm = maker.chance, maker.firm()
    records = []
    for spelled in (firm, replace(firm, phone=maker.extension(firm.phone)) if chance.holds(0.4) else firm):
        record = firm_record(chance, spelled)
        dropped = ("email", "website", "vat", *(("street",) if chance.holds(0.5) else ()))
        records.append(record._replace(**dict.fromkeys(dropped, "")))
    return [records]


def missing_columns(maker: Maker) -> Case:
    """A company of which a list says hardly more than the name."""
    firm = maker.firm()
    return [[firm_record(maker.chance, firm), sparse(maker.chance, firm_record(maker.chance, firm))]]


def missing_persons_columns(maker: Maker) -> Case:
    """A person of whom a list says hardly more than the name."""
    human = someone(maker)
    return [[human_record(maker.chance, human), sparse(maker.chance, human_record(maker.chance, human))]]


def several_at_once(maker: Maker) -> Case:
    """A company whose name differs in two or three ways, and of whose other columns one list has few."""
    chance, firm = maker.chance, maker.firm()
    written = firm
    for kind in {chance.pick(tuple(NAMES)): None for _ in range(3)}:
        core, trade, legal = NAMES[kind](maker, written)
        written = replace(written, core=core, trade=trade, legal=legal)
    second = firm_record(chance, firm, written.name)
    if chance.holds(0.5):
        second = second._replace(phone=phone_spelled(chance, maker.extension(firm.phone)))
    return [[first_firm(maker, firm), filled(chance, second, dict.fromkeys(FILLED_FIRM, 0.5))]]


def person_several_at_once(maker: Maker) -> Case:
    """A person whose name differs in two ways, and of whose other columns one list has few."""
    chance, human = maker.chance, someone(maker)
    record = human_record(chance, human)
    for kind in {chance.pick(tuple(PEOPLE)): None for _ in range(2)}:
        record = PEOPLE[kind](maker, record)
    return [[first_human(maker, human), filled(chance, record, dict.fromkeys(FILLED_HUMAN, 0.6))]]


def moved(maker: Maker) -> Case:
    """A company that has another address and the name and phone number from before."""
    chance, firm = maker.chance, maker.firm()
    at = maker.place()
    while at.country != firm.at.country:
        at = maker.place()
    record = firm_record(chance, replace(firm, at=at))
    return [[first_firm(maker, firm)._replace(phone=firm_record(chance, firm).phone),
             filled(chance, record, {**FILLED_FIRM, "phone": 1.0, "vat": 0.1})]]  # fmt: skip


def renamed(maker: Maker) -> Case:
    """A company that has another name, and the VAT number, address and phone number from before."""
    chance, firm = maker.chance, maker.firm()
    other = maker.named(maker.core(firm.at.language), firm.trade, firm.legal, firm.at)
    other = replace(other, phone=firm.phone, vat=firm.vat)
    full = {**FILLED_FIRM, "vat": 1.0 if firm.vat else 0.0, "phone": 0.95, "street": 1.0}
    return [[filled(chance, firm_record(chance, each), full) for each in (firm, other)]]


def beside(maker: Maker, firm: Firm, core: str, trade: str, legal: str) -> Firm:
    """Another company under the same roof: address, switchboard and domain are the same, its VAT number its own."""
    return replace(firm, core=core, trade=trade, legal=legal, vat=maker.vat(firm.at.country))


def sisters(maker: Maker) -> Case:
    """Companies of one family under one roof, in different trades."""
    chance, firm = maker.chance, maker.firm()
    made = [firm]
    for _ in range(chance.number(1, 2)):
        trade = maker.trade(firm.at.language)
        while trade in {one.trade for one in made}:
            trade = maker.trade(firm.at.language)
        made.append(beside(maker, firm, firm.core, trade, firm.legal))
    return firms(maker, made)


def numbered(maker: Maker) -> Case:
    """Companies that a number tells apart: objects under one roof, or houses of one street."""
    chance, firm = maker.chance, maker.firm()
    what, number = chance.pick(maker.words.objects), chance.number(1, 20)
    where = chance.pick(maker.words.villages if firm.at.language else maker.words.suburbs)
    legal = firm.legal if chance.holds(0.7) else ""
    made = []
    for step in range(chance.number(2, 4)):
        if what == "WEG":
            house = str(number + 2 * step)
            one = beside(maker, firm, f"WEG {firm.at.street}", house, "")
            one = replace(one, at=replace(firm.at, house=house))
        else:
            one = beside(maker, firm, f"{what} {where}", str(number + step), legal)
        made.append(one)
    return firms(maker, made)


def regions(maker: Maker) -> Case:
    """Companies of one name for two regions, some under one roof."""
    chance, firm = maker.chance, maker.firm()
    one, other = chance.pick(maker.words.regions[firm.at.language])
    at = firm.at if chance.holds(0.5) else maker.place()
    second = replace(beside(maker, firm, firm.core, f"{firm.trade} {other}", firm.legal), at=at)
    return firms(maker, [replace(firm, trade=f"{firm.trade} {one}"), second])


def foundation(maker: Maker) -> Case:
    """A company, and the foundation or association of its name."""
    firm = maker.firm()
    german = ("Stiftung", "gemeinnützige Stiftung", "Förderverein e.V.", "Unterstützungskasse e.V.")
    name = maker.chance.pick(german if firm.at.language else ("Foundation", "Charitable Trust", "Pension Fund"))
    return firms(maker, [firm, beside(maker, firm, firm.core, "", name)])


def group(maker: Maker) -> Case:
    """A holding, its operating company, and the general partner of the latter."""
    chance, firm = maker.chance, maker.firm()
    if firm.at.language:
        others = [("Holding", "GmbH"), ("Verwaltungs-", "GmbH"), ("Beteiligungs", "GmbH"), ("Immobilien", "KG")]
        firm = replace(firm, legal=chance.pick(("GmbH & Co. KG", "GmbH & Co. KG", "GmbH")))
        if firm.legal == "GmbH & Co. KG":
            others.append((firm.trade, "GmbH"))
    else:
        others = [("Holdings", "Ltd"), ("Group", "PLC"), ("Properties", "Ltd"), ("Management", "LLP")]
        firm = replace(firm, legal="Ltd")
    made = [firm]
    for _ in range(chance.number(1, 2)):
        trade, legal = others.pop(int(chance.random() * len(others)))
        kept = firm.trade if trade != firm.trade and chance.holds(0.5) else ""
        made.append(beside(maker, firm, firm.core, f"{kept} {trade}".strip(), legal))
    return firms(maker, made)


def inns(maker: Maker) -> Case:
    """An inn's, or a pharmacy's, name in two villages of one postcode."""
    chance, at = maker.chance, maker.place()
    name = chance.pick(maker.words.inns[at.language])
    villages = maker.words.villages if at.language else maker.words.suburbs
    made = []
    for place in {chance.pick(villages): None, chance.pick(villages): None}:
        street = chance.pick(maker.words.streets[at.language])
        here = replace(at, city=place, street=street, house=str(chance.number(1, 60)))
        made.append(maker.named(name, "", "", here))
    return firms(maker, made)


def elsewhere(maker: Maker) -> Case:
    """Companies of one common name that have nothing to do with each other."""
    firm = maker.firm()
    core = maker.surname(firm.at.language)
    made = [maker.named(core, firm.trade, firm.legal, firm.at)]
    for _ in range(maker.chance.number(1, 2)):
        at = maker.place()
        while at.language != firm.at.language:
            at = maker.place()
        made.append(maker.named(core, firm.trade, maker.firm(at).legal, at))
    return firms(maker, made)


def placeholders(maker: Maker) -> Case:
    """Companies that have nothing in common but what somebody typed where nothing was known."""
    chance = maker.chance
    column, value = chance.pick((
        ("email", "keine@angabe.example"), ("email", "info@nomail.example"), ("email", "noreply@crm.example"),
        ("phone", "0123456789"), ("phone", "030 1111111"), ("phone", "+49 30 23125000"), ("vat", "DE123456789"),
        ("vat", "DE999999999"),
    ))  # fmt: skip
    made = []
    for _ in range(chance.number(15, 25)):
        firm = maker.firm()
        records = [first_firm(maker, firm)._replace(**{column: value})]
        if chance.holds(TWICE):
            records.append(second_firm(maker, firm))
        made.append(records)
    return made


def crowd(maker: Maker) -> Case:
    """One company, which everybody who ever called it has written down anew."""
    chance, firm = maker.chance, maker.firm()
    records = []
    for _ in range(CROWD):
        person = maker.human(firm)
        record = firm_record(chance, replace(firm, phone=person.phone))
        records.append(filled(chance, record._replace(email=person.email, vat=""), FILLED_FIRM))
    return [records]


def other_script(maker: Maker) -> Case:
    """A person whose name one list has in Cyrillic or Greek letters."""
    (script, latin), (script_last, latin_last) = (
        maker.chance.pick(maker.words.foreign),
        maker.chance.pick(maker.words.foreign_last),
    )
    human = maker.human(maker.firm() if maker.chance.holds(0.5) else None, last=latin_last, first=latin)
    second = second_human(maker, human, "as it is")._replace(first_name=script, last_name=script_last)
    return [[first_human(maker, human), second]]


def nicknames(maker: Maker) -> Case:
    """A person whom one list calls by the name that friends use."""
    full, short = maker.chance.pick(maker.words.nicknames)
    human = maker.human(maker.firm() if maker.chance.holds(0.5) else None, first=full)
    return [[first_human(maker, human), second_human(maker, human, "as it is")._replace(first_name=short)]]


def relative(maker: Maker, human: Human, first: str, born: str) -> Human:
    """Somebody of one household: the name, the address and mostly the phone are the same."""
    made = replace(human, first=first, born=born)
    if maker.chance.holds(0.4):
        made = replace(made, phone=maker.private(human.at.country))
    return made if maker.chance.holds(0.3) else replace(made, email=maker.mail(made))


def another(maker: Maker, name: str, language: int) -> str:
    """A first name other than this one."""
    found = maker.first_name(language)
    while found == name:
        found = maker.first_name(language)
    return found


def spouses(maker: Maker) -> Case:
    """A couple at one address, often with one phone and one mail address."""
    human = maker.human()
    year = int(human.born[:4])
    first = another(maker, human.first, human.at.language)
    return humans(maker, [human, relative(maker, human, first, maker.birthday(year - 6, year + 6))])


def father_and_son(maker: Maker) -> Case:
    """Two of one name at one address, whom only a date of birth tells apart."""
    at = maker.place()
    human = maker.human(at=at, first=maker.chance.pick(maker.words.men[at.language]))
    year = int(human.born[:4])
    return humans(maker, [human, relative(maker, human, human.first, maker.birthday(year + 20, year + 35))])


def siblings(maker: Maker) -> Case:
    """Brothers and sisters at one address, now and then of one birthday."""
    chance, human = maker.chance, maker.human()
    year, made = int(human.born[:4]), [human]
    for _ in range(chance.number(1, 2)):
        born = human.born if chance.holds(0.15) else maker.birthday(year - 5, year + 5)
        made.append(relative(maker, human, another(maker, human.first, human.at.language), born))
    return humans(maker, made)


def mother_and_daughter(maker: Maker) -> Case:
    """Two with one mail address, one of them often with another last name or living elsewhere."""
    chance, at = maker.chance, maker.place()
    women = maker.words.women[at.language]
    human = maker.human(at=at, first=chance.pick(women))
    year = int(human.born[:4])
    child = replace(
        human,
        first=chance.pick([name for name in women if name != human.first]),
        born=maker.birthday(year + 20, year + 38),
        last=maker.surname(human.at.language) if chance.holds(0.3) else human.last,
        at=maker.place() if chance.holds(0.3) else human.at,
        phone=maker.private(human.at.country),
    )
    return humans(maker, [human, child])


def alike(maker: Maker) -> Case:
    """Two of one household whose first names differ in few letters: Christian and Christina."""
    one, other = maker.chance.pick(maker.words.alike)
    human = maker.human(first=one)
    year = int(human.born[:4])
    return humans(maker, [human, relative(maker, human, other, maker.birthday(year - 6, year + 30))])


def namesakes(maker: Maker) -> Case:
    """Two of one name who work for one company, each with a desk and a mail address."""
    firm = maker.firm()
    human = maker.human(firm)
    other = replace(human, born=maker.birthday(1955, 2004), phone=maker.extension(firm.phone))
    other = replace(other, email=other_mail(maker, other))
    full = {**FILLED_HUMAN, "email": 0.9, "phone": 0.9}
    return [[filled(maker.chance, human_record(maker.chance, each), full)] for each in (human, other)]


def colleagues(maker: Maker) -> Case:
    """Many who work for one company, all with its name, address and domain."""
    firm = maker.firm()
    return humans(maker, [maker.human(firm) for _ in range(maker.chance.number(50, 70))])


CASES: dict[str, Callable[[Maker], Case]] = {
    "single company": single_company,
    **{kind: two_of(kind) for kind in NAMES},
    "phone spellings": phone_spellings,
    "missing columns": missing_columns,
    "several at once": several_at_once,
    "moved": moved,
    "renamed": renamed,
    "sisters": sisters,
    "numbered": numbered,
    "regions": regions,
    "foundation": foundation,
    "group": group,
    "inns": inns,
    "elsewhere": elsewhere,
    "placeholders": placeholders,
    "crowd": crowd,
    "single person": single_person,
    **{kind: two_of_person(kind) for kind in PEOPLE},
    "other script": other_script,
    "nicknames": nicknames,
    "missing person's columns": missing_persons_columns,
    "person, several at once": person_several_at_once,
    "spouses": spouses,
    "father and son": father_and_son,
    "siblings": siblings,
    "mother and daughter": mother_and_daughter,
    "alike": alike,
    "namesakes": namesakes,
    "colleagues": colleagues,
}
"""Kind of case -> what makes one."""


def cases(maker: Maker, records: int) -> Iterator[tuple[str, Case]]:
    """Cases of every kind, each until its share of the records is reached."""
    for kind, share in SHARES.items():
        left = round(records * share / 1_000)
        while left > 0:
            case = CASES[kind](maker)
            left -= sum(map(len, case))
            yield kind, case
    for _ in range(records // CROWD_EVERY):
        yield "crowd", crowd(maker)
