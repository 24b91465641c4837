"""What adoption-service listens to: one table.

| group | from | does |
|---|---|---|
| claims | wish.v1, a wish's events | reaction: opens, raises and closes claims, confirms, disputes |
| board.g<n> | wish.v1 and its own adoption.v1 | view: the board |
| contacts.g<n> | contact.v1 | view: how to reach people and wishes; an erased phone is waited for no more |
| erasures | wish.v1, a person's events | reaction: who asked to be forgotten is |
"""

from adoption_service.domain.lease import Lease
from adoption_service.store.claims import ClaimsStore
from adoption_service.use_cases.forget_person import Kept, forget_contact, take_erasure
from adoption_service.use_cases.take_wish_event import take_wish_event
from adoption_service.views.board import Board
from adoption_service.views.contacts import Contacts
from microwish.events import Envelope, Source, Topic
from microwish.messaging.consumer import Subscription
from microwish.messaging.streams import Outcome
from microwish.when import Clock, When


def subscriptions(
    claims: ClaimsStore, board: Board, contacts: Contacts, kept: Kept, lease: Lease, *, clock: Clock
) -> list[Subscription]:
    """All subscriptions of the worker. The views must be open: their groups bear their generation."""

    async def erase(event: Envelope) -> Outcome:
        return await take_erasure(event, kept.erasures, when=When.now(clock))

    async def forget(contact_id: str, version: int) -> None:
        await forget_contact(contact_id, version, kept, when=When.now(clock))

    async def react(event: Envelope) -> Outcome:
        return await take_wish_event(event, claims, lease, clock=clock)

    return [
        Subscription("claims", (Topic.WISH,), {Source.WISH: react}),
        Subscription("erasures", (Topic.WISH,), {Source.PERSON: erase}),
        Subscription(
            f"board.g{board.view.generation}",
            (Topic.WISH, Topic.ADOPTION),
            {Source.WISH: board.take_wish, Source.CLAIMS: board.take_claims},
        ),
        Subscription(
            f"contacts.g{contacts.view.generation}",
            (Topic.CONTACT,),
            {Source.WISH_CONTACT: contacts.take},
            on_tombstone=forget,
        ),
    ]
