"""One call of a provider's HTTP interface that takes and gives JSON, and what is known after it."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from notify_service.channels.port import Fate, ProviderAway, Receipt, Refusal

CONNECT_SECONDS = 3.0
_ANSWER_MAX = 64 * 1024
_NOT_NOW = frozenset({408, 429})

UNREACHED = Receipt(Fate.REFUSED, "unreached", Refusal.LATER)
"""What `NotLeft` means of a message: certainly not accepted."""

NO_TOKEN = Receipt(Fate.REFUSED, "no_token", Refusal.LATER)
"""The same for want of the token without which nothing can be asked."""

NO_ANSWER = frozenset({UNREACHED.cause, NO_TOKEN.cause})
"""Causes that no provider has named: it did not answer at all, and is left alone for a while like any that does not."""


class NotAccepted(Exception):
    """The provider has certainly not taken the request. `receipt` says what that asks of us."""

    receipt: Receipt


class NotLeft(NotAccepted):
    """There was no connection, so nothing of the request has left."""

    receipt = UNREACHED


class TurnedAway(NotAccepted):
    """An HTTP status between 300 and 499: not here, or not now (408, 429)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        refusal = Refusal.LATER if status in _NOT_NOW else Refusal.CONFIGURATION
        self.receipt = Receipt(Fate.REFUSED, f"http_{status}", refusal)


def client(url: str, *, seconds: float) -> httpx.AsyncClient:
    """Requests to a provider that can't be asked later what it accepted; no answer takes longer than `seconds`.

    Each has a connection of its own. One that is kept may be closing just as the next request leaves by it, or still
    hold an answer that came twice: then nobody could ever say whether that next message was accepted.
    """
    return httpx.AsyncClient(
        base_url=url,
        timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=0),
        trust_env=False,
    )


async def post(
    http: httpx.AsyncClient, path: str, body: Mapping[str, Any], params: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The answer, a JSON object. Nothing of it is logged: addresses hold keys, bodies hold people.

    Raises: NotLeft; TurnedAway; ProviderAway for a connection that ends, and for an answer that does not come, has any
    other status than 200, or can't be read.
    """
    raw = json.dumps(body, ensure_ascii=False).encode()  # WeChat shows escapes as they come
    try:
        answer = await http.post(path, content=raw, params=params, headers={"Content-Type": "application/json"})
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NotLeft(type(error).__name__) from None
    except httpx.HTTPError as error:
        raise ProviderAway(type(error).__name__) from None  # the original names the address, and with it the key
    if 300 <= answer.status_code < 500:
        raise TurnedAway(answer.status_code)
    if answer.status_code != httpx.codes.OK:
        raise ProviderAway(f"status {answer.status_code}")
    return _read(answer.content)


def _read(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content) if len(content) <= _ANSWER_MAX else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProviderAway("not a JSON object")
    return found


def code_of(answer: Mapping[str, Any]) -> int:
    """`errcode`. Raises: ProviderAway where there is none: this answer says nothing."""
    code = answer.get("errcode")
    if not isinstance(code, int):
        raise ProviderAway("no errcode")
    return code
