"""Who may act on a wish, and what others are told."""

from collections.abc import Callable

import pytest

from microwish.identity.people import Person, Role
from wish_service.domain.access import areas_of, as_owner, as_owner_or_proxy, as_owner_or_staff, as_staff
from wish_service.domain.errors import Hidden, NotAllowed, OtherCommunity
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish

OWNER = Person("p1", frozenset({Role.RESIDENT}))
STRANGER = Person("p2", frozenset({Role.RESIDENT}))
STAFF = Person("s1", frozenset({Role.RESIDENT, Role.STAFF}), ("310117001",))
ELSEWHERE = Person("s2", frozenset({Role.RESIDENT, Role.STAFF}), ("310117005",))
ADMIN = Person("a1", frozenset({Role.ADMIN}))


def test_owner_and_staff_act_in_their_capacity(wish: Callable[..., Wish]) -> None:
    assert as_owner(OWNER, wish()).role == "resident"
    assert as_staff(STAFF, wish()).role == "staff"
    assert as_staff(ADMIN, wish()).role == "admin"
    assert as_owner_or_staff(OWNER, wish()).role == "resident"
    assert as_owner_or_staff(STAFF, wish()).role == "staff"


def test_a_wish_that_is_not_public_does_not_exist_for_strangers(wish: Callable[..., Wish]) -> None:
    with pytest.raises(Hidden):
        as_owner(STRANGER, wish())
    with pytest.raises(NotAllowed):
        as_owner(STRANGER, wish(status=Status.POSTED))


def test_staff_of_another_prefix_are_told_so(wish: Callable[..., Wish]) -> None:
    with pytest.raises(OtherCommunity):
        as_staff(ELSEWHERE, wish())


def test_a_wish_without_a_resident_belongs_to_nobody(wish: Callable[..., Wish]) -> None:
    with pytest.raises(NotAllowed):
        as_owner(OWNER, wish(resident_id=None, status=Status.POSTED))


def test_areas_are_the_divisions_above() -> None:
    assert areas_of("310117001001") == ["310117", "310117001", "310117001001"]


def test_staff_act_for_a_resident_who_has_no_account(wish: Callable[..., Wish]) -> None:
    assert as_owner_or_proxy(STAFF, wish(resident_id=None)).role == "staff"
    assert as_owner_or_proxy(OWNER, wish()).role == "resident"
    with pytest.raises(NotAllowed):
        as_owner_or_proxy(STAFF, wish())
    with pytest.raises(OtherCommunity):
        as_owner_or_proxy(ELSEWHERE, wish(resident_id=None))
