"""From settings to the providers of each channel, the first choice first; what has none is served by the sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from microwish.events.notify import Channel
from microwish.store.mongo import Database
from microwish.when import Clock
from notify_service.channels.port import ChannelAdapter
from notify_service.channels.sandbox import SandboxChannel, SandboxPhones
from notify_service.channels.sms_build import alibaba_sms, tencent_sms
from notify_service.channels.wechat_build import group_robots, mini_program, official_account
from notify_service.domain.approved import ApprovedTemplates
from notify_service.domain.templates import Templates
from notify_service.settings import NotifySettings


class NoProvider(Exception):
    """Messages could reach nobody: the sandbox is off and a channel that people need has no provider."""


@dataclass(frozen=True)
class Parts:
    """What adapters are made of."""

    settings: NotifySettings
    db: Database
    templates: Templates
    approved: ApprovedTemplates
    phones: SandboxPhones
    clock: Clock


Make = Callable[[Parts], ChannelAdapter]
SMS: dict[str, Make] = {
    "alibaba": lambda parts: alibaba_sms(parts.settings, parts.templates, parts.approved.of, parts.clock),
    "tencent": lambda parts: tencent_sms(parts.settings, parts.templates, parts.approved.of, parts.clock),
}
"""Providers of SMS by the name in MICROWISH_SMS_PROVIDERS."""
WECHAT: dict[str, Make] = {
    "official": lambda parts: official_account(
        parts.settings, parts.db, parts.templates, parts.approved.of, parts.clock
    ),
    "mini": lambda parts: mini_program(parts.settings, parts.db, parts.templates, parts.approved.of, parts.clock),
}
"""Ways to WeChat by the name in MICROWISH_WECHAT_PROVIDER."""


def build_adapters(parts: Parts) -> dict[Channel, list[ChannelAdapter]]:
    """The adapters of this installation. Raises: NoProvider, naming what is missing or not known."""
    settings = parts.settings
    wechat = (settings.wechat_provider,) if settings.wechat_provider else ()
    made = {
        Channel.SMS: [_known(SMS, name)(parts) for name in settings.sms_providers],
        Channel.WECHAT: [_known(WECHAT, name)(parts) for name in wechat],
    }
    for channel, adapters in made.items():
        if not adapters and settings.sandbox:
            adapters.append(SandboxChannel(channel, parts.phones))
    if (groups := group_robots(settings, parts.clock)) is not None:
        made[Channel.WECHAT].append(groups)
    if not made[Channel.SMS]:  # sign-in codes go by no other way
        raise NoProvider("set MICROWISH_SMS_PROVIDERS, or MICROWISH_SANDBOX to try it out")
    return made


def _known(makers: Mapping[str, Make], name: str) -> Make:
    if name not in makers:
        raise NoProvider(f"{name} is no provider known here; there are {', '.join(sorted(makers)) or 'none'}")
    return makers[name]
