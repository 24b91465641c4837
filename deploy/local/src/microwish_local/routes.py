"""Which service answers which path: the one prefix table of the gateway and of the ingress.

A prefix stands for itself and for everything below it (`/api/me` for `/api/me` and `/api/me/x`, not `/api/messages`),
as `pathType: Prefix` of a Kubernetes ingress does; an exact route stands for itself only. What is not listed is not
routed: the health, metrics and documentation pages of a service stay on its own port.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Service = Literal["wish", "adoption", "notify"]
SERVICES: tuple[Service, ...] = ("wish", "adoption", "notify")
"""In the order of their ports: the gateway's + 1, + 2, + 3."""


@dataclass(frozen=True)
class Route:
    """Paths at and below `prefix` (or only `prefix` itself when `exact`) belong to `service`."""

    prefix: str
    service: Service
    exact: bool = False

    def covers(self, path: str) -> bool:
        """Whether this route answers the path."""
        return path == self.prefix or (not self.exact and path.startswith(f"{self.prefix}/"))


_PREFIXES: dict[Service, tuple[str, ...]] = {
    "wish": (
        "/api/signin",
        "/api/me",
        "/api/wishes",
        "/api/imports",
        "/api/staff",
        "/api/review-queue",
        "/api/reasons",
        "/api/tasks",
        "/api/stats",
        "/api/communities",
        "/api/campaigns",
        "/.well-known/jwks.json",
        "/post",
        "/mine",
        "/wishes",
        "/photos",
        "/desk",
        "/stats",
        "/campaigns",
        "/signin",
        "/static/wish",
    ),
    "adoption": ("/api/organisations", "/api/board", "/api/adoptions", "/adopt", "/static/adoption"),
    "notify": ("/api/messages", "/api/preferences", "/api/sandbox", "/callbacks", "/notify", "/static/notify"),
}

ROUTES: tuple[Route, ...] = (
    *(Route(prefix, service) for service, prefixes in _PREFIXES.items() for prefix in prefixes),
    Route("/", "wish", exact=True),
)


def service_of(path: str) -> Service | None:
    """The service that answers a path (decoded), or None when no service does, or the path climbs (`..`)."""
    if not {".", ".."}.isdisjoint(path.split("/")):
        return None
    return next((route.service for route in ROUTES if route.covers(path)), None)
