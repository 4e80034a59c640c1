"""The way of a clean-up from one Odoo into the same or another one, by the command, killed in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tests.odoo.instance import CONFIG, Instance
from tests.running import run

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Way:
    """A source, a target and a folder with the config and the plan."""

    source: Instance
    target: Instance
    folder: Path

    def configure(self, one_per: str = "company", **more: str) -> None:
        """Write the config."""
        text = CONFIG.format(source=self.source.url, target=self._target_url, one_per=one_per)
        for old, new in more.items():
            text = text.replace(f"  {old}:", f"  {old}: {new} #")
        (self.folder / "odoo.yaml").write_text(text)

    @property
    def _target_url(self) -> str:
        return self.target.url if self.target is self.source else self.target.url.replace("ODOO_KEY", "TARGET_KEY")

    @property
    def environment(self) -> dict[str, str]:
        """What the command reads its secrets from, beside what is there anyway."""
        return {
            "ODOO_KEY": self.source.key,
            "TARGET_KEY": self.target.key,
            "ODOO_URL": self.source.url.replace("${ODOO_KEY}", self.source.key) + "?lang=de_DE",
            "CRM_CLEANUP_TRACEBACK": "1",
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run the command; gives what it printed. Fails where it ends with another exit code."""
        done = self._done(*arguments, code=code)
        return done.stdout + done.stderr

    def result(self, *arguments: str, code: int = 0) -> Any:
        """Run the command and read its result. Fails where it ends with another exit code."""
        return json.loads(self._done(*arguments, "--json", code=code).stdout)

    def _done(self, *arguments: str, code: int = 0) -> CompletedProcess[str]:
        done = run(*arguments, folder=self.folder, environ=self.environment)
        assert done.returncode == code, (
            f"{arguments}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return done

    def killed(self, *arguments: str, after: float, sign: Callable[[], int] | None = None) -> bool:
        """Start the command and kill it some seconds after, or after `sign` changed; tells whether it was at work."""
        before = sign() if sign else 0
        command = [sys.executable, "-m", "etl", *arguments]
        environ = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        started = subprocess.Popen(
            command, cwd=self.folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while sign and started.poll() is None and sign() == before:
            time.sleep(0.02)
        time.sleep(after)
        at_work = started.poll() is None
        if at_work:
            started.send_signal(signal.SIGKILL)
        started.wait()
        return at_work
