"""Thirty companies and twenty debtors who are easily confused, and what is true of each: small lists teach nothing."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

COLUMNS = ("id", "name", "street", "zip", "city", "email", "phone", "website", "vat")
Row = Mapping[str, str]


def company(id: str, name: str, street: str = "", place: str = "", **more: str) -> dict[str, str]:
    """One company; place: postcode and city."""
    postcode, _, city = place.partition(" ")
    return {"id": id, "name": name, "street": street, "zip": postcode, "city": city, **more}


DEBTORS = [
    company("D01", "Kraszewski Metallbau GmbH", "Hauptstraße 5", "01099 Dresden", phone="0351 1234567"),
    company("D02", "Ostsee Fisch GmbH", "Kaiweg 1", "18055 Rostock", phone="0381 4455660", website="ostsee.example"),
    company("D03", "Müller GmbH", "Ringstr. 12", "01069 Dresden"),
    company("D04", "Dolch Logistik AG", "Hafenstr. 9", "20457 Hamburg", website="dolch.example", phone="040 998877"),
    company("D05", "Vogtland Textil GmbH", "Weberweg 3", "08523 Plauen", vat="DE123456788"),
    company("D06", "Peters & Sohn GbR", "Mühlgasse 2", "99084 Erfurt", phone="0361 2223334"),
    company("D07", "Brandt Holding GmbH", "Am Markt 1", "04109 Leipzig", vat="DE200000016"),
    company("D08", "Wojciechowski Anlagenbau GmbH", "Industriestr. 44", "44145 Dortmund"),
    company("D09", "Gesellschaft für Datenverarbeitung mbH", "Gartenweg 8", "34117 Kassel", website="gfd.example",
            phone="0561 778899"),
    company("D10", "Schmitz Autohaus GmbH & Co. KG", "Kölner Str. 101", "50859 Köln"),
    company("D11", "Rhein Druck GmbH", "Domplatz 4", "50667 Köln"),
    company("D12", "Rhein Druck GmbH", "Königsallee 20", "40212 Düsseldorf"),
    company("D13", "Jäger Fensterbau GmbH", "Forstweg 7", "87435 Kempten"),
    company("D14", "Huber Feinmechanik GmbH", "Werkstr. 15", "78532 Tuttlingen", vat="DE300000025"),
    company("D15", "Schulz Bau GmbH", "Nordring 3", "30159 Hannover", vat="DE811111116"),
    company("D16", "Dr. Hans Meierhofer", "Lindenallee 6", "83022 Rosenheim", phone="08031 55667"),
    company("D17", "Consulting Partner Dresden AG", "Elbufer 10", "01067 Dresden"),
    company("D18", "Nordlicht Steuerberatung", "Speicherstr. 2", "24103 Kiel", phone="0431 909090"),
    company("D19", "Tischlerei Wolf", "Hauptplatz 1", "4020 Linz"),
    company("D20", "Bäckerei Öztürk e.K.", "Venloer Str. 300", "50823 Köln", email="info@oeztuerk.example"),
]  # fmt: skip

CASES: Sequence[tuple[str, dict[str, str], str | None]] = [
    ("abbreviated", company("01", "Kraszewski Met.bau Ges.mbH", "Hauptstr. 5", "01099 Dresden"), "D01"),
    ("sister with one switchboard", company("02", "Ostsee Räucherei GmbH", "Kaiweg 1", "18055 Rostock",
     phone="0381 445566-0", website="ostsee.example"), None),
    ("same common name in another city", company("03", "Müller GmbH", "Ringstr. 40", "50667 Köln"), None),
    ("moved", company("04", "Dolch Logistik AG", "Weserufer 1", "28195 Bremen", email="post@dolch.example"), "D04"),
    ("renamed", company("05", "VT Fashion GmbH", "Weberweg 3", "08523 Plauen", vat="DE 123 456 788"), "D05"),
    ("another legal form", company("06", "Peters und Sohn GmbH", "Mühlgasse 2", "99084 Erfurt"), "D06"),
    ("another company of the group", company("07", "Brandt Verwaltungs GmbH", "Am Markt 1", "04109 Leipzig",
     vat="DE200000024"), None),
    ("two typing errors", company("08", "Wojciekowski Anlagenbau GmbH", "Industriestr. 44", "44154 Dortmund"), "D08"),
    ("initials", company("09", "GfD mbH", "Gartenweg 8", "34117 Kassel", website="www.gfd.example"), "D09"),
    ("words in another order", company("10", "Autohaus Schmitz", "Koelner Straße 101", "50859 Köln"), "D10"),
    ("one of two branches", company("11", "Rhein Druck GmbH", "Domplatz 4", "50667 Köln"), "D11"),
    ("neither of two branches", company("12", "Rhein Druck GmbH", "Moselufer 3", "56068 Koblenz"), None),
    ("umlauts written out", company("13", "JAEGER FENSTERBAU", "Forstweg 7", "87435 Kempten"), "D13"),
    ("a slip in the VAT number", company("14", "Huber Feinmechanik", "Werkstraße 15", "78532 Tuttlingen",
     vat="DE300000052"), "D14"),
    ("same name and town, other VAT number", company("15", "Schulz Bau GmbH", "Südring 80", "30159 Hannover",
     vat="DE822222227"), None),
    ("a person, turned round", company("16", "Meierhofer, Hans Dr.", "Lindenallee 6", "83022 Rosenheim"), "D16"),
    ("named after what everybody does", company("17", "Dresden Consulting GmbH", "Ringstr. 5", "01069 Dresden"), None),
    ("another firm in the same house", company("18", "Pixelwerk Studio UG", "Speicherstr. 2", "24103 Kiel"), None),
    ("same common name in another country", company("19", "Tischlerei Wolf", "Hauptstr. 1", "10115 Berlin"), None),
    ("umlaut domain and no address", company("20", "Öztürk Bäckerei", email="mehmet@oeztuerk.example"), "D20"),
]  # fmt: skip

OTHERS = [
    company("21", "Ziegler Kunststoff GmbH", "Talstr. 1", "70173 Stuttgart"),
    company("22", "Arndt Verlag KG", "Buchgasse 2", "04103 Leipzig"),
    company("23", "Fuhrunternehmen Lenz", "Landstr. 77", "17033 Neubrandenburg"),
    company("24", "Optik Sander GmbH", "Markt 9", "99423 Weimar"),
    company("25", "Hotel Seeblick", "Uferweg 4", "88131 Lindau"),
    company("26", "Weingut Zander", "Rebstr. 3", "55116 Mainz"),
    company("27", "Dachdecker Roth GmbH", "Firstweg 6", "38100 Braunschweig"),
    company("28", "Pflegedienst Sommer", "Parkallee 5", "28209 Bremen"),
    company("29", "Druckluft Kern OHG", "Gewerbepark 8", "92224 Amberg"),
    company("30", "Steinmetz Frank", "Friedhofsweg 1", "01097 Dresden"),
]

RULES = """\
  - {as: customer, name: same VAT number, when: {matches: erp, same: vat}}
  - {as: customer, name: known, when: {matches: erp, at_least: 0.95}}
  - {as: review, name: perhaps known, when: {matches: erp, at_least: 0.5}}
"""

CONFIG = """\
name: hard
as_of: 2026-11-01
source:
  url: files:{folder}/in
  records:
    accounts: {{key: id, type: company, {parent}identity: {{company: name, street: street, postcode: zip, city: city,
               email: email, phone: phone, website: website, vat: vat}}}}
masters:
  erp: {{url: "{erp}", from: debtors, key: id, {more}identity: {{company: name, street: street, postcode: zip,
         city: city, email: email, phone: phone, website: website, vat: vat}}}}
classify:
{rules}  - {{as: lead, name: no evidence}}
leads:
  fields: {{name: "{{name}}"}}
approvals: waived
gates: {{customers: 0%..100%}}
target: {{url: "sqlite:///{folder}/out.db"}}
"""


def write(path: Path, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> None:
    """Write a list as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_config(
    folder: Path,
    records: Sequence[Row],
    debtors: Sequence[Row],
    *,
    rules: str = RULES,
    erp: str | None = None,
    more: str = "",
    parent: str = "",
    columns: Sequence[str] = COLUMNS,
) -> Path:
    """Write records, debtors and a config that matches them."""
    write(folder / "in" / "accounts.csv", records, columns)
    if erp is None:
        write(folder / "erp" / "debtors.csv", debtors, columns)
    path = folder / "hard.yaml"
    erp = erp or f"files:{folder}/erp"
    path.write_text(CONFIG.format(folder=folder, erp=erp, rules=rules, more=more, parent=parent), encoding="utf-8")
    return path
