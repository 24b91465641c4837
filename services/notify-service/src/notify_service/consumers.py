"""What this service listens to, as one table: views first, then the two reactions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from microwish.events import Envelope, Source, Topic
from microwish.messaging.consumer import Subscription
from microwish.messaging.streams import Outcome, Positions
from notify_service.domain.known import contact_key, organisation_key, wish_key
from notify_service.use_cases.forget import Forget
from notify_service.use_cases.release import Release
from notify_service.use_cases.send_signin_code import SendSignInCode
from notify_service.use_cases.tell import Tell
from notify_service.views.contacts import Contacts
from notify_service.views.organisations import Organisations
from notify_service.views.parties import Parties
from notify_service.views.staff import Staff

Apply = Callable[[Envelope], Awaitable[Outcome]]


@dataclass(frozen=True)
class Handlers:
    """Where events lead."""

    contacts: Contacts
    parties: Parties
    organisations: Organisations
    staff: Staff
    release: Release
    forget: Forget
    tell: Tell
    positions: Positions
    send_signin_code: SendSignInCode


def subscriptions(to: Handlers) -> list[Subscription]:
    """All consumer groups of notify-service.

    Reactions keep their group over replays: a message is never sent because a view is built again.
    """
    contact = _then(to.contacts.apply, to.release, contact_key)
    organisation = _then(to.organisations.apply, to.release, organisation_key)

    async def tell(event: Envelope) -> Outcome:
        return await to.positions.take(event, lambda: to.tell(event))

    async def signin(event: Envelope) -> Outcome:
        await to.send_signin_code(event)
        return Outcome.APPLIED  # the message's id is made of the event's: a repetition finds it there

    told_of = (Source.WISH, Source.CLAIMS, Source.ORGANISATION)
    return [
        Subscription(
            group=f"contacts.g{to.contacts.view.generation}",
            topics=(Topic.CONTACT,),
            handlers={Source.WISH_CONTACT: contact, Source.ORGANISATION_CONTACT: contact},
            on_tombstone=to.forget,
        ),
        Subscription(
            group=f"parties.g{to.parties.view.generation}",
            topics=(Topic.WISH, Topic.ADOPTION),
            handlers={
                Source.WISH: _then(to.parties.apply_wish, to.release, wish_key),
                Source.CLAIMS: _then(to.parties.apply_claims, to.release, wish_key),
            },
        ),
        Subscription(
            group=f"organisations.g{to.organisations.view.generation}",
            topics=(Topic.ADOPTION,),
            handlers={Source.ORGANISATION: organisation},
        ),
        Subscription(
            group=f"staff.g{to.staff.view.generation}",
            topics=(Topic.WISH,),
            handlers={Source.PERSON: to.staff.apply},
        ),
        Subscription(group="notices", topics=(Topic.WISH, Topic.ADOPTION), handlers=dict.fromkeys(told_of, tell)),
        Subscription(
            group="signin", topics=(Topic.SIGNIN,), handlers={Source.CHALLENGE: signin}, never_dead_letter=True
        ),
    ]


def _then(apply: Apply, release: Release, key: Callable[[str], str]) -> Apply:
    """Apply an event to a view, then let go on what waited for this row.

    For the past that is recorded later (补录) nobody waits at this moment; what does all the same, the sweep finds.
    """

    async def handle(event: Envelope) -> Outcome:
        outcome = await apply(event)
        if outcome is Outcome.APPLIED and event.recorded_at is None:
            await release(key(event.subject))
        return outcome

    return handle
