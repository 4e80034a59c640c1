"""What names and addresses of hard lists are put together from, in two halves that share no word.

One half is for building, the other for the last measurement alone: what was tuned to the words of one half shows in the
other. Legal forms, offices of a mailbox and spellings of countries are the same in both, for there are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from .. import parts

Half = Literal["build", "held-out"]
HALVES: tuple[Half, ...] = ("build", "held-out")
T = TypeVar("T")

SURNAMES_EN = tuple(
    """Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green
    Hall Wood Jackson Clarke Harrison Scott Cooper King Davis Harris Turner Hill Moore Baker Carter Bennett Murphy Kelly
    O'Sullivan Walsh O'Connor Byrne Ryan Doyle McCarthy Gallagher Kennedy Lynch Murray Quinn McLoughlin Nolan Campbell
    Stewart MacDonald Reid Fraser Hamilton Graham Patel Khan Ahmed Chen Kaur""".split()
)
FRONTS = tuple(
    """Ober Nieder Alten Neu Klein Groß Hinter Vorder Stein Berg Wald Feld Bach Linden Eichen Birken Kirch Mühl Brunn
    Hasel Rosen Somm Wint Dorn Buch Tann Moos Wies Leiten Kreuz Stadl Reit Grün Roth Hohen Lang""".split()
)
BACKS = tuple(
    """meier müller bauer hofer bacher berger felder huber mann brink kamp hausen holz lechner eder ner wieser ecker
    thaler bichler moser stetter rieder kötter""".split()
)
FRONTS_EN = tuple(
    """Ash Brad Carl Dun Eg Hart Har Holl Kirk Lang Mar Nor Pen Rad Sher Stan Strat Thorn Wal Whit Win Beck Crom Fen
    Gar Hes""".split()
)
BACKS_EN = tuple("worth ford ton ley field wood well by more ham stead wick man bourne".split())

FIRST_NAMES_EN = (
    tuple(
        """Mary Emma Emily Alice Grace Charlotte Lucy Olivia Claire Helen Rachel Rebecca Karen Joanne Sheila Susan
        Fiona Aoife Niamh Siobhán Ciara Deirdre Bridget Amelia Harriet""".split()
    ),
    tuple(
        """John David James Philip Andrew Mark Stephen Ian Simon Graham Neil Keith Alan Brian Kevin Colin Liam Sean
        Declan Eoin Cormac Niall George Henry Arthur Edwin""".split()
    ),
)
ALIKE = tuple(
    tuple(pair.split("/"))
    for pair in """Christian/Christina Michael/Michaela Daniel/Daniela Andreas/Andrea Stefan/Stefanie Gabriel/Gabriele
    Manuel/Manuela Martin/Martina Johann/Johanna Julian/Juliane Patrick/Patricia Paul/Paula Alexander/Alexandra
    Victor/Victoria Robert/Roberta Carl/Carla Simon/Simone Denis/Denise Dominic/Dominique Joan/John
    Eric/Erica Francis/Frances Lukas/Luka""".split()
)
"""First names of two people that differ in few letters."""
NICKNAMES = tuple(
    tuple(pair.split("/"))
    for pair in """Johannes/Hans Ulrich/Uli Robert/Bob William/Bill Elisabeth/Elli Margarete/Grete Friedrich/Fritz
    Josef/Sepp Katharina/Kathi Michael/Mike Thomas/Tom Richard/Dick Elizabeth/Liz Margaret/Peggy James/Jim Edward/Ted
    Wolfgang/Wolf Heinrich/Heinz Sebastian/Basti Alexander/Alex Christina/Tina Gertrud/Trude Franziska/Franzi
    Matthias/Matze Andrew/Andy Patricia/Pat Catherine/Kate Samuel/Sam Benjamin/Ben Rebecca/Becky Joachim/Jochen
    Gerhard/Gerd Bernhard/Bernd Manfred/Manni Günther/Günni Theresa/Resi""".split()
)
"""A first name and what friends make of it."""
FOREIGN = tuple(
    tuple(pair.split("/"))
    for pair in """Сергей/Sergey Дмитрий/Dmitry Наталья/Natalya Ольга/Olga Γιώργος/Giorgos Ελένη/Eleni Владимир/Vladimir
    Светлана/Svetlana Νίκος/Nikos Катерина/Katerina""".split()
)
"""First names in another script, and in Latin letters."""
FOREIGN_LAST = tuple(
    tuple(pair.split("/"))
    for pair in """Иванов/Ivanov Петров/Petrov Смирнов/Smirnov Παπαδόπουλος/Papadopoulos Попов/Popov Волков/Volkov
    Νικολάου/Nikolaou Соколов/Sokolov Морозов/Morozov Γεωργίου/Georgiou""".split()
)

TRADES_EN = tuple(
    """Engineering Logistics Trading Systems Foods Textiles Packaging Electronics Instruments Plumbing Joinery Roofing
    Optics Catering Printing Haulage Furniture Glazing Landscaping Software Consulting Surveying""".split()
)
GUESTS = ("zur Post", "zum Löwen", "Krone", "Sonne", "zum Hirschen", "Linde", "Adler", "Rössle", "Goldener Stern")
INNS = (
    *(f"{kind} {name}" for kind in ("Gasthof", "Hotel") for name in GUESTS),
    *("Apotheke am Markt", "Löwen-Apotheke", "Stadt-Apotheke", "Marien-Apotheke"),
)
INNS_EN = tuple(
    f"The {name}"
    for name in ("Red Lion", "Crown Inn", "White Hart", "Plough", "Royal Oak", "Kings Arms", "Bell Inn", "Swan")
)
OBJECTS = tuple(
    """Windpark Solarpark Biogasanlage WEG Wohnpark Parkhaus Kita Bauhof Autohof Kraftwerk Depot Warehouse Unit Store
    Campus Terminal Plant Hub""".split()
)
"""What is numbered: one roof, several firms."""
REGIONS = (("Nord", "Süd"), ("Ost", "West"), ("Oberland", "Unterland"), ("Rhein", "Main"), ("Bayern", "Sachsen"))
REGIONS_EN = (("North", "South"), ("East", "West"), ("Leinster", "Munster"), ("Highlands", "Lowlands"))
VILLAGES = tuple(
    front + back
    for back in ("dorf", "hausen", "heim", "bach", "ried")
    for front in (
        "Ober",
        "Unter",
        "Alten",
        "Neuen",
        "Langen",
        "Kirch",
        "Wolfs",
        "Rein",
        "Gers",
        "Hart",
        "Dietel",
        "Egl",
    )
)
SUBURBS = tuple(
    """Ballymore Kilbride Rathmore Clonard Templeton Northwood Ashgrove Milltown Newbridge Castletown Kingsford
    Hillcrest Brookvale Ferndale""".split()
)
STREETS_EN = tuple(
    street.replace("_", " ")
    for street in """High_Street Station_Road Mill_Lane Church_Road Victoria_Street Main_Street Park_Avenue
    Bridge_Street Harbour_Way Abbey_Road Chapel_Lane Market_Square George_Street Industrial_Parkway Lake_Avenue
    Elm_Street""".split()
)
INSTITUTES = tuple("Physik Chemie Informatik Biologie Maschinenwesen Medizin Geschichte".split())
INSTITUTES_EN = tuple("Physics Chemistry Computing Zoology Engineering Economics".split())
LEGAL_EN = ("Ltd", "Ltd", "Ltd", "Limited", "PLC", "LLP", "Inc.", "LLC", "Pty Ltd", "")


def _half(words: Sequence[T], half: Half) -> tuple[T, ...]:
    return tuple(words[HALVES.index(half) :: 2])


@dataclass(frozen=True)
class Words:
    """The words of one half. Pairs (English, German) where a language has its own; first names as (women, men)."""

    surnames: tuple[tuple[str, ...], tuple[str, ...]]
    composed: tuple[tuple[str, ...], tuple[str, ...]]
    women: tuple[tuple[str, ...], tuple[str, ...]]
    men: tuple[tuple[str, ...], tuple[str, ...]]
    trades: tuple[tuple[str, ...], tuple[str, ...]]
    streets: tuple[tuple[str, ...], tuple[str, ...]]
    places: tuple[parts.Place, ...]
    villages: tuple[str, ...]
    suburbs: tuple[str, ...]
    onsets: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]
    nicknames: tuple[tuple[str, ...], ...]
    foreign: tuple[tuple[str, ...], ...]
    foreign_last: tuple[tuple[str, ...], ...]
    inns: tuple[tuple[str, ...], tuple[str, ...]]
    objects: tuple[str, ...]
    regions: tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]
    institutes: tuple[tuple[str, ...], tuple[str, ...]]


def _composed(fronts: Sequence[str], backs: Sequence[str], half: Half) -> tuple[str, ...]:
    return tuple(front + back for front in _half(fronts, half) for back in backs)


def words(half: Half) -> Words:
    """The words of a half."""
    streets = (*parts.STREETS, *(f"{name}weg" for name in FRONTS), *(f"{name}er Straße" for name in VILLAGES))

    cities = _half(list(dict.fromkeys(place.city for place in parts.PLACES)), half)

    def halves(english: Sequence[T], german: Sequence[T]) -> tuple[tuple[T, ...], tuple[T, ...]]:
        return _half(english, half), _half(german, half)

    return Words(
        surnames=halves(SURNAMES_EN, parts.SURNAMES),
        composed=(_composed(FRONTS_EN, BACKS_EN, half), _composed(FRONTS, BACKS, half)),
        women=halves(FIRST_NAMES_EN[0], parts.FIRST_NAMES["Frau"]),
        men=halves(FIRST_NAMES_EN[1], parts.FIRST_NAMES["Herr"]),
        trades=halves(TRADES_EN, parts.TRADES),
        streets=halves(STREETS_EN, streets),
        places=tuple(place for place in parts.PLACES if place.city in cities),
        villages=_half(VILLAGES, half),
        suburbs=_half(SUBURBS, half),
        onsets=_half(parts.ONSETS, half),
        alike=_half(ALIKE, half),
        nicknames=_half(NICKNAMES, half),
        foreign=_half(FOREIGN, half),
        foreign_last=_half(FOREIGN_LAST, half),
        inns=halves(INNS_EN, INNS),
        objects=_half(OBJECTS, half),
        regions=halves(REGIONS_EN, REGIONS),
        institutes=halves(INSTITUTES_EN, INSTITUTES),
    )
