"""The HTTP application: routers, problems, health."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI

from microwish.identity.guards import Identity
from microwish.store.mongo import STORE_OUTAGES
from microwish.store.refusals import Contended, OutboxFull
from microwish.web.app import create_app
from microwish.web.health import Health
from microwish.web.pages.kit import Pages
from microwish.web.problems import DomainProblem
from notify_service.domain.errors import AlreadySent, MessageNotFound, NotResendable, StillUnknown
from notify_service.web.api import messages, preferences, sandbox
from notify_service.web.deps import Rooms
from notify_service.web.pages import desk, phone
from notify_service.web.texts import TEXTS

_HERE = Path(__file__).parent / "pages"
STATIC_URL = "/static/notify"
PAGES = Pages("notify", _HERE / "templates", TEXTS, STATIC_URL, static_dir=_HERE / "static")

_DOMAIN_ERRORS: dict[type[Exception], int | DomainProblem] = {
    MessageNotFound: 404,
    NotResendable: 409,
    AlreadySent: 409,
    StillUnknown: 409,
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
        routers=[sandbox.router, messages.router, preferences.router, phone.router, desk.router],
        catalogue=TEXTS,
        domain_errors=_DOMAIN_ERRORS,
        checks={"mongo": mongo, "keys": keys, "kafka": kafka, "timers": timers},
        required_checks={"mongo", "keys"},
        pages=PAGES,
        static_dir=_HERE / "static",
    )
    app.state.notify = room
    return app
