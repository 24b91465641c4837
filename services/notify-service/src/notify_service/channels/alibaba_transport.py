"""The transport under Alibaba Cloud's SDK, with one TLS context and connections that are kept.

As it comes, the SDK (darabonba-core 1.0.9) makes a session and a TLS context for every request: 55 ms of work that
holds up the event loop, and a handshake. It signs, asks and reads the answer as before; only the bytes travel here.
"""

from contextvars import ContextVar
from typing import Any

import aiohttp
import alibabacloud_tea_openapi.client as sdk_client
from darabonba.core import DaraCore
from darabonba.exceptions import RetryError
from darabonba.request import DaraRequest
from darabonba.response import DaraResponse

KEPT_SECONDS = 10.0
"""Shorter than any gateway keeps an idle connection, so that a request is not lost in one that is just closing."""

_MILLISECONDS = 1000


class Unreached(RetryError):  # type: ignore[misc]  # the SDK ships no types
    """There was no connection, so nothing of the request has left."""


session: ContextVar[aiohttp.ClientSession] = ContextVar("alibaba_session")
"""The session that requests of the current task travel by; without one the SDK's own way is taken."""


def open_session() -> aiohttp.ClientSession:
    """A session for the running loop, whose owner closes it."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class KeptConnections(DaraCore):  # type: ignore[misc]  # the SDK ships no types
    """What the SDK calls for its bytes; everything but the asynchronous request is inherited."""

    @staticmethod
    async def async_do_action(request: DaraRequest, runtime_option: dict[str, Any] | None = None) -> DaraResponse:
        """Send the request once. Raises: Unreached; RetryError, where no answer came (nothing here tries again)."""
        kept = session.get(None)
        if kept is None:
            return await DaraCore.async_do_action(request, runtime_option)
        options = runtime_option or {}
        timeout = aiohttp.ClientTimeout(
            sock_connect=options["connectTimeout"] / _MILLISECONDS, sock_read=options["readTimeout"] / _MILLISECONDS
        )
        url = DaraCore.compose_url(request)
        try:
            async with kept.request(
                request.method,
                url,
                data=request.body or b"",
                headers=request.headers,
                timeout=timeout,
                allow_redirects=False,  # a redirected POST may be sent again
            ) as answer:
                return await _as_sdk_reads_it(answer)
        # Without their texts, which hold the address and with it the phone.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreached(type(error).__name__) from None
        except (OSError, aiohttp.ClientError) as error:
            raise RetryError(type(error).__name__) from None


async def _as_sdk_reads_it(answer: aiohttp.ClientResponse) -> DaraResponse:
    read = DaraResponse()
    read.body = await answer.read()
    read.headers = {name.lower(): value for name, value in answer.headers.items()}
    read.status_code = answer.status
    read.status_message = answer.reason
    read.response = answer
    return read


sdk_client.DaraCore = KeptConnections
