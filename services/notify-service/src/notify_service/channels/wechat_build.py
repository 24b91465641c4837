"""From settings to WeChat and WeCom: adapters, the seal of what is pushed, the robot for alerts."""

import httpx

from microwish.store.mongo import Database
from microwish.when import Clock
from notify_service.channels.calls import client
from notify_service.channels.wechat import OFFICIAL, OfficialAccount
from notify_service.channels.wechat_api import Cards, WechatApi
from notify_service.channels.wechat_mini import MINI, MiniProgram
from notify_service.channels.wechat_seal import CallbackSeal
from notify_service.channels.wechat_token import AccessTokens
from notify_service.channels.wecom import GroupRobot, GroupRobots
from notify_service.domain.approved import Approved
from notify_service.domain.templates import Templates
from notify_service.settings import NotifySettings
from notify_service.settings_wechat import encoding_aes_keys
from notify_service.store.access_tokens import SharedToken
from notify_service.store.credits import CREDITS, Credits

_PART_OF_DEADLINE = 0.8
"""An adapter gives up before its caller does, so that it can say why."""


def official_account(
    settings: NotifySettings, db: Database, templates: Templates, approved: Approved, clock: Clock
) -> OfficialAccount:
    """The official account, as the settings have it."""
    cards = Cards(OFFICIAL, templates, approved)
    return OfficialAccount(_api(settings, db, OFFICIAL, clock), cards, page_url=settings.public_url)


def mini_program(
    settings: NotifySettings, db: Database, templates: Templates, approved: Approved, clock: Clock
) -> MiniProgram:
    """The mini program, as the settings have it."""
    return MiniProgram(
        _api(settings, db, MINI, clock),
        Cards(MINI, templates, approved),
        Credits(db.get_collection(CREDITS)),
        settings.blind_index(),
        clock,
        page=settings.wechat_mini_page,
    )


def _api(settings: NotifySettings, db: Database, provider: str, clock: Clock) -> WechatApi:
    http, app_id = _client(settings.wechat_url, settings), settings.wechat_app_id
    shared = SharedToken(db.get_collection("access_tokens"), settings.sealer(), f"{provider}:{app_id}")
    tokens = AccessTokens(app_id, settings.wechat_app_secret.get_secret_value(), http, shared, clock)
    return WechatApi(http, tokens, clock)


def _client(url: str, settings: NotifySettings) -> httpx.AsyncClient:
    return client(url, seconds=settings.send_deadline_seconds * _PART_OF_DEADLINE)


def wechat_seal(settings: NotifySettings) -> CallbackSeal | None:
    """How to know WeChat's pushes; None where no account is configured."""
    token = settings.wechat_callback_token.get_secret_value()
    if not settings.wechat_provider or not token:
        return None
    return CallbackSeal(token, settings.wechat_app_id, encoding_aes_keys(settings.wechat_encoding_aes_key))


def alert_robot(settings: NotifySettings, clock: Clock) -> GroupRobot | None:
    """The robot that tells ops of alerts, if there is one."""
    key = settings.wecom_alert_robot.get_secret_value()
    return GroupRobot(key, _client(settings.wecom_url, settings), clock) if key else None


def group_robots(settings: NotifySettings, clock: Clock) -> GroupRobots | None:
    """The robots of staff groups, if there are any."""
    keys = {prefix: key.get_secret_value() for prefix, key in settings.wecom_robots.items()}
    http = _client(settings.wecom_url, settings)
    return GroupRobots(keys, http, clock) if keys else None
