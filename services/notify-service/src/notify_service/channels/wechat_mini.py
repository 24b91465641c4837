"""Subscribe messages of a mini-program (小程序订阅消息): `POST /cgi-bin/message/subscribe/send`, one per consent."""

from datetime import timedelta

from microwish.events.notify import Channel
from microwish.privacy.sealing import BlindIndex
from microwish.when import Clock
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Refusal, Sent
from notify_service.channels.wechat_api import Cards, NoCard, WechatApi
from notify_service.channels.wechat_codes import NOT_SUBSCRIBED, cause_of
from notify_service.domain.templates import Language
from notify_service.store.credits import Credits

MINI = "mini"
_PATH = "/cgi-bin/message/subscribe/send"
_LANGUAGES: dict[Language, str] = {"zh": "zh_CN", "en": "en_US"}
_NO_CREDIT = Receipt(Fate.REFUSED, "no_credit", Refusal.PERSON)


class MiniProgram:
    """Sends subscribe messages while the person's consents last.

    Nothing is documented that drops a message which comes twice, so none is sent twice: `repeats_for` is zero. A
    credit is taken before the call and given back where WeChat says that nothing was accepted; where nobody can say,
    it stays taken, and WeChat's own count decides later (43101).
    """

    channel = Channel.WECHAT
    provider = MINI
    repeats_for = timedelta()

    def __init__(
        self, api: WechatApi, cards: Cards, credits: Credits, openid_index: BlindIndex, clock: Clock, *, page: str
    ) -> None:
        self._api = api
        self._cards = cards
        self._credits = credits
        self._index = openid_index
        self._clock = clock
        self._page = page

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over, if the person has consented to one more of this template. Raises: ProviderAway."""
        try:
            template, data = self._cards.filled(outgoing)
        except NoCard as none:
            return none.receipt
        person, asked_at = self._index.of(outgoing.to), self._clock()
        body = {
            "touser": outgoing.to,
            "template_id": template,
            "data": data,
            "miniprogram_state": "formal",
            "lang": _LANGUAGES[outgoing.language],
            **({"page": self._page} if self._page else {}),
        }
        if not await self._credits.take(person, template):
            return _NO_CREDIT
        receipt = await self._api.send(_PATH, body)
        if receipt.cause == cause_of(NOT_SUBSCRIBED):
            await self._credits.used_up(person, template, as_of=asked_at)
        elif receipt.fate is Fate.REFUSED:
            await self._credits.give_back(person, template)
        return receipt

    async def lookup(self, sent: Sent) -> Receipt:
        """WeChat has no interface that says what became of a subscribe message. Raises: ProviderAway, always."""
        raise ProviderAway(f"WeChat can't be asked what became of {sent.out_id}")

    async def close(self) -> None:
        """End its connections."""
        await self._api.close()
