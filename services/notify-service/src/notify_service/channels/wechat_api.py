"""What official accounts and mini-programs have in common: a call with the account's token, and its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from microwish.when import Clock
from notify_service.channels.calls import NotAccepted, code_of, post
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Refusal
from notify_service.channels.wechat_codes import STALE_TOKEN, judged
from notify_service.channels.wechat_fields import NotACard, card_of
from notify_service.channels.wechat_token import AccessTokens, NoToken
from notify_service.domain.approved import Approved
from notify_service.domain.templates import Templates

_NO_TEMPLATE = Receipt(Fate.REFUSED, "no_approved_template", Refusal.CONFIGURATION)


class NoCard(Exception):
    """Nothing that WeChat has approved fits this message. `receipt` says what that asks of us."""

    receipt = _NO_TEMPLATE


@dataclass(frozen=True)
class Cards:
    """The approved templates of one provider."""

    provider: str
    templates: Templates
    approved: Approved

    def filled(self, outgoing: Outgoing) -> tuple[str, dict[str, dict[str, str]]]:
        """The approved template's id and its fields, in the message's language. Raises: NoCard."""
        try:
            entry = self.approved(self.provider, outgoing.template, outgoing.language, large=outgoing.large_print)
            card = card_of(entry, self.templates.fields(outgoing.template))
            return card.id, card.data(outgoing.values)
        except (KeyError, NotACard):
            raise NoCard from None


class WechatApi:
    """Calls with a token, and with another one, once, where WeChat refuses it."""

    def __init__(self, http: httpx.AsyncClient, tokens: AccessTokens, clock: Clock) -> None:
        self._http = http
        self._tokens = tokens
        self._clock = clock

    async def send(self, path: str, body: Mapping[str, Any]) -> Receipt:
        """Hand a message over. Raises: ProviderAway."""
        try:
            answer = await self._asked(path, body)
        except NoToken as none:
            return none.receipt
        except NotAccepted as never:
            return never.receipt
        receipt = judged(code_of(answer), self._clock(), _reference(answer))
        if receipt is None:
            raise ProviderAway(f"errcode {code_of(answer)}")
        return receipt

    async def close(self) -> None:
        """End the connections."""
        await self._http.aclose()

    async def _asked(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        token = await self._tokens.current()
        answer = await self._post(path, token, body)
        if code_of(answer) not in STALE_TOKEN:
            return answer
        return await self._post(path, await self._tokens.instead_of(token), body)

    async def _post(self, path: str, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await post(self._http, path, body, {"access_token": token})


def _reference(answer: Mapping[str, Any]) -> str | None:
    # Zero is what the later report of the message has then, too: it names nothing.
    found = answer.get("msgid") or answer.get("msg_id")
    return str(found) if found and isinstance(found, int | str) else None
