"""The frame in which every service's HTTP application stands."""

import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from microwish.identity.guards import Identity
from microwish.settings import ServiceSettings
from microwish.web import docs, frame, problems
from microwish.web.health import Check, health_router
from microwish.web.openapi import DocumentedApp
from microwish.web.pages.kit import KIT_STATIC, Pages
from microwish.web.problems import DomainProblem
from microwish.web.texts import Catalogue

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


# Ours is `frame.Observed`, which knows what may stand in a span; FastAPI's own would add addresses with their query,
# messages of exceptions, and four spans to each request.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}


class CachedStatic(StaticFiles):
    """Static files: kept for a year when the address carries the content's hash (`?v=`), else for five minutes."""

    def file_response(self, full_path, stat_result, scope: Scope, status_code: int = 200) -> Response:  # type: ignore[no-untyped-def]
        """Like the parent's, with Cache-Control."""
        response: Response = super().file_response(full_path, stat_result, scope, status_code)
        versioned = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if versioned else "public, max-age=300"
        )
        return response


def create_app(
    *,
    title: str,
    settings: ServiceSettings,
    identity: Identity,
    routers: Sequence[APIRouter],
    catalogue: Catalogue,
    domain_errors: Mapping[type[Exception], int | DomainProblem],
    checks: Mapping[str, Check],
    required_checks: Collection[str] | None = None,
    pages: Pages | None = None,
    static_dir: Path | None = None,
    static_url: str | None = None,
    lifespan: Lifespan | None = None,
    body_limit: int = frame.DEFAULT_BODY_LIMIT,
    body_limits: Mapping[re.Pattern[str], int] | None = None,
) -> FastAPI:
    """An application with problems, health, metrics, docs, static files, access log and security headers.

    `static_url` is `/static/<service>` (taken from `pages` when given); the kit's own files are below it
    under `kit/`. Everything that a service adds is in `routers` and `lifespan`. `body_limits` are bytes for whole
    paths whose bodies may be larger (or must be smaller) than `body_limit`.
    """
    app = DocumentedApp(
        title=title, lifespan=lifespan or _no_lifespan, docs_url=None, redoc_url=None, telemetry=_NO_TELEMETRY
    )
    app.state.identity = identity
    app.state.settings = settings
    app.state.on_leaving = []  # called without arguments as soon as the server is told to stop: ends what stays open
    problems.install(app, catalogue, domain_errors, page=pages.problem_page if pages else None)
    app.include_router(health_router(checks, required_checks))
    app.include_router(docs.docs_router())
    for router in routers:
        app.include_router(router)
    _mount_static(app, static_url or (pages.static_url if pages else None), static_dir)
    # The last added is the outermost: safe headers are on every answer, observed sees what the others refuse.
    app.add_middleware(frame.BodyLimit, limit=body_limit, larger=body_limits)
    app.add_middleware(frame.Preferences, cookie_secure=identity.cookie_secure)
    app.add_middleware(frame.Observed)
    app.add_middleware(frame.SafeHeaders)
    return app


def _mount_static(app: FastAPI, static_url: str | None, static_dir: Path | None) -> None:
    if static_url is None:
        return
    app.mount(f"{static_url}/kit", CachedStatic(directory=KIT_STATIC), name="kit")
    if static_dir is not None:
        app.mount(static_url, CachedStatic(directory=static_dir), name="static")


@asynccontextmanager
async def _no_lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
