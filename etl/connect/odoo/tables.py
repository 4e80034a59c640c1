"""What an Odoo is asked for: any model, some of its rows, and the tables that this tool knows by name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.errors import SourceError, excerpt

PARTNER = "res.partner"
WHERE = re.compile(r"(?P<model>[\w.]+)(?:\s+where\s+(?P<domain>\[.*\]))?\s*", re.DOTALL | re.IGNORECASE)
SECRET = re.compile(r"token|passw|secret|api_?key|signup|totp")
FIRST = tuple(
    "name ref vat street street2 zip city state_id country_id phone mobile email website function title comment "
    "category_id industry_id user_id lang".split()
)
"""Fields of a partner that stand first in a note, as on Odoo's own form."""

LAST = re.compile(
    r"^(active|color|type|is_company|create_|write_|message_|partner_l|partner_gid|partner_share|calendar_|commercial_|"
    r"display_name|complete_name|debit_limit|credit_limit|customer_rank|supplier_rank|.*_warn|email_normalized|"
    r"phone_sanitized|signup|additional_info|autopost|ignore_|employee$|tz$|last_time)"
)
"""Fields that are Odoo's own bookkeeping; they stand last."""

NO_MATTER = re.compile(r"\.report$|^report\.|^mail\.(followers|notification|mail)|^res\.partner\.category$")
"""Models whose rows are made of others, or say who was told of a message."""

LINK = "partner"
"""The column of a known table that names the partner of a row."""


@dataclass(frozen=True)
class TableQuery:
    """Rows of a model.

    domain: which, in Odoo's words. fields: which of its fields; None for all that are stored. links: fields that name
    partners, of which those that the instance has become the column `partner`; with several partners, a row for each.
    grouped: only how many rows there are of each partner, as `count`. module: what has to be installed.
    """

    model: str
    domain: tuple[Any, ...] = ()
    fields: tuple[str, ...] | None = None
    links: tuple[str, ...] = ()
    grouped: bool = False
    module: str = ""
    title: str = ""


_ORDERS = ("name", "date_order", "state", "amount_total", "currency_id", "user_id", "client_order_ref", "note")
_INVOICES = ("name", "move_type", "state", "invoice_date", "invoice_date_due", "amount_total", "currency_id", "ref")
_CUSTOMER_MOVES = ["out_invoice", "out_refund", "out_receipt"]

KNOWN: Mapping[str, TableQuery] = {
    # history
    "messages": TableQuery(
        "mail.message",
        (["model", "=", PARTNER],),
        ("date", "message_type", "author_id", "email_from", "subject", "body", "subtype_id"),
        ("res_id",),
        title="messages",
    ),
    "activities": TableQuery(
        "mail.activity",
        (["res_model", "=", PARTNER],),
        ("date_deadline", "activity_type_id", "summary", "note", "user_id"),
        ("res_id",),
        title="planned activities",
    ),
    "meetings": TableQuery(
        "calendar.event",
        (),
        ("start", "stop", "name", "location", "description", "user_id"),
        ("partner_ids",),
        module="calendar",
        title="meetings",
    ),
    "orders": TableQuery("sale.order", (), _ORDERS, ("partner_id",), module="sale", title="quotations and orders"),
    "invoices": TableQuery(
        "account.move",
        (["move_type", "!=", "entry"],),
        (*_INVOICES, "payment_state"),
        ("partner_id",),
        module="account",
        title="invoices",
    ),
    "bank_accounts": TableQuery(
        "res.partner.bank",
        (),
        ("acc_number", "acc_holder_name", "bank_id", "currency_id", "active"),
        ("partner_id",),
        title="bank accounts",
    ),
    "attachments": TableQuery(
        "ir.attachment",
        (["res_model", "=", PARTNER], ["res_field", "=", False]),
        ("name", "type", "url", "mimetype", "create_date", "datas"),
        ("res_id",),
        title="attachments",
    ),
    # evidence of a purchase
    "confirmed_orders": TableQuery(
        "sale.order",
        (["state", "in", ["sale", "done"]],),
        ("name", "state", "date_order"),
        ("partner_id", "partner_invoice_id", "partner_shipping_id"),
        module="sale",
        title="confirmed orders",
    ),
    "posted_invoices": TableQuery(
        "account.move",
        (["move_type", "in", _CUSTOMER_MOVES], ["state", "=", "posted"]),
        ("name", "move_type", "state", "invoice_date"),
        ("partner_id", "commercial_partner_id", "partner_shipping_id"),
        module="account",
        title="posted customer invoices and refunds",
    ),
    "payments": TableQuery(
        "account.payment",
        (
            ["partner_type", "=", "customer"],
            ["state", "not in", ["draft", "cancel", "canceled", "cancelled", "rejected"]],
        ),
        ("name", "state", "date"),
        ("partner_id",),
        module="account",
        title="customer payments",
    ),
    # reasons to keep
    "users": TableQuery("res.users", (), ("login", "active"), ("partner_id",), title="partners of users"),
    "companies": TableQuery("res.company", (), ("name",), ("partner_id",), title="own companies"),
    "employees": TableQuery(
        "hr.employee",
        (),
        ("name", "active"),
        ("address_home_id", "work_contact_id", "user_partner_id"),
        module="hr",
        title="employees",
    ),
    "suppliers": TableQuery(
        PARTNER, (["supplier_rank", ">", 0],), ("supplier_rank",), ("id",), module="account", title="suppliers"
    ),
    "purchase_orders": TableQuery(
        "purchase.order", (), ("name", "state"), ("partner_id",), module="purchase", title="purchase orders"
    ),
    "journal_items": TableQuery(
        "account.move.line", (), (), ("partner_id",), grouped=True, module="account", title="journal items"
    ),
    "open_quotations": TableQuery(
        "sale.order",
        (["state", "in", ["draft", "sent"]],),
        ("name", "state"),
        ("partner_id",),
        module="sale",
        title="open quotations",
    ),
    "open_opportunities": TableQuery(
        "crm.lead",
        (["type", "=", "opportunity"], ["active", "=", True], ["probability", "<", 100]),
        ("name", "stage_id"),
        ("partner_id",),
        module="crm",
        title="open opportunities",
    ),
    "leads_of_partners": TableQuery(
        "crm.lead",
        (["type", "=", "lead"], ["active", "=", True]),
        ("name",),
        ("partner_id",),
        module="crm",
        title="leads that name a partner",
    ),
}
"""Name after `odoo.` -> what it stands for."""


def table_query(table: str, where: str) -> TableQuery:
    """Read the name of a table: `odoo.NAME`, a model, or `model where [[…]]` with a domain as JSON.

    Raises SourceError for one that is none of them.
    """
    if table.startswith("odoo."):
        name = table.removeprefix("odoo.")
        if name not in KNOWN:
            raise SourceError(
                f"There is no table {excerpt(table)!r}; there are {', '.join(f'odoo.{known}' for known in KNOWN)}.",
                where=where,
            )
        return KNOWN[name]
    parts = WHERE.fullmatch(table)
    try:
        domain = json.loads(parts["domain"] or "[]") if parts else None
    except ValueError:
        domain = None
    if parts is None or not isinstance(domain, list):
        raise SourceError(
            f"{excerpt(table, 80)!r} is not a table of Odoo.",
            where=where,
            next="write a model, or one with a domain as JSON: res.partner where "
            '[["company_id", "=", 1]], or one of odoo.messages, odoo.orders, …',
        )
    return TableQuery(parts["model"], tuple(domain))


def stored(fields: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The fields of a model that hold something of their own, by name, the key first.

    One-to-many is what others hold; a binary that is derived from another one is left out, and so is what a secret may
    be in.
    """
    names = [
        name
        for name, field in fields.items()
        if (field.get("store") or field.get("company_dependent"))
        and field["type"] not in ("one2many", "properties_definition")
        and not (field["type"] == "binary" and field.get("related"))
        and not SECRET.search(name)
    ]
    return sorted(names, key=lambda name: (name != "id", _place(name), name))


def _place(name: str) -> int:
    """What people look for first comes first, and Odoo's bookkeeping last."""
    if name in FIRST:
        return FIRST.index(name)
    return len(FIRST) + 1 + (LAST.search(name) is not None)


def references(fields: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Model and field of what points to partners, of the rows of `ir.model.fields`, without what is read anyway."""
    known = {(query.model, link) for query in KNOWN.values() for link in query.links}
    own = {(row["model"], row["name"]) for row in fields}
    return sorted(
        reference for reference in own - known if reference[0] != PARTNER and not NO_MATTER.search(reference[0])
    )
