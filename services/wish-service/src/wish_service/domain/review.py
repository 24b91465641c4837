"""From a resident's words to the wall: submit, revise, and the three decisions of a review."""

from dataclasses import dataclass, replace
from typing import Any

from microwish.events import Actor, Category
from microwish.events.contact import ContactKind, ContactSaved
from microwish.events.wish import WishMerged, WishPosted, WishRejected, WishReturned, WishRevised, WishSubmitted
from microwish.when import When
from wish_service.domain.errors import CannotMerge, ChangedMeanwhile
from wish_service.domain.photos import approved_ids
from wish_service.domain.states import ON_THE_ROAD, Step
from wish_service.domain.wish import Contact, Decision, Wish, entry, stepped


def submitted(wish: Wish, by: Actor, when: When) -> Decision:
    """The first line of a new wish."""
    event = WishSubmitted(**wish.about, by=by, category=wish.category, on_behalf=wish.on_behalf)
    line = entry("WishSubmitted", by, when)
    return Decision(replace(wish, review_from=when.recorded_at, timeline=(line,)), (event,))


@dataclass(frozen=True)
class Revision:
    """What the resident changes before review; None leaves a field. Texts are sealed."""

    title: str | None = None
    detail: str | None = None
    category: Category | None = None
    slots: int | None = None
    estimated_value_fen: int | None = None
    contact: Contact | None = None

    def fields(self) -> dict[str, Any]:
        """The fields that change."""
        return {name: value for name, value in vars(self).items() if value is not None}


def revise(wish: Wish, revision: Revision, by: Actor, when: When) -> Decision:
    """Change a wish that is not on the wall yet; it goes (back) to review. Raises: WrongState."""
    event = WishRevised(**wish.about, by=by, category=revision.category, slots=revision.slots)
    line = entry("WishRevised", by, when)
    return stepped(wish, Step.REVISE, line, [event], **revision.fields(), review_from=when.recorded_at)


def correct_contact(wish: Wish, contact: Contact, by: Actor, when: When) -> Decision:
    """Change how to reach the resident; published only if the wish already is. Raises: WrongState."""
    changed = replace(wish, contact=contact)
    events = [contact_saved(changed)] if wish.posted_at else []
    return stepped(wish, Step.CORRECT_CONTACT, entry("ContactCorrected", by, when), events, contact=contact)


def approve(wish: Wish, title: str, detail: str, by: Actor, when: When, *, edited: str | None = None) -> Decision:
    """Put the public text on the wall, and the sealed contact where a holder can get it. Raises: WrongState.

    edited: what staff changed of the resident's words, sealed.
    """
    posted = WishPosted(
        **wish.about,
        by=by,
        place=wish.community,
        category=wish.category,
        title=title,
        detail=detail,
        slots=wish.slots,
        public_name=wish.public_name,
        estimated_value_fen=wish.estimated_value_fen,
        on_behalf=wish.on_behalf,
        campaign_id=wish.campaign_id,
        photo_ids=approved_ids(wish.photos) or None,
    )
    line = entry("WishPosted", by, when, edited=edited)
    return stepped(
        wish,
        Step.APPROVE,
        line,
        [contact_saved(wish), posted],
        public_title=title,
        public_detail=detail,
        posted_at=when.at,
        review_claim=None,
    )


def return_to_resident(wish: Wish, reason: str, by: Actor, when: When, *, reason_code: str | None = None) -> Decision:
    """Ask the resident to add something (请补充一下). Raises: WrongState."""
    event = WishReturned(**wish.about, by=by, reason=reason)
    line = entry("WishReturned", by, when, why=reason, reason_code=reason_code)
    return stepped(wish, Step.RETURN, line, [event], review_claim=None)


def reject(wish: Wish, reason: str, by: Actor, when: When, *, reason_code: str | None = None) -> Decision:
    """Not published, with the reason. Raises: WrongState."""
    event = WishRejected(**wish.about, by=by, reason=reason)
    line = entry("WishRejected", by, when, why=reason, reason_code=reason_code)
    return stepped(wish, Step.REJECT, line, [event], ended_at=when.at, review_claim=None)


def merge(wish: Wish, into: Wish, by: Actor, when: When) -> Decision:
    """Another wish on the wall goes on in its place; a link stays. Raises: WrongState, CannotMerge."""
    if into.id == wish.id or into.status not in ON_THE_ROAD:
        raise CannotMerge(into.id)
    event = WishMerged(**wish.about, by=by, into=into.id)
    line = entry("WishMerged", by, when)
    return stepped(wish, Step.MERGE, line, [event], merged_into=into.id, ended_at=when.at, review_claim=None)


def receive(into: Wish) -> Decision:
    """Mark a wish in which another is about to go on. Raises: CannotMerge.

    Who merges reads a wish, marks the other, and merges only if nobody has marked the first since: so wishes that are
    merged into each other at once, in a ring of any length, never all end.
    """
    if into.status not in ON_THE_ROAD:
        raise CannotMerge(into.id)
    return Decision(replace(into, received=into.received + 1))


def as_read(wish: Wish, version: int | None) -> None:
    """The wish is what staff had before them when they decided; None: they didn't say. Raises: ChangedMeanwhile."""
    if version is not None and version != wish.version:
        raise ChangedMeanwhile(wish.id)


def contact_saved(wish: Wish) -> ContactSaved:
    """The contact of a wish as it is published: sealed, under the wish's own id."""
    return ContactSaved(
        contact_id=wish.id,
        kind=ContactKind.WISH,
        person_id=wish.resident_id,
        name=wish.contact.name,
        phone=wish.contact.phone,
        address=wish.contact.address,
        phone_index=wish.contact.phone_index,
    )
