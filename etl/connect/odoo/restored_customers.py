"""Write what customers are given by `restore`, keep what they had before, and take it back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from etl.connect.odoo.client import SILENT, Odoo, OdooError
from etl.connect.odoo.restore_proposals import BANK, plain, same, sent
from etl.connect.odoo.tables import PARTNER
from etl.connect.restoration import Proposal

ATTACHMENT = "ir.attachment"


class RestoredCustomers:
    """What a plan gave to customers of an Odoo. It is kept there, one attachment a customer that belongs to no record.

    An attachment holds what the customer had before, and is written before the customer.
    """

    def __init__(self, odoo: Odoo, plan: str) -> None:
        self._odoo, self._head = odoo, f"crm-cleanup restore {plan} "
        self._fields = odoo.fields(PARTNER)

    def all(self) -> list[tuple[int, str, dict[str, Any]]]:
        """What was given, the last first: id of the attachment, source key, and what it says."""
        domain = [["name", "=like", f"{self._head}%"], ["res_model", "=", False]]
        rows = self._odoo.call(
            ATTACHMENT, "search_read", {"domain": domain, "fields": ["name", "datas"], "order": "id desc"}
        )
        return [
            (
                row["id"],
                row["name"].removeprefix(self._head).partition(" ")[2],
                json.loads(base64.b64decode(row["datas"])),
            )
            for row in rows
        ]

    def made(self) -> dict[int, dict[str, int]]:
        """Lead id -> source key -> the contact or address that was made of it."""
        made: dict[int, dict[str, int]] = {}
        for _, source_key, kept in self.all():
            if kept.get("made") and kept["partner"]:
                made.setdefault(int(kept["lead"]), {})[source_key] = int(kept["partner"])
        return made

    def write(self, proposal: Proposal) -> dict[str, str]:
        """Give one customer what it lacks; gives field -> why Odoo refused it, `contact` for a whole one."""
        kept: dict[str, Any] = {
            "lead": proposal.lead,
            "partner": proposal.partner,
            "made": proposal.partner is None,
            "former": proposal.former,
            "written": proposal.values,
            "banks": [bank for bank in proposal.banks if "id" in bank],
            "made_banks": [],
        }
        record = self._keep(f"{self._head}{proposal.lead} {proposal.source_key}", kept)
        try:
            partner, refused = self._partner(proposal)
        except OdooError as error:
            if error.kind != "refused":
                raise
            self.forget([record])
            return {"contact": _why(error)}
        kept["partner"] = partner
        if proposal.partner is None:
            self._keep("", kept, record)
        refused |= self._banks(proposal.banks, partner, kept)
        self._as_stored(kept, refused)
        self._keep("", kept, record)
        return refused

    def _partner(self, proposal: Proposal) -> tuple[int, dict[str, str]]:
        """Write the values; a customer whose values are refused together gets them one by one."""
        values, needed = proposal.values, dict[str, Any]()
        if proposal.partner is not None:
            return proposal.partner, self._values(proposal.partner, values)
        try:
            return self._create({**values, "parent_id": proposal.parent}), {}
        except OdooError as error:
            if error.kind != "refused":
                raise
            needed = {name: values[name] for name in ("name", "is_company", "type") if name in values}
            partner = self._create({**needed, "parent_id": proposal.parent})
        return partner, self._values(partner, {name: value for name, value in values.items() if name not in needed})

    def _create(self, values: Mapping[str, Any]) -> int:
        made = self._odoo.call(PARTNER, "create", {"vals_list": [sent(values, self._fields)]}, context=SILENT)
        return int(made[0])

    def _values(self, partner: int, values: Mapping[str, Any]) -> dict[str, str]:
        if not values:
            return {}
        try:
            vals = sent(values, self._fields)
            self._odoo.call(PARTNER, "write", {"vals": vals}, ids=[partner], context=SILENT, again=True)
        except OdooError as error:
            if error.kind != "refused":
                raise
            if len(values) == 1:
                return dict.fromkeys(values, _why(error))
            refused: dict[str, str] = {}
            for name, value in values.items():
                refused |= self._values(partner, {name: value})
            return refused
        return {}

    def _banks(self, banks: Sequence[Mapping[str, Any]], partner: int, kept: dict[str, Any]) -> dict[str, str]:
        refused: dict[str, str] = {}
        for bank in banks:
            try:
                if "id" in bank:
                    self._odoo.call(
                        BANK, "write", {"vals": {"partner_id": partner}}, ids=[bank["id"]], context=SILENT, again=True
                    )
                else:
                    kept["made_banks"] += self._odoo.call(
                        BANK, "create", {"vals_list": [{**bank, "partner_id": partner}]}, context=SILENT
                    )
            except OdooError as error:
                if error.kind != "refused":
                    raise
                refused["bank account"] = _why(error)
        return refused

    def _as_stored(self, kept: dict[str, Any], refused: Mapping[str, str]) -> None:
        """Keep the values as Odoo has them now: it writes some its own way, which is no edit of a person."""
        names = [name for name in kept["written"] if name not in refused]
        kept["written"] = dict.fromkeys(names) | self._read(kept["partner"], names)
        kept["former"] = {name: kept["former"].get(name) for name in names}

    def _read(self, partner: int, names: Sequence[str]) -> dict[str, Any]:
        """Some values of a partner, but no files."""
        names = [name for name in names if self._fields[name]["type"] != "binary"]
        [row] = self._odoo.call(PARTNER, "read", {"fields": names}, ids=[partner])
        return {name: plain(self._fields[name]["type"], row[name]) for name in names}

    def _keep(self, name: str, value: Mapping[str, Any], record: int | None = None) -> int:
        content = base64.b64encode(json.dumps(value, default=str).encode()).decode()
        if record is not None:
            self._odoo.call(ATTACHMENT, "write", {"vals": {"datas": content}}, ids=[record], again=True)
            return record
        made = self._odoo.call(ATTACHMENT, "create", {"vals_list": [{"name": name, "datas": content}]}, context=SILENT)
        return int(made[0])

    def take_back(self, kept: Mapping[str, Any]) -> str | None:
        """Take back what one customer was given; gives why something stays, as what somebody has edited since does."""
        for bank in kept["banks"]:
            self._odoo.call(
                BANK, "write", {"vals": {"partner_id": bank["from"]}}, ids=[bank["id"]], context=SILENT, again=True
            )
        self._remove(BANK, kept["made_banks"])
        partner = kept["partner"]
        if partner is None or not self._existing(PARTNER, [partner]):
            return None
        now = self._read(partner, list(kept["written"]))
        edited = sorted(name for name, value in now.items() if not same(value, kept["written"][name]))
        if kept["made"]:
            if edited:
                return f"edited since: {', '.join(edited)}"
            try:
                self._remove(PARTNER, [partner])
            except OdooError as error:
                if error.kind != "refused":
                    raise
                return f"Odoo refuses to remove contact {partner}: {_why(error)}"
            return None
        former = {name: kept["former"].get(name) for name in kept["written"] if name not in edited}
        if former:
            vals = sent(former, self._fields)
            self._odoo.call(PARTNER, "write", {"vals": vals}, ids=[partner], context=SILENT, again=True)
        return f"edited since: {', '.join(edited)}" if edited else None

    def _existing(self, model: str, ids: Sequence[int]) -> list[int]:
        rows = self._odoo.call(model, "search_read", {"domain": [["id", "in", list(ids)]], "fields": ["id"]})
        return [int(row["id"]) for row in rows]

    def _remove(self, model: str, ids: Sequence[int]) -> None:
        if ids and (existing := self._existing(model, ids)):
            self._odoo.call(model, "unlink", {}, ids=existing, context=SILENT)

    def forget(self, records: Iterable[int]) -> None:
        """Take away attachments, as what they tell of was taken back."""
        self._remove(ATTACHMENT, list(records))


def _why(error: OdooError) -> str:
    """Odoo's reason in its first sentence."""
    return " ".join(error.message.split("\n")[0].split())
