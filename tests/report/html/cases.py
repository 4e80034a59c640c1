"""What review.html holds, read as its script reads it."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Read:
    """The data of a page: what its script reads at once, and a screen's worth of each case, by source key."""

    data: dict[str, Any]
    details: dict[str, Any]

    @classmethod
    def of(cls, page: Path) -> Read:
        """Unpack a page."""
        text = page.read_text(encoding="utf-8")
        [data] = re.findall(r'<script type="text/plain" id="data">([^<]*)</script>', text)
        parts = re.findall(r'<script type="text/plain" class="part">([^<]*)</script>', text)
        read = unpacked(data)
        details = [detail for part in parts for detail in unpacked(part)]
        if read["mode"] == "lookup":
            return cls(read, {row["keys"].partition(" ")[0]: d for row, d in zip(read["rows"], details, strict=True)})
        keys = [row["key"] + (f" = {row['other']}" if row["other"] else "") for row in read["rows"]]
        return cls(read, dict(zip(keys, details, strict=True)))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The list of cases."""
        rows: list[dict[str, Any]] = self.data["rows"]
        return rows

    def said(self, side: dict[str, Any], kind: str) -> str:
        """What a record or customer says in the columns of one kind."""
        places = self.data["forms"][side["form"]]["identity"].get(kind, ())
        return ", ".join(filter(None, (side["cells"][place] for place in places)))


def unpacked(text: str) -> Any:
    """Compressed JSON, as a browser unpacks it."""
    return json.loads(zlib.decompress(base64.b64decode(text), wbits=-15))
