"""The HTTP application: routers, problems, health."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI

from microwish.identity.guards import Identity
from microwish.store.mongo import STORE_OUTAGES
from microwish.store.refusals import Contended, KeyReused, OutboxFull
from microwish.web.app import create_app
from microwish.web.health import Health
from microwish.web.pages.kit import Pages
from microwish.web.problems import DomainProblem
from notify_service.domain.errors import (
    AlertNotFound,
    AlreadySent,
    CallNotFound,
    GroupGone,
    LetterNotFound,
    LetterSettled,
    MessageNotFound,
    NotResendable,
    StillFailing,
    StillUnknown,
)
from notify_service.web.api import calls, letters, messages, preferences, sandbox, watch
from notify_service.web.callbacks import alibaba, tencent, wechat
from notify_service.web.deps import Rooms
from notify_service.web.pages import choices, dead_letters, desk, phone, providers, search
from notify_service.web.texts import TEXTS

_CALLBACKS = re.compile(r"/callbacks/wechat")
_CALLBACK_LIMIT = 64_000
"""Bytes of one event; strangers may call there."""
_HERE = Path(__file__).parent / "pages"
STATIC_URL = "/static/notify"
PAGES = Pages("notify", _HERE / "templates", TEXTS, STATIC_URL, static_dir=_HERE / "static")

# A message's own address takes any word, so what has an address beside it comes first.
_OF_OPS = (
    calls.router,
    letters.router,
    watch.router,
    messages.router,
    desk.router,
    dead_letters.router,
    providers.router,
    search.router,
)
_DOMAIN_ERRORS: dict[type[Exception], int | DomainProblem] = {
    MessageNotFound: 404,
    NotResendable: 409,
    AlreadySent: 409,
    StillUnknown: 409,
    LetterNotFound: 404,
    LetterSettled: 409,
    GroupGone: 409,
    StillFailing: 409,
    AlertNotFound: 404,
    CallNotFound: 404,
    KeyReused: 422,
    OutboxFull: DomainProblem(503, "busy", 5),
    Contended: DomainProblem(503, "busy", 5),
    **dict.fromkeys(STORE_OUTAGES, DomainProblem(503, "unavailable", 5)),
}


def application(
    room: Rooms,
    identity: Identity,
    *,
    ping: Callable[[], Awaitable[None]],
    messaging: Callable[[], str],
    sending: Callable[[], bool],
) -> FastAPI:
    """Everything behind HTTP. `messaging` and `sending` say how Kafka and the timers are."""

    async def mongo() -> Health:
        await ping()
        return "ok"

    async def kafka() -> Health:
        return "ok" if messaging() == "ok" else "degraded"

    async def keys() -> Health:
        return "ok" if identity.keys.ready else "down"

    async def timers() -> Health:
        return "ok" if sending() else "degraded"

    app = create_app(
        title="notify-service",
        settings=room.settings,
        identity=identity,
        routers=[
            sandbox.router,
            *_OF_OPS,
            preferences.router,
            choices.router,
            phone.router,
            alibaba.router,
            tencent.router,
            wechat.router,
        ],
        catalogue=TEXTS,
        domain_errors=_DOMAIN_ERRORS,
        checks={"mongo": mongo, "keys": keys, "kafka": kafka, "timers": timers},
        required_checks={"mongo", "keys"},
        pages=PAGES,
        static_dir=_HERE / "static",
        body_limits={_CALLBACKS: _CALLBACK_LIMIT},
    )
    app.state.notify = room
    return app
