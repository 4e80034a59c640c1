"""One runner at a time in an Odoo: a parameter with a unique name, that its holder signs anew while it is at work."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from etl.connect.odoo.client import Odoo, OdooError
from etl.errors import Locked
from etl.runner import host, now

KEY = "crm_cleanup.lock"
PARAMETER = "ir.config_parameter"
BEAT, STALE = 10.0, 180.0
"""Seconds after which a holder signs again, and after which one that did not is taken for dead."""

WATCH = 2.0
"""Seconds between two looks at a lock that may be given back at this moment."""


class OdooLock:
    """The right to be the only runner in an Odoo."""

    def __init__(self, odoo: Odoo, holder: str) -> None:
        self._odoo = odoo
        self._own = {"holder": holder, "since": now(), "host": host(), "pid": os.getpid(), "started": _started()}
        self._id: int | None = None
        self._signed = 0.0
        self._guard = threading.Lock()

    def take(self) -> None:
        """Take it; one whose holder has died is taken over. Raises Locked, naming who has it and since when."""
        for attempt in range(3):
            current = self._current_holder()
            if current is None and self._create():
                return
            if current is not None and self._is_dead(current):
                with suppress(OdooError):
                    self._odoo.call(PARAMETER, "unlink", {}, ids=[current["id"]])
                continue
            if current is not None and attempt:
                raise self._locked(current)
            time.sleep(WATCH)
        raise self._locked(self._current_holder())

    def confirm(self) -> None:
        """See that it is still held, and sign it anew from time to time. Raises Locked where another runner has it."""
        with self._guard:
            if time.monotonic() - self._signed < BEAT:
                return
            current = self._current_holder()
            if current is None or current["id"] != self._id:
                raise self._locked(current)
            self._odoo.call(PARAMETER, "write", {"vals": {"value": self._value()}}, ids=[current["id"]], again=True)
            self._signed = time.monotonic()

    def release(self) -> None:
        """Give it back."""
        with suppress(OdooError):
            current = self._current_holder()
            if current is not None and current["id"] == self._id:
                self._odoo.call(PARAMETER, "unlink", {}, ids=[current["id"]])

    def _create(self) -> bool:
        try:
            made = self._odoo.call(PARAMETER, "create", {"vals_list": [{"key": KEY, "value": self._value()}]})
        except OdooError as error:
            if error.kind in ("rights", "login"):
                raise
            current = self._current_holder()  # another one was faster, or the answer was lost
            if current is None or current["signed"].get("started") != self._own["started"] or not self._is_own(current):
                return False
            made = [current["id"]]
        self._id, self._signed = made[0], time.monotonic()
        return True

    def _is_own(self, current: dict[str, Any]) -> bool:
        return all(current["signed"].get(name) == self._own[name] for name in ("host", "pid", "started"))

    def _value(self) -> str:
        return json.dumps({**self._own, "signed": now(), "beat": time.time()})

    def _current_holder(self) -> dict[str, Any] | None:
        rows = self._odoo.call(
            PARAMETER, "search_read", {"domain": [["key", "=", KEY]], "fields": ["value", "write_date"]}
        )
        if not rows:
            return None
        try:
            signed = json.loads(rows[0]["value"])
        except ValueError:
            signed = {}
        return {"id": rows[0]["id"], "signed": signed if isinstance(signed, dict) else {}}

    def _is_dead(self, current: dict[str, Any]) -> bool:
        """Whether the holder is a process of this host that is gone, or one that has not signed for long."""
        signed = current["signed"]
        if signed.get("host") == host() and isinstance(signed.get("pid"), int):
            return bool(_started(signed["pid"]) != signed.get("started"))
        return time.time() - float(signed.get("beat") or 0) > STALE

    def _locked(self, current: dict[str, Any] | None) -> Locked:
        signed = {} if current is None else current["signed"]
        return Locked(
            f"Another crm-cleanup command is writing to this Odoo: {signed.get('holder', 'somebody')}, "
            f"since {signed.get('since', 'a moment ago')}.",
            where=self._odoo.where,
            next="wait until it has ended, or end it; the lock of a command that was killed expires after "
            f"{STALE:.0f} seconds",
        )


def _started(pid: int | None = None) -> str | None:
    """When a process of this machine was started, as the system counts it; None where it is not there."""
    try:
        return Path(f"/proc/{pid or os.getpid()}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        pass
    if pid is None:
        return str(os.getpid())
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return str(pid)
