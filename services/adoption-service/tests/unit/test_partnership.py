"""Joint claims: who may join in, and that nobody holds a wish twice by it (invariant 2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adoption_service.domain import partnership, tending
from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.domain.claims import Claims, ClaimsState, Decided, Offer, why_refused
from adoption_service.domain.errors import AlreadyHeld, Invalid, NotActive, NotAsked, NotFound, NotMember
from adoption_service.domain.tending import Act
from adoption_service.store.claims_documents import adoption_document, adoption_of
from microwish.events import Actor, Role
from microwish.events.adoption import OrganisationKind, OrganisationRef, PartnersChanged
from microwish.when import When

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ACT = Act(Actor(person_id="p", role=Role.MEMBER), When(NOW, NOW))
DUE = NOW + timedelta(days=15)


def ref(id: str) -> OrganisationRef:
    return OrganisationRef(id=id, name=f"单位{id}", kind=OrganisationKind.RESIDENT_UNIT)


def adoption(lead: str = "lead", id: str = "a") -> Adoption:
    return Adoption(id, ref(lead), "h", "n", "p", "c", NOW, NOW, DUE, None)


def opened(*held: Adoption, slots: int = 2) -> Claims:
    return Claims("w", ClaimsState.OPEN, slots, "310117001002", "r", held)


def done(decided: Decided | None) -> Decided:
    assert decided is not None
    return decided


def told(decided: Decided) -> PartnersChanged:
    (event,) = (one for one in decided.events if isinstance(one, PartnersChanged))
    return event


def test_one_that_is_asked_counts_once_it_agrees() -> None:
    asked = done(partnership.ask(opened(adoption()), "a", ACT, whom=ref("p")))
    assert told(asked).asked_ids == ["p"]
    assert asked.claims.holder("p") is None
    agreed = done(partnership.agree(asked.claims, "a", ACT, who=ref("p")))
    assert ([one.id for one in told(agreed).partners], told(agreed).asked_ids) == (["p"], [])
    assert agreed.claims.held == 1, "one slot, held together"
    assert isinstance(why_refused(agreed.claims, "p", now=NOW), AlreadyHeld)
    left = partnership.leave(agreed.claims, "a", ACT, organisation_id="p")
    assert left.claims.holder("p") is None


def test_asking_or_agreeing_again_changes_nothing() -> None:
    asked = done(partnership.ask(opened(adoption()), "a", ACT, whom=ref("p"))).claims
    assert partnership.ask(asked, "a", ACT, whom=ref("p")) is None
    agreed = done(partnership.agree(asked, "a", ACT, who=ref("p"))).claims
    assert partnership.agree(agreed, "a", ACT, who=ref("p")) is None


def test_who_holds_another_slot_cannot_join() -> None:
    asked = done(partnership.ask(opened(adoption()), "a", ACT, whom=ref("p"))).claims
    both = replace(asked, adoptions=(*asked.adoptions, adoption("p", "b")))
    with pytest.raises(AlreadyHeld) as refused:
        partnership.agree(both, "a", ACT, who=ref("p"))
    assert refused.value.adoption_id == "b"
    with pytest.raises(Invalid):
        partnership.ask(both, "b", ACT, whom=ref("lead"))


def test_who_joins_in_waits_no_longer_and_gives_its_offer_back() -> None:
    asked = done(partnership.ask(opened(adoption()), "a", ACT, whom=ref("p"))).claims
    waiting = replace(asked, queue=("x", "p", "y"), offers=(Offer("p", DUE),))
    agreed = done(partnership.agree(waiting, "a", ACT, who=ref("p")))
    assert (agreed.claims.queue, agreed.claims.offers) == (("x", "y"), ())


def test_only_who_was_asked_answers_and_only_who_is_there_is_let_go() -> None:
    claims = opened(adoption())
    with pytest.raises(NotAsked):
        partnership.agree(claims, "a", ACT, who=ref("p"))
    with pytest.raises(NotAsked):
        partnership.leave(claims, "a", ACT, organisation_id="p")
    with pytest.raises(NotFound):
        partnership.let_go(claims, "a", ACT, organisation_id="p")


def test_ten_at_most_stand_beside_the_one_that_leads() -> None:
    full = replace(adoption(), asked=tuple(ref(str(one)) for one in range(partnership.MOST)))
    with pytest.raises(Invalid) as refused:
        partnership.ask(opened(full), "a", ACT, whom=ref("p"))
    assert refused.value.field == "organisation_id"


def test_only_who_still_holds_it_notes_progress_and_a_partner_by_its_name() -> None:
    joint = opened(replace(adoption(), partners=(ref("p"),)))
    for who, name in ((None, None), (ref("lead"), None), (ref("p"), "单位p")):
        (after,) = tending.note_progress(joint, "a", ACT, note="v1.k1.AAAA", who=who).claims.adoptions
        assert after.notes[-1].organisation == name
    with pytest.raises(NotMember):
        tending.note_progress(joint, "a", ACT, note="v1.k1.AAAA", who=ref("q"))


def test_partners_are_those_of_an_active_adoption() -> None:
    delivered = replace(adoption(), state=AdoptionState.DELIVERED, asked=(ref("p"),))
    with pytest.raises(NotActive):
        partnership.agree(opened(delivered), "a", ACT, who=ref("p"))


def test_an_adoption_is_read_as_it_was_stored_and_an_old_one_has_no_partners() -> None:
    joint = replace(adoption(), partners=(ref("p"),), asked=(ref("q"),))
    assert adoption_of(adoption_document(joint)) == joint
    alone = adoption_document(adoption())
    assert not {"partners", "asked", "handover"} & set(alone), "left out, and so out of their indexes"
    assert adoption_of(alone) == adoption()
