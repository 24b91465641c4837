"""Template messages of an official account (服务号模板消息): `POST /cgi-bin/message/template/send`."""

import hashlib
import re
from datetime import timedelta

from microwish.events.notify import Channel
from notify_service.channels.port import Outgoing, ProviderAway, Receipt, Sent
from notify_service.channels.wechat_api import Cards, NoCard, WechatApi

OFFICIAL = "official"
_PATH = "/cgi-bin/message/template/send"
_CLIENT_ID_MAX = 32


def client_msg_id(out_id: str) -> str:
    """The out id as WeChat takes it: at most 32 letters and digits, the same for ever.

    No length is documented for this interface; its sibling for many documents 64 bytes and has refused 36 (45067).
    """
    short = out_id.replace("-", "")
    fits = short.isascii() and short.isalnum() and len(short) <= _CLIENT_ID_MAX
    return short if fits else hashlib.sha256(out_id.encode()).hexdigest()[:_CLIENT_ID_MAX]


class OfficialAccount:
    """Sends template messages. WeChat says by TEMPLATESENDJOBFINISH what became of them.

    WeChat documents that it sends one message for an openid and a `client_msg_id` within ten minutes; a minute of
    that is kept back for clocks that differ and a call that is under way.
    """

    channel = Channel.WECHAT
    provider = OFFICIAL
    repeats_for = timedelta(minutes=9)

    def __init__(self, api: WechatApi, cards: Cards, *, page_url: str) -> None:
        self._api = api
        self._cards = cards
        self._site = page_url.rstrip("/")
        self._link = re.compile(re.escape(self._site) + r"(?:/[A-Za-z0-9/_-]*)?(?:\?large=on)?")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over. Raises: ProviderAway."""
        try:
            template, data = self._cards.filled(outgoing)
        except NoCard as none:
            return none.receipt
        body = {
            "touser": outgoing.to,
            "template_id": template,
            "url": self._page(outgoing),
            "client_msg_id": client_msg_id(outgoing.out_id),
            "data": data,
        }
        return await self._api.send(_PATH, body)

    def _page(self, outgoing: Outgoing) -> str:
        """The page that the card opens: the one its text names, with the person's choice of print, or the first."""
        found = self._link.search(outgoing.text)
        return found.group() if found else self._site + ("/?large=on" if outgoing.large_print else "/")

    async def lookup(self, sent: Sent) -> Receipt:
        """WeChat has no interface that says what became of a template message. Raises: ProviderAway, always."""
        raise ProviderAway(f"WeChat can't be asked what became of {sent.out_id}")

    async def close(self) -> None:
        """End its connections."""
        await self._api.close()
