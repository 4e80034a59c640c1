"""An HTTP proxy before an Odoo, which loses answers, answers in the place of the server, or is away for a while."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fate = Literal["pass", "502", "429", "404", "cut", "gone"]


@contextmanager
def proxy(upstream: str, fate: Callable[[str, bytes], Fate]) -> Iterator[int]:
    """Give the port of a proxy before a server. fate: what becomes of a request, by its path and body.

    `cut`: the server carries it out, and its answer is lost; `gone`: it comes to no server.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._forward(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def do_GET(self) -> None:
            self._forward(None)

        def _forward(self, body: bytes | None) -> None:
            what = fate(self.path, body or b"")
            if what in ("502", "429", "404"):
                self.send_response(int(what))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if what == "gone":
                self.close_connection = True
                return
            headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "connection")}
            request = urllib.request.Request(upstream + self.path, data=body, headers=headers)
            try:
                with OPENER.open(request, timeout=300) as answer:
                    status, answered, content = answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                status, answered, content = error.code, error.headers, error.read()
            if what == "cut":
                self.close_connection = True
                return
            self.send_response(status)
            for name in ("Content-Type", "Set-Cookie", "Location"):
                if answered.get(name):
                    self.send_header(name, answered[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Hand redirects on as they are."""


OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
