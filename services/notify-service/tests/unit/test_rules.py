"""The table says for every event of the contracts who is told, or why nobody is."""

from datetime import UTC, datetime
from typing import Any

import pytest

from microwish.events import EVENTS, Actor, Event, Role, adoption, contact, wish
from microwish.events.notify import Channel
from notify_service.domain.catalogue import catalogue
from notify_service.domain.rules import RULES, SILENT, Audience, Mode, news_of, told_of

BY = Actor(person_id="s", role=Role.STAFF)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SEALED = "v1.k1.AAAA"


@pytest.mark.parametrize("event", sorted(EVENTS.values(), key=lambda event: event.__name__))
def test_every_event_is_told_or_silent_for_a_reason(event: type[Event]) -> None:
    if event is contact.OrganisationContactSaved:
        event = contact.ContactSaved
    assert (event in RULES) != (event in SILENT)
    if event in SILENT:
        assert len(SILENT[event]) > 10


def test_every_line_has_a_template() -> None:
    templates = catalogue("http://here")
    assert all(line.template in templates for lines in RULES.values() for line in lines)


def test_every_line_is_in_force_for_some_event() -> None:
    assert all(lines for lines in RULES.values())


def test_at_most_one_line_of_an_event_is_read_page_by_page() -> None:
    many = {Audience.STAFF, Audience.FOLLOWERS}
    assert all(sum(line.audience in many for line in lines) <= 1 for lines in RULES.values())


def test_only_sign_in_codes_are_urgent_and_by_sms_alone() -> None:
    urgent = [line for lines in RULES.values() for line in lines if line.mode is Mode.URGENT]
    assert [(line.template, line.channels) for line in urgent] == [("signin_code.v1", (Channel.SMS,))]


def test_the_design_s_table_is_kept() -> None:
    audiences = {event.__name__: {line.audience for line in lines} for event, lines in RULES.items()}
    resident, handler, staff, managers = Audience.RESIDENT, Audience.HANDLER, Audience.STAFF, Audience.MANAGERS
    expected: dict[str, set[Audience]] = {
        "SignInCodeIssued": {Audience.PHONE},
        "WishSubmitted": {staff},
        "WishReturned": {resident},
        "WishRejected": {resident},
        "WishMerged": {resident},
        "WishTakenDown": {resident},
        "WishClosed": {resident},
        "WishPosted": {resident, Audience.FOLLOWERS},
        "WishAdopted": {resident, handler, staff},
        "HandlerNamed": {resident, handler},
        "HandoverProposed": {managers},
        "LeaseReminderDue": {handler},
        "AdoptionLapsed": {handler, resident},
        "AdoptionReleased": {resident},
        "AdoptionRevoked": {handler, resident},
        "SlotOffered": {managers},
        "OfferEnded": {managers},
        "RecommendationDeclined": {staff},
        "PartnersChanged": {Audience.ASKED},
        "WishRecommended": {managers},
        "DeliveryReported": {resident},
        "ConfirmationReminderDue": {resident},
        "DeliveryDisputed": {handler, staff},
        "AdoptionFlagged": {handler, staff},
        "WishFulfilled": {resident, Audience.HANDLERS},
        "WishWithdrawn": {resident, Audience.HOLDERS},
        "OrganisationVerified": {managers},
        "OrganisationRefused": {managers},
        "OrganisationSuspended": {managers},
        "LimitLifted": {managers},
        "MemberInvited": {Audience.INVITED},
        "MemberChanged": {managers, Audience.MEMBER},
    }
    assert audiences == expected
    digests = {event.__name__ for event, lines in RULES.items() for line in lines if line.mode is Mode.DIGEST}
    assert digests == {"WishSubmitted", "WishAdopted"}


def _revoked(cause: adoption.RevocationCause) -> adoption.AdoptionRevoked:
    return adoption.AdoptionRevoked(wish_id="w", adoption_id="a", organisation_id="o", by=BY, cause=cause)


@pytest.mark.parametrize("cause", list(adoption.RevocationCause))
def test_the_resident_hears_of_a_revocation_only_where_the_wish_goes_on(cause: adoption.RevocationCause) -> None:
    audiences = {line.audience for line in told_of(_revoked(cause))}
    goes_on = cause in {adoption.RevocationCause.STAFF, adoption.RevocationCause.ORGANISATION_SUSPENDED}
    assert (Audience.RESIDENT in audiences) is goes_on
    assert Audience.HANDLER in audiences


def test_a_withdrawal_is_one_piece_of_news_whoever_brings_it() -> None:
    withdrawn = wish.WishWithdrawn(wish_id="w", community="310117001001", by=BY)
    revoked = _revoked(adoption.RevocationCause.WITHDRAWN)
    assert news_of(withdrawn, "1") == news_of(revoked, "2")
    assert news_of(_revoked(adoption.RevocationCause.STAFF), "3") == "3"


def test_a_member_who_left_is_told_so() -> None:
    def templates(role: Any) -> list[str]:
        event = adoption.MemberChanged(organisation_id="o", by=BY, person_id="p", role=role)
        return [line.template for line in told_of(event)]

    assert templates(None) == ["member_left.v1", "member_changed_manager.v1"]
    assert templates(adoption.MemberRole.HANDLER) == ["member_joined.v1", "member_changed_manager.v1"]


@pytest.mark.parametrize(("code", "told"), [(SEALED, True), (None, False)])
def test_the_resident_hears_of_another_handler_where_another_code_holds(code: str | None, told: bool) -> None:
    event = adoption.HandlerNamed(
        wish_id="w", adoption_id="a", organisation_id="o", by=BY, handler_name=SEALED, door_code=code
    )
    assert (Audience.RESIDENT in {line.audience for line in told_of(event)}) is told


@pytest.mark.parametrize("cause", list(adoption.RevocationCause))
def test_a_holder_reads_why_the_claim_is_gone(cause: adoption.RevocationCause) -> None:
    [template] = [line.template for line in told_of(_revoked(cause)) if line.audience is Audience.HANDLER]
    withdrawn = cause is adoption.RevocationCause.WITHDRAWN
    assert template == ("wish_withdrawn_handler.v1" if withdrawn else "adoption_revoked.v1")


@pytest.mark.parametrize("end", list(adoption.OfferEnd))
def test_only_an_offer_that_ran_out_is_told(end: adoption.OfferEnd) -> None:
    ended = adoption.OfferEnded(wish_id="w", by=BY, organisation_id="o", end=end)
    assert bool(told_of(ended)) is (end is adoption.OfferEnd.EXPIRED)


def test_who_is_asked_to_hold_an_adoption_together_hears_it_once() -> None:
    fields: dict[str, Any] = {"wish_id": "w", "adoption_id": "a", "organisation_id": "o", "by": BY, "partners": []}
    one, two = (adoption.PartnersChanged(**fields, asked_ids=asked) for asked in (["p"], ["p", "q"]))
    assert news_of(one, "1") == news_of(two, "2")
