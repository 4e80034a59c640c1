"""A TCP proxy before a database that cuts the connection around a COMMIT."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Literal

Moment = Literal["before", "during", "after"]
COMMIT = b"COMMIT"


class Proxy:
    """Passes bytes on, and counts the COMMITs that clients send.

    `arm` makes one of them the last that its connection sees: cut before it reaches the server, during it (it reaches
    the server, and the answer nobody), or after its answer.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._armed: tuple[int, Moment] | None = None
        self.port: int = self._listener.getsockname()[1]
        self.commits = 0
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, number: int, moment: Moment) -> None:
        """Cut at the COMMIT of this number, counted from now."""
        with self._lock:
            self.commits = self.cuts = 0
            self._armed = (number, moment)

    def disarm(self) -> None:
        """Cut no more, and count anew."""
        with self._lock:
            self.commits = self.cuts = 0
            self._armed = None

    def close(self) -> None:
        """Take no further connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                return
            pair = _Pair(self, client, server)
            threading.Thread(target=pair.to_server, daemon=True).start()
            threading.Thread(target=pair.to_client, daemon=True).start()

    def moment(self, sent: bytes) -> Moment | None:
        """Count a COMMIT in what a client sends; say whether, and when, its connection is to be cut."""
        if COMMIT not in sent.upper():
            return None
        with self._lock:
            self.commits += 1
            if self._armed is None or self.commits != self._armed[0]:
                return None
            moment, self._armed = self._armed[1], None
            self.cuts += 1
            return moment


class _Pair:
    """One client's connection and the server's."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._cut: Moment | None = None

    def to_server(self) -> None:
        """Pass on what the client sends."""
        with suppress(OSError):
            while data := self._client.recv(65_536):
                moment = self._proxy.moment(data)
                if moment == "before":
                    break
                self._cut = moment
                self._server.sendall(data)
        self._close(self._server if self._cut != "during" else None)

    def to_client(self) -> None:
        """Pass on what the server answers."""
        with suppress(OSError):
            while data := self._server.recv(65_536):
                if self._cut == "during":
                    break
                self._client.sendall(data)
                if self._cut == "after":
                    break
        self._close(self._client)
        self._close(self._server)

    def _close(self, one: socket.socket | None) -> None:
        for each in (self._client, one):
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
