"""The part of a first config that says what goes into which field of a lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.profile.draft import Draft, as_list
from etl.profile.kinds import legal_share
from etl.profile.model import Column, Role
from etl.profile.names import kinds_of, says_opt_out, words_of
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.table_parts import MOSTLY, no_denials, says_yes

FIELDS = ("street", "postcode", "city", "state", "country", "vat", "website")
"""The fields of a lead that take what the company says."""
OWNER = 60
"""So much of a name speaks of who looks after a record."""
OFTEN = 2
"""So many records at least each owner looks after, on average."""
LEGAL = 0.1
"""Where so many values have a legal form, they name companies and no people."""
FEW_WORDS = 6
"""A column of more words does not say who opted out, unless it is a flag."""
CONSENT = 40
"""So much of a name speaks of consent where people are asked about it."""
GERMAN = frozenset(
    "strasse plz ort nachname vorname telefon firma kunde kunden rechnung rechnungen datum betrag bemerkung anrede "
    "land ansprechpartner umsatz stadt werbesperre lieferant auftrag auftraege bezahlt storniert versendet herr "
    "frau".split()
)


def draft_leads(draft: Draft, profile: Profile, names: Names) -> None:
    """Write the `leads` of a config."""
    records = draft.config["source"]["records"]
    company = next((e for e in records.values() if e["type"] != "person"), None)
    person = next((e for e in records.values() if e["type"] == "person"), None)
    fields: dict[str, Any] = {}
    own = [e["identity"] for e in records.values() if e["type"] != "person"]
    people = (
        person["identity"] if person else (company["identity"] if company and isinstance(company["type"], dict) else {})
    )
    name = _name(people, "{}")
    companies = _columns(own, "company")
    fields["name"] = _first([*map(_in, companies), *([name] if name else [])] or _by_keys(draft, records))
    if companies:
        fields["partner_name"] = _first([*map(_in, companies)])
    contact = _name(people, "contact.{}")
    if contact:
        fields["contact_name"] = contact
    for field in ("email", "phone"):
        columns = _columns(own, field)
        theirs = [f"contact.{c}" for c in _columns([people], field)] if people else []
        if columns or theirs:
            fields[field] = _first([*map(_in, columns[:1]), *map(_in, theirs[:1])])
    for field in FIELDS:
        columns = _columns(own or [people], field)
        if columns:
            fields[field] = _first([*map(_in, columns)])
    owner = _owner(profile, records, names)
    if owner:
        fields["salesperson"] = owner
        draft.doubt(
            ("leads", "fields", "salesperson"),
            "Who are these people in the target? `map` brings them to its names; `default` is for all others.",
        )
    opted_out = _opted_out(profile, records, names)
    if opted_out:
        fields["do_not_contact"] = opted_out
    for line in _unclear(profile, records, names):
        draft.doubt(("leads", "fields", "do_not_contact"), line)
    for line in _consents(profile, names):
        draft.doubt(("leads", "fields"), line)
    leads: dict[str, Any] = {"one_per": "company"}
    leads["duplicates"] = {"merge_at": 0.98, "review_at": 0.9}
    draft.say(
        ("leads", "duplicates"), "As probable as merge_at, two records are one lead; from review_at a person decides."
    )
    leads["fields"] = fields
    leads["note"] = {"language": language_of(profile)}
    draft.config["leads"] = leads


def _by_keys(draft: Draft, records: Mapping[str, Any]) -> list[str]:
    """What leads are called whose records have no names."""
    draft.doubt(("leads", "fields", "name"), "No column seems to hold names: which one shall a lead be called by?")
    return list(dict.fromkeys(_in(column) for entry in records.values() for column in as_list(entry["key"])))


def language_of(profile: Profile) -> str:
    """The language in which tables and columns are named, and which few values are in: of notes, German or English."""
    words = [
        word
        for table in profile.tables
        for name in (table.name, *(c.name for c in table.columns))
        for word in words_of(name)
    ]
    values = [w for t in profile.tables for c in t.columns for value, _ in c.top[:10] for w in words_of(value)[:3]]
    german = sum(word in GERMAN for word in words) + sum(word in GERMAN for word in values) / 2
    return "de" if german >= 3 else "en"


def _columns(identities: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    columns: list[str] = []
    for identity in identities:
        named = identity.get(kind, [])
        columns += [named] if isinstance(named, str) else named
    return list(dict.fromkeys(columns))


def _in(column: str) -> str:
    return "{" + column + "}"


def _name(identity: Mapping[str, Any], form: str) -> str:
    parts = [identity[kind] for kind in ("first_name", "last_name") if isinstance(identity.get(kind), str)]
    return " ".join(_in(form.format(part)) for part in parts)


def _first(templates: Sequence[str]) -> Any:
    return templates[0] if len(templates) == 1 else {"first": list(templates)}


def _owner(profile: Profile, records: Mapping[str, Any], names: Names) -> Any:
    for table, entry in names.entries.items():
        part = profile.parts[table]
        called = [c for c in part.table.columns if kinds_of(c.name).get("owner", 0) >= OWNER and c.filled]
        for column in called:
            labels = records[entry].get("labels_of", {}).get(column.name)
            if labels:
                return "{" + f"{column.name}.{labels['show']}" + "}"
            if part.role in (Role.COMPANY, Role.BOTH) and _holds_owners(column):
                return {"column": column.name, "map": {word: word for word, _ in column.top}}
    return None


def _holds_owners(column: Column) -> bool:
    """Whether values are those of a few people who look after many records: a trade name is that of one company."""
    is_repeated = bool(column.top) and OFTEN * column.distinct <= column.filled
    return is_repeated and legal_share(column.values) < LEGAL


def _consents(profile: Profile, names: Names) -> Iterator[str]:
    """Columns by which people may have said that they want to be written to, or that they do not."""
    for table, entry in names.entries.items():
        for column in profile.parts[table].table.columns:
            speaks_of_consent = kinds_of(column.name).get("consent", 0) >= CONSENT
            if column.flag and speaks_of_consent and not says_opt_out(column.name):
                words = ", ".join(f"{word} ({count:,})" for word, count in column.top)
                yield f"{entry}.{column.name}: {words}. Does it say who must not be contacted? do_not_contact takes it."


def _opted_out(profile: Profile, records: Mapping[str, Any], names: Names) -> Any:
    """The columns by which people said that they must not be contacted."""
    asked: dict[str, Any] = {}
    for name, column in _opt_outs(profile, records, names):
        if column.dates and column.fill < MOSTLY:
            asked.setdefault(name, {"column": name, "empty": False})
        elif column.filled and (column.flag or column.distinct <= FEW_WORDS):
            asked.setdefault(name, says_yes(column, name))
    tests = list(asked.values())
    return (tests[0] if len(tests) == 1 else {"any": tests}) if tests else None


def _unclear(profile: Profile, records: Mapping[str, Any], names: Names) -> Iterator[str]:
    """Columns of who opted out whose words say neither yes nor no: these are taken for an opt-out."""
    told: set[str] = set()
    for name, column in _opt_outs(profile, records, names):
        if name in told or column.dates or column.is_plain_flag or column.distinct > FEW_WORDS:
            continue
        told.add(name)
        unclear = column.flag.other if column.flag else no_denials(column)
        words = ", ".join(f"{word} ({count:,})" for word, count in column.top if word in unclear)
        if words:
            yield f"{name}: {words}. Does it say who must not be contacted? So it is taken."


def _opt_outs(profile: Profile, records: Mapping[str, Any], names: Names) -> Iterator[tuple[str, Column]]:
    """The columns that are called like those of who opted out, as fields of leads name them."""
    for table, entry in names.entries.items():
        part = profile.parts[table]
        tables = [("", part.table)]
        tables += [
            (f"{name}.", profile.parts[join.get("from", name)].table)
            for name, join in records[entry].get("join", {}).items()
        ]
        for prefix, inner in tables:
            contact = "contact." if part.role is Role.PERSON else ""
            yield from (
                (contact + prefix + column.name, column) for column in inner.columns if says_opt_out(column.name)
            )
