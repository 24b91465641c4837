"""WeChat's access token: one for all replicas, asked for once, and once more where WeChat refuses it.

`POST /cgi-bin/stable_token` gives the same token until it is about to end (7200 s at most); only `force_refresh` ends
it at once. That is kept for a token that WeChat refuses although it still gives it out, and for once a minute, as
WeChat wants at least 30 s between two and allows few a day (developers.weixin.qq.com: getStableAccessToken).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from microwish.logs import get_logger
from microwish.when import Clock
from notify_service.channels.calls import NO_TOKEN, NotLeft, TurnedAway, code_of, post
from notify_service.channels.port import Fate, ProviderAway, Receipt, Refusal
from notify_service.channels.wechat_codes import cause_of, judged
from notify_service.store.access_tokens import HeldToken, Kept, Renewing, SharedToken

_PATH = "/cgi-bin/stable_token"
_MARGIN = timedelta(minutes=5)
_FORCED_AT_MOST_EVERY = timedelta(minutes=1)
_LOOK_SECONDS = 0.05
_REST = timedelta(seconds=5)
_log = get_logger(__name__)


class NoToken(Exception):
    """There is no token to be had, so no message can have left. `receipt` says what that asks of us."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.cause)
        self.receipt = receipt


_REFUSED_AGAIN = Receipt(Fate.REFUSED, "token_refused", Refusal.CONFIGURATION)


class AccessTokens:
    """The token of one account. However many ask, in however many replicas, WeChat is asked once."""

    def __init__(self, app_id: str, secret: str, http: httpx.AsyncClient, shared: SharedToken, clock: Clock) -> None:
        self._app_id = app_id
        self._secret = secret
        self._http = http
        self._shared = shared
        self._clock = clock
        self._held: HeldToken | None = None
        self._failed: tuple[datetime, NoToken] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def current(self) -> str:
        """A token that should do. Raises: NoToken."""
        return self._usable(self._held, None) or await self._found(None)

    async def instead_of(self, refused: str) -> str:
        """Another than this one, which WeChat has refused: one that somebody got meanwhile, or a new one.

        Raises: NoToken, also where WeChat was made to give a new one less than a minute ago.
        """
        return self._usable(self._held, refused) or await self._found(refused)

    def _usable(self, token: HeldToken | None, refused: str | None) -> str | None:
        if token is None or token.value == refused or self._clock() >= token.until:
            return None
        return token.value

    async def _found(self, refused: str | None) -> str:
        async with self._one_at_a_time:
            while True:
                if (known := self._usable(self._held, refused)) or (known := await self._look(refused)):
                    return known
                self._rest()
                renewing = await self._shared.begin()
                if renewing is not None:
                    return await self._renewed(renewing, refused)
                await asyncio.sleep(_LOOK_SECONDS)  # another replica asks; the caller's deadline ends the waiting

    async def _look(self, refused: str | None) -> str | None:
        return self._taken(await self._shared.read(), refused)

    def _taken(self, kept: Kept, refused: str | None) -> str | None:
        value = self._usable(kept.token, refused)
        if value is not None:
            self._held = kept.token
        return value

    def _rest(self) -> None:
        # Where WeChat gives none, the messages of a busy minute must not each ask again.
        if self._failed is not None and self._clock() < self._failed[0]:
            raise self._failed[1]

    async def _renewed(self, renewing: Renewing, refused: str | None) -> str:
        try:
            if known := self._taken(renewing.kept, refused):
                return known  # somebody was faster
            token = await self._asked(renewing, refused)
            await self._shared.keep(renewing, token)
            self._held, self._failed = token, None
            return token.value
        except NoToken as none:
            self._failed = (self._clock() + _REST, none)
            _log.warning("no_access_token", cause=none.receipt.cause)
            raise
        finally:
            await self._shared.end(renewing)

    async def _asked(self, renewing: Renewing, refused: str | None) -> HeldToken:
        token = await self._ask(force=False)
        if token.value != refused:
            return token
        forced_at, now = renewing.kept.forced_at, self._clock()
        if forced_at is not None and now < forced_at + _FORCED_AT_MOST_EVERY:
            raise NoToken(_REFUSED_AGAIN)
        await self._shared.force(renewing, now)
        return await self._ask(force=True)

    async def _ask(self, *, force: bool) -> HeldToken:
        asked_at = self._clock()
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        try:
            answer = await post(self._http, _PATH, body)
            if "access_token" in answer:
                return _token(answer, asked_at)
            code = code_of(answer)
        except TurnedAway as never:
            raise NoToken(never.receipt) from None
        except (ProviderAway, NotLeft):
            raise NoToken(NO_TOKEN) from None
        raise NoToken(_refused(code, asked_at))


def _refused(code: int, asked_at: datetime) -> Receipt:
    receipt = judged(code, asked_at)
    return receipt if receipt and receipt.fate is Fate.REFUSED else Receipt(Fate.REFUSED, cause_of(code), Refusal.LATER)


def _token(answer: Mapping[str, Any], asked_at: datetime) -> HeldToken:
    value, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(seconds, int) or seconds <= 0:
        raise NoToken(NO_TOKEN)
    lasts = timedelta(seconds=seconds)
    # The same token comes again until it ends: near its end the margin must leave something to use.
    return HeldToken(value, asked_at + lasts - min(_MARGIN, lasts / 10))
