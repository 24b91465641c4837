"""Wishes and adoptions to start a test from, without any server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microwish.events import Category, Community
from microwish.when import When
from wish_service.domain.adoptions import Adoption, AdoptionState
from wish_service.domain.wish import Contact, Wish

NOW = datetime(2026, 6, 12, 7, 40, tzinfo=UTC)
SEALED = "v1.k1.AAAA"


@pytest.fixture
def when() -> When:
    return When(NOW, NOW)


@pytest.fixture
def sealed() -> str:
    return SEALED


@pytest.fixture
def adoption() -> Callable[..., Adoption]:
    def make(id: str = "a1", state: AdoptionState = AdoptionState.ACTIVE, **changes: Any) -> Adoption:
        given: dict[str, Any] = {
            "organisation_id": f"o-{id}",
            "organisation_name": "和风邮政所党支部",
            "organisation_kind": "party_organisation",
            "claimed_at": NOW,
            "due_at": NOW + timedelta(days=15),
            "handler_name": SEALED,
            "office_phone": SEALED,
            "door_code": SEALED,
        }
        return Adoption(id=id, state=state, **{**given, **changes})

    return make


@pytest.fixture
def wish() -> Callable[..., Wish]:
    def make(**changes: Any) -> Wish:
        given: dict[str, Any] = {
            "id": "w1",
            "resident_id": "p1",
            "posted_by": "p1",
            "on_behalf": False,
            "community": Community(code="310117001001", name="龙潭社区"),
            "category": Category.GOODS,
            "title": SEALED,
            "detail": SEALED,
            "contact": Contact(SEALED, SEALED, SEALED, "index", "王**", "139****5678", "龙潭社区******"),
            "submitted_at": NOW,
        }
        return Wish(**{**given, **changes})

    return make
