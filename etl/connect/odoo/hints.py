"""What to know of an Odoo before its partners are moved: rights, modules, and what hides rows or leads."""

from __future__ import annotations

from etl.connect.odoo.client import RIGHTS, TESTED, Odoo, OdooError
from etl.connect.odoo.fields import LEAD
from etl.connect.odoo.tables import PARTNER, TableQuery, references

NEEDED = (
    (LEAD, ("read", "write", "create", "unlink")),
    ("ir.model.data", ("read", "write", "create", "unlink")),
    ("ir.config_parameter", ("read", "write", "create", "unlink")),
    ("ir.attachment", ("read", "create")),
    ("crm.tag", ("read", "create")),
    ("mail.blacklist", ("read", "create")),
)
"""The rights that `apply` and `undo` need."""


EVERYTHING = frozenset(("[]", "[(1,'=',1)]", "[('type','=','private')]"))
"""Domains of record rules, without blanks, by which members of a group see all; 14 has the last beside others."""


def hints(odoo: Odoo) -> list[str]:
    """Say what to mend before leads are written, each a sentence with what to do."""
    messages = _tested(odoo)
    for model, rights in NEEDED:
        messages += _missing(odoo, model, rights)
    if not _in_group(odoo, "group_use_lead"):
        messages.append(
            "Leads are not switched on in Odoo (CRM, Configuration, Settings: Leads). They would be stored, "
            "but nobody would see the menu Leads."
        )
    if "use_leads" in odoo.fields("crm.team"):
        domain = [["use_leads", "=", True], ["active", "=", True]]
        if not odoo.call("crm.team", "search_count", {"domain": domain}):
            messages.append("No sales team uses leads: switch Leads on for a team (CRM, Configuration, Sales Teams).")
    return messages


def source_hints(odoo: Odoo, table: str, what: TableQuery) -> list[str]:
    """Say of a table that is read what hides rows of it, and of the partners what else names them."""
    fields = odoo.fields(what.model)
    if not fields:
        return [f"{table}: Odoo's module {what.module or what.model} is not installed, so it has no rows."]
    messages = []
    if rules := sorted(_hiding(odoo, what.model)):
        messages.append(
            f"Record rules hide rows of {what.model} from the user: {', '.join(rules)}. Make sure that no hidden "
            "row shows that a partner is a customer or has to be kept."
        )
    if hidden := [name for name in what.links if name not in fields and _has_field(odoo, what.model, name)]:
        messages.append(
            f"The user cannot see the field {' and '.join(hidden)} of {what.model}, which {table} needs: "
            f"give the user the rights of {what.title}."
        )
    return [*messages, *_partners(odoo)] if what.model == PARTNER and not table.startswith("odoo.") else messages


def _partners(odoo: Odoo) -> list[str]:
    messages = [*_tested(odoo), *_missing(odoo, PARTNER, ("read", "write")), *_missing(odoo, "ir.rule", ("read",))]
    everything = odoo.call("res.company", "search_count", {"domain": []})
    if everything > len(odoo.companies):
        messages.append(
            f"The user sees {len(odoo.companies)} of {everything} companies. Partners who bought only from "
            "the others would be taken for leads. Allow the user all companies (Settings, Users)."
        )
    others = sorted(_others(odoo).items(), key=lambda item: (-item[1], item[0]))
    if others:
        listed = ", ".join(f"{model}.{field} ({count:,})" for (model, field), count in others)
        messages.append(
            f"These models refer to partners, too, and are not read: {listed}. If one matters, add it "
            "under related, as evidence, or as a reason to keep."
        )
    return messages


def _others(odoo: Odoo) -> dict[tuple[str, str], int]:
    """What else points to partners in this instance, with how many rows it does so."""
    domain = [["relation", "=", PARTNER], ["store", "=", True], ["ttype", "in", ["many2one", "many2many"]]]
    fields = odoo.call("ir.model.fields", "search_read", {"domain": domain, "fields": ["model", "name"]})
    counts = {}
    for model, field in references(fields):
        try:
            count = odoo.call(model, "search_count", {"domain": [[field, "!=", False]]})
        except OdooError:
            continue  # wizards, and what the user must not see
        if count:
            counts[model, field] = count
    return counts


def personal(odoo: Odoo, model: str) -> list[str]:
    """The record rules, by name, for whose sake the user sees rows of a model that are its own, and no others."""
    return sorted(name for name, domain in _hiding(odoo, model).items() if "user." in domain)


def _hiding(odoo: Odoo, model: str) -> dict[str, str]:
    """The record rules that hide rows of a model from the user: name -> domain; companies are told by themselves.

    Rules of the user's groups add up, so one that shows all is enough; rules without a group hold for everybody.
    """
    domain = [["model_id.model", "=", model], ["active", "=", True], ["perm_read", "=", True]]
    fields = ["name", "groups", "domain_force"]
    try:
        rules = odoo.call("ir.rule", "search_read", {"domain": domain, "fields": fields})
    except OdooError as error:
        if error.kind != "rights":
            raise
        return {}  # `_partners` says that the user may not read them
    mine = set(_groups(odoo)) if rules else set()
    of_groups = {rule["name"]: _words(rule) for rule in rules if mine & set(rule["groups"])}
    of_all = {rule["name"]: _words(rule) for rule in rules if not rule["groups"]}
    hidden = {name: words for name, words in of_all.items() if _hides(words)}
    return hidden if EVERYTHING & set(of_groups.values()) else hidden | of_groups


def _words(rule: dict[str, object]) -> str:
    return "".join(str(rule["domain_force"] or "[]").split()).replace('"', "'")


def _hides(domain: str) -> bool:
    """Whether a rule for everybody hides rows: those of other companies, and others' private meetings, aside."""
    return domain not in EVERYTHING and not any(word in domain for word in ("company", "privacy", "show_as"))


def _has_field(odoo: Odoo, model: str, name: str) -> bool:
    domain = [["model", "=", model], ["name", "=", name], ["store", "=", True]]
    return bool(odoo.call("ir.model.fields", "search_count", {"domain": domain}))


def _tested(odoo: Odoo) -> list[str]:
    if odoo.major in TESTED:
        return []
    return [f"Odoo {odoo.version} has not been tested; this version of crm-cleanup was tested with 14 and 19."]


def _missing(odoo: Odoo, model: str, rights: tuple[str, ...]) -> list[str]:
    """Which rights on a model the user has not."""
    missing = [right for right in rights if odoo.fields(model) and not _may(odoo, model, right)]
    if not missing:
        return []
    return [f"The user may not {' and '.join(missing)} {model}: give the user {RIGHTS}."]


def _groups(odoo: Odoo) -> list[int]:
    """The ids of the user's groups, with those that they imply."""
    field = "groups_id" if "groups_id" in odoo.fields("res.users") else "all_group_ids"
    [user] = odoo.call("res.users", "read", {"fields": [field]}, ids=[odoo.uid])
    return list(user[field])


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
    return rows[0]["res_id"] in _groups(odoo)
