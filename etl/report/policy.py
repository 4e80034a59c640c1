"""What a page lets run and load: its own style and script, by their hashes, and nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence


def policy(script: str, style: str, further: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of a page with this script and style. further: other rules."""
    rules = ["default-src 'none'", f"script-src '{_hash(script)}'", f"style-src '{_hash(style)}'"]
    return "; ".join([*rules, *further, "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
