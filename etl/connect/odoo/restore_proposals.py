"""What Odoo's conversion dropped of the customers that came from leads: what each of them is to get."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.connect.odoo.client import Odoo
from etl.connect.odoo.fields import LEAD
from etl.connect.odoo.tables import PARTNER, stored
from etl.connect.restoration import LegacyPartner, PlannedLead, Proposal

BANK = "res.partner.bank"
FILE = re.compile(r"(attachments/[0-9a-f]{2}/[0-9a-f]{64}) \(")
LEFT = frozenset(
    "id name display_name complete_name comment parent_id is_company company_type type active company_name "
    "commercial_partner_id commercial_company_name customer_rank supplier_rank message_main_attachment_id "
    "message_bounce email_normalized phone_sanitized partner_share calendar_last_notif_ack partner_gid "
    "additional_info last_time_entries_checked create_uid create_date write_uid write_date signup_type "
    "signup_expiration contact_address_complete followup_line_id channel_ids meeting_ids".split()
)
"""Fields of a partner that are not given back: Odoo's own bookkeeping, what conversion sets, and the note's place."""

ADDRESS = ("contact", "invoice", "delivery", "other", "private")


class ConvertedCustomers:
    """The customers of an Odoo that came from leads. same: whether the legacy partners are in this Odoo, too."""

    def __init__(self, odoo: Odoo, folder: Path, *, same: bool) -> None:
        self._odoo, self._folder, self._same = odoo, folder, same
        self._fields = odoo.fields(PARTNER)
        self._named: dict[str, dict[str, int]] = {}

    def converted(self, ids: Sequence[int]) -> dict[int, int]:
        """Lead id -> the partner of those leads that are converted and have one."""
        domain = [["id", "in", list(ids)], ["type", "=", "opportunity"], ["partner_id", "!=", False]]
        rows = self._odoo.call(LEAD, "search_read", {"domain": domain, "fields": ["partner_id"]})
        return {row["id"]: row["partner_id"][0] for row in rows}

    def proposals(self, lead: PlannedLead, partner: int, made: Mapping[str, int] | None = None) -> list[Proposal]:
        """What the customer of a lead, its contact and further contacts are to get.

        made: the contacts and addresses that restore has made for this lead before, by source key.
        """
        [customer] = self._read([partner])
        parent = customer["parent_id"][0] if customer["parent_id"] else None
        company = partner if customer["is_company"] else parent
        pairs: list[tuple[LegacyPartner, int | None]] = []
        left = list(lead.records)
        own = next((record for record in left if record.company), None)
        if own is not None and company is not None:
            pairs.append((own, company))
            left.remove(own)
        if not customer["is_company"]:
            person = self._person(left, customer["name"])
            if person is not None:
                pairs.append((person, partner))
                left.remove(person)
        below = company or partner
        children = [child for child in self._children(below) if child["id"] != partner]
        existing = _paired(left, children, {} if made is None else made)
        pairs += [(record, existing.get(record.source_key)) for record in left]
        return [self._proposal(lead, legacy, target, below) for legacy, target in pairs]

    def _person(self, records: Sequence[LegacyPartner], name: str) -> LegacyPartner | None:
        persons = [record for record in records if not record.company]
        return next(
            (record for record in persons if record.values.get("name") == name),
            persons[0] if len(persons) == 1 else None,
        )

    def _children(self, parent: int) -> list[dict[str, Any]]:
        children: list[dict[str, Any]] = self._odoo.call(
            PARTNER, "search_read", {"domain": [["parent_id", "=", parent]], "fields": ["name", "type", "street"]}
        )
        return children

    def _read(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        names = [name for name in stored(self._fields) if self._fields[name]["type"] != "properties"]
        partners: list[dict[str, Any]] = self._odoo.call(PARTNER, "read", {"fields": names}, ids=ids)
        return partners

    def _proposal(self, lead: PlannedLead, legacy: LegacyPartner, partner: int | None, parent: int) -> Proposal:
        proposal = Proposal(lead.id, legacy.source_key, partner, None if partner else parent)
        now = self._read([partner])[0] if partner else {}
        for name in stored(self._fields):
            info = self._fields[name]
            text = legacy.values.get(name)
            if name in LEFT or text is None or info.get("readonly") or info["type"] in ("properties", "one2many"):
                continue
            value = self._value(name, text, legacy.values.get(f"{name}.name"))
            if value in (None, False, 0, 0.0, ""):
                continue
            proposal.compared += 1
            current = plain(info["type"], now.get(name))
            more = info["type"] == "many2many" and set(current or ()) < set(value)
            if same(current, value):
                proposal.equal += 1
            elif not current or more or self._from_conversion(lead, name, current):
                proposal.values[name], proposal.former[name] = value, current
            else:
                proposal.other.append(name)
        if partner is None:
            proposal.values |= _needed(legacy)
        proposal.banks = self._banks(legacy, partner)
        proposal.compared += len(legacy.banks)
        proposal.equal += len(legacy.banks) - len(proposal.banks)
        return proposal

    def _from_conversion(self, lead: PlannedLead, name: str, current: Any) -> bool:
        """Whether a value is what conversion copied from the lead as the plan wrote it: nobody has edited it."""
        planned = {"email": "email", "phone": "phone", "mobile": "mobile", "website": "website", "street": "street",
                   "street2": "street2", "zip": "postcode", "city": "city"}.get(name)  # fmt: skip
        return planned is not None and isinstance(current, str) and lead.fields.get(planned) == current

    def _value(self, name: str, text: str, shown: str | None) -> Any:
        """A legacy value as Odoo takes it; None for one that cannot stand here."""
        info = self._fields[name]
        match info["type"]:
            case "boolean":
                return text == "true"
            case "integer":
                return int(text)
            case "float" | "monetary":
                return float(text)
            case "date":
                return text[:10]
            case "datetime":
                return text[:19].replace("T", " ")
            case "selection":
                return text if text in [option[0] for option in info["selection"]] else None
            case "many2one":
                return int(text) if self._same else self._by_name(info["relation"], [shown or ""], make=False)[0]
            case "many2many":
                if self._same:
                    return [int(key) for key in text.split(", ")]
                names = (shown or "").split(", ")
                if len(names) != len(text.split(", ")):
                    return None  # a name holds a comma: which names these are, nobody can say
                return [key for key in self._by_name(info["relation"], names, make=name == "category_id") if key]
            case "binary":
                return self._file(text)
        return text

    def _by_name(self, model: str, names: Sequence[str], *, make: bool) -> list[int | None]:
        """Records of another database by their display names; those of tags are made where there is none."""
        known = self._named.setdefault(model, {})
        for name in names:
            if name and name not in known:
                rows = self._odoo.call(model, "name_search", {"name": name, "operator": "=", "limit": 1})
                if rows:
                    known[name] = rows[0][0]
                elif make:
                    known[name] = self._odoo.call(model, "create", {"vals_list": [{"name": name}]})[0]
        return [known.get(name) for name in names]

    def _file(self, text: str) -> str | None:
        reference = FILE.match(text)
        path = self._folder / reference[1] if reference else None
        return base64.b64encode(path.read_bytes()).decode() if path is not None and path.is_file() else None

    def _banks(self, legacy: LegacyPartner, partner: int | None) -> list[dict[str, Any]]:
        """The bank accounts that a customer lacks: in the same Odoo they are moved, as a number stands there once."""
        if not legacy.banks:
            return []
        rows = self._odoo.call(
            BANK, "search_read", {"domain": [["partner_id", "=", partner or -1]], "fields": ["acc_number"]}
        )
        existing = {row["acc_number"] for row in rows}
        missing = [bank for bank in legacy.banks if bank.get("acc_number") and bank["acc_number"] not in existing]
        if self._same:
            return [{"id": int(bank["id"]), "from": int(legacy.values["id"])} for bank in missing]
        kept = ("acc_number", "acc_holder_name")
        return [{name: bank[name] for name in kept if bank.get(name)} for bank in missing]


def _paired(
    records: Sequence[LegacyPartner], children: Sequence[Mapping[str, Any]], made: Mapping[str, int]
) -> dict[str, int]:
    """Which legacy records are which contacts and addresses below a customer, each of them at most once."""
    free = {int(child["id"]): child for child in children}
    matches = {record.source_key: made[record.source_key] for record in records if made.get(record.source_key) in free}
    for own in matches.values():
        free.pop(own, None)
    for record in records:
        if record.source_key not in matches:
            for own in [own for own, child in free.items() if _is_same_contact(record, child)][:1]:
                matches[record.source_key] = own
                free.pop(own)
    return matches


def _is_same_contact(legacy: LegacyPartner, child: Mapping[str, Any]) -> bool:
    """Whether a contact has the name of a legacy record; an address without one is told by its kind and street."""
    had, names = legacy.values, (legacy.values.get("name", ""), child["name"] or "")
    if any(names):
        return names[0] == names[1]
    return (had.get("type"), had.get("street", "")) == (child["type"], child["street"] or "")


def _needed(legacy: LegacyPartner) -> dict[str, Any]:
    """What a new contact or address cannot be without; an address needs no name."""
    kind = legacy.values.get("type", "")
    values: dict[str, Any] = {"is_company": legacy.company}
    if kind in ADDRESS:
        values["type"] = kind
    name = legacy.values.get("name") or (None if kind in ADDRESS[1:] else legacy.source_key)
    return values if name is None else {**values, "name": name}


def plain(kind: str, value: Any) -> Any:
    """A value as it is written: a related record by its id; nothing where Odoo says false."""
    if kind == "many2one":
        return value[0] if value else None
    if kind == "many2many":
        return sorted(value or [])
    if kind in ("float", "monetary"):
        return float(value or 0)
    return None if value is False else value


def same(value: Any, other: Any) -> bool:
    """Whether two values are the same; related records in any order."""
    if isinstance(other, list):
        return sorted(value or []) == sorted(other)
    return bool(value == other)


def sent(values: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Values as `write` takes them."""
    return {
        name: [[6, 0, value or []]] if fields[name]["type"] == "many2many" else False if value is None else value
        for name, value in values.items()
    }
