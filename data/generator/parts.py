"""What made-up companies, persons and addresses are put together from."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A city, its country (ISO 3166) and a postcode: the fixed beginning, and how many digits follow."""

    city: str
    country: str
    postcode: str
    digits: int


SURNAMES = tuple(
    name.replace("_", " ")
    for name in """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer
    Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange
    Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter
    Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich
    Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon
    Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel
    Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann
    Thomas Voigt Sauer Arnold Wolff Pfeiffer Kraszewski Öztürk Yılmaz Demirel Nowak Kowalczyk
    Wiśniewski Dvořák Novotný Horváth Szabó Popescu Petrović Jovanović Kovač Rossi Bianchi Esposito
    Moretti García Fernández Núñez Silva Ferreira Dubois Lefèvre Moreau Girard Jansen van_den_Berg
    de_Vries Bakker Nielsen Sørensen Lindqvist Åkesson Virtanen O'Brien MacAllister Okafor Nguyen
    Tran Singh Petersen Hansen Jacobsen Clausen Wiegand Oehlschläger Brüggemann Nötzel Tüxen Häberle
    Stöckl Gschwandtner Käfer Rübsam Dörfler Plötz Fähnrich Lüdecke Wröbel Zörner Quandel Ybbser
    Xaver Utz Ulrichs Eßer Strauß Süß Preuß""".split()
)
"""Common German ones first: the sooner a name comes, the more often it is drawn."""

FIRST_NAMES = {
    "Frau": tuple(
        """Anna Maria Sabine Petra Claudia Susanne Andrea Monika Ursula Karin Birgit Martina Stefanie Nicole
    Julia Katrin Christine Silke Anja Melanie Sandra Heike Ute Renate Gisela Jutta Barbara Elke
    Brigitte Katharina Lena Laura Sarah Lisa Hannah Leonie Sophie Johanna Franziska Jana Ayşe Fatma
    Elif Agnieszka Katarzyna Zuzana Olga Irina Giulia Chiara Camille Élodie Inês Sofía Jörgine Käthe
    Bärbel Marie-Luise Ann-Kathrin Eva-Maria""".split()
    ),
    "Herr": tuple(
        """Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe Werner Horst Frank
    Dieter Manfred Gerhard Hans Bernd Thorsten Mathias Helmut Walter Heinz Martin Jörg Rolf Jens
    Sven Alexander Jan Rainer Holger Karl Dirk Joachim Ralf Carsten Herbert Oliver Wilhelm Kurt
    Markus Heinrich Harald Paul Lukas Felix Maximilian Jonas Tim Mehmet Mustafa Emre Piotr Tomasz
    Marek Jiří Luca Matteo Étienne João Søren Björn Götz Hans-Jürgen Karl-Heinz Klaus-Dieter""".split()
    ),
}

TITLES = ("Dr.", "Prof. Dr.", "Dipl.-Ing.", "Dr.-Ing.", "Mag.", "B.Sc.")

ONSETS = tuple(
    """Kra Vel Tor Mun Bri Zan Lor Pel Gri Hax Nor Quo Sar Tik Ulm Wex Yar Dro Fen Jas Kel Mir Ost Pra Rav
    Sil Tam Vor Wil Zed Blo Cas Dau Ech Flo Gal Hoi Ima Jor Klu Lam Moe Nau Opt Püt Röm Schnu Trau
    Uhl Wü""".split()
)
MIDDLES = tuple("a e i o u an en or il ur ax im on al ei ö ü av og ek".split())
ENDINGS = tuple(
    """nta vik lux tec mont dra ska port gen ris bel tron wik zin mar lin dex plan thal kon berg feld werk
    stein bach rode hagen flex sol pax nova""".split()
)

TRADES = tuple(
    """Maschinenbau Elektrotechnik Logistik Metallbau Bauunternehmen Handel Großhandel Spedition Stahlbau
    Werkzeugbau Kunststofftechnik Medizintechnik Gebäudereinigung Haustechnik Anlagenbau Holzbau
    Tiefbau Hochbau Consulting Software Systemhaus Datentechnik Druckerei Verpackungen Lebensmittel
    Backwaren Fleischwaren Getränke Gartenbau Landtechnik Agrarhandel Automobile Fahrzeugbau
    Karosseriebau Reifendienst Energietechnik Solartechnik Umwelttechnik Labortechnik Messtechnik
    Sicherheitstechnik Steuerungstechnik Antriebstechnik Fördertechnik Klimatechnik Kältetechnik
    Möbel Innenausbau Textil Mode Sportartikel Immobilien Verwaltung Beratung Vertrieb Import-Export
    Präzisionsteile Oberflächentechnik Gießerei Zerspanung Industriebedarf Arbeitsschutz Bürobedarf
    Fensterbau Glaserei Dachdeckerei Malerbetrieb Sanitär""".split()
)
ABROAD_TRADES = tuple(
    """Engineering Logistics Trading Systems Solutions Industries Foods Textiles Components Packaging
    Technologies Services Supplies Machines Automation Electronics Instruments Marine Energy
    Partners""".split()
)
LINKS = ("& Söhne", "& Sohn", "& Partner", "& Co.", "Gruppe", "International")

LEGAL_FORMS = {
    "DE": ( *("GmbH", ) * 11, *("GmbH & Co. KG", ) * 4, "AG", "AG", "e.K.", "e.K.", "KG", "UG (haftungsbeschränkt)",
    "OHG", "GbR", "SE", "eG", "gGmbH", "", ), "AT": ("GmbH", "GmbH", "GesmbH", "AG", "KG", "e.U.", "GmbH & Co KG"),
    "CH": ("AG", "AG", "GmbH", "SA", "Sàrl"), "NL": ("B.V.", "B.V.", "N.V.", "V.O.F."), "FR": ("SARL", "SAS", "S.A.",
    "EURL"), "IT": ("S.p.A.", "S.r.l.", "S.n.c."), "PL": ("Sp. z o.o.", "Sp. z o.o.", "S.A.", "Sp. k."),
    "GB": ("Ltd", "Ltd", "Limited", "PLC", "LLP"), "US": ("Inc.", "Inc.", "LLC", "Corp."), "LU": ("S.à r.l.",
    "S.A."),
}  # fmt: skip

PLACES = tuple(
    Place(city, "DE", postcode, 5 - len(postcode))
    for city, postcode in (
        line.rsplit(" ", 1)
        for line in """Berlin 10
Berlin 12
Berlin 13
Hamburg 20
Hamburg 22
München 80
München 81
Köln 50
Köln 51
Frankfurt am Main 60
Frankfurt am Main 65
Stuttgart 70
Düsseldorf 40
Leipzig 041
Dortmund 44
Essen 45
Bremen 28
Dresden 011
Hannover 30
Nürnberg 90
Duisburg 47
Bochum 44
Wuppertal 42
Bielefeld 33
Bonn 53
Münster 48
Mannheim 68
Karlsruhe 76
Augsburg 86
Wiesbaden 65
Gera 075
Zwickau 080
Görlitz 028
Plauen 085
Halle (Saale) 061
Magdeburg 39
Rostock 18
Kiel 24
Lübeck 23
Oldenburg 26
Osnabrück 49
Göttingen 37
Kassel 34
Erfurt 99
Würzburg 97
Regensburg 93
Ulm 89
Freiburg im Breisgau 79
Konstanz 78
Saarbrücken 66
Trier 54
Koblenz 56
Mülheim an der Ruhr 45
Gütersloh 33
Schwäbisch Hall 74
Bad Tölz 83
Füssen 87
Wernigerode 388
Lüneburg 21
Flensburg 24""".split("\n")
    )
)
PLACES_ABROAD = (
    *(Place(c, "AT", z, 4 - len(z)) for c, z in (("Wien", "1"), ("Graz", "80"), ("Linz", "40"), ("Salzburg", "50"))),
    *(
        Place(c, "CH", z, 4 - len(z))
        for c, z in (("Zürich", "80"), ("Bern", "30"), ("Genève", "12"), ("St. Gallen", "90"))
    ),
    Place("Amsterdam", "NL", "10", 2),
    Place("Rotterdam", "NL", "30", 2),
    Place("Lyon", "FR", "6900", 1),
    Place("Strasbourg", "FR", "67", 3),
    Place("Milano", "IT", "201", 2),
    Place("Bolzano", "IT", "391", 2),
    Place("Wrocław", "PL", "5", 1),
    Place("Łódź", "PL", "9", 1),
    Place("London", "GB", "EC", 1),
    Place("Manchester", "GB", "M", 1),
    Place("Chicago", "US", "606", 2),
    Place("Boston", "US", "021", 2),
    Place("Luxembourg", "LU", "1", 3),
)

STREETS = tuple(
    street.replace("+", " ")
    for street in """Hauptstraße Bahnhofstraße Dorfstraße Schulstraße Gartenstraße Bergstraße Lindenstraße Kirchstraße
    Waldstraße Ringstraße Industriestraße Gewerbestraße Daimlerstraße Siemensstraße Benzstraße
    Max-Planck-Straße Robert-Bosch-Straße Carl-Zeiss-Straße Goethestraße Schillerstraße Mühlenweg
    Wiesenweg Eichenweg Kiefernweg Am+Hafen Am+Güterbahnhof Am+Sportplatz An+der+Alten+Ziegelei
    Auf+der+Höhe Im+Gewerbepark Zum+Wasserwerk Marktplatz Königsallee Alte+Landstraße Hansaring
    Südring Nordstraße Oststraße Weststraße Uferpromenade Brückenstraße Rosenstraße Kastanienallee
    Birkenallee Friedrich-Ebert-Straße Konrad-Adenauer-Straße Straße+des+17.+Juni Gutenbergstraße
    Dieselstraße Ottostraße""".split()
)
STREETS_ABROAD = {
    "AT": ("Ringstraße", "Landstraße", "Mariahilfer Gasse", "Industriezeile"),
    "CH": ("Bahnhofstrasse", "Seestrasse", "Rue du Lac", "Industriestrasse"),
    "NL": ("Havenweg", "Kerkstraat", "Industrieweg", "Stationsplein"),
    "FR": ("rue de la Gare", "avenue du Général", "rue des Érables", "quai du Port"),
    "IT": ("Via Roma", "Via dell'Industria", "Viale Europa", "Corso Garibaldi"),
    "PL": ("ul. Długa", "ul. Przemysłowa", "al. Wolności", "ul. Łąkowa"),
    "GB": ("High Street", "Station Road", "Mill Lane", "Dockside"),
    "US": ("Main Street", "Lake Avenue", "Industrial Parkway", "Elm Street"),
    "LU": ("rue de la Poste", "avenue de la Liberté", "route d'Arlon"),
}

BRANCHES = (
    "Maschinenbau", "Bau", "Handel", "Logistik", "IT", "Lebensmittel", "Gesundheit", "Energie", "Handwerk",
    "Dienstleistung", "Automobil", "Chemie & Kunststoff", "Öffentliche Hand", "Land-/Forstwirtschaft",
)  # fmt: skip
DEPARTMENTS = (
    "Einkauf",
    "Geschäftsführung",
    "Technik",
    "Buchhaltung",
    "IT",
    "Produktion",
    "Sekretariat",
    "Qualität",
    "Vertrieb",
)

FREEMAIL = ("freemail.example", "webpost.example", "mailbox.example", "posteo-frei.example")

ACTIVE_OWNERS = ("mm", "jk", "ts", "as", "lb")
OWNERS_WHO_LEFT = ("hg", "petra.k", "extern2", "rz (ausgeschieden)")

ACTIVITY_TYPES = ("Anruf", "E-Mail", "Besuch", "Aufgabe", "Messe", "Notiz")
SUBJECTS = (
    "Erstkontakt", "Nachfassen Angebot", "Rückruf erbeten", "Messegespräch Halle 4", "Musterversand",
    "Jahresgespräch", "Katalog angefordert", "Reklamation", "Terminabsprache", "Preisanfrage",
    "Newsletter-Anmeldung", "Besuch vor Ort", "AW: Angebot", "WG: Anfrage über Webformular", "Technische Rückfrage",
    "Mailbox besprochen", "Weihnachtskarte", "Demo vereinbart",
)  # fmt: skip
SENTENCES = (
    "Herr Lange war nicht am Platz, Rückruf nächste Woche.", "Interesse an Baureihe N4, Budget erst im Herbst.",
    "Wünscht Angebot über 25 Stück.", "Zurzeit kein Bedarf, in sechs Monaten wieder melden.",
    "Arbeitet mit einem Wettbewerber, Vertrag läuft noch zwei Jahre.",
    "Hat die Broschüre erhalten und findet sie gut.", "Ansprechpartner wechselt zum Quartalsende.",
    "Preis ist zu hoch, Entscheidung liegt bei der Geschäftsführung.", "Bitte nur per E-Mail kontaktieren.",
    "War sehr freundlich, will intern nachfragen.", "Zeichnung Nr. 0047-B liegt bei, Maße prüfen!",
    "Lieferzeit 6–8 Wochen genannt.", "Termin verschoben: KW 12 statt KW 10.", "Fragt nach Skonto (2 % / 10 Tage).",
    "Keine Reaktion auf drei Mails.", "Möchte Referenzen aus der Branche sehen.",
    "Sagt: „Melden Sie sich nach der Messe“.", "Technik ok, Einkauf bremst.",
    "Hat früher bei uns gekauft (Altsystem, vor 2010).", "Please send the quotation in English.",
    "Demande un devis pour 3 unités.", "Zentrale verbindet nicht weiter.",
    "Muster gefällt, Farbe RAL 7016 gewünscht.", "Umzug geplant, neue Adresse folgt.",
)  # fmt: skip
