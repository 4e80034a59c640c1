"""Give customers that came from converted leads what Odoo's conversion dropped, and take that back again."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.connect.odoo_client import SILENT, Odoo, OdooError
from etl.connect.odoo_fields import LEAD
from etl.connect.odoo_tables import PARTNER, stored

BANK = "res.partner.bank"
ATTACHMENT = "ir.attachment"
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


@dataclass(frozen=True)
class Legacy:
    """A legacy partner as the plan has it. values: column -> text; banks: its bank accounts' columns."""

    source_key: str
    company: bool
    values: Mapping[str, str]
    banks: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Lead:
    """A lead of a plan. id: in Odoo; fields: what the plan wrote into it; records: those that it holds, its own first.

    contact: the record whose name stands as its contact.
    """

    id: int
    key: str
    records: Sequence[Legacy]
    fields: Mapping[str, str]


@dataclass
class Proposal:
    """What one customer gets. partner: its id; None for a contact or address that is made below `parent`.

    values: field -> what is written; former: what the customer has there now. banks: rows that it gets, each an id to
    move here, or values to make one of. compared, equal: fields that the legacy partner has and a customer can hold,
    and those of them that the customer has already.
    """

    lead: int
    source_key: str
    partner: int | None
    parent: int | None
    values: dict[str, Any] = field(default_factory=dict)
    former: dict[str, Any] = field(default_factory=dict)
    banks: list[dict[str, Any]] = field(default_factory=list)
    compared: int = 0
    equal: int = 0
    other: list[str] = field(default_factory=list)

    @property
    def needed(self) -> bool:
        """Whether there is something to write."""
        return bool(self.values or self.banks)


class Customers:
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

    def proposals(self, lead: Lead, partner: int) -> list[Proposal]:
        """What the customer of a lead, its contact and further contacts are to get."""
        [found] = self._read([partner])
        parent = found["parent_id"][0] if found["parent_id"] else None
        company = partner if found["is_company"] else parent
        pairs: list[tuple[Legacy, int | None]] = []
        left = list(lead.records)
        own = next((one for one in left if one.company), None)
        if own is not None and company is not None:
            pairs.append((own, company))
            left.remove(own)
        if not found["is_company"]:
            person = self._person(left, found["name"])
            if person is not None:
                pairs.append((person, partner))
                left.remove(person)
        below = company or partner
        there = {child["name"]: child["id"] for child in self._children(below)}
        pairs += [(one, there.get(one.values.get("name", ""))) for one in left]
        done = {legacy.source_key: target for legacy, target in pairs}
        return [self._proposal(lead, legacy, done[legacy.source_key], below) for legacy, _ in pairs]

    def _person(self, records: Sequence[Legacy], name: str) -> Legacy | None:
        persons = [one for one in records if not one.company]
        return next(
            (one for one in persons if one.values.get("name") == name), persons[0] if len(persons) == 1 else None
        )

    def _children(self, parent: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._odoo.call(
            PARTNER, "search_read", {"domain": [["parent_id", "=", parent]], "fields": ["name"]}
        )
        return found

    def _read(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        names = [name for name in stored(self._fields) if self._fields[name]["type"] != "properties"]
        found: list[dict[str, Any]] = self._odoo.call(PARTNER, "read", {"fields": names}, ids=ids)
        return found

    def _proposal(self, lead: Lead, legacy: Legacy, partner: int | None, parent: int) -> Proposal:
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
            there = _plain(info["type"], now.get(name))
            more = info["type"] == "many2many" and set(there or ()) < set(value)
            if _same(there, value):
                proposal.equal += 1
            elif not there or more or self._from_conversion(lead, name, there):
                proposal.values[name], proposal.former[name] = value, there
            else:
                proposal.other.append(name)
        if partner is None:
            proposal.values |= {"name": legacy.values.get("name", legacy.source_key), "is_company": legacy.company}
            if legacy.values.get("type") in ADDRESS:
                proposal.values["type"] = legacy.values["type"]
        proposal.banks = self._banks(legacy, partner)
        proposal.compared += len(legacy.banks)
        proposal.equal += len(legacy.banks) - len(proposal.banks)
        return proposal

    def _from_conversion(self, lead: Lead, name: str, there: Any) -> bool:
        """Whether a value is what conversion copied from the lead as the plan wrote it: nobody has edited it."""
        planned = {"email": "email", "phone": "phone", "mobile": "mobile", "website": "website", "street": "street",
                   "street2": "street2", "zip": "postcode", "city": "city"}.get(name)  # fmt: skip
        return planned is not None and isinstance(there, str) and lead.fields.get(planned) == there

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
                return text if text in [one[0] for one in info["selection"]] else None
            case "many2one":
                return int(text) if self._same else self._by_name(info["relation"], [shown or ""], make=False)[0]
            case "many2many":
                if self._same:
                    return [int(one) for one in text.split(", ")]
                found = self._by_name(info["relation"], (shown or "").split(", "), make=name == "category_id")
                return [one for one in found if one]
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
        found = FILE.match(text)
        path = self._folder / found[1] if found else None
        return base64.b64encode(path.read_bytes()).decode() if path is not None and path.is_file() else None

    def _banks(self, legacy: Legacy, partner: int | None) -> list[dict[str, Any]]:
        """The bank accounts that a customer lacks: in the same Odoo they are moved, as a number stands there once."""
        if not legacy.banks:
            return []
        rows = self._odoo.call(
            BANK, "search_read", {"domain": [["partner_id", "=", partner or -1]], "fields": ["acc_number"]}
        )
        there = {row["acc_number"] for row in rows}
        missing = [bank for bank in legacy.banks if bank.get("acc_number") and bank["acc_number"] not in there]
        if self._same:
            return [{"id": int(bank["id"]), "from": int(legacy.values["id"])} for bank in missing]
        kept = ("acc_number", "acc_holder_name")
        return [{name: bank[name] for name in kept if bank.get(name)} for bank in missing]

    # writing and taking back

    def write(self, proposal: Proposal, plan: str) -> str | None:
        """Give one customer what it lacks; what it had is kept first. Gives why Odoo refused it, if it did."""
        name = f"crm-cleanup restore {plan} {proposal.lead} {proposal.source_key}"
        kept: dict[str, Any] = {
            "partner": proposal.partner,
            "former": proposal.former,
            "written": proposal.values,
            "banks": proposal.banks,
        }
        record = self._keep(name, kept)
        try:
            if proposal.partner is None:
                values = {**proposal.values, "parent_id": proposal.parent}
                made = self._odoo.call(PARTNER, "create", {"vals_list": [_sent(values, self._fields)]}, context=SILENT)
                partner = made[0]
                self._keep(name, {**kept, "partner": partner, "made": True}, record)
            else:
                partner = proposal.partner
                if proposal.values:
                    values = _sent(proposal.values, self._fields)
                    self._odoo.call(PARTNER, "write", {"vals": values}, ids=[partner], context=SILENT, again=True)
            made_banks = []
            for bank in proposal.banks:
                if "id" in bank:
                    self._odoo.call(BANK, "write", {"vals": {"partner_id": partner}}, ids=[bank["id"]], again=True)
                else:
                    made_banks += self._odoo.call(BANK, "create", {"vals_list": [{**bank, "partner_id": partner}]})
            if made_banks:
                whole = {**kept, "partner": partner, "made": proposal.partner is None, "made_banks": made_banks}
                self._keep(name, whole, record)
        except OdooError as error:
            if error.kind != "refused":
                raise
            if proposal.partner is not None:
                self._odoo.call(ATTACHMENT, "unlink", {}, ids=[record])
            return " ".join(error.message.split("\n")[0].split())
        return None

    def _keep(self, name: str, value: Mapping[str, Any], record: int | None = None) -> int:
        content = base64.b64encode(json.dumps(value, default=str).encode()).decode()
        if record is not None:
            self._odoo.call(ATTACHMENT, "write", {"vals": {"datas": content}}, ids=[record], again=True)
            return record
        made = self._odoo.call(ATTACHMENT, "create", {"vals_list": [{"name": name, "datas": content}]}, context=SILENT)
        return int(made[0])

    def restored(self, plan: str) -> list[tuple[int, str, dict[str, Any]]]:
        """What was restored by a plan: id of the record of it, its name and what it says."""
        domain = [["name", "=like", f"crm-cleanup restore {plan} %"], ["res_model", "=", False]]
        rows = self._odoo.call(
            ATTACHMENT, "search_read", {"domain": domain, "fields": ["name", "datas"], "order": "id desc"}
        )
        return [(row["id"], row["name"], json.loads(base64.b64decode(row["datas"]))) for row in rows]

    def take_back(self, kept: Mapping[str, Any]) -> list[str]:
        """Take back what one customer was given; gives the fields that somebody has edited since, which stay."""
        for bank in kept["banks"]:
            if "id" in bank:
                self._odoo.call(BANK, "write", {"vals": {"partner_id": bank["from"]}}, ids=[bank["id"]], again=True)
        if kept.get("made_banks"):
            self._odoo.call(BANK, "unlink", {}, ids=kept["made_banks"])
        partner = kept["partner"]
        if partner is None:
            return []
        rows = self._odoo.call(PARTNER, "search_read", {"domain": [["id", "=", partner]], "fields": ["name"]})
        if not rows:
            return []
        if kept.get("made"):
            self._odoo.call(PARTNER, "unlink", {}, ids=[partner], context=SILENT)
            return []
        [now] = self._read([partner])
        edited, back = [], {}
        for name, written in kept["written"].items():
            kind = self._fields[name]["type"]
            if kind != "binary" and not _same(_plain(kind, now.get(name)), written):
                edited.append(name)
            else:
                back[name] = kept["former"].get(name)
        if back:
            values = _sent(back, self._fields)
            self._odoo.call(PARTNER, "write", {"vals": values}, ids=[partner], context=SILENT, again=True)
        return edited

    def forget(self, records: Iterable[int]) -> None:
        """Take away the records of what was taken back."""
        if ids := list(records):
            self._odoo.call(ATTACHMENT, "unlink", {}, ids=ids)


def _plain(kind: str, value: Any) -> Any:
    """A value as it is written: a related record by its id; nothing where Odoo says false."""
    if kind == "many2one":
        return value[0] if value else None
    if kind == "many2many":
        return sorted(value or [])
    if kind in ("float", "monetary"):
        return float(value or 0)
    return None if value is False else value


def _same(one: Any, other: Any) -> bool:
    if isinstance(other, list):
        return sorted(one or []) == sorted(other)
    return bool(one == other)


def _sent(values: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Values as `write` takes them."""
    return {
        name: [[6, 0, value or []]] if fields[name]["type"] == "many2many" else False if value is None else value
        for name, value in values.items()
    }
