"""Recommending a wish to an organisation."""

from dataclasses import replace

from microwish.events import Actor
from microwish.events.wish import WishRecommended
from microwish.when import When
from wish_service.domain.states import Step
from wish_service.domain.wish import Decision, Wish, entry, stepped, target


def recommend(wish: Wish, organisation_id: str, by: Actor, when: When) -> Decision | None:
    """Recommend it to the organisation; None if that was done before. Raises: WrongState."""
    target(wish.status, Step.RECOMMEND)
    if organisation_id in wish.recommended:
        return None
    event = WishRecommended(**wish.about, by=by, organisation_id=organisation_id)
    recommended = (*wish.recommended, organisation_id)
    line = replace(entry("WishRecommended", by, when), organisation_id=organisation_id)
    return stepped(wish, Step.RECOMMEND, line, [event], recommended=recommended)
