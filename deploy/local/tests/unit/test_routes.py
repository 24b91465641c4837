"""The prefix table sends each path to one service, and routes nothing that it does not list."""

from itertools import permutations

import pytest

from microwish_local.routes import ROUTES, SERVICES, service_of


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "wish"),
        ("/api/me", "wish"),
        ("/api/wishes/0190/confirmation", "wish"),
        ("/api/wishes/stream", "wish"),
        ("/wishes/0190", "wish"),
        ("/.well-known/jwks.json", "wish"),
        ("/static/wish/app.css", "wish"),
        ("/api/board/0190/queue", "adoption"),
        ("/adopt", "adoption"),
        ("/api/messages", "notify"),
        ("/callbacks/sms/report", "notify"),
        ("/notify", "notify"),
    ],
)
def test_a_path_belongs_to_its_service(path: str, service: str) -> None:
    assert service_of(path) == service


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs",
        "/openapi.json",
        "/api",
        "/api/mess",
        "/api/mex",
        "/adopted",
        "//metrics",
        "/static/other/x",
        "/api/me/../../metrics",
        "/api/me/./x",
    ],
)
def test_what_is_not_listed_is_not_routed(path: str) -> None:
    assert service_of(path) is None


def test_no_prefix_lies_below_another_so_their_order_does_not_matter() -> None:
    assert not [(a, b) for a, b in permutations(ROUTES, 2) if a.covers(b.prefix)]


def test_every_service_is_reached() -> None:
    assert {route.service for route in ROUTES} == set(SERVICES)
