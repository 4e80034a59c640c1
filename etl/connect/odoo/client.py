"""Speak with an Odoo: JSON-2 where the server has it (19), JSON-RPC before; what fails by bad luck is tried again."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote

import urllib3
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from etl.connect.odoo.address import Address
from etl.connect.render import Number
from etl.errors import CleanupError, excerpt

TESTED = (14, 19)
"""The major versions that the tests run against."""

PATIENCE = 90.0
"""Seconds for which a call that changes nothing is tried again: a server needs some to start anew."""

TIMEOUT = urllib3.Timeout(connect=20.0, read=600.0)
PAGE = 5_000
"""How many rows are asked for at once."""

BUSY = (429, 502, 503, 504)
SILENT = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_automation_skip": True,
    "mail_activity_quick_update": True,
    "no_reset_password": True,
}
"""The context in which Odoo makes no message, follower, mail or tracking value; mail.thread's own words for it."""

READS = frozenset(("search", "search_read", "search_count", "read", "read_group", "fields_get", "default_get"))
"""Methods that change nothing, and so can be called again."""

UNNAMED = {
    "create": "vals_list",
    "search": "domain",
    "search_count": "domain",
    "write": "vals",
    "default_get": "fields",
}
"""Methods whose first argument has another name, or must have none, in older versions' JSON-RPC."""

RIGHTS = "the rights of Settings, of Sales: Administrator and of Invoicing (or Accounting): Administrator"

Domain = Sequence[Any]
T = TypeVar("T")


class OdooError(Exception):
    """The server refused a call, or cannot be reached.

    kind: `refused` (by what was asked), `rights`, `login`, `database` (it is not there), `missing` (a model, method or
    record is not there), `again` (it was not carried out, or changed nothing) or `lost` (it may have been carried out).
    message: the server's words, which may hold values.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


class Odoo:
    """One Odoo database. Its methods can be called from several threads."""

    def __init__(self, url: str) -> None:
        self.address = Address.parse(url)
        self._pool = urllib3.PoolManager(maxsize=8, retries=False, timeout=TIMEOUT)
        self._lock, self._next = threading.Lock(), 0.0
        self._fields: dict[str, dict[str, Any]] = {}
        self._has_answered = False
        """Whether JSON-2 is there: a page that says 404 then comes from a server that is just starting anew."""
        self.calls = 0

    @property
    def where(self) -> str:
        """Who and where, without the password."""
        return str(self.address)

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()

    @cached_property
    def version(self) -> str:
        """The server's version, such as `19.0`."""
        answer = self._retried(lambda: self._rpc("/web/webclient/version_info", {}))
        return str(answer["server_serie"])

    @property
    def major(self) -> int:
        """The number before the point of the version; hosted versions are called `saas~18.2`."""
        digits = re.search(r"\d+", self.version)
        return int(digits[0]) if digits else 0

    @cached_property
    def _bearer(self) -> bool:
        """Whether the server has JSON-2 and takes the secret as an API key."""
        if self.major < 19:
            return False
        try:
            self._retried(lambda: self._json2("res.users", "context_get", {}))
        except OdooError as error:
            if error.kind == "missing":
                raise self._without_database from None
            if error.kind != "login":
                raise
            return False  # a password, perhaps
        return True

    @cached_property
    def uid(self) -> int:
        """The user's id. Raises OdooError where the server knows no such login and secret."""
        if self._bearer:
            return int(self._retried(lambda: self._json2("res.users", "context_get", {}))["uid"])
        return self._authenticated()

    def _authenticated(self) -> int:
        """Ask JSON-RPC who the login and secret are."""
        who = [self.address.database, self.address.login, self.address.secret, {}]
        try:
            user_id = self._retried(lambda: self._service("common", "authenticate", who))
        except OdooError as error:
            if error.kind != "refused":
                raise
            raise self._without_database from None
        if not user_id:
            raise OdooError("login", "Odoo does not know this login with this password or API key")
        return int(user_id)

    @property
    def _without_database(self) -> OdooError:
        name = excerpt(self.address.database, 80)
        return OdooError("database", f"this server has no database {name!r}, or does not give access to it")

    @cached_property
    def companies(self) -> list[int]:
        """The companies whose records the user can see, the user's own first."""
        [user] = self.call("res.users", "read", {"fields": ["company_id", "company_ids"]}, ids=[self.uid], bare=True)
        own = user["company_id"][0]
        return [own, *sorted(set(user["company_ids"]) - {own})]

    def call(
        self,
        model: str,
        method: str,
        arguments: Mapping[str, Any],
        *,
        ids: Sequence[int] | None = None,
        context: Mapping[str, Any] | None = None,
        bare: bool = False,
        again: bool = False,
    ) -> Any:
        """Call a model's method with named arguments, on records if `ids` says which.

        Archived records are seen, too, and those of all companies of the user, unless it is `bare`. Raises OdooError;
        what changes nothing is tried again, and with `again` what can be done twice.
        """
        visibility = {} if bare else {"active_test": False, "allowed_company_ids": self.companies}
        whole = {"lang": self.address.lang, "tz": "UTC", **visibility, **(context or {})}
        named = {**arguments, "context": whole}
        if again or method in READS:
            return self._retried(lambda: self._call(model, method, named, ids))
        return self._call(model, method, named, ids)

    def rows(self, model: str, domain: Domain, fields: Sequence[str], *, page: int = PAGE) -> Iterator[dict[str, Any]]:
        """Rows of a model by id, so many in a call; `id` is among their fields."""
        last = 0
        while True:
            arguments = {
                "domain": [["id", ">", last], *domain],
                "fields": list(fields),
                "order": "id",
                "limit": page,
            }
            rows = self.call(model, "search_read", arguments)
            yield from rows
            if len(rows) < page:
                return
            last = rows[-1]["id"]

    def fields(self, model: str) -> dict[str, Any]:
        """A model's fields as `fields_get` describes them; none where there is no such model."""
        if model not in self._fields:
            known = self.call("ir.model", "search_count", {"domain": [["model", "=", model]]})
            self._fields[model] = self.call(model, "fields_get", {}) if known else {}
        return self._fields[model]

    def _call(self, model: str, method: str, named: Mapping[str, Any], ids: Sequence[int] | None) -> Any:
        with self._lock:
            self.calls += 1
        if self._bearer:
            return self._json2(model, method, {**named, **({} if ids is None else {"ids": list(ids)})})
        arguments = dict(named)
        positional: list[Any] = [] if ids is None else [list(ids)]
        if method in UNNAMED:
            positional.append(arguments.pop(UNNAMED[method]))
        login = [self.address.database, self.uid, self.address.secret]
        return self._service("object", "execute_kw", [*login, model, method, positional, arguments])

    @cached_property
    def _cookie(self) -> dict[str, str]:
        """A session that names the database: a server with several answers errors as HTTP 500 without one (14)."""
        if self.major >= 19:
            return {}
        path = f"/web/login?db={quote(self.address.database)}"
        try:
            answer = self._pool.request("GET", self.address.base + path, redirect=False)
        except urllib3.exceptions.HTTPError:
            return {}
        session = re.match(r"session_id=[^;]+", answer.headers.get("Set-Cookie", ""))
        return {"Cookie": session[0]} if session else {}

    def _service(self, service: str, method: str, arguments: list[Any]) -> Any:
        return self._rpc("/jsonrpc", {"service": service, "method": method, "args": arguments}, self._cookie)

    def _retried(self, work: Any) -> Any:
        def passes(error: BaseException) -> bool:
            return isinstance(error, OdooError) and error.kind in ("again", "lost")

        for attempt in Retrying(
            stop=stop_after_delay(PATIENCE),
            wait=wait_random_exponential(multiplier=0.3, max=8),
            retry=retry_if_exception(passes),
            reraise=True,
        ):
            with attempt:
                return work()
        raise AssertionError("the last attempt returns or raises")

    def _json2(self, model: str, method: str, arguments: Mapping[str, Any]) -> Any:
        headers = {"Authorization": f"bearer {self.address.secret}", "X-Odoo-Database": self.address.database}
        status, body = self._post(f"/json/2/{model}/{method}", arguments, headers)
        if status == 200:
            self._has_answered = True
            return body
        name = str(body.get("name", "")) if isinstance(body, dict) else ""
        message = str(body.get("message", "")) if isinstance(body, dict) else str(body or "")
        if status == 401:
            raise OdooError("login", "Odoo does not know this API key, or it has expired")
        if status == 404 and not isinstance(body, dict) and self._has_answered:
            raise OdooError("again", "the server has no database just now (HTTP 404)")
        raise OdooError(_kind(name, message, status), message or f"HTTP {status}")

    def _rpc(self, path: str, parameters: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
        content = {"jsonrpc": "2.0", "method": "call", "params": parameters, "id": 1}
        status, body = self._post(path, content, headers or {})
        if not isinstance(body, dict) or (status != 200 and "error" not in body):
            raise OdooError("refused", f"the server answered HTTP {status}; is this the address of an Odoo?")
        if "error" in body:
            data = body["error"].get("data") or {}
            message = str(data.get("message") or body["error"].get("message") or "")
            raise OdooError(_kind(str(data.get("name", "")), message, 200), message)
        return body.get("result")

    def _post(self, path: str, content: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[int, Any]:
        self._wait_for_turn()
        sent = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            answer = self._pool.request(
                "POST",
                self.address.base + path,
                body=sent,
                headers={"Content-Type": "application/json", "User-Agent": "crm-cleanup", **headers},
                redirect=False,
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise OdooError("again", f"it cannot be reached ({type(error).__name__})") from None
        except urllib3.exceptions.SSLError as error:
            raise OdooError("refused", f"TLS: {error}") from None
        except urllib3.exceptions.HTTPError as error:
            raise OdooError("lost", f"the connection was lost ({type(error).__name__})") from None
        if answer.status in BUSY:
            self._pause(answer.headers.get("Retry-After"))
            raise OdooError("again" if answer.status == 429 else "lost", f"HTTP {answer.status}")
        try:
            return answer.status, json.loads(answer.data, parse_float=Number)
        except ValueError:
            return answer.status, None

    def _wait_for_turn(self) -> None:
        """Keep to the rate that the URL asks for, all threads together."""
        if self.address.rate is None:
            return
        with self._lock:
            at = max(self._next, time.monotonic())
            self._next = at + 1 / self.address.rate
        time.sleep(max(0.0, at - time.monotonic()))

    def _pause(self, retry_after: str | None) -> None:
        if retry_after and retry_after.isdigit():
            time.sleep(min(int(retry_after), 60))


def again(work: Callable[[], T], confirm_lock: Callable[[], None]) -> T:
    """Do some work, and again where bad luck ended it, for as long as a server may need to start anew.

    The work itself asks what an earlier try has done. hold: sees that the runner still has its lock.
    """
    end, pause = time.monotonic() + PATIENCE, 0.3
    while True:
        try:
            return work()
        except OdooError as error:
            if error.kind not in ("again", "lost") or time.monotonic() > end:
                raise
        time.sleep(pause)
        pause = min(pause * 2, 8.0)
        confirm_lock()


def _kind(name: str, message: str, status: int) -> str:
    """What kind of refusal an exception of the server is, by its class."""
    last = name.rpartition(".")[2]
    if last in ("AccessDenied", "SessionExpiredException"):
        return "login"
    if last == "AccessError":
        return "rights"
    if status == 404 or last in ("MissingError", "NotFound") or (last == "KeyError" and "." in message):
        return "missing"
    if last in ("SerializationFailure", "DeadlockDetected", "LockNotAvailable", "PoolError", "TooManyRequests"):
        return "again"
    if last in ("OperationalError", "InterfaceError", "AdminShutdown") or status in BUSY:
        return "lost"
    if last == "AttributeError" and "does not exist" in message:
        return "missing"
    return "refused"


def explained(error: OdooError, odoo: Odoo, kind: type[CleanupError], doing: str) -> CleanupError:
    """Turn a refusal into an error that says what to do."""
    advice = {
        "login": "put the login into the URL and the password or API key into the environment, and run the "
        "command again",
        "database": "correct the database, the last part of the URL, and run the command again",
        "rights": f"give the user {RIGHTS}, and run the command again",
        "missing": "install the module in Odoo, or take this part out of the config",
    }.get(error.kind, "check the server and the network, and run the command again")
    message = f"Odoo cannot be {doing}: {excerpt(' '.join(error.message.split()), 300)}"
    return kind(message.rstrip(".?") + ".", where=odoo.where, next=advice)
