"""Files of records, attached to their leads in Odoo, each once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence

from etl.connect.odoo.client import SILENT, Odoo
from etl.connect.odoo.fields import LEAD
from etl.connect.target import LeadFile

ATTACHMENT = "ir.attachment"
BYTES = 8_000_000
"""The most bytes of files in one call; one file alone may have more."""


def detach(odoo: Odoo, files: Sequence[LeadFile], lead: int) -> None:
    """Delete files that were attached to a lead, those that are there, told apart by name and content."""
    if not files:
        return
    domain = [["res_model", "=", LEAD], ["res_id", "=", lead]]
    rows = odoo.call(ATTACHMENT, "search_read", {"domain": domain, "fields": ["name", "checksum"]})
    gone = {(file.name, _checksum(file.path.read_bytes())) for file in files}
    ids = [row["id"] for row in rows if (row["name"], row["checksum"]) in gone]
    if ids:
        odoo.call(ATTACHMENT, "unlink", {}, ids=ids, context=SILENT)


def _checksum(content: bytes) -> str:
    """Odoo's own checksum of an attachment."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def attach(odoo: Odoo, files: Sequence[LeadFile], leads: Mapping[str, int]) -> None:
    """Attach those files that are not there, told apart by name and content. leads: lead key -> id."""
    mine = [file for file in files if file.lead in leads]
    if not mine:
        return
    ids = sorted({leads[file.lead] for file in mine})
    domain = [["res_model", "=", LEAD], ["res_id", "in", ids]]
    rows = odoo.call(ATTACHMENT, "search_read", {"domain": domain, "fields": ["res_id", "name", "checksum"]})
    attached = {(row["res_id"], row["name"], row["checksum"]) for row in rows}
    missing: list[dict[str, object]] = []
    size = 0
    for file in mine:
        content = file.path.read_bytes()
        key = leads[file.lead], file.name, _checksum(content)
        if key in attached:
            continue
        attached.add(key)
        text = base64.b64encode(content).decode()
        if missing and size + len(text) > BYTES:
            odoo.call(ATTACHMENT, "create", {"vals_list": missing}, context=SILENT)
            missing, size = [], 0
        missing.append({"name": file.name, "res_model": LEAD, "res_id": leads[file.lead], "datas": text})
        size += len(text)
    if missing:
        odoo.call(ATTACHMENT, "create", {"vals_list": missing}, context=SILENT)
