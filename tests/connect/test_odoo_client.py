"""What a URL of an Odoo says, and how calls keep to a rate and come again after bad luck.

Busy and failing servers are played here, as no real one can be made to answer so; tests/odoo has the real ones.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from etl.connect.odoo.address import Address
from etl.connect.odoo.client import Odoo, OdooError
from etl.connect.odoo.table_reader import size_of
from etl.connect.odoo.tables import stored
from etl.errors import ConfigError

Answer = tuple[int, dict[str, str], object]


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[Odoo, list[float]]]:
    """An Odoo that gives these answers, the last one again and again; with the moments at which it was asked."""
    left, asked = list(answers), list[float]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(time.monotonic())
            status, headers, content = left.pop(0) if len(left) > 1 else left[0]
            body = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Odoo(f"odoo+http://anna:key@127.0.0.1:{server.server_address[1]}/firma?rate=20"), asked
    finally:
        server.shutdown()
        server.server_close()


VERSION: Answer = (200, {}, {"result": {"server_serie": "19.0"}})


def test_a_url_says_who_and_where_and_its_text_not_the_secret() -> None:
    """The login's @ is written %40; language and rate are options."""
    found = Address.parse("odoo+https://anna%40firma.example:s%2Fcret@crm.firma.example/firma?lang=de_DE&rate=2.5")
    assert found == Address("https://crm.firma.example", "firma", "anna@firma.example", "s/cret", "de_DE", 2.5)
    assert str(found) == "odoo+https://anna@firma.example@crm.firma.example/firma"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("odoo+http://a:b@crm.firma.example/db", "without TLS"),
        ("odoo+https://a:b@crm.firma.example", "does not have the form"),
        ("odoo+https://a:b@crm.firma.example/db/more", "does not have the form"),
        ("odoo+https://a:b@crm.firma.example/db?speed=9", "unknown option 'speed'"),
        ("odoo+https://a:b@crm.firma.example/db?rate=fast", "rate must be the largest number of calls"),
        ("odoo+https://a:b@crm.firma.example:port/db", "it is no URL"),
    ],
)
def test_a_url_that_cannot_be_used_says_why(url: str, why: str) -> None:
    """And shows one that can; the secret is not in the message."""
    with pytest.raises(ConfigError) as caught:
        Address.parse(url)
    assert why in str(caught.value)
    assert "a:b" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_plain_http_is_for_this_machine(host: str) -> None:
    """Nothing leaves it."""
    assert Address.parse(f"odoo+http://a:b@{host}/db").base == f"http://{host}"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again_when_it_says_so(status: int) -> None:
    """After as many seconds as it names."""
    with answering((status, {"Retry-After": "1"}, None), VERSION) as (odoo, asked):
        assert odoo.version == "19.0"
        assert asked[1] - asked[0] >= 1


def test_calls_keep_to_the_rate_of_the_url() -> None:
    """Twenty a second, from several threads together."""
    with answering(VERSION, (200, {}, {"uid": 2})) as (odoo, asked):
        assert odoo.uid == 2
        threads = [threading.Thread(target=lambda: odoo._json2("m", "read", {})) for _ in range(20)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(asked) - begin >= 0.9


def test_what_may_have_been_carried_out_is_not_done_again() -> None:
    """A create after which the proxy failed is told, not repeated: whoever asked for it looks first."""
    answers: list[Answer] = [VERSION, (200, {}, {"uid": 2}), (200, {}, {"uid": 2})]
    company: Answer = (200, {}, [{"company_id": [1, "Firma"], "company_ids": [1]}])
    with answering(*answers, company, (502, {}, None)) as (odoo, asked):
        with pytest.raises(OdooError) as caught:
            odoo.call("crm.lead", "create", {"vals_list": [{}]})
        assert caught.value.kind == "lost"
        assert len(asked) == 5


@pytest.mark.parametrize(
    ("said", "size"), [("12.50 Kb", 12_800), ("3.00 bytes", 3), ("1.00 Mb", 1_048_576), ("SGFsbG8=", 0), ("", 0)]
)
def test_sizes_are_read_as_odoo_says_them(said: str, size: int) -> None:
    """What is no size is none."""
    assert size_of(said) == size


def test_tokens_and_passwords_are_no_columns() -> None:
    """Whatever a field is called in which a secret may be; nor is a picture that is made of another one."""
    names = ("name", "signup_token", "access_token", "password", "api_key", "oauth_secret", "totp_enabled")
    fields = {name: {"type": "char", "store": True} for name in names}
    fields["image_1920"] = {"type": "binary", "store": True}
    fields["image_128"] = {"type": "binary", "store": True, "related": "image_1920"}
    fields["child_ids"] = {"type": "one2many", "store": True}
    assert stored(fields) == ["name", "image_1920"]
