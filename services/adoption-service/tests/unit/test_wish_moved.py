"""A wish whose community moved goes on as it is; other staff look after it."""

from datetime import UTC, datetime, timedelta

from adoption_service.domain import wish_events
from adoption_service.domain.claims import Claims, ClaimsState
from adoption_service.domain.lease import Lease
from microwish.events import Actor, Community, Role
from microwish.events.wish import WishMoved
from microwish.when import When

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEASE = Lease(timedelta(days=15), timedelta(days=3), timedelta(days=7), timedelta(days=3))
ADMIN = Actor(person_id="a1", role=Role.ADMIN)
NEW = Community(code="310117005009", name="龙潭社区")
MOVED = WishMoved(wish_id="w", community=NEW.code, by=ADMIN, place=NEW, moved_from="310117001001")


def test_claims_go_along_and_their_timeline_tells_it() -> None:
    claims = Claims("w", ClaimsState.OPEN, 2, "310117001001", "r")
    decided = wish_events.take(claims, MOVED, When(NOW, NOW), LEASE)
    assert decided is not None
    assert (decided.claims.community, decided.claims.slots) == (NEW.code, 2)
    assert decided.events == ()
    assert [(entry.what, entry.by) for entry in decided.entries] == [("WishMoved", ADMIN)]


def test_before_it_is_posted_there_is_nothing_to_move() -> None:
    assert wish_events.take(Claims("w"), MOVED, When(NOW, NOW), LEASE) is None
