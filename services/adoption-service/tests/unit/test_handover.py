"""Hand-overs: nothing changes until the other agrees, and then everything at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adoption_service.domain import handover, tending, wish_events
from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.domain.claims import Claims, ClaimsState, Decided, Offer
from adoption_service.domain.errors import AlreadyHeld, Invalid, NotActive, NotAsked, NotFound
from adoption_service.domain.handler import Handler, name_handler
from adoption_service.domain.lease import Lease
from adoption_service.domain.tending import Act
from adoption_service.store.claims_documents import adoption_document, adoption_of
from microwish.events import Actor, Role
from microwish.events.adoption import HandoverEnd, HandoverEnded, OrganisationKind, OrganisationRef
from microwish.events.wish import DeliveryConfirmed, WishWithdrawn
from microwish.when import When

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEASE = Lease(timedelta(days=15), timedelta(days=3), timedelta(days=7), timedelta(days=3))
STAFF = Act(Actor(person_id="s", role=Role.STAFF), When(NOW, NOW))
MEMBER = Act(Actor(person_id="m", role=Role.MEMBER), When(NOW, NOW))
DUE = NOW + LEASE.term
SEALED = "v1.k1.AAAA"


def ref(id: str) -> OrganisationRef:
    return OrganisationRef(id=id, name=f"单位{id}", kind=OrganisationKind.RESIDENT_UNIT)


def adoption(organisation: str = "old", id: str = "a") -> Adoption:
    return Adoption(id, ref(organisation), "h", SEALED, SEALED, SEALED, NOW, NOW, DUE, None)


def asked(*others: Adoption, to: str = "new") -> Claims:
    claims = Claims("w", ClaimsState.OPEN, 1 + len(others), "310117001002", "r", (adoption(), *others))
    return handover.propose(claims, "a", STAFF, to=ref(to), reason="v1.k1.why").claims


def ends(decided: Decided | None) -> list[HandoverEnd]:
    assert decided is not None
    found = handover.void_what_ended(decided)
    assert all(one.handover is None for one in (*found.claims.adoptions, *found.claims.ended))
    return [one.end for one in found.events if isinstance(one, HandoverEnded)]


def test_accepting_ends_the_one_and_begins_the_other_in_one_decision() -> None:
    waiting = replace(asked(), queue=("x", "new"), offers=(Offer("new", DUE),))
    taken = handover.accept(waiting, "a", MEMBER, successor=adoption("new", "b"))
    assert [type(one).__name__ for one in taken.events] == ["HandoverEnded", "AdoptionRevoked", "WishAdopted"]
    assert [one.id for one in taken.claims.adoptions] == ["b"]
    assert taken.claims.held == waiting.held, "never a moment with the slot free"
    (old,) = taken.claims.ended
    assert (old.state, old.cause, old.reason) == (AdoptionState.REVOKED, "staff", "v1.k1.why")
    assert (taken.claims.queue, taken.claims.offers) == (("x",), ())
    assert [entry.by.role for entry in taken.entries] == [Role.MEMBER, Role.STAFF, Role.MEMBER]
    assert ends(taken) == [HandoverEnd.ACCEPTED]


def test_a_reason_that_is_forgotten_meanwhile_does_not_keep_it_from_being_taken_over() -> None:
    (held,) = asked().adoptions
    assert held.handover is not None
    wordless = replace(asked(), adoptions=(replace(held, handover=replace(held.handover, reason="")),))
    taken = handover.accept(wordless, "a", MEMBER, successor=adoption("new", "b"))
    assert taken.claims.ended[0].reason is None


def test_declining_leaves_everything_as_it_is() -> None:
    left = handover.decline(asked(), "a", MEMBER, organisation_id="new")
    assert left.claims.adoptions == (adoption(),)
    assert ends(left) == [HandoverEnd.DECLINED]


def test_a_new_question_takes_the_open_one_back() -> None:
    again = handover.propose(asked(), "a", STAFF, to=ref("other"), reason="v1.k1.why")
    assert [type(one).__name__ for one in again.events] == ["HandoverEnded", "HandoverProposed"]
    with pytest.raises(NotAsked):
        handover.accept(again.claims, "a", MEMBER, successor=adoption("new", "b"))
    withdrawn = handover.withdraw(again.claims, "a", STAFF)
    with pytest.raises(NotFound):
        handover.withdraw(withdrawn.claims, "a", STAFF)


def test_who_holds_the_wish_is_neither_asked_nor_takes_over() -> None:
    with pytest.raises(Invalid):
        asked(adoption("new", "c"))
    joined_meanwhile = asked()
    both = replace(joined_meanwhile, adoptions=(*joined_meanwhile.adoptions, adoption("new", "c")))
    with pytest.raises(AlreadyHeld):
        handover.accept(both, "a", MEMBER, successor=adoption("new", "b"))


def test_any_end_of_the_adoption_voids_the_question() -> None:
    when, claims = When(NOW, NOW), asked()
    base = {"wish_id": "w", "community": "310117001002", "by": {"role": "resident"}, "reason": "v1.k1.why"}
    confirmed = DeliveryConfirmed.model_validate({**base, "adoption_id": "a", "organisation_id": "old"})
    ended = [
        tending.release(claims, "a", MEMBER, reason="v1.k1.why"),
        tending.report_delivery(claims, "a", MEMBER, note=None),
        tending.pass_time(claims, When(DUE, DUE)),
        tending.revoke(claims, "a", STAFF, cause=handover.RevocationCause.STAFF, reason=None),
        wish_events.take(claims, WishWithdrawn.model_validate(base), when, LEASE),
        wish_events.take(claims, confirmed, when, LEASE),
    ]
    for one in ended:
        assert ends(one) == [HandoverEnd.WITHDRAWN]
        with pytest.raises((NotActive, NotAsked)):
            handover.accept(handover.void_what_ended(one).claims, "a", MEMBER, successor=adoption("new", "b"))


def test_what_goes_on_keeps_the_question() -> None:
    noted = tending.note_progress(asked(), "a", MEMBER, note="v1.k1.note")
    assert noted.claims.adoptions[0].handover is not None
    assert handover.void_what_ended(noted) == noted
    kept = noted.claims.adoptions[0]
    assert adoption_of(adoption_document(kept)) == kept


def test_another_handler_has_another_door_code() -> None:
    claims, other = asked(), Handler("m2", "v1.k1.name", "v1.k1.code")
    named = name_handler(claims, "a", MEMBER, handler=other)
    assert named is not None
    (after,) = named.claims.adoptions
    assert (after.handler_id, after.handler_name, after.door_code) == ("m2", "v1.k1.name", "v1.k1.code")
    assert name_handler(named.claims, "a", MEMBER, handler=other) is None
    ended = tending.release(claims, "a", MEMBER, reason="v1.k1.why")
    with pytest.raises(NotActive):
        name_handler(ended.claims, "a", MEMBER, handler=other)
