"""A wish goes along with its community in every state, once."""

from collections.abc import Callable

import pytest

from microwish.events import Actor, Community, Role
from microwish.events.wish import WishMoved
from microwish.when import When
from wish_service.domain.moving import moved
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish

ADMIN = Actor(person_id="a1", role=Role.ADMIN)
PLACE = Community(code="310117005009", name="龙潭社区")


@pytest.mark.parametrize("status", list(Status))
def test_a_wish_moves_whatever_its_state(wish: Callable[..., Wish], when: When, sealed: str, status: Status) -> None:
    before = wish(status=status)
    decision = moved(before, PLACE, ADMIN, when, told=sealed)
    assert decision is not None
    assert (decision.wish.status, decision.wish.community) == (status, PLACE)
    [event] = decision.events
    assert isinstance(event, WishMoved)
    assert (event.community, event.moved_from) == (PLACE.code, before.community.code)
    assert [(line.what, line.by, line.why) for line in decision.wish.timeline] == [("WishMoved", ADMIN, sealed)]
    assert moved(decision.wish, PLACE, ADMIN, when, told=sealed) is None
