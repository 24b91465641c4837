"""The waiting list (候补) of a wish, and the slots that are offered to it.

join ──▶ queue ──a slot is free──▶ offer ──claim──▶ (holds it)
           │                         ├─ expired, declined, not_entitled ──▶ the next of the queue
           └─ leave                  └─ closed: the wish ended

Who waits reserves (ADR 0025): a freed slot is for those who wait, also before it is offered to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adoption_service.domain.claims import Claims, ClaimsState, Decided, Entry, Offer, why_refused
from adoption_service.domain.errors import AlreadyHeld, QueueFull, Reserved, SlotFree, Taken
from adoption_service.domain.tending import SYSTEM, Act
from microwish.events import Actor
from microwish.events.adoption import OfferEnd, OfferEnded, QueueChanged, SlotOffered
from microwish.when import When

QUEUE_LIMIT = 100


@dataclass(frozen=True)
class WaitingTerms:
    """offer: how long an offered slot is reserved. overdue_allowed: as for a claim."""

    offer: timedelta
    overdue_allowed: int


@dataclass(frozen=True)
class Offering:
    """How free slots are offered now. term: how long an offer stands. entitled: who may claim, as far as was asked."""

    term: timedelta
    entitled: Mapping[str, bool]


@dataclass(frozen=True)
class Place:
    """Where an organisation stands. place: 1 is next, None if it does not wait; offer_until: its live offer's end."""

    place: int | None
    waiting: int
    offer_until: datetime | None


def place_of(claims: Claims, organisation_id: str, now: datetime) -> Place:
    """Where the organisation stands in the waiting list, and whether it has an offer."""
    waits = organisation_id in claims.queue
    offer = claims.offer_to(organisation_id, now)
    place = claims.ahead_of(organisation_id) + 1 if waits else None
    return Place(place, len(claims.queue), offer.until if offer else None)


def join(claims: Claims, organisation_id: str, act: Act) -> Decided | None:
    """Put it at the end; None if it waits already or has an offer.

    Raises: NotYetClaimable, AlreadyHeld, WishClosed, SlotFree, QueueFull.
    """
    now = act.when.recorded_at
    if mine := claims.holder(organisation_id):
        raise AlreadyHeld(mine.id)
    if organisation_id in claims.queue or claims.offer_to(organisation_id, now):
        return None
    refused = why_refused(claims, organisation_id, now=now)
    if refused is None:
        raise SlotFree
    if not isinstance(refused, Taken | Reserved):
        raise refused
    if len(claims.queue) >= QUEUE_LIMIT:
        raise QueueFull
    return _queued(claims, (*claims.queue, organisation_id), _moved(act.by, organisation_id, "joined"))


def leave(claims: Claims, organisation_id: str, act: Act) -> Decided | None:
    """Take it out of the list, and give its offer back; None if it neither waits nor has one."""
    done = Decided(claims)
    for offer in claims.offers:
        if offer.organisation_id == organisation_id and offer.until > act.when.recorded_at:
            done = done.then(_ended(done.claims, offer, OfferEnd.DECLINED, act.by))
        elif offer.organisation_id == organisation_id:  # time has not said so yet
            done = done.then(_ended(done.claims, offer, OfferEnd.EXPIRED, SYSTEM))
    if organisation_id in claims.queue:
        left = _without(claims, organisation_id)
        done = done.then(_queued(done.claims, left, _moved(act.by, organisation_id, "left")))
    return done if done.events else None


def expel(claims: Claims, organisation_id: str) -> Decided | None:
    """It may not claim any more: its offer goes to the next, its place is gone; None if it had neither."""
    done = Decided(claims)
    for offer in claims.offers:
        if offer.organisation_id == organisation_id:
            done = done.then(_ended(done.claims, offer, OfferEnd.NOT_ENTITLED, SYSTEM))
    if organisation_id in claims.queue:
        done = done.then(_dropped(done.claims, organisation_id, tell=not done.events))
        done = done.then(_queued(done.claims, done.claims.queue))
    return done if done.events else None


def close(claims: Claims, when: When) -> Decided:
    """The wish ended: nobody waits for it any more."""
    done = Decided(claims)
    for offer in claims.offers:
        end = OfferEnd.CLOSED if offer.until > when.recorded_at else OfferEnd.EXPIRED
        done = done.then(_ended(done.claims, offer, end, SYSTEM))
    return done.then(_queued(done.claims, ())) if claims.queue else done


def pass_time(claims: Claims, when: When, offering: Offering) -> Decided | None:
    """End offers that ran out or whose owner may not claim any more, then offer what is free, in the list's order.

    Stops at the first of whom it isn't known whether it may claim: the wish stays due, so it is looked at again.
    None if there is nothing to do.
    """
    done = Decided(claims)
    if claims.state is not ClaimsState.OPEN:
        return None
    for offer in claims.offers:
        if end := _end_of(offer, when.recorded_at, offering):
            done = done.then(_ended(done.claims, offer, end, SYSTEM))
    done = done.then(_offer_free(done.claims, when.recorded_at + offering.term, offering.entitled))
    if done.claims.queue != claims.queue:
        # After SlotOffered, so that whoever follows the events sees the slot reserved all the way.
        done = done.then(_queued(done.claims, done.claims.queue))
    return done if done.events else None


def next_in_line(claims: Claims, now: datetime) -> Iterator[str]:
    """Of whom it has to be known whether they may claim: those with an offer, then those who wait, first to last."""
    yield from (one.organisation_id for one in claims.offers if one.until > now)
    yield from claims.queue


def _end_of(offer: Offer, now: datetime, offering: Offering) -> OfferEnd | None:
    if offer.until <= now:
        return OfferEnd.EXPIRED
    return None if offering.entitled.get(offer.organisation_id, True) else OfferEnd.NOT_ENTITLED


def _offer_free(claims: Claims, until: datetime, entitled: Mapping[str, bool]) -> Decided:
    done = Decided(claims)
    while done.claims.can_offer and (first := done.claims.queue[0]) in entitled:
        holds = done.claims.holder(first) is not None  # together with another: it has what it waited for
        if entitled[first] and not holds:
            done = done.then(_offered(done.claims, first, until))
        else:
            done = done.then(_dropped(done.claims, first, tell=not holds))
    return done


def _offered(claims: Claims, organisation_id: str, until: datetime) -> Decided:
    offers = (*claims.offers, Offer(organisation_id, until))
    event = SlotOffered(wish_id=claims.wish_id, by=SYSTEM, organisation_id=organisation_id, until=until)
    after = replace(claims, queue=_without(claims, organisation_id), offers=offers)
    return Decided(after, (event,), (Entry("SlotOffered", SYSTEM, organisation_id=organisation_id),))


def _dropped(claims: Claims, organisation_id: str, *, tell: bool) -> Decided:
    """Out of the list without an offer; QueueChanged is the caller's."""
    after = replace(claims, queue=_without(claims, organisation_id))
    return _offer_ended(after, organisation_id, OfferEnd.NOT_ENTITLED, SYSTEM) if tell else Decided(after)


def _ended(claims: Claims, offer: Offer, end: OfferEnd, by: Actor) -> Decided:
    after = replace(claims, offers=tuple(one for one in claims.offers if one != offer))
    return _offer_ended(after, offer.organisation_id, end, by)


def _offer_ended(after: Claims, organisation_id: str, end: OfferEnd, by: Actor) -> Decided:
    event = OfferEnded(wish_id=after.wish_id, by=by, organisation_id=organisation_id, end=end)
    return Decided(after, (event,), (Entry("OfferEnded", by, organisation_id=organisation_id, code=end.value),))


def _queued(claims: Claims, queue: tuple[str, ...], entry: Entry | None = None) -> Decided:
    """The list as it is now. entry: who joined or left it; without one time moved it, and other lines say why."""
    event = QueueChanged(wish_id=claims.wish_id, by=entry.by if entry else SYSTEM, organisation_ids=list(queue))
    return Decided(replace(claims, queue=queue), (event,), (entry,) if entry else ())


def _moved(by: Actor, organisation_id: str, code: str) -> Entry:
    return Entry("QueueChanged", by, organisation_id=organisation_id, code=code)


def _without(claims: Claims, organisation_id: str) -> tuple[str, ...]:
    return tuple(one for one in claims.queue if one != organisation_id)
