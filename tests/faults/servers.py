"""A PostgreSQL and a MariaDB of the faults' own, which are killed and started again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

SCRIPT = Path(__file__).parents[1] / "servers"


class Servers:
    """Servers on free ports, in a folder that is gone afterwards."""

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="crm-faults-", dir=os.environ.get("TMPDIR", "/var/tmp")))
        self.ports = {"postgresql": _free_port(), "mariadb": _free_port()}
        self._environ = {
            **os.environ,
            "CRM_CLEANUP_PG_PORT": str(self.ports["postgresql"]),
            "CRM_CLEANUP_MY_PORT": str(self.ports["mariadb"]),
        }
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run([SCRIPT, "stop", self._folder], check=False, env=self._environ, capture_output=True)
        subprocess.run(["rm", "-rf", self._folder], check=False)

    def start(self) -> None:
        """Start those that do not run, waiting until they answer; after a kill they recover first."""
        for _ in range(30):
            started = subprocess.run(
                [SCRIPT, "start", self._folder],
                check=False,
                env=self._environ,
                capture_output=True,
                text=True,
                timeout=120,
            )
            if started.returncode == 0:
                found = re.findall(r"export CRM_CLEANUP_(\w+)=(\S+)", started.stdout)
                self.urls = {kind.lower(): url for kind, url in found}
                return
            time.sleep(1)
        raise RuntimeError(f"the servers do not start: {started.stderr[-2000:]}")

    def kill(self, kind: str) -> None:
        """Kill one server with all its processes."""
        pids = self._pids(kind)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 20
        while any(Path(f"/proc/{pid}").exists() and not _zombie(pid) for pid in pids) and time.monotonic() < until:
            time.sleep(0.05)
        if kind == "postgresql":  # where nobody reaps the dead, they look alive to the one that starts
            (self._folder / "postgresql" / "postmaster.pid").unlink(missing_ok=True)

    def _pids(self, kind: str) -> list[int]:
        if kind == "mariadb":
            return [int((self._folder / "mariadb" / "mariadb.pid").read_text())]
        main = int((self._folder / "postgresql" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()
        return [main, *map(int, children)]


def _zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
