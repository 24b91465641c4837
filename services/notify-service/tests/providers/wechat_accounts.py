"""Adapters of WeChat and WeCom as the service builds them, on the providers that the tests play."""

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from providers.server import (
    ANSWER_TWICE,
    DROP_AFTER,
    DROP_BEFORE,
    MALFORMED,
    SERVER_ERROR,
    Fault,
    HttpServer,
    PlayedProvider,
    serving,
)
from providers.wechat import APP_ID, SECRET, Wechat
from providers.wecom import KEY, Wecom

from microwish.events.notify import Channel
from microwish.ids import uuid7
from microwish.store.mongo import Mongo
from microwish.when import system_clock
from notify_service.channels.conformance import Mishap
from notify_service.channels.port import ChannelAdapter, Outgoing, Receipt, Sent
from notify_service.channels.wechat_build import group_robots, mini_program, official_account
from notify_service.domain.approved import LANGUAGES
from notify_service.domain.catalogue import catalogue
from notify_service.domain.groups import group
from notify_service.domain.texts import TEMPLATES
from notify_service.settings import NotifySettings
from notify_service.store.credits import CREDITS, Credits

SITE = "http://127.0.0.1:8000"
TEMPLATE_ID = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"
GROUP = "310117"
VALUES = {"title": "想要一台收音机", "number": "A1B2C3", "due": "12 月 24 日", "organisation": "邮政所党支部"}
FAULTS = {
    Mishap.DROP_BEFORE: DROP_BEFORE,
    Mishap.DROP_AFTER: DROP_AFTER,
    Mishap.LATE: Fault(seconds=2),
    Mishap.SERVER_ERROR: SERVER_ERROR,
    Mishap.MALFORMED: MALFORMED,
    Mishap.TWICE: ANSWER_TWICE,
}


class AheadClock:
    """The real clock, moved by `ahead`."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead


def openid() -> str:
    """One that no other test uses."""
    return f"o{uuid7().replace('-', '')[-27:]}"


def accepted_by(provider: PlayedProvider) -> int:
    """How many messages it has accepted."""
    return sum(len(all_of_it) for all_of_it in provider.accepted.values())


class Counted:
    """An adapter, and how often its provider accepted something while an out id was handed over.

    Providers that take no id of ours can't be asked how many messages they have under one.
    """

    def __init__(self, adapter: ChannelAdapter, provider: PlayedProvider) -> None:
        self.channel: Channel = adapter.channel
        self.provider: str = adapter.provider
        self.repeats_for = adapter.repeats_for
        self._adapter = adapter
        self._played = provider
        self._times: Counter[str] = Counter()

    async def send(self, outgoing: Outgoing) -> Receipt:
        before = accepted_by(self._played)
        try:
            return await self._adapter.send(outgoing)
        finally:
            self._times[outgoing.out_id] += accepted_by(self._played) - before

    async def lookup(self, sent: Sent) -> Receipt:
        return await self._adapter.lookup(sent)

    async def close(self) -> None:
        await self._adapter.close()

    async def shown(self, out_id: str) -> int:
        return self._times[out_id]


@dataclass
class Account:
    """One adapter with its provider."""

    adapter: ChannelAdapter
    played: PlayedProvider
    server: HttpServer
    settings: NotifySettings
    mongo: Mongo
    clock: AheadClock
    to: str
    counted: Counted = field(init=False)

    def __post_init__(self) -> None:
        self.counted = Counted(self.adapter, self.played)

    @property
    def wechat(self) -> Wechat:
        return cast(Wechat, self.played)

    @property
    def credits(self) -> Credits:
        return Credits(self.mongo.db.get_collection(CREDITS))

    async def consents(self, number: int, openid: str | None = None) -> None:
        """Somebody consents so often, one after the other."""
        person = self.settings.blind_index().of(openid or self.to)
        for _ in range(number):
            await self.credits.granted(person, TEMPLATE_ID, uuid7(), at=system_clock())

    async def left(self) -> int:
        return await self.credits.left(self.settings.blind_index().of(self.to), TEMPLATE_ID)

    def spoil(self, mishap: Mishap) -> None:
        self.played.next(FAULTS[mishap])


def approved(provider: str, template: str, language: str, *, large: bool = False) -> str:
    """As the file of approved templates would say it."""
    if template == "not_approved.v1":
        raise KeyError(template)
    return TEMPLATE_ID


@contextlib.asynccontextmanager
async def account(kind: str, mongo: Mongo, common: dict[str, Any], **own: Any) -> AsyncIterator[Account]:
    """An adapter of this kind (official, mini, wecom) and its provider."""
    played: PlayedProvider = Wecom() if kind == "wecom" else Wechat()
    clock = AheadClock()
    async with serving(played) as server:
        settings = NotifySettings(
            **{**common, "sandbox": True, "cookie_secure": False, **own},
            wechat_provider="" if kind == "wecom" else kind,
            wechat_url=server.url,
            wechat_app_id=APP_ID,
            wechat_app_secret=SECRET,
            wechat_callback_token="AAAAA",
            wecom_url=server.url,
            wecom_robots={GROUP: KEY},
            wecom_alert_robot=KEY,
        )
        templates, adapter = catalogue(SITE), cast(ChannelAdapter | None, None)
        if kind == "official":
            adapter = official_account(settings, mongo.db, templates, approved, clock)
        elif kind == "mini":
            adapter = mini_program(settings, mongo.db, templates, approved, clock)
        else:
            adapter = group_robots(settings, clock)
        assert adapter is not None
        to = group(GROUP) if kind == "wecom" else openid()
        yield Account(adapter, played, server, settings, mongo, clock, to)
        await adapter.close()


def approved_file(folder: Path, provider: str) -> Path:
    """A file in which the provider has approved every card under one id, each with its usual fields."""
    by_template = {template.id: dict.fromkeys(LANGUAGES, TEMPLATE_ID) for template in TEMPLATES if template.fields}
    written = folder / f"approved-{provider}.json"
    written.write_text(json.dumps({provider: by_template}))
    return written
