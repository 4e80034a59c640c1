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
        # Odoo's own checksum of an attachment
        key = leads[file.lead], file.name, hashlib.sha1(content, usedforsecurity=False).hexdigest()
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
