"""An event of a wish acts on its claims: WishPosted opens them, an ending takes active adoptions back."""

from adoption_service.domain import wish_events
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.lease import Lease
from adoption_service.store.claims import ClaimsStore
from microwish.events import Envelope, UnknownEvent
from microwish.messaging.streams import Outcome
from microwish.when import Clock, When


async def take_wish_event(event: Envelope, claims: ClaimsStore, lease: Lease, *, clock: Clock) -> Outcome:
    """React once and in order; an event that means nothing here still counts.

    What follows happens now; only where the past was recorded later (补录) does it bear the event's date.
    """
    now = clock()
    when = When(event.time, now) if event.recorded_at else When(now, now)
    try:
        payload = event.payload()
    except UnknownEvent:
        payload = None

    def decide(found: Claims) -> Decided | None:
        return None if payload is None else wish_events.take(found, payload, when, lease)

    return await claims.react(event, decide, when=when)
