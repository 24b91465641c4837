"""What anybody may do from outside: call the HTTP API through the gateway, and read the sandbox phone.

A call that finds no answer (a service is being started again, a connection broke) is repeated for a while; commands
carry an `Idempotency-Key`, so that a repeated one has its effect once.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from microwish_local.routes import Service, service_of

Body = dict[str, Any]
Value = TypeVar("Value")

_UNANSWERED = frozenset({502, 503, 504})
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_SIGN_IN_EVENT = "SignInCodeIssued"


@dataclass(frozen=True)
class Call:
    """One HTTP call as it was answered. `seconds` from sending it to having read the answer."""

    method: str
    path: str
    status: int
    seconds: float


class Refused(Exception):
    """The API answered with a problem. `code` is its stable code."""

    def __init__(self, call: Call, problem: Body) -> None:
        self.call = call
        self.status = call.status
        self.code = str(problem.get("code", ""))
        self.problem = problem
        faults = "; ".join(f"{fault.get('field')}: {fault.get('message')}" for fault in problem.get("errors") or [])
        words = " · ".join(str(part) for part in (problem.get("title"), problem.get("detail"), faults) if part)
        super().__init__(f"{call.method} {call.path} answered {call.status} {self.code}: {words}")


class Silent(Exception):
    """No answer within the patience of the client."""


class NotYet(Exception):
    """What is looked for isn't there yet, though it may come; `patiently` looks again."""


@dataclass(frozen=True)
class Session:
    """A signed-in person, and the challenge that was answered."""

    person_id: str
    phone: str
    token: str
    challenge_id: str


@dataclass(frozen=True)
class Message:
    """A message as the sandbox phone shows it; `event_type` and `template` say why it was sent."""

    id: str
    channel: str
    to: str
    text: str
    template: str
    event_type: str
    wish_id: str | None
    sent_at: datetime

    @classmethod
    def of(cls, item: Body) -> Self:
        """From an item of `/api/sandbox/messages`."""
        sent_at = datetime.fromisoformat(item["sent_at"]).astimezone(UTC)
        known = {name: item[name] for name in ("id", "channel", "to", "text", "template", "event_type")}
        return cls(**known, wish_id=item.get("wish_id"), sent_at=sent_at)

    @property
    def code(self) -> str | None:
        """The six digits of a sign-in code; None if the text holds none."""
        found = _CODE.search(self.text)
        return found.group() if found else None

    @property
    def is_sign_in_code(self) -> bool:
        """Whether it brings a sign-in code."""
        return _SIGN_IN_EVENT in self.event_type


@dataclass
class Client:
    """Keep-alive connections to one gateway. `heard` is told of every answered call.

    connections: how many at once. patience: how many seconds a call without an answer is repeated.
    services: where the services themselves are, to spare the gateway the work where much is to be done.
    """

    base_url: str
    services: Mapping[Service, str] = field(default_factory=dict)
    connections: int = 20
    patience: float = 60.0
    heard: Callable[[Call], None] | None = None
    _http: httpx.AsyncClient = field(init=False, repr=False)
    _code_seconds: float = field(default=0.05, init=False)  # after how long to look for a code

    def __post_init__(self) -> None:
        limits = httpx.Limits(max_connections=self.connections, max_keepalive_connections=self.connections)
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # many people act through one client
        self._http = httpx.AsyncClient(
            base_url=self.base_url, limits=limits, timeout=30, trust_env=False, cookies=no_cookies
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, session: Session | None = None, **query: str) -> Body:
        """The JSON answer. Raises: Refused, Silent."""
        return await self._call("GET", path, _headers(session), params=query)

    async def post(
        self,
        path: str,
        body: Body,
        session: Session | None = None,
        *,
        key: str | None = None,
        as_of: datetime | None = None,
        recorder: Session | None = None,
    ) -> Body:
        """Command something; the JSON answer. Without a `key` it gets one of its own.

        as_of: when it happened (补录), for which `recorder`, an admin, vouches. Raises: Refused, Silent.
        """
        headers = _headers(session) | {"Idempotency-Key": key or str(uuid4())}
        if as_of is not None:
            headers["Microwish-As-Of"] = as_of.astimezone(UTC).isoformat(timespec="milliseconds")
        if recorder is not None:
            headers["Microwish-Recorder"] = recorder.token
        return await self._call("POST", path, headers, json=body)

    async def messages(self, phone: str) -> list[Message]:
        """What the sandbox phone received on this number, newest first. Raises: Refused, Silent."""
        answer = await self.get("/api/sandbox/messages", phone=phone)
        return [Message.of(item) for item in answer["items"]]

    async def sign_in(self, phone: str, *, seconds: float = 60.0) -> Session:
        """Ask for a code, read it from the sandbox phone, redeem it. Raises: Refused, Silent."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return await self._sign_in_once(phone, deadline)
            except Refused as refused:
                # A code whose answer got lost is used up: another one is asked for.
                if refused.code != "code_expired" or time.monotonic() > deadline:
                    raise

    async def _sign_in_once(self, phone: str, deadline: float) -> Session:
        asked_at = datetime.now(UTC) - timedelta(milliseconds=5)
        challenge = await self.post("/api/signin/codes", {"phone": phone})
        tried: set[str] = set()
        while True:
            message = await self._newest_code(phone, asked_at, tried, deadline)
            tried.add(message.id)
            answer = {"challenge_id": challenge["challenge_id"], "code": message.code}
            try:
                opened = await self.post("/api/signin/sessions", answer)
            except Refused as refused:
                if refused.code != "code_wrong":  # a repeated request has brought an older code to the same phone
                    raise
                continue
            return Session(opened["person"]["id"], phone, opened["token"], challenge["challenge_id"])

    async def _newest_code(self, phone: str, since: datetime, tried: Collection[str], deadline: float) -> Message:
        asked, pause, looks = time.monotonic(), self._code_seconds, 0
        while True:
            await asyncio.sleep(pause)
            looks += 1
            for message in await self.messages(phone):
                if message.is_sign_in_code and message.code and message.sent_at >= since and message.id not in tried:
                    self._learn(looks, time.monotonic() - asked)
                    return message
            if time.monotonic() > deadline:
                raise Silent(f"no sign-in code came to the sandbox phone {phone[:3]}****{phone[-4:]}")
            pause = 0.03 if looks == 1 else min(pause * 1.5, 0.5)

    def _learn(self, looks: int, seconds: float) -> None:
        """How soon to look for the next code, from how this one came: a look too early costs the stack a request."""
        if looks == 1:
            self._code_seconds *= 0.9
        else:
            self._code_seconds += 0.25 * (min(seconds, 1.0) - self._code_seconds)

    async def _call(self, method: str, path: str, headers: dict[str, str], **content: Any) -> Body:
        deadline = time.monotonic() + self.patience
        pause = 0.1
        while True:
            began = time.monotonic()
            try:
                response = await self._http.request(method, self._address(path), headers=headers, **content)
            except httpx.TransportError as error:
                last = type(error).__name__
            else:
                if response.status_code not in _UNANSWERED:
                    return self._read(method, path, response, time.monotonic() - began)
                last = str(response.status_code)
            if time.monotonic() > deadline:
                raise Silent(f"{method} {path} was not answered within {self.patience:.0f} s (last: {last})")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 1.0)

    def _address(self, path: str) -> str:
        service = service_of(path)
        return f"{self.services[service]}{path}" if service and service in self.services else path

    def _read(self, method: str, path: str, response: httpx.Response, seconds: float) -> Body:
        call = Call(method, path, response.status_code, seconds)
        if self.heard is not None:
            self.heard(call)
        answer: Body = response.json() if "json" in response.headers.get("content-type", "") else {}
        if response.status_code >= 400:
            raise Refused(call, answer)
        return answer


async def patiently(
    act: Callable[[], Awaitable[Value]],
    *,
    codes: Collection[str] = (),
    seconds: float = 30.0,
    first_pause: float = 0.02,
) -> Value:
    """The result of `act`, tried again while it says NotYet or the API refuses it with one of these codes: the events
    that it needs are on their way. Raises: NotYet, Refused when the time is over, or for any other refusal.
    """
    deadline = time.monotonic() + seconds
    pause = first_pause
    while True:
        try:
            return await act()
        except Refused as refused:
            if refused.code not in codes or time.monotonic() > deadline:
                raise
        except NotYet:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 1.6, 0.5)


def _headers(session: Session | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {session.token}"} if session else {}
