"""Follow what adoption-service decided about a wish."""

from microwish.events import Envelope, UnknownEvent
from microwish.messaging.streams import Outcome
from microwish.when import When
from wish_service.domain.reactions import react
from wish_service.domain.wish import Decision, Wish
from wish_service.store.wishes import Wishes


async def take_claims_event(event: Envelope, *, wishes: Wishes) -> Outcome:
    """Move the wish on; an event that means nothing here is only counted, so that the next one fits.

    Guarantee: each event of the stream has its effect once, in order, however often it comes.
    """
    when = When(at=event.time, recorded_at=event.recorded_at or event.time)
    try:
        payload = event.payload()
    except UnknownEvent:
        return await wishes.react(event.subject, event, lambda _wish: None, when=when)

    def decide(wish: Wish) -> Decision | None:
        return react(wish, payload, when)

    return await wishes.react(event.subject, event, decide, when=when)
