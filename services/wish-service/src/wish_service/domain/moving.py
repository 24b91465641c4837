"""What a move of its community means for a wish. It is no step of its life: any wish goes along, whatever its state."""

from dataclasses import replace

from microwish.events import Actor, Community
from microwish.events.wish import WishMoved
from microwish.when import When
from wish_service.domain.wish import Decision, Wish, entry


def moved(wish: Wish, place: Community, by: Actor, when: When, *, told: str) -> Decision | None:
    """The wish in its new place; None where it is there already, so that a repetition changes nothing.

    told: from where to where, sealed, for the timeline.
    """
    if wish.community.code == place.code:
        return None
    there = replace(wish, community=place)
    event = WishMoved(**there.about, by=by, place=place, moved_from=wish.community.code)
    line = entry("WishMoved", by, when, why=told)
    return Decision(replace(there, timeline=(*wish.timeline, line)), (event,))
