"""Each audience, found in the payload or in what is known; what is missing is waited for, never guessed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from microwish.events import Actor, Event, Role, adoption, wish
from notify_service.domain.audiences import Recipient, community_of, managers_of, people_of, person
from notify_service.domain.known import KnownAdoption, KnownOrganisation, KnownWish, Waiting
from notify_service.domain.rules import Audience

BY = Actor(person_id="s", role=Role.STAFF)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
WISH: dict[str, Any] = {"wish_id": "w", "community": "310117001001", "by": BY}
CLAIM: dict[str, Any] = {"wish_id": "w", "adoption_id": "a", "organisation_id": "o", "by": BY}
DELIVERED = adoption.DeliveryReported(**CLAIM, delivered_at=NOW)
DISPUTED = wish.DeliveryDisputed(**WISH, adoption_id="a", organisation_id="o", reason="v1.k.AA")
FULFILLED = wish.WishFulfilled(**WISH, adoption_ids=["a", "b"], slots=2)
PROPOSED = adoption.HandoverProposed(**{**CLAIM, "organisation_id": "x"}, to_organisation_id="o", reason="v1.k.AA")
RECOMMENDED = wish.WishRecommended(**WISH, organisation_id="o")
LEFT = adoption.MemberChanged(organisation_id="o", by=BY, person_id="p")
ORGANISATION = KnownOrganisation("o", "邮政所", ("m1", "m2"))


def held(handler: str | None, *, stands: bool = True) -> KnownAdoption:
    return KnownAdoption("o", "邮政所", handler, stands)


@pytest.mark.parametrize(
    ("audience", "event", "known", "group", "found"),
    [
        (Audience.RESIDENT, wish.WishClosed(**WISH, resident_id="r", reason="v1.k.AA"), None, None, (person("r"),)),
        (Audience.RESIDENT, wish.WishClosed(**WISH, reason="v1.k.AA"), None, None, (Recipient("w"),)),
        (Audience.RESIDENT, DELIVERED, None, None, Waiting(("wish:w",))),
        (Audience.RESIDENT, DELIVERED, KnownWish("w", heard=False), None, Waiting(("wish:w",))),
        (Audience.RESIDENT, DELIVERED, KnownWish("w", heard=True, resident_id="r"), None, (person("r"),)),
        (Audience.RESIDENT, DELIVERED, KnownWish("w", heard=True), None, (Recipient("w"),)),
        (Audience.HANDLER, DELIVERED.model_copy(update={"handler_id": "h"}), None, None, (person("h"),)),
        (Audience.HANDLER, DISPUTED, None, None, Waiting(("wish:w",))),
        (Audience.HANDLER, DISPUTED, KnownWish("w", adoptions={"a": held("h")}), None, (person("h"),)),
        (
            Audience.HANDLER,
            DISPUTED,
            KnownWish("w", adoptions={"a": held(None)}),
            ORGANISATION,
            (person("m1"), person("m2")),
        ),
        (Audience.HANDLERS, FULFILLED, KnownWish("w", adoptions={"a": held("h")}), None, Waiting(("wish:w",))),
        (
            Audience.HANDLERS,
            FULFILLED,
            KnownWish("w", adoptions={"a": held("h"), "b": held("h"), "c": held("x")}),
            None,
            (person("h"),),
        ),
        (Audience.HOLDERS, wish.WishWithdrawn(**WISH), None, None, ()),
        (
            Audience.HOLDERS,
            wish.WishWithdrawn(**WISH),
            KnownWish("w", adoptions={"a": held("h"), "b": held("i", stands=False)}),
            None,
            (person("h"),),
        ),
        (
            Audience.MANAGERS,
            RECOMMENDED,
            None,
            None,
            Waiting(("organisation:o",)),
        ),
        (
            Audience.MANAGERS,
            PROPOSED,
            None,
            None,
            Waiting(("organisation:o",)),
        ),
        (
            Audience.MANAGERS,
            RECOMMENDED,
            None,
            ORGANISATION,
            (person("m1"), person("m2")),
        ),
        (
            Audience.MEMBER,
            LEFT,
            None,
            None,
            (person("p"),),
        ),
    ],
)
def test_people(
    audience: Audience, event: Event, known: KnownWish | None, group: KnownOrganisation | None, found: Any
) -> None:
    assert people_of(audience, event, known, group) == found


def test_the_managers_of_all_that_are_asked() -> None:
    other = KnownOrganisation("p", "物业", ("m2", "m3"))
    found = managers_of({"o": ORGANISATION, "p": other})
    assert found == (person("m1"), person("m2"), person("m3"))
    assert managers_of({"o": ORGANISATION, "p": None}) == Waiting(("organisation:p",))


def test_who_is_invited_has_no_account_yet() -> None:
    role = adoption.MemberRole.HANDLER
    invited = adoption.MemberInvited(organisation_id="o", by=BY, invitation_id="i", role=role)
    assert people_of(Audience.INVITED, invited, None, None) == (Recipient("i"),)


def test_the_community_comes_with_the_wish_or_from_what_is_known() -> None:
    assert community_of(wish.WishWithdrawn(**WISH), None) == "310117001001"
    assert community_of(DELIVERED, None) is None
    assert community_of(DELIVERED, KnownWish("w", community="310117001002")) == "310117001002"
