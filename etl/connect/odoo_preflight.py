"""What an Odoo needs before leads are written into it: rights, modules, and what would hide or change the leads."""

from __future__ import annotations

from etl.connect.odoo_client import TESTED, Odoo, OdooError
from etl.connect.odoo_fields import LEAD

NEEDED = (
    (LEAD, ("read", "write", "create", "unlink")),
    ("ir.model.data", ("read", "write", "create", "unlink")),
    ("ir.config_parameter", ("read", "write", "create", "unlink")),
    ("ir.attachment", ("read", "create")),
    ("crm.tag", ("read", "create")),
    ("mail.blacklist", ("read", "create")),
)
"""The rights that `apply` and `undo` need."""


def hints(odoo: Odoo) -> list[str]:
    """Say what to mend, each a sentence with what to do."""
    found = []
    if odoo.major not in TESTED:
        found.append(f"Odoo {odoo.version} is untested; this version was tested with 14 and 19.")
    for model, rights in NEEDED:
        missing = [right for right in rights if odoo.fields(model) and not _may(odoo, model, right)]
        if missing:
            found.append(
                f"The user may not {' and '.join(missing)} {model}: give it the rights of Settings and "
                "Sales: Administrator."
            )
    if not _in_group(odoo, "group_use_lead"):
        found.append(
            "Leads are not switched on in Odoo (CRM, Configuration, Settings: Leads): they would be stored, "
            "and nobody would see their menu."
        )
    if "use_leads" in odoo.fields("crm.team"):
        domain = [["use_leads", "=", True], ["active", "=", True]]
        if not odoo.call("crm.team", "search_count", {"domain": domain}):
            found.append("No sales team uses leads: switch Leads on for a team (CRM, Configuration, Sales Teams).")
    return found


def _may(odoo: Odoo, model: str, right: str) -> bool:
    try:
        if odoo.major >= 18:
            return bool(odoo.call(model, "has_access", {"operation": right}, ids=[]))
        return bool(odoo.call(model, "check_access_rights", {"operation": right, "raise_exception": False}))
    except OdooError as error:
        if error.kind != "rights":
            raise
        return False


def _in_group(odoo: Odoo, name: str) -> bool:
    """Whether the group of CRM's leads is one that users have: Odoo's setting makes all users its members."""
    domain = [["module", "=", "crm"], ["name", "=", name]]
    rows = odoo.call("ir.model.data", "search_read", {"domain": domain, "fields": ["res_id"]})
    if not rows:
        return False
    groups = "groups_id" if "groups_id" in odoo.fields("res.users") else "all_group_ids"
    users = [["id", "=", odoo.uid], [groups, "in", [rows[0]["res_id"]]]]
    return bool(odoo.call("res.users", "search_count", {"domain": users}))
